// SPDX-License-Identifier: GPL-2.0
#include "gather.h"

#include <errno.h>
#include <stdlib.h>

#include "when.h"

static void add_table(void *arg, const struct table *t)
{
	struct snapshot *s = arg;
	struct snapshot_table *more = room_for_one(s->table, s->ntables, sizeof(*more));

	if (!more) {
		s->failed = true;
		return;
	}
	s->table = more;
	more[s->ntables++].t = *t;
}

static int gather_tables(struct wire *w, const struct gather *what, struct snapshot *s)
{
	struct table t;
	int err;

	if (!what->table)
		return wire_table_list(w, add_table, s);
	err = wire_table_get(w, what->table, &t);
	if (!err)
		add_table(s, &t);
	return err;
}

/* What is not counted, or gone, is left out. */
static int unless_missing(int err)
{
	return err == -ENOENT || err == -EOPNOTSUPP ? 0 : err;
}

static int gather_pauses(struct wire *w, const struct gather *what, struct snapshot *s)
{
	struct pause_query q = { .kind = -1 };
	int err = wire_pause_list(w, &q, pauses_add, &s->pauses);

	q.has_cpu = true;
	q.cpu = PAUSE_EACH_CPU;
	if (!err && what->cpus)
		err = wire_pause_list(w, &q, pauses_add, &s->cpu_pauses);
	return unless_missing(err);
}

static int gather_one(struct wire *w, const struct gather *what, struct snapshot_table *t)
{
	struct pause_query q = {
		.table = t->t.name,
		.kind = what->kinds ? -1 : TRIPMAP_PAUSE_KIND_WRITE,
	};
	int err = 0;

	if (what->counters)
		err = wire_stats(w, t->t.name, counters_add, &t->counters);
	if (!err)
		err = wire_pause_list(w, &q, pauses_add, &t->pauses);
	return unless_missing(err);
}

static bool fell_short(const struct snapshot *s)
{
	bool failed = s->failed || s->counters.failed || s->pauses.failed || s->cpu_pauses.failed;

	for (size_t i = 0; i < s->ntables; i++)
		failed |= s->table[i].counters.failed || s->table[i].pauses.failed;
	return failed;
}

static int gather_all(struct wire *w, const struct gather *what, struct snapshot *s)
{
	int err = wire_features(w, &s->features);

	if (!err)
		err = gather_tables(w, what, s);
	if (!err && what->counters)
		err = wire_stats(w, NULL, counters_add, &s->counters);
	if (!err)
		err = gather_pauses(w, what, s);
	for (size_t i = 0; !err && i < s->ntables; i++)
		err = gather_one(w, what, &s->table[i]);
	return err ? err : fell_short(s) ? wire_out_of_memory(w) : 0;
}

#define TRIES		20	/* of a snapshot that belongs together */

static int gather_once(struct wire *w, const struct gather *what, struct snapshot **s)
{
	int err;

	*s = calloc(1, sizeof(**s));
	if (!*s)
		return wire_out_of_memory(w);
	(*s)->time = mono_ns();
	err = gather_all(w, what, *s);
	if (err) {
		snapshot_free(*s);
		*s = NULL;
	}
	return err;
}

int gather(struct wire *w, const struct gather *what, struct snapshot **s)
{
	int err = -EINTR;

	for (int i = 0; i < TRIES && err == -EINTR; i++)
		err = gather_once(w, what, s);
	return err;
}
