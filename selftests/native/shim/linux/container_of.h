/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_CONTAINER_OF_H
#define SHIM_LINUX_CONTAINER_OF_H

#include <linux/stddef.h>
#include <linux/build_bug.h>

#define container_of(ptr, type, member)					\
({									\
	static_assert(__same_type(*(ptr), ((type *)0)->member) ||	\
		      __same_type(*(ptr), void), "pointer type mismatch"); \
	(type *)((char *)(ptr) - offsetof(type, member));		\
})

#endif /* SHIM_LINUX_CONTAINER_OF_H */
