// SPDX-License-Identifier: GPL-2.0
/*
 * insmod tripmap_scenario.ko scenario=ww2 seconds=1
 *
 * The scenarios run while the module is being loaded and print KTAP to the log.
 * Loading succeeds when they ran, whatever came of them: the parameter
 * "failed" says that.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/tripmap_names.h>

#include "../core/env.h"
#include "scenario.h"

static char *scenario;
module_param(scenario, charp, 0444);
MODULE_PARM_DESC(scenario, "Suite, or suite.test, to run; all if not given");

static int failed = -1;
module_param(failed, int, 0444);
MODULE_PARM_DESC(failed, "Out: number of failed tests, -1 when none ran");

unsigned int scenario_seconds = 2;
module_param_named(seconds, scenario_seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "How long each test runs that runs for a time (default 2)");

static char *action = "report";
module_param(action, charp, 0444);
MODULE_PARM_DESC(action, "What the tables answer violations with (default report)");

unsigned int scenario_action;

bool scenario_unowned;
module_param_named(unowned, scenario_unowned, bool, 0444);
MODULE_PARM_DESC(unowned, "Tables are of no network namespace, as those of kernel code are (default N)");

static uint rounds = 1;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How often all of it runs (default 1)");

static ulong seed;

u64 tm_env_seed(void)
{
	if (!seed)
		seed = get_random_u64();
	return seed;
}

#define SUITE(name) extern const struct tm_suite tm_suite_##name;
#include "suites.h"
#undef SUITE

#define SUITE(name) &tm_suite_##name,
static const struct tm_suite * const suites[] = {
#include "suites.h"
};
#undef SUITE

static int parse_action(void)
{
	for (scenario_action = 0; scenario_action <= TRIPMAP_ACTION_MAX; scenario_action++)
		if (!strcmp(action, tripmap_action_name(scenario_action)))
			return 0;
	return -EINVAL;
}

/* Rounds that nothing failed in are counted: "50 of 50". */
static void run_rounds(void)
{
	unsigned int n, good = 0;
	int bad = 0;

	for (n = 0; n < rounds && bad >= 0; n++) {
		bad = tm_test_main(suites, ARRAY_SIZE(suites), scenario);
		good += !bad;
		failed = bad < 0 ? bad : max(failed, 0) + bad;
	}
	if (rounds > 1)
		tm_test_note("%u of %u rounds", good, rounds);
}

/* Not __init: it is in the stacks of reports, and is to have a name there. */
static int scenario_init(void)
{
	int err = parse_action();

	if (!err)
		run_rounds();
	return err;
}

static void __exit scenario_exit(void)
{
}

module_init(scenario_init);
module_exit(scenario_exit);

MODULE_DESCRIPTION("tripmap: scenarios");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
