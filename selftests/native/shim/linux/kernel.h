/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <linux/stdarg.h>
#include <linux/types.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/container_of.h>
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/build_bug.h>
#include <linux/instruction_pointer.h>
#include <linux/preempt.h>
#include <linux/printk.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define ALIGN(x, a)		(((x) + ((typeof(x))(a) - 1)) & ~((typeof(x))(a) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((typeof(x))(a) - 1)) == 0)
#define PTR_ALIGN(p, a)		((typeof(p))ALIGN((unsigned long)(p), (a)))
#define lower_32_bits(n)	((u32)(n))
#define upper_32_bits(n)	((u32)((u64)(n) >> 32))
#define might_sleep()		shim_might_sleep(__func__)
#define might_sleep_if(c)	do { if (c) might_sleep(); } while (0)

/* With the kernel's %ps, %pS, %px, %*pE and %*ph besides what libc has. */
int __printf(3, 4) shim_snprintf(char *buf, size_t size, const char *fmt, ...);
int __printf(3, 0) shim_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int __printf(3, 4) shim_scnprintf(char *buf, size_t size, const char *fmt, ...);
#define snprintf	shim_snprintf
#define vsnprintf	shim_vsnprintf
#define scnprintf	shim_scnprintf

#endif /* SHIM_LINUX_KERNEL_H */
