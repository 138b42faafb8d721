/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow as rows come. */
#ifndef TRIPCTL_ROOM_H
#define TRIPCTL_ROOM_H

#include "model.h"

/*
 * Room for one more behind n of that size, 0 bytes: the array, which may have
 * moved. NULL when memory ran out; then the old one is as it was.
 */
void *room_for_one(void *array, size_t n, size_t size);

struct pauses {
	struct pause	*p;
	size_t		n;
	bool		failed;		/* memory ran out: some are missing */
};

/* arg is a struct pauses. */
void pauses_add(void *arg, const struct pause *p);

#endif /* TRIPCTL_ROOM_H */
