/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_JUMP_LABEL_H
#define SHIM_LINUX_JUMP_LABEL_H

#include <linux/atomic.h>
#include <linux/kernel.h>

struct static_key {
	atomic_t enabled;
};

struct static_key_false {
	struct static_key key;
};

struct static_key_true {
	struct static_key key;
};

#define DEFINE_STATIC_KEY_FALSE(n)	struct static_key_false n = { { ATOMIC_INIT(0) } }
#define DEFINE_STATIC_KEY_TRUE(n)	struct static_key_true n = { { ATOMIC_INIT(1) } }
#define DECLARE_STATIC_KEY_FALSE(n)	extern struct static_key_false n
#define DECLARE_STATIC_KEY_TRUE(n)	extern struct static_key_true n

#define static_branch_unlikely(k)	unlikely(atomic_read(&(k)->key.enabled) > 0)
#define static_branch_likely(k)		likely(atomic_read(&(k)->key.enabled) > 0)
#define static_key_enabled(k)		(atomic_read(&(k)->key.enabled) > 0)
#define static_key_count(k)		atomic_read(&(k)->enabled)
#define static_branch_inc(k)	do { might_sleep(); atomic_inc(&(k)->key.enabled); } while (0)
#define static_branch_dec(k)	do { might_sleep(); atomic_dec(&(k)->key.enabled); } while (0)
#define static_branch_enable(k)	do { might_sleep(); atomic_set(&(k)->key.enabled, 1); } while (0)
#define static_branch_disable(k) do { might_sleep(); atomic_set(&(k)->key.enabled, 0); } while (0)

#endif /* SHIM_LINUX_JUMP_LABEL_H */
