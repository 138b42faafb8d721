// SPDX-License-Identifier: GPL-2.0
/* Values that can be told from torn ones. */
#include <linux/string.h>

#include "value.h"

static u8 value_byte(u64 key, u32 n, unsigned int i)
{
	u64 a = key * 0x9e3779b97f4a7c15ULL, b = (n * 0x1000193ULL + i) * 0xff51afd7ed558ccdULL;

	return (a ^ b) >> 56;
}

void value_make(u64 key, u32 n, u8 *value, u16 size)
{
	unsigned int i;

	memcpy(value, &n, sizeof(n));
	for (i = sizeof(n); i < size; i++)
		value[i] = value_byte(key, n, i);
}

u32 value_number(const u8 *value)
{
	u32 n;

	memcpy(&n, value, sizeof(n));
	return n;
}

bool value_good(u64 key, const u8 *value, u16 size)
{
	u32 n = value_number(value);
	unsigned int i;

	for (i = sizeof(n); i < size; i++)
		if (value[i] != value_byte(key, n, i))
			return false;
	return true;
}
