/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/kernel.h>
#include <linux/lockdep.h>

struct mutex {
	struct shim_lock dep;
};

#define DEFINE_MUTEX(x)		struct mutex x = { .dep = { .owner = 0 } }

static inline void mutex_init(struct mutex *m)
{
	m->dep.owner = 0;
}

static inline void mutex_lock(struct mutex *m)
{
	might_sleep();
	shim_lock(&m->dep);
}

static inline int mutex_trylock(struct mutex *m)
{
	return shim_trylock(&m->dep);
}

static inline void mutex_unlock(struct mutex *m)
{
	shim_unlock(&m->dep);
}

#endif /* SHIM_LINUX_MUTEX_H */
