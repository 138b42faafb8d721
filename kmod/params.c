// SPDX-License-Identifier: GPL-2.0
/* Module parameters. A wrong value is refused with a line in the log. */
#define pr_fmt(fmt) "tripmap: " fmt

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/tripmap_names.h>
#include <net/net_namespace.h>

#include "core/mem.h"
#include "core/table.h"
#include "observe/event.h"
#include "observe/flight.h"
#include "observe/pause.h"
#include "observe/report.h"
#include "observe/spike.h"
#include "params.h"
#include "watch.h"

/* What is written to sysfs ends with a newline, which is no part of a line of the log. */
static int tm_line(const char *text)
{
	return strcspn(text, "\n");
}

/* A whole number with bounds. */
struct tm_number {
	u64	value;		/* WRITE_ONCE by tm_number_store(), READ_ONCE by all */
	u64	min;
	u64	max;
	bool	power;		/* of two */
	u64	(*settle)(u64 value);	/* tells whoever keeps a copy; may be NULL */
	void	(*apply)(void);	/* likewise, when it is stored, of one thing with others */
};

static void tm_number_store(struct tm_number *n, u64 value)
{
	/* Pairs with tm_number_get() and the tm_param_*() below. */
	WRITE_ONCE(n->value, n->settle ? n->settle(value) : value);
	if (n->apply)
		n->apply();
}

static int tm_number_set(const char *text, const struct kernel_param *kp)
{
	struct tm_number *n = kp->arg;
	u64 value;

	if (kstrtou64(text, 0, &value) || value < n->min || value > n->max ||
	    (n->power && !is_power_of_2(value))) {
		pr_err("%s: '%.*s' is not a %s from %llu to %llu\n", kp->name,
		       tm_line(text), text, n->power ? "power of two" : "number", n->min, n->max);
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
	pr_err("%s: '%.*s' is not one of ignore, count, report, warn, bug\n", kp->name,
	       tm_line(text), text);
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

static struct tm_number recorder_events = { .value = 4096, .min = 64, .max = 65536, .power = true };
static struct tm_number panic_events = { .value = 64, .max = 1024 };

static u64 tm_window_settle(u64 ms)
{
	tm_flight_set_window_ms(ms);
	return ms;
}

static struct tm_number window_ms = {
	.value = 10, .min = 1, .max = 1000, .settle = tm_window_settle,
};

static void tm_share_apply(void);

static struct tm_number recorder_share = {
	.value = 32, .min = 1, .max = 65536, .apply = tm_share_apply,
};

static struct tm_number recorder_hold_ms = {
	.value = 1000, .max = 86400000, .apply = tm_share_apply,
};

/* All READ_ONCE()s pair with tm_number_store(). */
static void tm_share_apply(void)
{
	tm_event_set_share(READ_ONCE(recorder_share.value), READ_ONCE(recorder_hold_ms.value));
}

#define TM_SPIKE_US_MAX	1000000

static void tm_spike_apply(void);

#define TM_SPIKE_NUMBER(_value, _min, _max)	\
	{ .value = (_value), .min = (_min), .max = (_max), .apply = tm_spike_apply }

static struct tm_number spike_count = TM_SPIKE_NUMBER(3, 2, 4096);
static struct tm_number spike_consecutive_us = TM_SPIKE_NUMBER(100, 0, TM_SPIKE_US_MAX);
static struct tm_number spike_tight_us = TM_SPIKE_NUMBER(500, 0, TM_SPIKE_US_MAX);
static struct tm_number spike_near_us = TM_SPIKE_NUMBER(500, 0, TM_SPIKE_US_MAX);
static struct tm_number spike_far_us = TM_SPIKE_NUMBER(1800, 0, TM_SPIKE_US_MAX);
static struct tm_number spike_min_us = TM_SPIKE_NUMBER(20, 0, TM_SPIKE_US_MAX);

static u64 tm_ns(const struct tm_number *us)
{
	return READ_ONCE(us->value) * NSEC_PER_USEC;	/* pairs with tm_number_store() */
}

static void tm_spike_apply(void)
{
	tm_spike_set(&(struct tm_spike_rule){
		.count = READ_ONCE(spike_count.value),	/* pairs with tm_number_store() */
		.consecutive_ns = tm_ns(&spike_consecutive_us),
		.tight_ns = tm_ns(&spike_tight_us),
		.near_ns = tm_ns(&spike_near_us),
		.far_ns = tm_ns(&spike_far_us),
		.min_ns = tm_ns(&spike_min_us),
	});
}

/* What can be turned on when all is there; the lock of parameters protects these. */
static bool tm_switches_live;
static enum tripmap_recorder recorder = TRIPMAP_RECORDER_ON;
static bool pause_stats;

static int tm_recorder_set(const char *text, const struct kernel_param *kp)
{
	unsigned int v;
	int err;

	for (v = 0; v <= TRIPMAP_RECORDER_MAX; v++) {
		if (!sysfs_streq(text, tripmap_recorder_name(v)))
			continue;
		err = tm_switches_live ? tm_flight_set(v) : 0;
		if (!err)
			recorder = v;
		return err;
	}
	pr_err("%s: '%.*s' is not one of off, on, reads\n", kp->name, tm_line(text), text);
	return -EINVAL;
}

static int tm_recorder_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", tripmap_recorder_name(recorder));
}

static const struct kernel_param_ops tm_recorder_ops = {
	.set = tm_recorder_set,
	.get = tm_recorder_get,
};

static int tm_pause_switch(bool on)
{
	if (on)
		return tm_pause_on();
	tm_pause_off();
	return 0;
}

/* "pause_stats" alone, as any other switch. */
static int tm_pause_set(const char *text, const struct kernel_param *kp)
{
	bool on = true;
	int err = text ? kstrtobool(text, &on) : 0;

	if (err) {
		pr_err("%s: '%.*s' is neither Y nor N\n", kp->name, tm_line(text), text);
		return err;
	}
	if (tm_switches_live)
		return tm_pause_switch(on);
	pause_stats = on;
	return 0;
}

/* tripctl may have switched it since. */
static int tm_pause_show(char *buf, const struct kernel_param *kp)
{
	bool on = tm_switches_live ? tm_pause_is_on() : pause_stats;

	return scnprintf(buf, PAGE_SIZE, "%c\n", on ? 'Y' : 'N');
}

static const struct kernel_param_ops tm_pause_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = tm_pause_set,
	.get = tm_pause_show,
};

module_param_cb(on_violation, &tm_action_ops, NULL, 0644);
MODULE_PARM_DESC(on_violation,
		 "What tables made over netlink do about a violation unless told otherwise: ignore, count, report, warn or bug (default warn)");

module_param_cb(max_reports, &tm_number_ops, &max_reports, 0444);
MODULE_PARM_DESC(max_reports, "Reports kept, 1 to 4096, about 11 KiB each (default 64)");

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

module_param_cb(recorder, &tm_recorder_ops, NULL, 0644);
MODULE_PARM_DESC(recorder,
		 "What the flight recorder keeps: off, on (all but reads) or reads (these too) (default on)");

module_param_cb(recorder_events, &tm_number_ops, &recorder_events, 0444);
MODULE_PARM_DESC(recorder_events,
		 "Events kept for each CPU, a power of two from 64 to 65536, 128 bytes each (default 4096: 512 KiB for each CPU)");

module_param_cb(recorder_share, &tm_number_ops, &recorder_share, 0644);
MODULE_PARM_DESC(recorder_share,
		 "One in so many writes (reads) is observed, 1 to 65536, while nothing happens and nobody but this module listens (default 32)");

module_param_cb(recorder_hold_ms, &tm_number_ops, &recorder_hold_ms, 0644);
MODULE_PARM_DESC(recorder_hold_ms,
		 "Milliseconds after the window of a report was copied in which all of them are, 0 to 86400000 (default 1000)");

module_param_cb(window_ms, &tm_number_ops, &window_ms, 0644);
MODULE_PARM_DESC(window_ms,
		 "Milliseconds before a violation that go into its report, 1 to 1000; 4096 events at most (default 10)");

module_param_cb(pause_stats, &tm_pause_ops, NULL, 0644);
MODULE_PARM_DESC(pause_stats,
		 "Count pauses; about 1.3 MiB, and 84 KiB for each CPU (default N)");

module_param_cb(panic_events, &tm_number_ops, &panic_events, 0444);
MODULE_PARM_DESC(panic_events,
		 "Of the recorder's last events, how many are logged when the machine panics, 0 to 1024 (default 64)");

module_param_cb(spike_count, &tm_number_ops, &spike_count, 0644);
MODULE_PARM_DESC(spike_count,
		 "So many pauses in the window are a high frequency, 2 to 4096 (default 3)");

module_param_cb(spike_consecutive_us, &tm_number_ops, &spike_consecutive_us, 0644);
MODULE_PARM_DESC(spike_consecutive_us,
		 "Two pauses no farther apart are consecutive, 0 to 1000000 microseconds (default 100)");

module_param_cb(spike_tight_us, &tm_number_ops, &spike_tight_us, 0644);
MODULE_PARM_DESC(spike_tight_us,
		 "Pauses of which no two neighbours are farther apart are tightly coupled, 0 to 1000000 microseconds (default 500)");

module_param_cb(spike_near_us, &tm_number_ops, &spike_near_us, 0644);
MODULE_PARM_DESC(spike_near_us,
		 "A last pause no farther from the violation is near, 0 to 1000000 microseconds (default 500)");

module_param_cb(spike_far_us, &tm_number_ops, &spike_far_us, 0644);
MODULE_PARM_DESC(spike_far_us,
		 "And one no farther than this is in the second bin, 0 to 1000000 microseconds (default 1800)");

module_param_cb(spike_min_us, &tm_number_ops, &spike_min_us, 0644);
MODULE_PARM_DESC(spike_min_us,
		 "Pauses of kinds write, odd and dump that are shorter than this do not count there, 0 to 1000000 microseconds (default 20)");

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

u32 tm_param_recorder_events(void)
{
	return READ_ONCE(recorder_events.value);
}

u32 tm_param_window_ms(void)
{
	return READ_ONCE(window_ms.value);
}

u32 tm_param_panic_events(void)
{
	return READ_ONCE(panic_events.value);
}

bool tm_param_allow_inject(void)
{
	return READ_ONCE(allow_inject);
}

void tm_params_init(void)
{
	tm_number_store(&max_memory, tm_param_max_memory());
	tm_violation_unusable_rule(tm_param_on_violation(), init_net.net_cookie);
	tm_share_apply();
	tm_spike_apply();
}

static int switch_on(void)
{
	int err = tm_flight_set(recorder);

	return err ?: tm_pause_switch(pause_stats);
}

static void switch_off(void)
{
	tm_pause_off();
	tm_flight_set(TRIPMAP_RECORDER_OFF);
}

/**
 * tm_params_begin() - turn on what was asked for
 *
 * From then on, whoever writes these parameters turns it on and off.
 *
 * Context: Process context, may sleep.
 * Return: 0, or an error and all is off.
 */
int tm_params_begin(void)
{
	int err;

	kernel_param_lock(THIS_MODULE);
	err = switch_on();
	if (err)
		switch_off();
	else
		tm_switches_live = true;
	kernel_param_unlock(THIS_MODULE);
	return err;
}

/**
 * tm_params_end() - turn it all off
 *
 * Context: Process context, may sleep.
 */
void tm_params_end(void)
{
	kernel_param_lock(THIS_MODULE);
	tm_switches_live = false;
	switch_off();
	kernel_param_unlock(THIS_MODULE);
}
