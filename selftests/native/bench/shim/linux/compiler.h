/* SPDX-License-Identifier: GPL-2.0 */
/* Accesses as the kernel has them: one instruction each, and no more than that. */
#ifndef BENCH_SHIM_LINUX_COMPILER_H
#define BENCH_SHIM_LINUX_COMPILER_H

#include_next <linux/compiler.h>

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, val)	((void)(*(volatile typeof(x) *)&(x) = (val)))

#endif /* BENCH_SHIM_LINUX_COMPILER_H */
