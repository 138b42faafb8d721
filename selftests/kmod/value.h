/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TM_SELFTESTS_KMOD_VALUE_H
#define TM_SELFTESTS_KMOD_VALUE_H

#include <linux/types.h>

/*
 * Values that can be told from torn ones, and from those of other keys: a number
 * in four bytes, and all others follow from it and the key. At least five bytes.
 */
void value_make(u64 key, u32 n, u8 *value, u16 size);
bool value_good(u64 key, const u8 *value, u16 size);
u32 value_number(const u8 *value);

#endif /* TM_SELFTESTS_KMOD_VALUE_H */
