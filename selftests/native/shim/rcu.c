// SPDX-License-Identifier: GPL-2.0
/*
 * RCU: real epochs, as strict as may be.
 *
 * A reader stores the epoch it entered in into its slot, 0 when it has left.
 * call_rcu() takes the next epoch; its callback may run once every slot is 0
 * or not older, and that is when it does run: at once in call_rcu() where the
 * caller is no reader itself, else by the reclaimer thread, which looks every
 * few microseconds as long as anything is pending. So whatever outlives its
 * read section is freed memory, for AddressSanitizer and for the plain build
 * (which fills it).
 *
 * What ThreadSanitizer sees: a reader's leave happens before the callback, and
 * rcu_assign_pointer() before the rcu_dereference() that finds it. Nothing
 * else: entering draws no edge from anybody (x86 orders it, the lock prefix
 * being a full barrier), so that RCU itself hides no missing release.
 *
 * Stricter than the kernel: regions without preemption are no readers; readers
 * must not sleep; callbacks run in (played) softirq context.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "shim.h"

#define QUEUED	((struct rcu_head *)0x51cbeef)	/* in head->next while pending */
#define STUCK_S	60

struct slot {
	unsigned long epoch;		/* atomic; 0: outside */
} __attribute__((aligned(64)));

struct callback {
	struct callback *next;
	unsigned long epoch;
	struct rcu_head *head;		/* func(head), or */
	void (*fn)(void *arg);		/* fn(arg) */
	void *arg;
};

static struct slot slots[SHIM_THREADS];
static unsigned long epoch = 1;		/* atomic */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct callback *first, **last = &first;	/* under lock, by epoch */
static unsigned long queued, done;	/* atomic; callbacks */
static pthread_once_t once = PTHREAD_ONCE_INIT;

void shim_rcu_assert(bool ok, const char *what, const char *file, int line)
{
	if (!ok)
		shim_die("suspicious RCU usage", file, line, "%s", what);
}

void rcu_read_lock(void)
{
	struct shim_thread *t = shim_self();

	if (!t->readers++)
		__atomic_exchange_n(&slots[t->slot].epoch,
				    __atomic_load_n(&epoch, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
	barrier();
}

void rcu_read_unlock(void)
{
	struct shim_thread *t = shim_self();

	shim_rcu_assert(t->readers, "rcu_read_unlock() outside a reader", __FILE__, __LINE__);
	/* Pairs with the acquire in oldest(). */
	if (!--t->readers)
		__atomic_store_n(&slots[t->slot].epoch, 0, __ATOMIC_RELEASE);
}

int rcu_read_lock_held(void)
{
	return shim_self()->readers > 0;
}

void shim_rcu_thread_exit(struct shim_thread *t)
{
	shim_rcu_assert(!t->readers, "thread ends in a read section", __FILE__, __LINE__);
}

/* No reader is older than this. */
static unsigned long oldest(void)
{
	unsigned long min = ~0UL, e;
	int i;

	for (i = 0; i < SHIM_THREADS; i++) {
		/* An RMW, so that it is ordered against a reader who enters. */
		e = __atomic_fetch_add(&slots[i].epoch, 0, __ATOMIC_ACQUIRE);
		if (e && e < min)
			min = e;
	}
	return min;
}

static struct callback *take_ready(void)
{
	struct callback *c;

	pthread_mutex_lock(&lock);
	c = first;
	if (c && c->epoch > oldest())
		c = NULL;
	if (c) {
		first = c->next;
		if (!first)
			last = &first;
	}
	pthread_mutex_unlock(&lock);
	return c;
}

static void run(struct callback *c)
{
	struct rcu_head *head = c->head;

	if (head) {
		head->next = NULL;
		head->func(head);
	} else {
		c->fn(c->arg);
	}
	free(c);
}

/* Not within a read section, a callback or where the caller may hold a lock. */
static void reclaim(void)
{
	struct shim_thread *t = shim_self();
	unsigned int context = t->context;
	struct callback *c;

	if (t->readers || t->preempt || t->irqs_off || t->context || t->reclaiming)
		return;
	t->reclaiming = true;
	t->context = SHIM_IN_SOFTIRQ;
	while ((c = take_ready())) {
		run(c);
		__atomic_fetch_add(&done, 1, __ATOMIC_RELEASE);
	}
	t->context = context;
	t->reclaiming = false;
}

static bool pending(void)
{
	return __atomic_load_n(&done, __ATOMIC_ACQUIRE) != __atomic_load_n(&queued, __ATOMIC_RELAXED);
}

static void *reclaimer(void *arg)
{
	(void)arg;
	for (;;) {
		if (pending())
			reclaim();
		usleep(pending() ? 20 : 1000);
	}
	return NULL;
}

static void start(void)
{
	shim_daemon(reclaimer, "rcu");
}

static void enqueue(struct callback *c)
{
	pthread_once(&once, start);
	pthread_mutex_lock(&lock);
	/* A full barrier, against the one in rcu_read_lock(). */
	c->epoch = __atomic_add_fetch(&epoch, 1, __ATOMIC_SEQ_CST);
	*last = c;
	last = &c->next;
	__atomic_fetch_add(&queued, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lock);
	reclaim();
}

static struct callback *callback(void)
{
	struct callback *c = calloc(1, sizeof(*c));

	BUG_ON(!c);
	return c;
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	struct callback *c = callback();

	shim_rcu_assert(head->next != QUEUED, "call_rcu() twice", __FILE__, __LINE__);
	head->next = QUEUED;
	head->func = func;
	c->head = head;
	enqueue(c);
}

void shim_rcu_defer(void (*fn)(void *arg), void *arg)
{
	struct callback *c = callback();

	c->fn = fn;
	c->arg = arg;
	enqueue(c);
}

static void free_obj(void *obj)
{
	kvfree(obj);
}

void shim_kfree_rcu(struct rcu_head *head, void *obj)
{
	shim_rcu_assert(head->next != QUEUED, "kfree_rcu() twice", __FILE__, __LINE__);
	head->next = QUEUED;
	shim_rcu_defer(free_obj, obj);
}

void synchronize_rcu(void)
{
	unsigned long e = __atomic_add_fetch(&epoch, 1, __ATOMIC_SEQ_CST);
	time_t end = time(NULL) + STUCK_S;

	shim_might_sleep("synchronize_rcu");
	while (oldest() < e) {
		if (time(NULL) > end)
			shim_die("RCU stall", __FILE__, __LINE__, "a reader does not leave");
		shim_relax();
	}
}

void rcu_barrier(void)
{
	unsigned long target = __atomic_load_n(&queued, __ATOMIC_RELAXED);
	time_t end = time(NULL) + STUCK_S;

	shim_might_sleep("rcu_barrier");
	while ((long)(__atomic_load_n(&done, __ATOMIC_ACQUIRE) - target) < 0) {
		if (time(NULL) > end)
			shim_die("RCU stall", __FILE__, __LINE__, "callbacks do not end");
		reclaim();
		shim_relax();
	}
}
