// SPDX-License-Identifier: GPL-2.0
/* What the module does on load, as far as core and observe are concerned. */
#include "../../kmod/core/table.h"
#include "../../kmod/observe/report.h"
#include "env.h"

#define REPORTS		64
#define ONCE_MS		3000

int tm_env_init(void)
{
	int err = tm_report_init(REPORTS, ONCE_MS);

	if (err)
		return err;
	/* Those of a table's own classes are as the tests set them. */
	tm_violation_unusable_rule(TRIPMAP_ACTION_REPORT, 0);
	err = tm_table_init();
	if (err)
		tm_report_exit();
	return err;
}

void tm_env_exit(void)
{
	tm_table_exit();
	tm_report_exit();
}
