// SPDX-License-Identifier: GPL-2.0
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->ntables; i++) {
		free(s->table[i].counters.c);
		free(s->table[i].pauses.p);
	}
	free(s->table);
	free(s->counters.c);
	free(s->pauses.p);
	free(s->cpu_pauses.p);
	free(s);
}

void counters_add(void *arg, const char *name, uint64_t value)
{
	struct counters *all = arg;
	struct counter *more = room_for_one(all->c, all->n, sizeof(*more));

	if (!more) {
		all->failed = true;
		return;
	}
	all->c = more;
	snprintf(more[all->n].name, sizeof(more->name), "%s", name);
	more[all->n++].value = value;
}

const struct counter *counters_find(const struct counters *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->c[i].name, name))
			return &all->c[i];
	return NULL;
}

const struct pause *pauses_find(const struct pauses *all, unsigned int kind)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].kind == kind)
			return &all->p[i];
	return NULL;
}

const struct snapshot_table *snapshot_find(const struct snapshot *s, uint32_t id)
{
	for (size_t i = 0; s && i < s->ntables; i++)
		if (s->table[i].t.id == id)
			return &s->table[i];
	return NULL;
}
