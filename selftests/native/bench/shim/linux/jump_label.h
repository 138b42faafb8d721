/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys that are off cost a NOP in the kernel and nothing here; so nobody may
 * switch one on. That holds for keys that are false at first, and there are no
 * others.
 */
#ifndef SHIM_LINUX_JUMP_LABEL_H
#define SHIM_LINUX_JUMP_LABEL_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/kernel.h>

struct static_key {
	atomic_t enabled;
};

struct static_key_false {
	struct static_key key;
};

#define DEFINE_STATIC_KEY_FALSE(n)	struct static_key_false n = { { ATOMIC_INIT(0) } }
#define DECLARE_STATIC_KEY_FALSE(n)	extern struct static_key_false n

#define static_branch_unlikely(k)	((void)(k), false)
#define static_key_enabled(k)		((void)(k), false)
#define static_key_count(k)		atomic_read(&(k)->enabled)
#define static_branch_inc(k)		((void)(k), BUG())
#define static_branch_dec(k)		((void)(k), BUG())
#define static_branch_enable(k)		((void)(k), BUG())
#define static_branch_disable(k)	((void)(k), BUG())

#endif /* SHIM_LINUX_JUMP_LABEL_H */
