// SPDX-License-Identifier: GPL-2.0
/*
 * tripmap: bucketed hash tables that catch concurrent misuse.
 *
 * The order in which the parts begin, and its exact reverse.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "core/table.h"
#include "netlink.h"
#include "observe/flight.h"
#include "observe/panic_emit.h"
#include "observe/pause.h"
#include "observe/report.h"
#include "observe/report_emit.h"
#include "params.h"
#include "registry.h"
#include "watch.h"

static int __init tripmap_init(void)
{
	int err;

	tm_params_init();
	err = tm_flight_init(tm_param_recorder_events(), tm_param_max_reports(),
			     tm_param_window_ms());
	if (err)
		return err;
	err = tm_report_init(tm_param_max_reports(), tm_param_report_once_ms());
	if (err)
		goto flight;
	err = tm_table_init();
	if (err)
		goto report;
	err = tm_report_emit_init();
	if (err)
		goto table;
	err = tm_panic_init(tm_param_panic_events());
	if (err)
		goto emit;
	err = tm_registry_init();
	if (err)
		goto panic;
	err = tm_params_begin();
	if (err)
		goto registry;
	err = tm_netlink_init();
	if (err)
		goto params;
	tm_watch_init();
	return 0;

params:
	tm_params_end();
	tm_pause_exit();
registry:
	tm_registry_exit();
panic:
	tm_panic_exit();
emit:
	tm_report_emit_exit();
table:
	tm_table_exit();
report:
	tm_report_exit();
flight:
	tm_flight_exit();
	return err;
}

/* rmmod is refused while there are tables: each holds the module. */
static void __exit tripmap_exit(void)
{
	tm_watch_exit();
	tm_netlink_exit();
	tm_params_end();
	tm_pause_exit();
	tm_registry_exit();
	tm_panic_exit();
	tm_report_emit_exit();
	rcu_barrier();		/* callbacks of the core and of the reports */
	tm_table_exit();
	tm_report_exit();
	tm_flight_exit();
}

module_init(tripmap_init);
module_exit(tripmap_exit);

MODULE_DESCRIPTION("Bucketed hash tables that catch concurrent misuse");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
