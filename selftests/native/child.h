/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TM_SELFTESTS_NATIVE_CHILD_H
#define TM_SELFTESTS_NATIVE_CHILD_H

/* Runs fn in a child process: was it aborted? */
_Bool child_dies(void (*fn)(void));

#endif /* TM_SELFTESTS_NATIVE_CHILD_H */
