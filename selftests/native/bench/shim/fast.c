// SPDX-License-Identifier: GPL-2.0
/*
 * What the stricter shim's alloc.c and task.c are for tests: memory straight
 * from libc, and threads that nothing is asked of.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "../../shim/shim.h"
#include "../../../../kmod/observe/report.h"
#include "rcu.h"
#include "thread.h"

__thread volatile unsigned int shim_preempt_count;
__thread volatile unsigned int shim_cpu;
__thread struct task_struct shim_task;
unsigned long volatile jiffies;

static __thread struct shim_thread self;
static __thread unsigned long allocated;
static int next_pid = 1000;	/* atomic */

struct kmem_cache {
	unsigned int size, align;
	slab_flags_t flags;
	void (*ctor)(void *p);
};

/* As the kernel aligns: powers of two by their size, pages by themselves. */
static void *get(size_t size, size_t align, gfp_t gfp)
{
	void *p = align > 16 ? aligned_alloc(align, ALIGN(size, align)) : malloc(size);

	if (!p)
		return NULL;
	allocated += size;
	return gfp & __GFP_ZERO ? memset(p, 0, size) : p;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return get(size, is_power_of_2(size) && size < PAGE_SIZE ? size : 16, gfp);
}

void kfree(const void *p)
{
	free((void *)p);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	return get(size, 16, gfp);
}

void kvfree(const void *p)
{
	free((void *)p);
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	return get(size, PAGE_SIZE, gfp);
}

void free_pages_exact(void *p, size_t size)
{
	(void)size;
	free(p);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *p))
{
	struct kmem_cache *c = malloc(sizeof(*c));

	(void)name;
	if (c)
		*c = (struct kmem_cache){ size, align < 64 ? 64 : align, flags, ctor };
	return c;
}

void kmem_cache_destroy(struct kmem_cache *c)
{
	free(c);
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	void *p = get(c->size, c->align, gfp);

	if (p && c->ctor)
		c->ctor(p);
	return p;
}

/* SLAB_TYPESAFE_BY_RCU: such memory stays what it is, and some of it is lost here. */
void kmem_cache_free(struct kmem_cache *c, void *p)
{
	if (!(c->flags & SLAB_TYPESAFE_BY_RCU))
		free(p);
}

void *kmemdup(const void *src, size_t n, gfp_t gfp)
{
	void *p = kmalloc(n, gfp);

	return p ? memcpy(p, src, n) : NULL;
}

unsigned long shim_allocated(void)
{
	return allocated;
}

struct shim_thread *shim_self(void)
{
	return &self;
}

void shim_thread_begin(void)
{
	shim_task.pid = __atomic_fetch_add(&next_pid, 1, __ATOMIC_RELAXED);
	shim_task.tgid = 1000;
	shim_cpu = shim_task.pid % NR_CPUS;
	shim_rcu_register();
}

void shim_thread_end(void)
{
	shim_rcu_unregister();
}

void shim_relax(void)
{
	cpu_relax();
}

void shim_daemon(void *(*fn)(void *arg), const char *name)
{
	pthread_t thread;

	BUG_ON(pthread_create(&thread, NULL, fn, NULL));
	pthread_setname_np(thread, name);
	pthread_detach(thread);
}

static void *tick(void *arg)
{
	(void)arg;
	for (;;) {
		usleep(TICK_NSEC / 1000);
		jiffies++;
	}
	return NULL;
}

void shim_helpers_begin(void)
{
	shim_rcu_helper_begin();
	shim_daemon(tick, "ticks");
}

char *get_task_comm(char *buf, struct task_struct *t)
{
	return memcpy(buf, t->comm, TASK_COMM_LEN);
}

long schedule_timeout_interruptible(long timeout)
{
	usleep(timeout * (1000000 / HZ));
	return 0;
}

/* All that the bench does is legal. */
void tm_report_act(const struct tm_verdict *verdict)
{
	shim_die("violation", __FILE__, __LINE__, "action %u", verdict->action);
}
