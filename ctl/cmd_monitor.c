// SPDX-License-Identifier: GPL-2.0
/*
 * Events as they come. Each group numbers its messages: where a number is
 * missing, messages were lost, and what they would have said is read anew.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "stop.h"

struct group {
	bool		wanted;
	uint64_t	seq;		/* of the last message, 0: none yet */
};

struct monitor {
	struct ctl	*ctl;
	struct group	violations;
	struct group	tables;
	uint64_t	last_report;	/* highest id shown or there at the begin */
	uint64_t	reread;		/* highest id shown by reading anew */
	uint64_t	count;		/* rows to print, 0: no end */
	uint64_t	rows;
	uint64_t	deadline;	/* ms, 0: none */
};

static uint64_t real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* seq 0: no message of the group's, but what was read anew. */
static void put_row(struct monitor *m, const char *group, uint64_t seq, const char *event,
		    const char *table, uint64_t id, const char *detail)
{
	out_object(NULL);
	out_when("time", real_ns());
	out_str("group", group);
	out_json_num("seq", seq);
	if (seq)
		out_text_fact("seq", "%llu", (unsigned long long)seq);
	else
		out_text_fact("seq", "-");
	out_str("event", event ? event : "unknown");
	out_str("table", table);
	out_num("id", id);
	out_str("detail", detail);
	out_end();
	out_live();
	m->rows++;
}

static void put_violation(struct monitor *m, uint64_t seq, uint64_t id, uint8_t class,
			  const char *table, const char *title)
{
	put_row(m, "violations", seq, tripmap_class_name(class), table, id, title);
	if (id > m->last_report)
		m->last_report = id;
}

static void missed_report(void *arg, const struct report *r)
{
	struct monitor *m = arg;

	if (r->id <= m->last_report)
		return;
	put_violation(m, 0, r->id, r->class, r->table, r->title);
	m->reread = r->id;
}

static void present_table(void *arg, const struct table *t)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "%llu entries", (unsigned long long)t->entries);
	put_row(arg, "tables", 0, "present", t->name, t->id, detail);
}

/* Some messages are missing: say how many, then what there is now. */
static int resync(struct monitor *m, bool violations, uint64_t lost)
{
	char detail[64] = "some messages, reading anew";

	if (lost)
		snprintf(detail, sizeof(detail), "lost %llu, reading anew",
			 (unsigned long long)lost);
	put_row(m, violations ? "violations" : "tables", 0, "lost", "", lost, detail);
	if (!violations)
		return wire_table_list(m->ctl->wire, present_table, m);
	return wire_report_list(m->ctl->wire, m->last_report, missed_report, m);
}

static int take_event(struct monitor *m, const struct event *e)
{
	struct group *g = e->violation ? &m->violations : &m->tables;
	uint64_t lost = g->seq && e->seq > g->seq ? e->seq - g->seq - 1 : 0;
	int err = lost ? resync(m, e->violation, lost) : 0;

	g->seq = e->seq;
	if (e->violation && e->report > m->reread)
		put_violation(m, e->seq, e->report, e->class, e->table, e->title);
	else if (!e->violation)
		put_row(m, "tables", e->seq, tripmap_table_event_name(e->what), e->table,
			e->table_id, "");
	return err;
}

/* The socket ran over. How many are missing the next message's number will tell. */
static int ran_over(struct monitor *m)
{
	int err = m->violations.wanted ? resync(m, true, 0) : 0;

	return err || !m->tables.wanted ? err : resync(m, false, 0);
}

static int wait_ms(const struct monitor *m)
{
	uint64_t now = cmd_now_ms();

	if (!m->deadline)
		return -1;
	return now < m->deadline ? (int)(m->deadline - now) : 0;
}

static int listen_on(struct monitor *m, struct listener *l)
{
	while (!stopped && (!m->count || m->rows < m->count)) {
		struct event e;
		int err = wire_next_event(m->ctl->wire, l, wait_ms(m), &e);

		if (err == -EAGAIN && m->deadline && cmd_now_ms() >= m->deadline)
			return 0;
		if (err == -EAGAIN)
			continue;
		if (err == -ENOBUFS)
			err = ran_over(m);
		else if (!err)
			err = take_event(m, &e);
		if (err)
			return err;
	}
	return 0;
}

static void skip_report(void *arg, const struct report *r)
{
	struct monitor *m = arg;

	if (r->id > m->last_report)
		m->last_report = r->id;
}

static int monitor(struct monitor *m, const struct args *a)
{
	struct listener *l;
	int err = wire_listen(m->ctl->wire, m->violations.wanted, m->tables.wanted, &l);

	if (err)
		return cmd_refused(m->ctl, a, NULL);
	/* Only now, so that no report falls between the two. */
	if (m->violations.wanted)
		err = wire_report_list(m->ctl->wire, 0, skip_report, m);
	stop_on_signals();
	if (!err)
		err_note("listening%s%s", m->violations.wanted ? " for violations" : "",
			 m->tables.wanted ? m->violations.wanted ? " and tables" : " for tables" :
			 "");
	out_list(NULL);
	if (!err)
		err = listen_on(m, l);
	if (!err)
		out_end();
	wire_unlisten(l);
	return err ? cmd_refused(m->ctl, a, NULL) : CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	struct monitor m = { .ctl = c };
	uint64_t timeout = 0;
	const struct arg_option options[] = {
		{ .word = "violations", .flag = &m.violations.wanted },
		{ .word = "tables", .flag = &m.tables.wanted },
		{ .word = "count", .number = &m.count, .min = 1, .max = UINT64_MAX },
		{ .word = "timeout", .number = &timeout, .min = 1, .max = INT32_MAX },
	};
	int rc = args_options(a, options, ARRAY_SIZE(options));

	if (rc)
		return rc;
	if (!m.violations.wanted && !m.tables.wanted)
		m.violations.wanted = m.tables.wanted = true;
	if (timeout)
		m.deadline = cmd_now_ms() + timeout;
	return monitor(&m, a);
}

const struct cmd cmd_monitor = {
	.name = "monitor",
	.run = run,
	.help =
"monitor [violations] [tables] [count N] [timeout MS]\n"
"\n"
"Print violations and changes of tables as they happen (both, if none is named),\n"
"until interrupted, until N lines are printed, or for MS milliseconds. Each group\n"
"numbers its messages (seq). Where some were lost it says how many, and reads anew\n"
"what there is; such lines have no number.\n",
};
