/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SORT_H
#define SHIM_LINUX_SORT_H

#include <linux/types.h>

void shim_sort(void *base, size_t n, size_t size,
	       int (*cmp)(const void *a, const void *b));
#define sort(base, n, size, cmp, swap)	shim_sort(base, n, size, cmp)

#endif /* SHIM_LINUX_SORT_H */
