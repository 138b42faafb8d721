/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BITREV_H
#define SHIM_LINUX_BITREV_H

#include <linux/types.h>

static inline u8 bitrev8(u8 x)
{
	x = (x & 0x55) << 1 | (x >> 1 & 0x55);
	x = (x & 0x33) << 2 | (x >> 2 & 0x33);
	return x << 4 | x >> 4;
}

static inline u16 bitrev16(u16 x)
{
	return (u16)(bitrev8(x & 0xff) << 8) | bitrev8(x >> 8);
}

static inline u32 bitrev32(u32 x)
{
	return (u32)bitrev16(x & 0xffff) << 16 | bitrev16(x >> 16);
}

#endif /* SHIM_LINUX_BITREV_H */
