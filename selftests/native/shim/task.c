// SPDX-License-Identifier: GPL-2.0
/*
 * Threads as tasks: who is current, on which CPU, in which (played) context,
 * what may sleep; locks with an owner; kthreads and completions.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/smp.h>

#include "shim.h"

#define FIRST_PID	1000
#define STUCK_S		60

static __thread struct shim_thread *self;
static unsigned char used[SHIM_THREADS];	/* atomic; slots, 0 is nobody's */
static int next_pid = FIRST_PID;		/* atomic */
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void thread_exit(void *arg)
{
	struct shim_thread *t = arg;

	self = t;
	shim_thread_free(t);
	self = NULL;
}

void shim_thread_free(struct shim_thread *t)
{
	shim_rcu_thread_exit(t);
	BUG_ON(t->preempt || t->irqs_off);
	__atomic_store_n(&used[t->slot], 0, __ATOMIC_RELEASE);
	free(t);
}

static void make_key(void)
{
	pthread_key_create(&key, thread_exit);
}

static unsigned int take_slot(void)
{
	unsigned int i;

	for (i = 1; i < SHIM_THREADS; i++)
		if (!__atomic_exchange_n(&used[i], 1, __ATOMIC_ACQUIRE))
			return i;
	BUG();
}

struct shim_thread *shim_thread_new(void)
{
	struct shim_thread *t = calloc(1, sizeof(*t));

	BUG_ON(!t);
	t->slot = take_slot();
	t->cpu = t->slot % NR_CPUS;
	t->fail_in = -1;
	t->task.pid = __atomic_fetch_add(&next_pid, 1, __ATOMIC_RELAXED);
	t->task.tgid = FIRST_PID;
	snprintf(t->task.comm, sizeof(t->task.comm), "task-%d", t->task.pid);
	return t;
}

struct shim_thread *shim_self(void)
{
	if (likely(self))
		return self;
	pthread_once(&once, make_key);
	self = shim_thread_new();
	pthread_setspecific(key, self);
	return self;
}

void shim_become(struct shim_thread *t)
{
	self = t;
}

struct task_struct *shim_current(void)
{
	return &shim_self()->task;
}

char *get_task_comm(char *buf, struct task_struct *t)
{
	return memcpy(buf, t->comm, TASK_COMM_LEN);
}

unsigned int shim_context(void)
{
	return shim_self()->context;
}

void shim_set_context(unsigned int context)
{
	shim_self()->context = context;
}

void shim_set_cpu(unsigned int cpu)
{
	shim_self()->cpu = cpu;
}

unsigned int raw_smp_processor_id(void)
{
	return shim_self()->cpu;
}

unsigned int smp_processor_id(void)
{
	BUG_ON(preemptible());
	return shim_self()->cpu;
}

void preempt_disable(void)
{
	shim_self()->preempt++;
	barrier();
}

void preempt_enable(void)
{
	barrier();
	BUG_ON(!shim_self()->preempt--);
}

bool in_atomic(void)
{
	struct shim_thread *t = shim_self();

	return t->preempt || t->context;
}

bool preemptible(void)
{
	return !in_atomic() && !irqs_disabled();
}

bool irqs_disabled(void)
{
	struct shim_thread *t = shim_self();

	return t->irqs_off || (t->context & SHIM_IN_HARDIRQ);
}

unsigned long shim_irq_save(void)
{
	struct shim_thread *t = shim_self();
	unsigned long flags = t->irqs_off;

	t->irqs_off = 1;
	barrier();
	return flags;
}

void shim_irq_restore(unsigned long flags)
{
	barrier();
	shim_self()->irqs_off = flags;
}

void shim_might_sleep(const char *what)
{
	if (!preemptible() || shim_self()->readers)
		shim_die("sleeping function in atomic context", __FILE__, __LINE__, "%s", what);
}

void cond_resched(void)
{
	shim_might_sleep("cond_resched");
	shim_relax();
}

void cpu_relax(void)
{
	shim_relax();
}

long schedule_timeout_interruptible(long timeout)
{
	shim_might_sleep("schedule_timeout");
	usleep(timeout * (1000000 / HZ));
	return 0;
}

/* Who has it may try again, in vain. */
bool shim_trylock(struct shim_lock *l)
{
	unsigned long nobody = 0;

	return __atomic_compare_exchange_n(&l->owner, &nobody, (unsigned long)shim_self(), false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void shim_lock(struct shim_lock *l)
{
	time_t end = time(NULL) + STUCK_S;

	if (shim_lock_held(l))
		shim_die("recursive locking", __FILE__, __LINE__, "%p", l);
	/* Its owner may be who was interrupted, even where it happens to be free just now. */
	if (in_nmi())
		shim_die("lock waited for in an NMI", __FILE__, __LINE__, "%p", l);
	while (!shim_trylock(l)) {
		if (time(NULL) > end)
			shim_die("deadlock", __FILE__, __LINE__, "%p", l);
		shim_relax();
	}
}

bool shim_lock_held(const struct shim_lock *l)
{
	return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) == (unsigned long)shim_self();
}

void shim_unlock(struct shim_lock *l)
{
	if (!shim_lock_held(l))
		shim_die("unlock of another's lock", __FILE__, __LINE__, "%p", l);
	__atomic_store_n(&l->owner, 0, __ATOMIC_RELEASE);
}

void shim_raw_locks(int more)
{
	shim_self()->raw_locks += more;
}

void shim_might_lock(const char *what)
{
	if (shim_self()->raw_locks)
		shim_die("what sleeps on PREEMPT_RT, under a raw spinlock", __FILE__, __LINE__, "%s",
			 what);
}

/* A kthread: freed by kthread_stop(). task is what others see of it. */
struct kthread {
	struct task_struct task;	/* first; a copy of the thread's own */
	int (*fn)(void *arg);
	void *arg;
	pthread_t thread;
	bool should_stop;		/* atomic */
	int result;
};

static __thread struct kthread *my_kthread;

static void *kthread_main(void *arg)
{
	struct kthread *k = arg;

	my_kthread = k;
	shim_self();
	memcpy(current->comm, k->task.comm, TASK_COMM_LEN);
	k->result = k->fn(k->arg);
	return NULL;
}

struct task_struct *kthread_run(int (*fn)(void *arg), void *arg, const char *fmt, ...)
{
	struct kthread *k = calloc(1, sizeof(*k));
	va_list ap;

	shim_might_sleep("kthread_run");
	BUG_ON(!k);
	k->fn = fn;
	k->arg = arg;
	va_start(ap, fmt);
	vsnprintf(k->task.comm, TASK_COMM_LEN, fmt, ap);
	va_end(ap);
	if (pthread_create(&k->thread, NULL, kthread_main, k)) {
		free(k);
		return ERR_PTR(-ENOMEM);
	}
	return &k->task;
}

int kthread_stop(struct task_struct *t)
{
	struct kthread *k = (struct kthread *)t;
	int result;

	shim_might_sleep("kthread_stop");
	__atomic_store_n(&k->should_stop, true, __ATOMIC_RELEASE);
	pthread_join(k->thread, NULL);
	result = k->result;
	free(k);
	return result;
}

bool kthread_should_stop(void)
{
	return __atomic_load_n(&my_kthread->should_stop, __ATOMIC_ACQUIRE);
}

void shim_daemon(void *(*fn)(void *arg), const char *name)
{
	pthread_t thread;

	BUG_ON(pthread_create(&thread, NULL, fn, NULL));
	pthread_setname_np(thread, name);
	pthread_detach(thread);
}

static pthread_mutex_t completion_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t completed = PTHREAD_COND_INITIALIZER;

void init_completion(struct completion *c)
{
	c->done = 0;
}

void complete(struct completion *c)
{
	pthread_mutex_lock(&completion_lock);
	c->done++;
	pthread_cond_broadcast(&completed);
	pthread_mutex_unlock(&completion_lock);
}

unsigned long wait_for_completion_timeout(struct completion *c, unsigned long timeout)
{
	unsigned long ns = timeout * TICK_NSEC;
	struct timespec end;
	bool done;

	shim_might_sleep("wait_for_completion");
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += (end.tv_nsec + ns) / 1000000000;
	end.tv_nsec = (end.tv_nsec + ns) % 1000000000;
	pthread_mutex_lock(&completion_lock);
	while (!c->done && !pthread_cond_timedwait(&completed, &completion_lock, &end))
		;
	done = c->done;
	c->done -= done;
	pthread_mutex_unlock(&completion_lock);
	return done;
}

void wait_for_completion(struct completion *c)
{
	if (!wait_for_completion_timeout(c, STUCK_S * HZ))
		shim_die("hung task", __FILE__, __LINE__, "waits for completion");
}
