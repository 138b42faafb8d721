/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_HASH_H
#define SHIM_LINUX_HASH_H

#include <linux/types.h>

/* Multiplication by 2^64 over the golden ratio; the high bits are the good ones. */
static inline u32 hash_64(u64 v, unsigned int bits)
{
	return v * 0x61c8864680b583ebULL >> (64 - bits);
}

#define hash_long(v, bits)	hash_64(v, bits)
#define hash_ptr(p, bits)	hash_64((unsigned long)(p), bits)

#endif /* SHIM_LINUX_HASH_H */
