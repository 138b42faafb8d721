/* SPDX-License-Identifier: GPL-2.0 */
/* A warning ends the run: nothing in the core may warn. */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <linux/compiler.h>
#include <linux/build_bug.h>

void __noreturn __printf(4, 5) shim_die(const char *kind, const char *file, int line,
					const char *fmt, ...);

#define BUG()			shim_die("BUG", __FILE__, __LINE__, "%s", __func__)
#define BUG_ON(c)		do { if (unlikely(c)) BUG(); } while (0)
#define WARN_ON(c)							\
({									\
	if (unlikely(c))						\
		shim_die("WARN_ON", __FILE__, __LINE__, "%s", #c);	\
	0;								\
})
#define WARN(c, fmt, ...)						\
({									\
	if (unlikely(c))						\
		shim_die("WARN", __FILE__, __LINE__, fmt, ##__VA_ARGS__); \
	0;								\
})
#define WARN_ON_ONCE		WARN_ON
#define WARN_ONCE		WARN

#endif /* SHIM_LINUX_BUG_H */
