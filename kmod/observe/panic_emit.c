// SPDX-License-Identifier: GPL-2.0
/*
 * The last words of a machine that panics: the recorder's last events, then the
 * newest report in brief. The notifiers are called before the log is handed to
 * pstore, which keeps its end; hence the most important comes last.
 *
 * The other CPUs are stopped, with whatever locks they hold. No lock is taken
 * here and nothing is allocated: what is needed was made at load.
 */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "flight.h"
#include "panic_emit.h"
#include "report.h"
#include "report_text.h"

/* Made at load, used by the one CPU that panics. */
static struct tm_last_words {
	struct tm_report	r;
	struct tm_report_text	text;
	u64			*cursor;	/* nr_cpu_ids numbers */
	u32			max;		/* events to tell of */
	struct tm_event		event[];	/* max of them */
} *last;

static void log_line(const char *line)
{
	pr_emerg("%s\n", line);
}

/* They come newest first and are told oldest first. */
static void tell_events(void)
{
	u32 n = 0;

	while (n < last->max && tm_flight_before(last->cursor, U64_MAX, &last->event[n]))
		n++;
	if (!n)
		return;
	pr_emerg("tripmap: the last %u events:\n", n);
	while (n--)
		tm_report_tell_event(&last->text, &last->event[n], log_line);
}

static void tell_report(void)
{
	if (!tm_report_last(&last->r))
		return;
	pr_emerg("tripmap: the last report, number %llu:\n", last->r.id);
	tm_report_digest(&last->text, &last->r, log_line);
}

static int on_panic(struct notifier_block *nb, unsigned long action, void *data)
{
	tell_events();
	tell_report();
	return NOTIFY_DONE;
}

/* The last one: what others have to say does not push it out of pstore. */
static struct notifier_block panic_block = {
	.notifier_call = on_panic,
	.priority = INT_MIN,
};

/**
 * tm_panic_init() - get ready for a panic
 * @events: how many events to tell of
 *
 * Context: Process context, after tm_flight_init() and tm_report_init().
 * Return: 0, -ENOMEM.
 */
int tm_panic_init(u32 events)
{
	last = kvzalloc(struct_size(last, event, max(events, 1U)), GFP_KERNEL);
	if (!last)
		return -ENOMEM;
	last->max = events;
	last->cursor = kcalloc(nr_cpu_ids, sizeof(*last->cursor), GFP_KERNEL);
	if (!last->cursor) {
		kvfree(last);
		return -ENOMEM;
	}
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	return 0;
}

/**
 * tm_panic_exit() - be off
 *
 * Context: Process context.
 */
void tm_panic_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	kfree(last->cursor);
	kvfree(last);
}
