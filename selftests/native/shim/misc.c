// SPDX-License-Identifier: GPL-2.0
/* Clock, random numbers, work items, the way to die. */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "shim.h"

#define NS	1000000000ULL

static u64 fixed;	/* atomic; what the clock stands at, 0: runs */
static s64 wall;	/* atomic; how far the wall clock is off */
static void (*hook)(bool stack);	/* atomic */

static u64 clock_now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NS + ts.tv_nsec;
}

void shim_hook_looks(void (*fn)(bool stack))
{
	__atomic_store_n(&hook, fn, __ATOMIC_RELEASE);
}

void shim_look(bool stack)
{
	void (*fn)(bool stack) = __atomic_load_n(&hook, __ATOMIC_ACQUIRE);

	if (fn)
		fn(stack);
}

u64 shim_clock_mono(void)
{
	u64 t = __atomic_load_n(&fixed, __ATOMIC_RELAXED);

	shim_look(false);
	return t ? t : clock_now(CLOCK_MONOTONIC);
}

u64 shim_clock_real(void)
{
	u64 t = __atomic_load_n(&fixed, __ATOMIC_RELAXED);

	return (t ? t + 1700000000 * NS : clock_now(CLOCK_REALTIME)) +
	       __atomic_load_n(&wall, __ATOMIC_RELAXED);
}

void shim_clock_step(s64 ns)
{
	__atomic_store_n(&wall, ns, __ATOMIC_RELAXED);
}

void shim_clock_set(u64 mono)
{
	__atomic_store_n(&fixed, mono, __ATOMIC_RELAXED);
}

void shim_clock_advance(u64 ns)
{
	BUG_ON(!__atomic_load_n(&fixed, __ATOMIC_RELAXED));
	__atomic_fetch_add(&fixed, ns, __ATOMIC_RELAXED);
}

static u64 seed = 1;	/* atomic */

void shim_seed(u64 s)
{
	__atomic_store_n(&seed, s, __ATOMIC_RELAXED);
	shim_self()->random = 0;
}

/* splitmix64, a stream a thread */
u64 get_random_u64(void)
{
	struct shim_thread *t = shim_self();
	u64 z;

	if (!t->random)
		t->random = __atomic_load_n(&seed, __ATOMIC_RELAXED) +
			    ((u64)t->slot << 32);
	z = t->random += 0x9e3779b97f4a7c15ULL;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u32 get_random_u32(void)
{
	return get_random_u64() >> 32;
}

void get_random_bytes(void *buf, size_t n)
{
	unsigned char *p = buf;

	shim_might_lock("get_random_bytes");
	while (n--)
		*p++ = get_random_u64() >> 56;
}

ssize_t strscpy(char *dst, const char *src, size_t n)
{
	size_t len = strnlen(src, n);

	if (!n)
		return -E2BIG;
	if (len == n) {
		memcpy(dst, src, n - 1);
		dst[n - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}

void *memchr_inv(const void *p, int c, size_t n)
{
	const unsigned char *s = p;

	for (; n; n--, s++)
		if (*s != (unsigned char)c)
			return (void *)s;
	return NULL;
}

void shim_die(const char *kind, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "# %s: ", kind);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (%s:%d)\n", file, line);
	shim_backtrace();
	abort();
}

struct workqueue_struct {
	char unused;
};

static struct workqueue_struct the_wq;
struct workqueue_struct *system_wq = &the_wq, *system_unbound_wq = &the_wq;
static pthread_mutex_t work_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work_cond = PTHREAD_COND_INITIALIZER;
static struct work_struct *work_first, **work_last = &work_first;	/* under work_lock */
static struct work_struct *work_running;				/* the same */
static pthread_once_t work_once = PTHREAD_ONCE_INIT;

static void run_one(void)
{
	struct work_struct *w = work_first;

	work_first = w->next;
	if (!work_first)
		work_last = &work_first;
	w->pending = 0;
	work_running = w;
	pthread_mutex_unlock(&work_lock);
	w->func(w);
	pthread_mutex_lock(&work_lock);
	work_running = NULL;
	pthread_cond_broadcast(&work_cond);
}

static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&work_lock);
	for (;;) {
		while (!work_first)
			pthread_cond_wait(&work_cond, &work_lock);
		run_one();
	}
	return NULL;
}

static void start_worker(void)
{
	shim_daemon(worker, "worker");
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *w)
{
	bool queued;

	BUG_ON(!wq || !w->func);
	pthread_once(&work_once, start_worker);
	pthread_mutex_lock(&work_lock);
	queued = !w->pending;
	if (queued) {
		w->pending = 1;
		w->next = NULL;
		*work_last = w;
		work_last = &w->next;
		pthread_cond_broadcast(&work_cond);
	}
	pthread_mutex_unlock(&work_lock);
	return queued;
}

static void rcu_work_ready(struct rcu_head *head)
{
	struct rcu_work *r = container_of(head, struct rcu_work, rcu);

	queue_work(r->wq, &r->work);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *r)
{
	r->wq = wq;
	call_rcu(&r->rcu, rcu_work_ready);
	return true;
}

static bool busy(struct work_struct *w)
{
	return w ? w->pending || work_running == w : work_first || work_running;
}

/* Of w, or of all. */
static bool wait_idle(struct work_struct *w)
{
	bool waited = false;

	shim_might_sleep("flush_work");
	pthread_mutex_lock(&work_lock);
	while (busy(w)) {
		waited = true;
		pthread_cond_wait(&work_cond, &work_lock);
	}
	pthread_mutex_unlock(&work_lock);
	return waited;
}

bool flush_work(struct work_struct *w)
{
	return wait_idle(w);
}

bool flush_rcu_work(struct rcu_work *r)
{
	rcu_barrier();
	return wait_idle(&r->work);
}

bool cancel_work_sync(struct work_struct *w)
{
	return wait_idle(w);
}

void flush_workqueue(struct workqueue_struct *wq)
{
	(void)wq;
	wait_idle(NULL);
}

struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max, ...)
{
	(void)fmt;
	(void)flags;
	(void)max;
	return &the_wq;
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	rcu_barrier();
	flush_workqueue(wq);
}

void shim_settle(void)
{
	rcu_barrier();
	while (wait_idle(NULL))
		rcu_barrier();
}
