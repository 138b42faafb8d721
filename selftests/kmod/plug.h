/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TM_SELFTESTS_KMOD_PLUG_H
#define TM_SELFTESTS_KMOD_PLUG_H

#include <linux/types.h>

/*
 * The last CPU goes for so many ticks of jiffies and comes again. False where it cannot
 * go; that it does not come back is a failed expectation. May sleep.
 */
bool plug_once(unsigned int ticks);

#endif /* TM_SELFTESTS_KMOD_PLUG_H */
