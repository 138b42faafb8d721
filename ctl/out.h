/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one print layer. A fact is printed by one call, which makes aligned text
 * or JSON of it. Containers nest: objects hold named facts, lists hold rows.
 *
 *	text	an object is a block of "name  fact" lines, a list a table whose
 *		headings are the names in its rows
 *	JSON	objects and arrays; a list at the top is written row by row
 */
#ifndef TRIPCTL_OUT_H
#define TRIPCTL_OUT_H

#include "model.h"

enum { CTL_OK, CTL_FAILED, CTL_USAGE };	/* exit codes */

void out_init(bool json, bool pretty);
bool out_is_json(void);
bool out_colour_wanted(int fd);
/* May drawings use more than ASCII? */
bool out_utf8(void);
/* Columns to draw within: the terminal's, else $COLUMNS, else 100. */
int out_width(void);

/* Containers. key NULL: the top, or a row of a list. */
void out_object(const char *key);
void out_list(const char *key);
/* Ends the innermost container; none is printed as text for a list without rows. */
void out_end(void);
void out_end_list(const char *none);
/* Ends whatever is open. */
void out_end_all(void);
/* The same before an error: of JSON only rows that were written before remain. */
void out_break_off(void);
/* Row by row from now on, nothing held back: for lists that come slowly. */
void out_live(void);

/* Facts. */
void out_str(const char *key, const char *text);
void out_fmt(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_num(const char *key, uint64_t number);
void out_real(const char *key, double number, const char *text);
/* A fact that nobody told: "unknown" in text, not there in JSON. */
void out_unknown(const char *key);
/* A number that there cannot be: "-" in text, not there in JSON. */
void out_none(const char *key);
void out_bool(const char *key, bool yes);
void out_size(const char *key, uint64_t bytes);		/* text: 1.5 MiB */
void out_span(const char *key, uint64_t ns);		/* text: 1.1 us */
void out_when(const char *key, uint64_t real_ns);	/* text: local time */
void out_value(const char *key, const struct field *f, const void *data, size_t len);
/* A fact with no name to it in text, alone on its line. */
void out_bare(const char *key, const struct field *f, const void *data, size_t len);
void out_sentence(const char *key, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For one kind of reader only: what the other gets in another form. */
void out_text_fact(const char *key, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A paragraph that is broken at blanks, so many columns in. */
void out_para(int indent, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same behind text that takes up the indent of its first line. */
void out_hanging(int indent, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void out_json_str(const char *key, const char *text);
void out_json_num(const char *key, uint64_t number);
void out_json_int(const char *key, int64_t number);

/*
 * Two objects with the same facts: side by side in text. NULL on one side is
 * a fact that is not known there. Without a right_key there is the left one
 * alone, and what is given for the right one is passed over.
 */
void out_pair(const char *left_key, const char *right_key, const char *left_head,
	      const char *right_head);
void out_pair_str(const char *key, const char *left, const char *right);
void out_pair_num(const char *key, const uint64_t *left, const uint64_t *right);
/* Lists of words, each on its own line; item returns NULL behind the last. */
void out_pair_list(const char *key, const char *(*item)(const void *side, unsigned int i),
		   const void *left, const void *right);
void out_pair_end(void);

/* Could all of standard output be written? */
bool out_flush(void);

#endif /* TRIPCTL_OUT_H */
