/* SPDX-License-Identifier: GPL-2.0 */
/* What users of the fast shim call themselves. */
#ifndef BENCH_SHIM_THREAD_H
#define BENCH_SHIM_THREAD_H

/* Around all that a thread does with the core. */
void shim_thread_begin(void);
void shim_thread_end(void);
/* The threads of the shim; jiffies go on from here. */
void shim_helpers_begin(void);
/* Bytes that the calling thread has allocated so far, freed since or not. */
unsigned long shim_allocated(void);

#endif /* BENCH_SHIM_THREAD_H */
