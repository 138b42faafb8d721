/* SPDX-License-Identifier: GPL-2.0 */
/* tripctl in this process, with somebody else for a kernel. */
#ifndef TRIPCTL_FUZZ_KERNEL_H
#define TRIPCTL_FUZZ_KERNEL_H

#include <stdint.h>
#include <stddef.h>

/*
 * A kernel that answers what it likes, in this order, whatever is asked; then it is
 * silent. Of each answer four bytes come first:
 *
 *	kind	low two bits: 0 a reply, 1 an error, 2 the end of a dump, 3 the message
 *		with its header; the others: bits 8 to 13 of its flags
 *	flags	bits 0 to 7
 *	length	of what is behind the header (kind 3: of all), two bytes, the lower first
 */
void kernel_answers(const uint8_t *data, size_t n);

/*
 * A kernel that has a table of any name and does what it is told, but for requests
 * that would go on for long. Two letters of the name say which types it has.
 */
void kernel_obliges(void);

/* The words, up to NULL, behind "tripctl"; input is its standard input. */
void run_tripctl(const char * const *words, const uint8_t *input, size_t n);

#endif /* TRIPCTL_FUZZ_KERNEL_H */
