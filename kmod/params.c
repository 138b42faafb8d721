// SPDX-License-Identifier: GPL-2.0
/* Module parameters. A wrong value is refused with a line in the log. */
#define pr_fmt(fmt) "tripmap: " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/tripmap_names.h>
#include <net/net_namespace.h>

#include "core/mem.h"
#include "core/table.h"
#include "observe/report.h"
#include "params.h"
#include "watch.h"

/* A whole number with bounds. */
struct tm_number {
	u64	value;		/* WRITE_ONCE by tm_number_store(), READ_ONCE by all */
	u64	min;
	u64	max;
	u64	(*settle)(u64 value);	/* tells whoever keeps a copy; may be NULL */
};

static void tm_number_store(struct tm_number *n, u64 value)
{
	/* Pairs with tm_number_get() and the tm_param_*() below. */
	WRITE_ONCE(n->value, n->settle ? n->settle(value) : value);
}

static int tm_number_set(const char *text, const struct kernel_param *kp)
{
	struct tm_number *n = kp->arg;
	u64 value;

	if (kstrtou64(text, 0, &value) || value < n->min || value > n->max) {
		pr_err("%s: '%s' is not a number from %llu to %llu\n", kp->name, text,
		       n->min, n->max);
		return -EINVAL;
	}
	tm_number_store(n, value);
	return 0;
}

static int tm_number_get(char *buf, const struct kernel_param *kp)
{
	const struct tm_number *n = kp->arg;

	/* Pairs with tm_number_store(). */
	return scnprintf(buf, PAGE_SIZE, "%llu\n", READ_ONCE(n->value));
}

static const struct kernel_param_ops tm_number_ops = {
	.set = tm_number_set,
	.get = tm_number_get,
};

static u8 on_violation = TRIPMAP_ACTION_WARN;	/* WRITE_ONCE by tm_action_set() */

static int tm_action_set(const char *text, const struct kernel_param *kp)
{
	unsigned int v;

	for (v = 0; v <= TRIPMAP_ACTION_MAX; v++) {
		if (sysfs_streq(text, tripmap_action_name(v))) {
			/* Pairs with tm_param_on_violation(). */
			WRITE_ONCE(on_violation, v);
			tm_violation_unusable_rule(v, init_net.net_cookie);
			return 0;
		}
	}
	pr_err("%s: '%s' is not one of ignore, count, report, warn, bug\n", kp->name, text);
	return -EINVAL;
}

static int tm_action_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", tripmap_action_name(tm_param_on_violation()));
}

static const struct kernel_param_ops tm_action_ops = {
	.set = tm_action_set,
	.get = tm_action_get,
};

static u64 tm_once_settle(u64 ms)
{
	tm_report_set_once_ms(ms);
	return ms;
}

static u64 tm_memory_settle(u64 bytes)
{
	if (!bytes)
		bytes = (u64)totalram_pages() * PAGE_SIZE / 4;
	tm_mem_set_limit(bytes);
	return bytes;
}

static struct tm_number max_reports = { .value = 64, .min = 1, .max = 4096 };
static struct tm_number report_once_ms = {
	.value = 3000, .max = 86400000, .settle = tm_once_settle,
};

static u64 tm_stale_settle(u64 ms)
{
	tm_watch_settle(ms);
	return ms;
}

static struct tm_number stale_ms = {
	.value = 10000, .min = 1, .max = 86400000, .settle = tm_stale_settle,
};

static bool allow_inject;

static struct tm_number max_tables = { .value = 1024, .min = 1, .max = 65536 };
static struct tm_number max_entries = { .value = 1ULL << 28, .min = 1, .max = 1ULL << 31 };
static struct tm_number max_memory = { .max = 1ULL << 46, .settle = tm_memory_settle };

module_param_cb(on_violation, &tm_action_ops, NULL, 0644);
MODULE_PARM_DESC(on_violation,
		 "What tables made over netlink do about a violation unless told otherwise: ignore, count, report, warn or bug (default warn)");

module_param_cb(max_reports, &tm_number_ops, &max_reports, 0444);
MODULE_PARM_DESC(max_reports, "Reports kept, 1 to 4096, about 14 KiB each (default 64)");

module_param_cb(report_once_ms, &tm_number_ops, &report_once_ms, 0644);
MODULE_PARM_DESC(report_once_ms,
		 "Milliseconds in which further violations by the same two call sites are only counted, 0 to 86400000, 0: never (default 3000)");

module_param_cb(stale_ms, &tm_number_ops, &stale_ms, 0644);
MODULE_PARM_DESC(stale_ms,
		 "Milliseconds after which a writer that is still inside is reported as stale, 1 to 86400000 (default 10000)");

module_param(allow_inject, bool, 0644);
MODULE_PARM_DESC(allow_inject,
		 "Let tripctl inject faults into tables made over netlink (default N)");

module_param_cb(max_tables, &tm_number_ops, &max_tables, 0644);
MODULE_PARM_DESC(max_tables,
		 "Tables made over netlink, 1 to 65536, in all; a quarter of it for each owner of user namespaces (default 1024)");

module_param_cb(max_entries, &tm_number_ops, &max_entries, 0644);
MODULE_PARM_DESC(max_entries,
		 "Entries in tables made over netlink, 1 to 2^31, in all; a quarter of it for each owner of user namespaces (default 2^28)");

module_param_cb(max_memory, &tm_number_ops, &max_memory, 0644);
MODULE_PARM_DESC(max_memory,
		 "Bytes that all tables hold, up to 2^46; a quarter of it for each owner of user namespaces (default 0: a quarter of the machine's memory)");

enum tripmap_action tm_param_on_violation(void)
{
	return READ_ONCE(on_violation);		/* pairs with tm_action_set() */
}

u32 tm_param_max_reports(void)
{
	return READ_ONCE(max_reports.value);	/* pairs with tm_number_store(), as below */
}

u32 tm_param_report_once_ms(void)
{
	return READ_ONCE(report_once_ms.value);
}

u32 tm_param_max_tables(void)
{
	return READ_ONCE(max_tables.value);
}

u64 tm_param_max_entries(void)
{
	return READ_ONCE(max_entries.value);
}

u64 tm_param_max_memory(void)
{
	return READ_ONCE(max_memory.value);
}

u32 tm_param_stale_ms(void)
{
	return READ_ONCE(stale_ms.value);
}

bool tm_param_allow_inject(void)
{
	return READ_ONCE(allow_inject);
}

void tm_params_init(void)
{
	tm_number_store(&max_memory, tm_param_max_memory());
	tm_violation_unusable_rule(tm_param_on_violation(), init_net.net_cookie);
}
