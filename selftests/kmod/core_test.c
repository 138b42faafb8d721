// SPDX-License-Identifier: GPL-2.0
/*
 * The tests of selftests/core as a module. They run while it is being loaded
 * and print KTAP to the log; loading succeeds when they ran, whatever came of
 * them, and the parameter "failed" says that.
 */
#include <linux/module.h>

#include "../core/env.h"
#include "../core/test.h"

static int failed = -1;
module_param(failed, int, 0444);
MODULE_PARM_DESC(failed, "Out: number of failed tests, -1 when none ran");

static char *only;
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "Suite, or suite.test, to run alone");

#define SUITE(name) extern const struct tm_suite tm_suite_##name;
#include "../core/suites.h"
#undef SUITE

#define SUITE(name) &tm_suite_##name,
static const struct tm_suite * const suites[] = {
#include "../core/suites.h"
};
#undef SUITE

static int __init core_test_init(void)
{
	int err = tm_env_init();

	if (err)
		return err;
	failed = tm_test_main(suites, ARRAY_SIZE(suites), only);
	return 0;
}

static void __exit core_test_exit(void)
{
	tm_env_settle();
	tm_env_exit();
}

module_init(core_test_init);
module_exit(core_test_exit);

MODULE_DESCRIPTION("tripmap: tests of the core");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
