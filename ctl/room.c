// SPDX-License-Identifier: GPL-2.0
#include "room.h"

#include <stdlib.h>
#include <string.h>

/* It doubles whenever n is a power of two. */
void *room_for_one(void *array, size_t n, size_t size)
{
	char *more = array;

	if (!(n & (n - 1)))
		more = realloc(array, (n ? 2 * n : 1) * size);
	if (more)
		memset(more + n * size, 0, size);
	return more;
}

void pauses_add(void *arg, const struct pause *p)
{
	struct pauses *all = arg;
	struct pause *more = room_for_one(all->p, all->n, sizeof(*p));

	if (!more) {
		all->failed = true;
		return;
	}
	all->p = more;
	all->p[all->n++] = *p;
}
