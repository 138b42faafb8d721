// SPDX-License-Identifier: GPL-2.0
/* Pauses before a violation: what is told apart, and where the bounds lie. */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "../../kmod/observe/event.h"
#include "../../kmod/observe/spike.h"
#include "test.h"

#define US	1000ULL
#define BEGIN	(50000 * US)	/* times are from here on */
#define EVENTS	16

static const struct tm_spike_rule rule = {
	.count = 3,
	.consecutive_ns = 100 * US,
	.tight_ns = 500 * US,
	.near_ns = 500 * US,
	.far_ns = 1800 * US,
	.min_ns = 20 * US,
};

/* The test's own thread. */
static struct tm_event e[EVENTS];
static u32 n;
static struct tm_spike s[TM_SPIKE_ALL + 1];

static void begin(void)
{
	tm_spike_set(&rule);
	memset(e, 0, sizeof(e));
	n = 0;
}

/* A pause of a CPU, from and to in ns; they are told of in the order of their ends. */
static void pause_on(u16 cpu, enum tripmap_pause_kind kind, u64 from, u64 to)
{
	e[n++] = (struct tm_event){
		.event = TRIPMAP_EVENT_PAUSE, .kind = kind, .cpu = cpu,
		.time = BEGIN + to, .duration = to - from,
	};
}

static void evacuate(u64 from, u64 to)
{
	pause_on(0, TRIPMAP_PAUSE_KIND_EVACUATE, from, to);
}

static const struct tm_spike *find(unsigned int kind, u64 time)
{
	tm_spike_find(e, n, BEGIN + time, s);
	return &s[kind];
}

#define EVACUATE	TRIPMAP_PAUSE_KIND_EVACUATE

TM_TEST(none)
{
	const struct tm_spike *f;

	begin();
	e[n++] = (struct tm_event){ .event = TRIPMAP_EVENT_WRITE_END, .time = BEGIN };
	f = find(TM_SPIKE_ALL, 100 * US);
	TM_EXPECT_EQ(f->count, 0);
	TM_EXPECT_EQ(f->spike, TRIPMAP_SPIKE_NONE);
	evacuate(10 * US, 12 * US);
	f = find(EVACUATE, 100 * US);
	TM_EXPECT_EQ(f->count, 1);
	TM_EXPECT_EQ(f->last, 88 * US);
	TM_EXPECT_EQ(f->gap_max, 0);
	TM_EXPECT_EQ(f->gap_min, 0);
	TM_EXPECT_EQ(f->span, 2 * US);
	TM_EXPECT_EQ(f->longest, 2 * US);
	TM_EXPECT_EQ(f->spike, TRIPMAP_SPIKE_NONE);
	TM_EXPECT(!f->consecutive);
}

/* Two, so far apart. */
static const struct tm_spike *two(u64 gap)
{
	begin();
	evacuate(0, 5 * US);
	evacuate(5 * US + gap, 8 * US + gap);
	return find(EVACUATE, 10 * US + gap);
}

TM_TEST(consecutive)
{
	TM_EXPECT(two(100 * US)->consecutive);
	TM_EXPECT(!two(100 * US + 1)->consecutive);
	TM_EXPECT_EQ(s[EVACUATE].gap_min, 100 * US + 1);
	TM_EXPECT_EQ(s[EVACUATE].gap_max, 100 * US + 1);
}

TM_TEST(tight)
{
	TM_EXPECT_EQ(two(500 * US)->spike, TRIPMAP_SPIKE_TIGHT);
	TM_EXPECT_EQ(two(500 * US + 1)->spike, TRIPMAP_SPIKE_NONE);
}

/* However far apart they are. */
TM_TEST(high)
{
	const struct tm_spike *f;

	two(600 * US);
	evacuate(4000 * US, 4010 * US);
	f = find(EVACUATE, 4200 * US);
	TM_EXPECT_EQ(f->count, 3);
	TM_EXPECT_EQ(f->spike, TRIPMAP_SPIKE_HIGH);
	TM_EXPECT(!f->consecutive);
	TM_EXPECT_EQ(f->span, 4010 * US);
	TM_EXPECT_EQ(f->last, 190 * US);
	TM_EXPECT_EQ(f->longest, 10 * US);
	TM_EXPECT_EQ(f->gap_min, 600 * US);
	TM_EXPECT_EQ(f->gap_max, 4000 * US - 608 * US);
	/* A kind of its own has none of it. */
	TM_EXPECT_EQ(s[TRIPMAP_PAUSE_KIND_GROW].count, 0);
}

TM_TEST(thresholds)
{
	struct tm_spike_rule other = rule;

	two(200 * US);
	other.count = 2;
	tm_spike_set(&other);
	TM_EXPECT_EQ(find(EVACUATE, 1000 * US)->spike, TRIPMAP_SPIKE_HIGH);
	other.count = 3;
	other.tight_ns = 199 * US;
	other.consecutive_ns = 200 * US;
	tm_spike_set(&other);
	TM_EXPECT_EQ(find(EVACUATE, 1000 * US)->spike, TRIPMAP_SPIKE_NONE);
	TM_EXPECT(s[EVACUATE].consecutive);
	tm_spike_set(&rule);
}

static void expect_counted(enum tripmap_pause_kind kind, bool always)
{
	begin();
	pause_on(0, kind, 0, 20 * US - 1);
	TM_EXPECT_EQ(find(kind, 100 * US)->count, always);
	begin();
	pause_on(0, kind, 0, 20 * US);
	TM_EXPECT_EQ(find(kind, 100 * US)->count, 1);
}

/* The work itself is a pause where it takes long; any other one always. */
TM_TEST(least)
{
	expect_counted(TRIPMAP_PAUSE_KIND_WRITE, false);
	expect_counted(TRIPMAP_PAUSE_KIND_ODD, false);
	expect_counted(TRIPMAP_PAUSE_KIND_DUMP, false);
	expect_counted(TRIPMAP_PAUSE_KIND_READ_RETRY, true);
	expect_counted(TRIPMAP_PAUSE_KIND_LOCK_WAIT, true);
	expect_counted(TRIPMAP_PAUSE_KIND_GROW, true);
	expect_counted(TRIPMAP_PAUSE_KIND_EVACUATE, true);
	expect_counted(TRIPMAP_PAUSE_KIND_GRACE, true);
}

/* Where one lies within another on its CPU, the outer one stands for both. */
TM_TEST(within)
{
	begin();
	evacuate(110 * US, 115 * US);
	evacuate(116 * US, 120 * US);
	pause_on(1, EVACUATE, 112 * US, 121 * US);
	pause_on(0, TRIPMAP_PAUSE_KIND_ODD, 105 * US, 150 * US);
	pause_on(0, TRIPMAP_PAUSE_KIND_WRITE, 100 * US, 150 * US);
	TM_EXPECT_EQ(find(TM_SPIKE_ALL, 200 * US)->count, 2);
	TM_EXPECT_EQ(s[TM_SPIKE_ALL].span, 50 * US);
	TM_EXPECT_EQ(s[TM_SPIKE_ALL].last, 50 * US);
	TM_EXPECT_EQ(s[TM_SPIKE_ALL].longest, 50 * US);
	TM_EXPECT_EQ(s[EVACUATE].count, 3);
	TM_EXPECT_EQ(s[TRIPMAP_PAUSE_KIND_ODD].count, 1);
	/* What is in the way at once on two CPUs has no gap. */
	TM_EXPECT_EQ(s[TM_SPIKE_ALL].gap_max, 0);
	TM_EXPECT(s[TM_SPIKE_ALL].consecutive);
	TM_EXPECT_EQ(s[TM_SPIKE_ALL].spike, TRIPMAP_SPIKE_TIGHT);
}

/* CPUs of one place of those remembered. */
TM_TEST(within_another)
{
	begin();
	pause_on(33, EVACUATE, 112 * US, 121 * US);
	pause_on(1, EVACUATE, 100 * US, 150 * US);
	TM_EXPECT_EQ(find(TM_SPIKE_ALL, 200 * US)->count, 2);
}

/* What ended after the violation is none of its past. */
TM_TEST(later)
{
	begin();
	evacuate(0, 5 * US);
	evacuate(90 * US, 101 * US);
	TM_EXPECT_EQ(find(EVACUATE, 100 * US)->count, 1);
	TM_EXPECT_EQ(s[EVACUATE].last, 95 * US);
}

static u64 counted(unsigned int kind, unsigned int bin)
{
	u64 bins[TRIPMAP_NEAR_BINS];

	tm_spike_near(kind, bins);
	return bins[bin];
}

static void expect_bin(u64 distance, unsigned int bin)
{
	u64 kind = counted(EVACUATE, bin), all = counted(TM_SPIKE_ALL, bin);

	begin();
	evacuate(0, 5 * US);
	evacuate(10 * US, 12 * US);
	find(EVACUATE, 12 * US + distance);
	TM_EXPECT_EQ(s[EVACUATE].bin, bin);
	TM_EXPECT_EQ(counted(EVACUATE, bin), kind + 1);
	TM_EXPECT_EQ(counted(TM_SPIKE_ALL, bin), all + 1);
}

TM_TEST(distance)
{
	u64 none = counted(TRIPMAP_PAUSE_KIND_GRACE, 0), bins[TRIPMAP_NEAR_BINS] = { 1, 1, 1 };

	expect_bin(0, 0);
	expect_bin(500 * US, 0);
	expect_bin(500 * US + 1, 1);
	expect_bin(1800 * US, 1);
	expect_bin(1800 * US + 1, 2);
	TM_EXPECT_EQ(counted(TRIPMAP_PAUSE_KIND_GRACE, 0), none);
	tm_spike_near(TM_SPIKE_ALL + 1, bins);
	TM_EXPECT_EQ(bins[0] + bins[1] + bins[2], 0);
}

TM_SUITE(spike, TM_CASE(none), TM_CASE(consecutive), TM_CASE(tight), TM_CASE(high),
	 TM_CASE(thresholds), TM_CASE(least), TM_CASE(within), TM_CASE(within_another),
	 TM_CASE(later), TM_CASE(distance));
