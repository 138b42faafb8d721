// SPDX-License-Identifier: GPL-2.0
/* The guard by itself: every way in, out and past it. */
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/slab.h>

#include "../../kmod/core/guard.h"
#include "env.h"
#include "test.h"

#define CALLER_A	0xaaaaUL
#define CALLER_B	0xbbbbUL
#define PID_A		7
#define PID_B		9
#define NS_A		(1000 * 1000000ULL)
#define NS_YEAR		(365 * 86400 * 1000000000ULL)
#define NS_TICK		(10 * 1000000ULL)	/* of the slowest HZ, 100 */

static void play(u32 pid, unsigned int context, unsigned int cpu)
{
	tm_env_play_pid(pid);
	tm_env_play_context(context);
	tm_env_play_cpu(cpu);
}

static void play_end(u32 pid)
{
	play(pid, TRIPMAP_CONTEXT_TASK, 0);
	tm_env_play_clock(0);
}

static u64 word_of(struct tm_guard *g)
{
	return atomic64_read(&g->word);
}

static u64 enter(struct tm_guard *g, u8 op, unsigned long caller)
{
	struct tm_holder other;
	u64 ticket = 0;

	TM_EXPECT_EQ(tm_guard_enter(g, op, caller, &ticket, &other), TRIPMAP_FOUND_NOBODY);
	return ticket;
}

static enum tripmap_found try(struct tm_guard *g, struct tm_holder *other)
{
	u64 ticket;

	return tm_guard_enter(g, TRIPMAP_OP_DELETE, CALLER_B, &ticket, other);
}

TM_TEST(enter_leave)
{
	struct tm_guard g = { 0 };
	u64 first, second;

	first = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	TM_EXPECT_EQ(word_of(&g), first);
	TM_EXPECT(first & TM_GUARD_HELD);
	TM_EXPECT_EQ((first >> TM_GUARD_PID_SHIFT) & TM_GUARD_PID_MASK, current->pid);
	TM_EXPECT_EQ(tm_guard_leave(&g, first), TM_LEFT_CLEAN);
	TM_EXPECT_EQ(word_of(&g), first & ~TM_GUARD_FLAGS);

	second = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	TM_EXPECT_EQ(second & TM_GUARD_GEN_MASK, (first & TM_GUARD_GEN_MASK) + 1);
	TM_EXPECT_EQ(tm_guard_leave(&g, second), TM_LEFT_CLEAN);
}

/* Taken from whom it was looked at for, from nobody else; who comes back finds out. */
TM_TEST(seize)
{
	struct tm_guard g = { 0 };
	struct tm_holder holder;
	u64 first = enter(&g, TRIPMAP_OP_STORE, CALLER_A), second, seized = 0;

	TM_EXPECT(tm_guard_look(&g, &holder));
	TM_EXPECT_EQ(holder.caller, CALLER_A);
	TM_EXPECT_EQ(holder.op, TRIPMAP_OP_STORE);
	TM_EXPECT_EQ(word_of(&g), first);
	TM_EXPECT_EQ(tm_guard_leave(&g, first), TM_LEFT_CLEAN);
	TM_EXPECT(!tm_guard_look(&g, &holder));
	TM_EXPECT(!tm_guard_seize(&g, first, TRIPMAP_OP_REPAIR, CALLER_B, &seized));

	second = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	TM_EXPECT(!tm_guard_seize(&g, first, TRIPMAP_OP_REPAIR, CALLER_B, &seized));
	TM_EXPECT_EQ(word_of(&g), second);
	TM_EXPECT(tm_guard_seize(&g, second, TRIPMAP_OP_REPAIR, CALLER_B, &seized));
	TM_EXPECT_EQ(tm_guard_leave(&g, second), TM_LEFT_FORGED);
	TM_EXPECT_EQ(word_of(&g), seized);
	TM_EXPECT_EQ(tm_guard_leave(&g, seized), TM_LEFT_CLEAN);
}

TM_TEST(generation_wraps)
{
	struct tm_guard g = { .word = ATOMIC64_INIT(TM_GUARD_GEN_MASK) };
	u64 ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);

	TM_EXPECT_EQ(ticket & TM_GUARD_GEN_MASK, 0);
	TM_EXPECT_EQ((ticket >> TM_GUARD_PID_SHIFT) & TM_GUARD_PID_MASK, current->pid);
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLEAN);
}

/* The loser knows all of the holder, and the holder learns of the loser. */
TM_TEST(clash)
{
	struct tm_guard g = { 0 };
	struct tm_holder other = { 0 };
	u32 pid = current->pid;
	u64 ticket;

	if (!tm_env_can_play())
		TM_SKIP("tasks and clock cannot be played here");
	play(PID_A, TRIPMAP_CONTEXT_TASK, 3);
	tm_env_play_clock(NS_A);
	ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	play(PID_B, TRIPMAP_CONTEXT_TASK, 1);
	tm_env_play_clock(NS_A + 500 * 1000000ULL);
	TM_EXPECT_EQ(try(&g, &other), TRIPMAP_FOUND_OTHER);
	TM_EXPECT_EQ(other.word, tm_guard_key(ticket));
	TM_EXPECT_EQ(other.caller, CALLER_A);
	TM_EXPECT_EQ(other.pid, PID_A);
	TM_EXPECT_EQ(other.cpu, 3);
	TM_EXPECT_EQ(other.context, TRIPMAP_CONTEXT_TASK);
	TM_EXPECT_EQ(other.op, TRIPMAP_OP_STORE);
	TM_EXPECT(other.since > NS_A - NS_TICK && other.since < NS_A + NS_TICK);
	TM_EXPECT(!other.left && !other.growing);
	TM_EXPECT_EQ(word_of(&g), ticket | TM_GUARD_CLASH);

	TM_EXPECT_EQ(try(&g, &other), TRIPMAP_FOUND_OTHER);	/* CLASH is there already */
	TM_EXPECT(!other.left);
	play(PID_A, TRIPMAP_CONTEXT_TASK, 0);		/* it has migrated meanwhile */
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLASHED);

	ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);	/* once only */
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLEAN);
	play_end(pid);
}

/* Who never leaves does not become young again, however many ticks that makes. */
TM_TEST(inside_for_years)
{
	struct tm_guard g = { 0 };
	struct tm_holder holder;
	u64 quarters;

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be played here");
	tm_env_play_clock(NS_A);
	enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	for (quarters = 1; quarters <= 64; quarters *= 2) {
		tm_env_play_clock(NS_A + quarters * NS_YEAR / 4);
		TM_EXPECT(tm_guard_look(&g, &holder));
		TM_EXPECT(holder.since > NS_A - NS_TICK && holder.since < NS_A + NS_TICK);
	}
	tm_env_play_clock(0);
}

TM_TEST(grow)
{
	struct tm_guard g = { 0 };
	struct tm_holder other = { 0 };
	u32 pid = current->pid;
	u64 ticket, before;

	if (!tm_env_can_play())
		TM_SKIP("tasks cannot be played here");
	before = ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	tm_guard_grow(&g, &ticket, true);
	TM_EXPECT(word_of(&g) & TM_GUARD_GROW);
	TM_EXPECT_EQ(tm_guard_key(ticket), tm_guard_key(before));
	tm_env_play_pid(PID_B);
	TM_EXPECT_EQ(try(&g, &other), TRIPMAP_FOUND_OTHER);
	TM_EXPECT(other.growing);
	tm_env_play_pid(pid);
	tm_guard_grow(&g, &ticket, false);	/* does not lose the CLASH */
	TM_EXPECT(!(word_of(&g) & TM_GUARD_GROW));
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLASHED);
	TM_EXPECT(!(word_of(&g) & TM_GUARD_FLAGS));
}

TM_TEST(forged)
{
	static const u64 forgeries[] = {
		0, TM_GUARD_HELD, ~0ULL, TM_GUARD_HELD | 12345 | 1ULL << TM_GUARD_PID_SHIFT,
	};
	struct tm_guard g = { 0 };
	unsigned int i;
	u64 ticket;

	for (i = 0; i < ARRAY_SIZE(forgeries); i++) {
		ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
		atomic64_set(&g.word, forgeries[i]);
		tm_guard_grow(&g, &ticket, true);
		TM_EXPECT_EQ(word_of(&g), forgeries[i]);
		TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_FORGED);
		TM_EXPECT_EQ(word_of(&g), forgeries[i]);	/* an old holder wipes nothing */
		atomic64_set(&g.word, i);
	}
}

/* Each flipped bit is noticed, but for the one that others may set. */
TM_TEST(forged_bits)
{
	struct tm_guard g = { 0 };
	unsigned int bit;
	u64 ticket;

	for (bit = 0; bit < 64; bit++) {
		ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
		atomic64_set(&g.word, ticket ^ 1ULL << bit);
		TM_EXPECT_EQ(tm_guard_leave(&g, ticket),
			     1ULL << bit == TM_GUARD_CLASH ? TM_LEFT_CLASHED : TM_LEFT_FORGED);
		atomic64_set(&g.word, 0);
	}
}

/* Who is inside, seen from pid, context and CPU of who comes. */
struct meeting {
	u32 pid;
	unsigned int context, cpu;
	enum tripmap_found found;
};

static void check_meetings(const struct meeting *inside, const struct meeting *m, unsigned int n)
{
	struct tm_guard g = { 0 };
	struct tm_holder other = { 0 };
	u32 pid = current->pid;
	unsigned int i;
	u64 ticket;

	play(inside->pid, inside->context, inside->cpu);
	ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	for (i = 0; i < n; i++) {
		play(m[i].pid, m[i].context, m[i].cpu);
		if (!TM_EXPECT_EQ(try(&g, &other), m[i].found))
			tm_test_note("meeting %u", i);
		TM_EXPECT_EQ(other.context, inside->context);
	}
	play(inside->pid, inside->context, inside->cpu);
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLASHED);
	play_end(pid);
}

#define TASK	TRIPMAP_CONTEXT_TASK
#define SOFTIRQ	TRIPMAP_CONTEXT_SOFTIRQ
#define HARDIRQ	TRIPMAP_CONTEXT_HARDIRQ
#define NMI	TRIPMAP_CONTEXT_NMI

/* A task is itself on any CPU; what interrupts it has its pid. */
TM_TEST(task_inside)
{
	static const struct meeting inside = { PID_A, TASK, 1 };
	static const struct meeting m[] = {
		{ PID_A, TASK, 1, TRIPMAP_FOUND_SELF },
		{ PID_A, TASK, 2, TRIPMAP_FOUND_SELF },
		{ PID_A, SOFTIRQ, 1, TRIPMAP_FOUND_BELOW },
		{ PID_A, HARDIRQ, 1, TRIPMAP_FOUND_BELOW },
		{ PID_A, NMI, 1, TRIPMAP_FOUND_BELOW },
		{ PID_B, TASK, 1, TRIPMAP_FOUND_OTHER },
		{ PID_B, HARDIRQ, 1, TRIPMAP_FOUND_OTHER },
		{ 0, SOFTIRQ, 1, TRIPMAP_FOUND_OTHER },
	};

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	check_meetings(&inside, m, ARRAY_SIZE(m));
}

/* All idle tasks have pid 0: only the CPU tells them apart. */
TM_TEST(idle_interrupt_inside)
{
	static const struct meeting inside = { 0, SOFTIRQ, 1 };
	static const struct meeting m[] = {
		{ 0, SOFTIRQ, 1, TRIPMAP_FOUND_SELF },
		{ 0, HARDIRQ, 1, TRIPMAP_FOUND_BELOW },
		{ 0, SOFTIRQ, 2, TRIPMAP_FOUND_OTHER },
		{ 0, HARDIRQ, 2, TRIPMAP_FOUND_OTHER },
		{ PID_A, TASK, 1, TRIPMAP_FOUND_OTHER },
	};

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	check_meetings(&inside, m, ARRAY_SIZE(m));
}

/* An interrupt that came over PID_A, met by PID_A that runs on elsewhere. */
TM_TEST(interrupt_inside)
{
	static const struct meeting inside = { PID_A, HARDIRQ, 1 };
	static const struct meeting m[] = {
		{ PID_A, HARDIRQ, 1, TRIPMAP_FOUND_SELF },
		{ PID_A, NMI, 1, TRIPMAP_FOUND_BELOW },
		{ PID_A, TASK, 2, TRIPMAP_FOUND_OTHER },
		{ PID_A, HARDIRQ, 2, TRIPMAP_FOUND_OTHER },
	};

	if (!tm_env_can_play())
		TM_SKIP("contexts cannot be played here");
	check_meetings(&inside, m, ARRAY_SIZE(m));
}

TM_TEST(reader_alone)
{
	struct tm_guard g = { 0 };
	struct tm_holder other;
	u64 word;

	TM_EXPECT_EQ(tm_guard_peek(&g, &word, &other), TRIPMAP_FOUND_NOBODY);
	TM_EXPECT_EQ(tm_guard_check(&g, word, &other), TRIPMAP_FOUND_NOBODY);
	TM_EXPECT_EQ(word_of(&g), 0);
}

TM_TEST(reader_meets_writer)
{
	struct tm_guard g = { 0 };
	struct tm_holder other = { 0 };
	u32 pid = current->pid;
	u64 word, ticket;

	if (!tm_env_can_play())
		TM_SKIP("tasks cannot be played here");
	ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	TM_EXPECT_EQ(tm_guard_peek(&g, &word, &other), TRIPMAP_FOUND_SELF);
	tm_env_play_pid(PID_B);
	TM_EXPECT_EQ(tm_guard_peek(&g, &word, &other), TRIPMAP_FOUND_OTHER);
	TM_EXPECT_EQ(other.caller, CALLER_A);
	tm_env_play_pid(pid);
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLASHED);
}

/* A writer that came under the read, still inside. */
TM_TEST(reader_overtaken)
{
	struct tm_guard g = { 0 };
	struct tm_holder other = { 0 };
	u32 pid = current->pid;
	u64 word, ticket;

	if (!tm_env_can_play())
		TM_SKIP("tasks cannot be played here");
	TM_EXPECT_EQ(tm_guard_peek(&g, &word, &other), TRIPMAP_FOUND_NOBODY);
	tm_env_play_pid(PID_A);
	ticket = enter(&g, TRIPMAP_OP_STORE, CALLER_A);
	tm_env_play_pid(pid);
	TM_EXPECT_EQ(tm_guard_check(&g, word, &other), TRIPMAP_FOUND_OTHER);
	TM_EXPECT(!other.left);
	TM_EXPECT_EQ(other.pid, PID_A);
	tm_env_play_pid(PID_A);
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLASHED);
	tm_env_play_pid(pid);
}

/* Writers that came and went under the read: the last one is named. */
TM_TEST(reader_too_late)
{
	struct tm_guard g = { 0 };
	struct tm_holder other = { 0 };
	u32 pid = current->pid;
	u64 word, ticket;

	if (!tm_env_can_play())
		TM_SKIP("tasks cannot be played here");
	TM_EXPECT_EQ(tm_guard_peek(&g, &word, &other), TRIPMAP_FOUND_NOBODY);
	tm_env_play_pid(PID_A);
	tm_guard_leave(&g, enter(&g, TRIPMAP_OP_CLEAR, CALLER_A));
	tm_env_play_pid(PID_B);
	ticket = enter(&g, TRIPMAP_OP_DELETE, CALLER_B);
	TM_EXPECT_EQ(tm_guard_leave(&g, ticket), TM_LEFT_CLEAN);
	tm_env_play_pid(pid);
	TM_EXPECT_EQ(tm_guard_check(&g, word, &other), TRIPMAP_FOUND_OTHER);
	TM_EXPECT(other.left);
	TM_EXPECT_EQ(other.word, tm_guard_key(ticket));
	TM_EXPECT_EQ(other.caller, CALLER_B);
	TM_EXPECT_EQ(other.op, TRIPMAP_OP_DELETE);
	TM_EXPECT_EQ(other.pid, PID_B);
}

/* Threads that storm one guard; what it guards is plain. */
#define STORM_THREADS	3
#define STORM_GENS	(1 << 16)

static struct {
	struct tm_guard g;
	u64 inside;		/* plain, by the guard's holder: how often somebody was */
	unsigned long *asked;	/* bit n: a loser asked the holder of generation n */
	unsigned long *told;	/* bit n: that holder learned of it */
	atomic64_t entered, refused, left;
} storm;

static bool storm_once(u64 *ticket)
{
	struct tm_holder other;
	enum tripmap_found found;

	found = tm_guard_enter(&storm.g, TRIPMAP_OP_STORE, CALLER_A, ticket, &other);
	if (found == TRIPMAP_FOUND_NOBODY)
		return true;
	if (!(atomic64_inc_return(&storm.refused) % 4))
		cpu_relax();
	TM_EXPECT_EQ(other.caller ? other.caller : CALLER_A, CALLER_A);
	if (other.left)
		atomic64_inc(&storm.left);
	else
		set_bit(other.word & TM_GUARD_GEN_MASK, storm.asked);
	return false;
}

static void storm_thread(void *arg)
{
	enum tm_left how;
	u64 ticket;

	while (atomic64_read(&storm.entered) < STORM_GENS - 64) {
		if (!storm_once(&ticket))
			continue;
		storm.inside++;
		atomic64_inc(&storm.entered);
		if (!(storm.inside % 7))
			cpu_relax();
		how = tm_guard_leave(&storm.g, ticket);
		TM_EXPECT(how != TM_LEFT_FORGED);
		if (how == TM_LEFT_CLASHED)
			set_bit(ticket & TM_GUARD_GEN_MASK, storm.told);
	}
}

/* Nobody is let in twice; a holder is told exactly when somebody asked it: how many were? */
static unsigned int storm_blows(void)
{
	struct tm_thread t[STORM_THREADS];
	unsigned int i, asked = 0;

	memset(&storm, 0, sizeof(storm));
	storm.asked = kzalloc(STORM_GENS / 8, GFP_KERNEL);
	storm.told = kzalloc(STORM_GENS / 8, GFP_KERNEL);
	for (i = 0; i < STORM_THREADS; i++)
		tm_thread_start(&t[i], storm_thread, NULL, "storm");
	for (i = 0; i < STORM_THREADS; i++)
		tm_thread_join(&t[i]);
	TM_EXPECT_EQ(storm.inside, atomic64_read(&storm.entered));
	TM_EXPECT(!memcmp(storm.asked, storm.told, STORM_GENS / 8));
	for (i = 0; i < STORM_GENS; i++)
		asked += test_bit(i, storm.asked);
	tm_test_note("%llu entered, %llu refused, of those %llu by who had left; %u asked",
		     (u64)atomic64_read(&storm.entered), (u64)atomic64_read(&storm.refused),
		     (u64)atomic64_read(&storm.left), asked);
	kfree(storm.asked);
	kfree(storm.told);
	return asked;
}

/* Threads that never met prove nothing: on a busy host they may take turns for a while. */
TM_TEST(storm_of_writers)
{
	unsigned int rounds = 100;

	while (rounds && !storm_blows())
		rounds--;
	TM_EXPECT(rounds > 0);
}

TM_SUITE(guard, TM_CASE(enter_leave), TM_CASE(seize), TM_CASE(generation_wraps),
	 TM_CASE(clash), TM_CASE(inside_for_years), TM_CASE(grow), TM_CASE(forged),
	 TM_CASE(forged_bits), TM_CASE(task_inside),
	 TM_CASE(idle_interrupt_inside), TM_CASE(interrupt_inside), TM_CASE(reader_alone),
	 TM_CASE(reader_meets_writer), TM_CASE(reader_overtaken), TM_CASE(reader_too_late),
	 TM_CASE(storm_of_writers));
