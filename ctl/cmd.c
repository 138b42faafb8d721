// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "out.h"
#include "types.h"
#include "when.h"

#define PROGRESS_MS	250	/* between two lines: often enough to see it move */

int cmd_choose(struct ctl *c, struct args *a, const struct cmd *sub, size_t n)
{
	const char *word;
	char command[64];
	int rc = args_need(a, "what to do", &word);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		struct args rest = { .command = command, .word = a->word, .n = a->n };

		if (strcmp(word, sub[i].name))
			continue;
		snprintf(command, sizeof(command), "%s %s", a->command, word);
		return sub[i].run(c, &rest);
	}
	return err_usage("%s: what is \"%s\"? (see tripctl %s help)", a->command, word,
			 a->command);
}

int cmd_refused(struct ctl *c, const struct args *a, const char *name)
{
	return err_failed(wire_problem(c->wire), "%s%s%s", a->command, name ? " " : "",
			  name ? name : "");
}

int cmd_find_table(struct ctl *c, struct args *a, struct table *t)
{
	const char *name;
	int rc = args_need(a, "NAME", &name);

	if (rc)
		return rc;
	return wire_table_get(c->wire, name, t) ? cmd_refused(c, a, name) : 0;
}

int cmd_need_field(struct args *a, const char *what, const struct field *f, void *data)
{
	char why[WHY_SIZE];
	const char *word;
	int rc;

	if (!f->size)
		return 0;
	rc = args_need(a, what, &word);
	if (rc)
		return rc;
	if (!field_from_text(f, word, strlen(word), data, why))
		return err_usage("%s: %s: %s", a->command, what, why);
	return 0;
}

uint64_t cmd_now_ms(void)
{
	return mono_ns() / 1000000;
}

bool cmd_progress_due(struct ctl *c, uint64_t *last_ms)
{
	uint64_t now;

	if (!c->progress)
		return false;
	now = cmd_now_ms();
	if (!*last_ms)
		*last_ms = now;
	if (now < *last_ms + PROGRESS_MS)
		return false;
	*last_ms = now;
	return true;
}
