/* SPDX-License-Identifier: GPL-2.0 */
/* Typed keys and values: how they are named, read and written. */
#ifndef TRIPCTL_TYPES_H
#define TRIPCTL_TYPES_H

#include "model.h"

#define WHY_SIZE	200	/* room for one explanation */
/* The longest text of a field: a quoted string with every byte escaped. */
#define FIELD_TEXT_MAX	(4 * TRIPMAP_VALUE_MAX + 3)

/* Decimal or 0x hexadecimal, all of text. */
bool number_parse(const char *text, size_t len, uint64_t *number);

/*
 * All functions that return false write to why[WHY_SIZE] what is wrong.
 *
 * A type by name: "u32", "str:16", ...; size_max is the wire's limit.
 */
bool field_parse(const char *text, size_t size_max, struct field *f, char *why);
/* Is there such a field, of min to max bytes? One of a type that is not known may be of any. */
bool field_possible(const struct field *f, size_t min, size_t max);
void field_name(const struct field *f, char *buf, size_t size);

/* Text of len bytes, and a zero behind, to the f->size bytes that go into the table. */
bool field_from_text(const struct field *f, const char *text, size_t len, void *data, char *why);
/* The n-th of many different keys or values; false when it does not fit. */
bool field_from_number(const struct field *f, uint64_t number, void *data);

/*
 * Data as text; returns its length, buf is terminated and may hold more zero
 * bytes before that (str). Data that was cut to len bytes is shown as bytes
 * where the type does not allow less.
 */
size_t field_to_text(const struct field *f, const void *data, size_t len, char *buf);
/* The same as a word that word_next() reads back, quoted where need be. */
size_t field_to_word(const struct field *f, const void *data, char *buf);
/* Integers have a number too. */
bool field_to_number(const struct field *f, const void *data, uint64_t *number);

#endif /* TRIPCTL_TYPES_H */
