/* SPDX-License-Identifier: GPL-2.0 */
/* Tables in words: as "table add" and the head of a save file have them. */
#ifndef TRIPCTL_SPEC_H
#define TRIPCTL_SPEC_H

#include "args.h"

void spec_init(struct table_spec *spec);
/* NAME key TYPE value TYPE [WORD...]; returns 0 or the exit code, having said why. */
int spec_parse(struct args *a, struct table_spec *spec);
/* Name alone. */
int spec_name(struct args *a, struct table_spec *spec);
/* "on" has been read: CLASS ACTION [refuse|allow] [escalate ...]. */
int spec_rule(struct args *a, struct table_spec *spec);
/* The words that spec_parse() makes this table of; room for SPEC_TEXT. */
#define SPEC_TEXT	4096
void spec_text(const struct table *t, char *text);

/* A rule as it stands behind "on CLASS"; room for RULE_TEXT. */
#define RULE_TEXT	96
void spec_rule_text(const struct rule *r, bool answer, char *text);

#endif /* TRIPCTL_SPEC_H */
