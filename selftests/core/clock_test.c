// SPDX-License-Identifier: GPL-2.0
/* Readings of all clocks, and steps of the wall clock. */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "../../kmod/observe/clock.h"
#include "env.h"
#include "test.h"

#define SEC	((u64)NSEC_PER_SEC)

TM_TEST(running)
{
	u64 before = ktime_get_mono_fast_ns(), after;
	struct tm_clock c;

	tm_clock_take(&c);
	after = ktime_get_mono_fast_ns();
	TM_EXPECT(c.mono >= before && c.mono <= after);
	TM_EXPECT(c.error <= after - before);
	TM_EXPECT(c.real > c.mono);
	TM_EXPECT(c.boot >= before);
	TM_EXPECT(c.trace > 0);
}

static struct tm_clock take(s64 offset)
{
	static u64 now = 6000 * SEC;
	struct tm_clock c;

	tm_env_play_clock(now += SEC);
	tm_env_play_wall(offset);
	tm_clock_take(&c);
	return c;
}

TM_TEST(step)
{
	struct tm_clock c;

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be played here");
	take(0);
	TM_EXPECT_EQ(take(0).step, 0);
	TM_EXPECT_EQ(take(3600 * (s64)SEC).step, 3600 * SEC);
	TM_EXPECT_EQ(take(3600 * (s64)SEC).step, 0);
	c = take(-5);
	TM_EXPECT_EQ(c.step, -5 - 3600 * (s64)SEC);
	TM_EXPECT_EQ(c.error, 0);
	tm_env_play_wall(0);
	tm_env_play_clock(0);
}

static u64 looks;

/* Each look at the clock takes its time. */
static void tick(bool stack)
{
	tm_env_play_clock(7000 * SEC + ++looks * 40);
}

/* The readings lie somewhere between the first and the last one. */
TM_TEST(error)
{
	struct tm_clock c;

	if (!tm_env_can_play())
		TM_SKIP("the clock cannot be played here");
	looks = 0;
	tm_env_play_clock(7000 * SEC);
	tm_env_hook_looks(tick);
	tm_clock_take(&c);
	tm_env_hook_looks(NULL);
	TM_EXPECT(c.error >= 40 && c.error <= looks * 40);
	TM_EXPECT(c.mono >= 7000 * SEC && c.mono + c.error / 2 <= 7000 * SEC + looks * 40);
	TM_EXPECT(c.boot >= c.mono - c.error / 2 && c.boot <= c.mono + c.error / 2 + 1);
	tm_env_play_clock(0);
}

TM_SUITE(clock, TM_CASE(running), TM_CASE(step), TM_CASE(error));
