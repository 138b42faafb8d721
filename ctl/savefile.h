/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Save files, line by line:
 *
 *	tripmap-save 1
 *	table NAME key TYPE value TYPE [as in "table add"]
 *	KEY VALUE			(once for each entry)
 *	end N				(N entries went before)
 *
 * Words are as words.h has them; empty lines and comments may stand anywhere.
 * A file may hold several tables, one behind the other.
 */
#ifndef TRIPCTL_SAVEFILE_H
#define TRIPCTL_SAVEFILE_H

#include <stdio.h>

#include "model.h"
#include "types.h"

#define SAVEFILE_VERSION	1

struct savefile {
	FILE		*file;
	const char	*name;		/* for messages */
	char		*line;		/* the one read last */
	size_t		room;		/* of line */
	unsigned long	number;		/* of that line, from 1 */
	bool		cut;		/* that line had no end */
	uint64_t	bytes;		/* read so far */
	uint64_t	entries;	/* of the present table */
	char		why[2 * WHY_SIZE];	/* what was wrong */
};

void savefile_open(struct savefile *s, FILE *file, const char *name);
void savefile_close(struct savefile *s);

/*
 * 1 and spec: there is a table; 0: the file ends here; -1: why says what is
 * wrong (empty: it has been said already).
 */
int savefile_table(struct savefile *s, struct table_spec *spec);
/* 1 and entry (key and value side by side); 0: the table is complete; -1: why. */
int savefile_entry(struct savefile *s, const struct table_spec *spec, void *entry);

void savefile_put_table(FILE *f, const struct table *t);
/* n entries, side by side as a dump has them. */
void savefile_put_entries(FILE *f, const struct table *t, const void *entries, uint64_t n);
void savefile_put_end(FILE *f, uint64_t entries);

#endif /* TRIPCTL_SAVEFILE_H */
