// SPDX-License-Identifier: GPL-2.0
/* What the module does on load, as far as core and observe are concerned. */
#include "../../kmod/core/table.h"
#include "../../kmod/observe/flight.h"
#include "../../kmod/observe/pause.h"
#include "../../kmod/observe/report.h"
#include "env.h"

#define REPORTS		64
#define ONCE_MS		3000
#define EVENTS		1024
#define WINDOW_MS	10

/* The recorder is there and off. */
int tm_env_init(void)
{
	int err = tm_flight_init(EVENTS, REPORTS, WINDOW_MS);

	if (err)
		return err;
	err = tm_report_init(REPORTS, ONCE_MS);
	if (err)
		goto flight;
	/* Those of a table's own classes are as the tests set them. */
	tm_violation_unusable_rule(TRIPMAP_ACTION_REPORT, 0);
	err = tm_table_init();
	if (!err)
		return 0;
	tm_report_exit();
flight:
	tm_flight_exit();
	return err;
}

void tm_env_exit(void)
{
	tm_table_exit();
	tm_pause_exit();
	tm_report_exit();
	tm_flight_exit();
}
