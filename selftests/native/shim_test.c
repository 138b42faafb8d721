// SPDX-License-Identifier: GPL-2.0
/*
 * The shim itself: what it promises to catch, it must catch. Deaths happen in
 * a child process.
 */
#include <linux/completion.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../core/test.h"
#include "child.h"
#include "shim/shim.h"

struct obj {
	struct rcu_head rcu;
	int *freed;		/* set when freed */
};

static struct obj *shared;

static void use_outside(void)
{
	(void)rcu_dereference(shared);
}

static void use_false_condition(void)
{
	(void)rcu_dereference_protected(shared, 1 == 0);
}

static void unlock_outside(void)
{
	rcu_read_unlock();
}

static void sleep_in_reader(void)
{
	rcu_read_lock();
	kfree(kmalloc(8, GFP_KERNEL));
}

static void synchronize_in_reader(void)
{
	rcu_read_lock();
	synchronize_rcu();
}

static void nothing(struct rcu_head *head)
{
}

static void call_twice(void)
{
	static struct rcu_head head;

	rcu_read_lock();
	call_rcu(&head, nothing);
	call_rcu(&head, nothing);
}

TM_TEST(rcu_strict)
{
	TM_EXPECT(child_dies(use_outside));
	TM_EXPECT(child_dies(use_false_condition));
	TM_EXPECT(child_dies(unlock_outside));
	TM_EXPECT(child_dies(sleep_in_reader));
	TM_EXPECT(child_dies(synchronize_in_reader));
	TM_EXPECT(child_dies(call_twice));
}

static void obj_free(struct rcu_head *head)
{
	struct obj *o = container_of(head, struct obj, rcu);

	TM_EXPECT(in_serving_softirq());
	WRITE_ONCE(*o->freed, 1);
	kfree(o);
}

static struct obj *obj_new(int *freed)
{
	struct obj *o = kzalloc(sizeof(*o), GFP_KERNEL);

	WRITE_ONCE(*freed, 0);
	o->freed = freed;
	return o;
}

/* Freed at once where nobody reads, and never before a reader has left. */
TM_TEST(rcu_free_early)
{
	static int freed;
	struct obj *o = obj_new(&freed);

	call_rcu(&o->rcu, obj_free);
	TM_WAIT_FOR(READ_ONCE(freed));

	o = obj_new(&freed);
	rcu_read_lock();
	call_rcu(&o->rcu, obj_free);
	TM_EXPECT(!READ_ONCE(freed));
	rcu_read_lock();
	rcu_read_unlock();
	TM_EXPECT(!READ_ONCE(freed));
	rcu_read_unlock();
	TM_WAIT_FOR(READ_ONCE(freed));
}

static struct completion entered, leave;

static void reader(void *arg)
{
	struct obj *o;

	rcu_read_lock();
	o = rcu_dereference(shared);
	complete(&entered);
	TM_SPIN_FOR(READ_ONCE(leave.done));
	TM_EXPECT(!READ_ONCE(*o->freed));
	rcu_read_unlock();
}

TM_TEST(rcu_waits_for_others)
{
	static int freed;
	struct tm_thread t;
	struct obj *o = obj_new(&freed);

	init_completion(&entered);
	init_completion(&leave);
	rcu_assign_pointer(shared, o);
	if (!tm_thread_start(&t, reader, NULL, "reader"))
		return;
	wait_for_completion(&entered);
	RCU_INIT_POINTER(shared, NULL);
	call_rcu(&o->rcu, obj_free);
	TM_EXPECT(!READ_ONCE(freed));
	WRITE_ONCE(leave.done, 1);
	rcu_barrier();
	TM_EXPECT(READ_ONCE(freed));
	tm_thread_join(&t);
}

static void work_fn(struct work_struct *work)
{
	struct rcu_work *r = to_rcu_work(work);

	TM_EXPECT(in_task());
	kfree(r);
}

TM_TEST(rcu_work)
{
	struct rcu_work *r = kzalloc(sizeof(*r), GFP_KERNEL);
	long live = shim_live_allocs();

	INIT_RCU_WORK(r, work_fn);
	rcu_read_lock();
	queue_rcu_work(system_wq, r);
	TM_EXPECT_EQ(shim_live_allocs(), live);
	rcu_read_unlock();
	shim_settle();
	TM_EXPECT_EQ(shim_live_allocs(), live - 1);
}

static void free_twice(void)
{
	void *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	kfree(p);
}

static void free_pages_by_kfree(void)
{
	kfree(alloc_pages_exact(8192, GFP_KERNEL));
}

static void free_pages_short(void)
{
	free_pages_exact(alloc_pages_exact(8192, GFP_KERNEL), 4096);
}

static void free_large_in_atomic(void)
{
	void *p = kvmalloc(8192, GFP_KERNEL);

	preempt_disable();
	kvfree(p);
}

static void block_in_atomic(void)
{
	preempt_disable();
	kfree(kmalloc(8, GFP_KERNEL));
}

static void block_in_softirq(void)
{
	shim_set_context(SHIM_IN_SOFTIRQ);
	kfree(kmalloc(8, GFP_KERNEL));
}

static void destroy_full_cache(void)
{
	struct kmem_cache *c = kmem_cache_create("full", 8, 0, 0, NULL);

	if (kmem_cache_alloc(c, GFP_KERNEL))
		kmem_cache_destroy(c);
}

TM_TEST(alloc_strict)
{
	TM_EXPECT(child_dies(free_twice));
	TM_EXPECT(child_dies(free_pages_by_kfree));
	TM_EXPECT(child_dies(free_pages_short));
	TM_EXPECT(child_dies(free_large_in_atomic));
	TM_EXPECT(child_dies(block_in_atomic));
	TM_EXPECT(child_dies(block_in_softirq));
	TM_EXPECT(child_dies(destroy_full_cache));
}

TM_TEST(alloc_alignment)
{
	void *odd = kmalloc(24, GFP_KERNEL), *even = kmalloc(256, GFP_KERNEL);

	TM_EXPECT_EQ((unsigned long)odd % 16, 8);
	TM_EXPECT_EQ((unsigned long)even % 256, 0);
	kfree(odd);
	kfree(even);
}

static bool alloc_works(void)
{
	void *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	return p;
}

TM_TEST(alloc_fails_on_command)
{
	shim_fail_alloc(1, false);
	TM_EXPECT(alloc_works());
	TM_EXPECT(!alloc_works());
	TM_EXPECT(alloc_works());
	TM_EXPECT_EQ(shim_fail_alloc(0, true), 1);
	TM_EXPECT(!alloc_works());
	TM_EXPECT(!alloc_works());
	TM_EXPECT_EQ(shim_fail_alloc(-1, false), 2);
	TM_EXPECT(alloc_works());
}

static void construct(void *p)
{
	*(int *)p = 42;
}

TM_TEST(typesafe_cache)
{
	struct kmem_cache *c = kmem_cache_create("typesafe", 64, 0, SLAB_TYPESAFE_BY_RCU,
						 construct);
	int *p = kmem_cache_alloc(c, GFP_KERNEL), *q;
	long live = shim_live_allocs();

	TM_EXPECT_EQ(*p, 42);
	*p = 43;
	rcu_read_lock();
	kmem_cache_free(c, p);
	TM_EXPECT_EQ(READ_ONCE(*p), 43);	/* still an object of that type */
	q = kmem_cache_alloc(c, GFP_NOWAIT);
	TM_EXPECT(p == q);			/* used again within the read section */
	TM_EXPECT_EQ(*q, 43);
	kmem_cache_free(c, q);
	TM_EXPECT_EQ(shim_live_allocs(), live);
	rcu_read_unlock();
	shim_settle();
	TM_EXPECT_EQ(shim_live_allocs(), live - 1);	/* nobody wanted it any more */
	kmem_cache_destroy(c);
}

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);

static void lock_twice(void)
{
	spin_lock(&lock);
	spin_lock(&lock);
}

static void unlock_unlocked(void)
{
	spin_unlock(&lock);
}

static void mutex_under_spinlock(void)
{
	spin_lock(&lock);
	mutex_lock(&mutex);
}

static DEFINE_RAW_SPINLOCK(raw_lock);

static void random_under_raw(void)
{
	u64 drawn;

	raw_spin_lock(&raw_lock);
	get_random_bytes(&drawn, sizeof(drawn));
}

static void alloc_under_raw(void)
{
	raw_spin_lock(&raw_lock);
	kfree(kmalloc(8, GFP_ATOMIC));
}

static void free_under_raw(void)
{
	void *p = kmalloc(8, GFP_KERNEL);

	raw_spin_lock(&raw_lock);
	kfree(p);
}

static void lock_under_raw(void)
{
	raw_spin_lock(&raw_lock);
	spin_lock(&lock);
}

static void assert_unheld(void)
{
	lockdep_assert_held(&lock);
}

static void cpu_while_preemptible(void)
{
	tm_test_note("%u", smp_processor_id());
}

TM_TEST(locks_strict)
{
	unsigned long flags;

	TM_EXPECT(child_dies(lock_twice));
	TM_EXPECT(child_dies(unlock_unlocked));
	TM_EXPECT(child_dies(mutex_under_spinlock));
	TM_EXPECT(child_dies(random_under_raw));
	TM_EXPECT(child_dies(alloc_under_raw));
	TM_EXPECT(child_dies(free_under_raw));
	TM_EXPECT(child_dies(lock_under_raw));
	TM_EXPECT(child_dies(assert_unheld));
	TM_EXPECT(child_dies(cpu_while_preemptible));
	spin_lock_irqsave(&lock, flags);
	TM_EXPECT(irqs_disabled() && in_atomic());
	lockdep_assert_held(&lock);
	spin_unlock_irqrestore(&lock, flags);
	TM_EXPECT(preemptible());
}

static unsigned long counted;	/* under lock */

static void count(void *arg)
{
	int i;

	for (i = 0; i < 10000; i++) {
		spin_lock(&lock);
		counted++;
		spin_unlock(&lock);
	}
}

TM_TEST(locks_exclude)
{
	struct tm_thread a, b;

	counted = 0;
	tm_thread_start(&a, count, NULL, "a");
	tm_thread_start(&b, count, NULL, "b");
	tm_thread_join(&a);
	tm_thread_join(&b);
	TM_EXPECT_EQ(counted, 20000);
}

TM_TEST(clock_is_set)
{
	u64 real = ktime_get_real_fast_ns();

	TM_EXPECT(ktime_get_ns() > 0 && real > ktime_get_ns());
	shim_clock_set(5000);
	TM_EXPECT_EQ(ktime_get_mono_fast_ns(), 5000);
	shim_clock_advance(70);
	TM_EXPECT_EQ(ktime_get_ns(), 5070);
	shim_clock_set(0);
	TM_EXPECT(ktime_get_ns() > 5070);
}

TM_TEST(contexts_are_played)
{
	TM_EXPECT(in_task() && !in_interrupt());
	shim_set_context(SHIM_IN_SOFTIRQ);
	TM_EXPECT(in_serving_softirq() && !in_hardirq() && !in_task() && !preemptible());
	shim_set_context(SHIM_IN_SOFTIRQ | SHIM_IN_HARDIRQ);
	TM_EXPECT(in_hardirq() && irqs_disabled());
	shim_set_context(SHIM_IN_NMI);
	TM_EXPECT(in_nmi());
	shim_set_context(0);
	TM_EXPECT(in_task());
}

TM_TEST(random_by_seed)
{
	u64 a, b;

	shim_seed(7);
	a = get_random_u64();
	b = get_random_u64();
	TM_EXPECT(a != b);
	shim_seed(7);
	TM_EXPECT(get_random_u64() == a && get_random_u64() == b);
}

static DEFINE_STATIC_KEY_FALSE(static_key);

TM_TEST(static_keys)
{
	TM_EXPECT(!static_branch_unlikely(&static_key));
	static_branch_inc(&static_key);
	static_branch_inc(&static_key);
	static_branch_dec(&static_key);
	TM_EXPECT(static_branch_unlikely(&static_key));
	static_branch_dec(&static_key);
	TM_EXPECT(!static_branch_unlikely(&static_key));
}

TM_TEST(printf_symbols)
{
	u8 bytes[] = { 0xde, 0xad, 0x01 };
	char buf[80], head[8];

	snprintf(buf, sizeof(buf), "%ps|%d|%-5s|%5.3u|%llx|%c%%", construct, -3, "ab", 7u,
		 0x123456789aULL, 'x');
	TM_EXPECT_STREQ(buf, "construct|-3|ab   |  007|123456789a|x%");
	snprintf(buf, sizeof(buf), "%pS", (char *)construct + 1);
	TM_EXPECT_STREQ(buf, "construct+0x1");
	snprintf(buf, sizeof(buf), "%*ph|%*phN|%.*s", 3, bytes, 3, bytes, 2, "abc");
	TM_EXPECT_STREQ(buf, "de ad 01|dead01|ab");
	TM_EXPECT_EQ(snprintf(head, sizeof(head), "%s-%u", "abcdef", 12345), 12);
	TM_EXPECT_STREQ(head, "abcdef-");
	TM_EXPECT_EQ(scnprintf(head, sizeof(head), "%s", "abcdefghi"), 7);
}

static noinline unsigned int trace_here(unsigned long *frame, unsigned int n)
{
	return stack_trace_save(frame, n, 0);
}

TM_TEST(stack_traces)
{
	unsigned long frame[8], offset = 0;
	unsigned int n = trace_here(frame, ARRAY_SIZE(frame));

	TM_EXPECT(n > 2);
	/* The compiler may have specialised it, and says so after a dot. */
	TM_EXPECT(!strncmp(shim_symbol(frame[0], &offset), "trace_here", 10));
	TM_EXPECT_STREQ(shim_symbol(frame[1], &offset), "stack_traces");
}

TM_SUITE(shim, TM_CASE(rcu_strict), TM_CASE(rcu_free_early), TM_CASE(rcu_waits_for_others),
	 TM_CASE(rcu_work), TM_CASE(alloc_strict), TM_CASE(alloc_alignment),
	 TM_CASE(alloc_fails_on_command), TM_CASE(typesafe_cache), TM_CASE(locks_strict),
	 TM_CASE(locks_exclude), TM_CASE(clock_is_set), TM_CASE(contexts_are_played),
	 TM_CASE(random_by_seed), TM_CASE(static_keys), TM_CASE(printf_symbols),
	 TM_CASE(stack_traces));
