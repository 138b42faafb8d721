/* SPDX-License-Identifier: GPL-2.0 */
/* What is true of a table whenever nobody is inside its guard. */
#ifndef TRIPMAP_CORE_INVARIANT_H
#define TRIPMAP_CORE_INVARIANT_H

#include <linux/types.h>

struct tripmap;

/*
 * Checks everything, at a cost in proportion to the table. NULL, or what is
 * wrong. Takes the guard as a writer would: nobody else may write meanwhile.
 */
const char *tm_invariant_check(struct tripmap *t);

#endif /* TRIPMAP_CORE_INVARIANT_H */
