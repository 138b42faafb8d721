// SPDX-License-Identifier: GPL-2.0
/* pause: who was held up, how long and why. */
#include <errno.h>
#include <stdlib.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "pause_text.h"
#include "room.h"

#define RECENT_MAX	1000000

/* What is asked for, and what came. */
struct show {
	struct pause_query q;
	bool		hist;
	bool		recent;
	uint64_t	limit;		/* recent: rows, 0: all */
	struct pauses	pauses;		/* unless recent */
	struct pause_recent *one;
	size_t		n;		/* of these */
	bool		failed;		/* memory ran out */
};

static void keep_recent(void *arg, const struct pause_recent *p)
{
	struct show *s = arg;
	struct pause_recent *more = room_for_one(s->one, s->n, sizeof(*p));

	if (!more) {
		s->failed = true;
		return;
	}
	s->one = more;
	s->one[s->n++] = *p;
}

static int take_cpu(struct args *a, struct show *s)
{
	uint64_t cpu;
	int rc;

	s->q.has_cpu = true;
	s->q.cpu = PAUSE_EACH_CPU;
	if (args_take(a, "all"))
		return 0;
	rc = args_number(a, "cpu", 0, PAUSE_EACH_CPU - 1, &cpu);
	s->q.cpu = (uint32_t)cpu;
	return rc;
}

static int take_kind(struct args *a, struct show *s)
{
	uint8_t kind;
	int rc = args_enum(a, "kind", tripmap_pause_kind_name, TRIPMAP_PAUSE_KIND_MAX, &kind);

	if (!rc)
		s->q.kind = kind;
	return rc;
}

/* A word that stands behind NAME; false when it is none of them. */
static bool take_word(struct args *a, struct show *s, int *rc)
{
	if (args_take(a, "kind"))
		*rc = take_kind(a, s);
	else if (args_take(a, "cpu"))
		*rc = take_cpu(a, s);
	else if (args_take(a, "hist"))
		s->hist = true;
	else if (args_take(a, "recent"))
		s->recent = true;
	else if (s->recent && args_take(a, "limit"))
		*rc = args_number(a, "limit", 1, RECENT_MAX, &s->limit);
	else
		return false;
	return true;
}

static int take_show(struct args *a, struct show *s)
{
	bool first = true;
	int rc = 0;

	for (; a->n && !rc; first = false) {
		if (take_word(a, s, &rc))
			continue;
		if (!first)
			return args_end(a);
		s->q.table = args_next(a);
	}
	if (!rc && s->hist && s->recent)
		return err_usage("%s: \"hist\" and \"recent\" exclude each other", a->command);
	return rc;
}

#define TRIES		5	/* when they are begun anew in between */

static int ask(struct ctl *c, struct show *s)
{
	int err = -EINTR;

	if (s->recent)
		return wire_pause_recent(c->wire, &s->q, keep_recent, s);
	for (int i = 0; i < TRIES && err == -EINTR; i++) {
		s->pauses.n = 0;
		err = wire_pause_list(c->wire, &s->q, pauses_add, &s->pauses);
	}
	return err;
}

static int show(struct ctl *c, struct args *a, struct show s)
{
	int rc = take_show(a, &s);

	if (rc)
		return rc;
	if (ask(c, &s))
		rc = cmd_refused(c, a, s.q.table);
	else if (s.failed || s.pauses.failed)
		rc = err_failed(NULL, "out of memory");
	else if (s.recent)
		pause_recents(s.one, s.n, s.limit);
	else
		pause_figures(&s.q, s.pauses.p, s.pauses.n, s.hist);
	free(s.pauses.p);
	free(s.one);
	return rc;
}

static int pause_show(struct ctl *c, struct args *a)
{
	return show(c, a, (struct show){ .q.kind = -1 });
}

static int pause_hist(struct ctl *c, struct args *a)
{
	return show(c, a, (struct show){ .q.kind = -1, .hist = true });
}

static int pause_recent(struct ctl *c, struct args *a)
{
	return show(c, a, (struct show){ .q.kind = -1, .recent = true });
}

static int pause_on(struct ctl *c, struct args *a)
{
	int rc = args_end(a);

	return rc ? rc : wire_pause_count(c->wire, true) ? cmd_refused(c, a, NULL) : CTL_OK;
}

static int pause_off(struct ctl *c, struct args *a)
{
	int rc = args_end(a);

	return rc ? rc : wire_pause_count(c->wire, false) ? cmd_refused(c, a, NULL) : CTL_OK;
}

static int pause_reset(struct ctl *c, struct args *a)
{
	int rc = args_end(a);

	return rc ? rc : wire_pause_reset(c->wire) ? cmd_refused(c, a, NULL) : CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "show", .run = pause_show },
		{ .name = "hist", .run = pause_hist },
		{ .name = "recent", .run = pause_recent },
		{ .name = "reset", .run = pause_reset },
		{ .name = "on", .run = pause_on },
		{ .name = "off", .run = pause_off },
	};

	return a->n ? cmd_choose(c, a, sub, ARRAY_SIZE(sub)) : pause_show(c, a);
}

const struct cmd cmd_pause = {
	.name = "pause",
	.run = run,
	.help =
"pause [show [NAME] [kind K] [cpu N|all] [hist | recent [limit N]]]\n"
"       tripctl pause on | off | reset\n"
"\n"
"Who was held up, how long and why. For each kind: how many pauses, their sum and\n"
"mean, and how long those were that 0, 25, 50, 75, 99, 99.9 and 100 percent did not\n"
"exceed (within 1/8); of all tables or of one (not both one table and one CPU).\n"
"  hist      bars; JSON has every cell of the histogram\n"
"  recent    one by one, most recent first: the last 256 of each CPU and kind\n"
"            (\"pause hist\" and \"pause recent\" for short)\n"
"  on, off   count pauses, or stop; on begins anew where they were not counted\n"
"  reset     begin anew\n"
"Kinds: write (a writer was inside), odd (a bucket was being changed), read-retry (a\n"
"lookup had to look again), lock-wait (for the lock of a shard), grow (memory was\n"
"waited for), evacuate (a bucket was moved), grace (memory waited to be freed), dump.\n",
};
