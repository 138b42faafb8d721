// SPDX-License-Identifier: GPL-2.0
#include "collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

/*
 * Each ends early only because somebody cleared the table under it, or wrote to
 * what was to be of one version.
 */
#define TRIES	5

static size_t entry_size(const struct collection *all)
{
	return (size_t)all->table.key.size + all->table.value.size;
}

static bool make_room(struct collection *all, uint64_t more)
{
	uint64_t room = all->room;
	uint8_t *new;

	if (all->n + more <= room)
		return true;
	room = room * 2 > all->n + more ? room * 2 : all->n + more;
	new = realloc(all->entries, room * entry_size(all));
	if (!new)
		return false;
	all->entries = new;
	all->room = room;
	return true;
}

static bool add(void *arg, const void *packed, uint32_t n)
{
	struct collection *all = arg;

	if (!make_room(all, n)) {
		all->no_memory = true;
		return false;
	}
	memcpy(all->entries + all->n * entry_size(all), packed, n * entry_size(all));
	all->n += n;
	if (cmd_progress_due(all->ctl, &all->progress_ms))
		err_progress("%llu of about %llu entries read", (unsigned long long)all->n,
			     (unsigned long long)all->table.entries);
	return true;
}

int collect(struct ctl *c, const struct args *a, struct collection *all,
	    const struct dump_wish *wish)
{
	int err = 0;

	all->ctl = c;
	for (int try = 1; try <= TRIES; try++) {
		all->n = 0;
		all->next = all->from;
		err = wire_entry_dump(c->wire, &all->table, wish, &all->next, add, all);
		if (err != -EINTR && (err != -EAGAIN || !wish->snapshot))
			break;
		err_note("the dump of %s was interrupted after %llu entries, %s (try %d of %d)",
			 all->table.name, (unsigned long long)all->n,
			 try < TRIES ? "beginning again" : "giving up", try, TRIES);
	}
	err_progress_end();
	if (all->no_memory)
		return err_failed(NULL, "%s %s: out of memory after %llu entries", a->command,
				  all->table.name, (unsigned long long)all->n);
	return err ? cmd_refused(c, a, all->table.name) : 0;
}

void collect_free(struct collection *all)
{
	free(all->entries);
}

const void *collect_entry(const struct collection *all, uint64_t i)
{
	return all->entries + i * entry_size(all);
}
