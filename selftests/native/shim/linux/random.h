/* SPDX-License-Identifier: GPL-2.0 */
/* From one seed, which the runner prints: see shim.h. */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <linux/kernel.h>

void get_random_bytes(void *buf, size_t n);
u32 get_random_u32(void);
u64 get_random_u64(void);

#endif /* SHIM_LINUX_RANDOM_H */
