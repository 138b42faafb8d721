/* SPDX-License-Identifier: GPL-2.0 */
/* The commands, each in a file of its own, and the few steps that they share. */
#ifndef TRIPCTL_CMD_H
#define TRIPCTL_CMD_H

#include "args.h"
#include "wire.h"

/* What all commands of one run share. */
struct ctl {
	struct wire	*wire;
	bool		progress;	/* tell how far long work is, on stderr */
};

struct cmd {
	const char	*name;
	/* Returns an exit code; a failure has been told. */
	int		(*run)(struct ctl *c, struct args *a);
	const char	*help;		/* begins with the usage, the command's name left out */
};

extern const struct cmd cmd_table, cmd_set, cmd_get, cmd_del, cmd_take, cmd_dump, cmd_save,
	cmd_restore, cmd_bucket, cmd_stats, cmd_report, cmd_monitor, cmd_load, cmd_features,
	cmd_repair, cmd_inject, cmd_audit, cmd_classify, cmd_scenario, cmd_pause,
	cmd_top;

/* A command's first word picks one of its own commands. */
int cmd_choose(struct ctl *c, struct args *a, const struct cmd *sub, size_t n);
/* The kernel refused: tell, with what the command was. */
int cmd_refused(struct ctl *c, const struct args *a, const char *name);
/* NAME, looked up. */
int cmd_find_table(struct ctl *c, struct args *a, struct table *t);
/* A word for a typed key or value; of a type of no bytes, no word. */
int cmd_need_field(struct args *a, const char *what, const struct field *f, void *data);

/* Is it time to tell how far the work is? last is kept by the caller, 0 at first. */
bool cmd_progress_due(struct ctl *c, uint64_t *last_ms);
uint64_t cmd_now_ms(void);

#endif /* TRIPCTL_CMD_H */
