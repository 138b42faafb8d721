/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who looks at a table while a churn drives it through its resizes. A key that
 * is there throughout is never missing, a value is never torn, never another
 * key's and never older than one seen before; a walk sees each stable key
 * exactly once, and nothing twice.
 */
#ifndef TM_SELFTESTS_CORE_BESIDE_H
#define TM_SELFTESTS_CORE_BESIDE_H

#include "churn.h"

#define BESIDE_READERS	2

/* Each reader is to come to so many lookups, the walker to so many whole walks. */
bool beside_begin(u16 key_size, u16 value_size, u64 lookups, u64 walks);
void beside_end(void);

/* To be run together. arg of a reader: its number, of the walker: BESIDE_READERS. */
void beside_reader(void *arg);
void beside_walker(void *arg);
void beside_writer(void *arg);	/* ends the others */

#endif /* TM_SELFTESTS_CORE_BESIDE_H */
