/* SPDX-License-Identifier: GPL-2.0 */
/* Scenarios as the module that has them tells of them. */
#ifndef TRIPCTL_SCENARIO_H
#define TRIPCTL_SCENARIO_H

#include <stdbool.h>

#define SCENARIO_TEXT	400

struct scenario {
	char		name[64];
	char		runs[SCENARIO_TEXT];	/* what runs */
	char		expect[SCENARIO_TEXT];	/* what must be seen */
	char		never[SCENARIO_TEXT];	/* what must never be seen */
};

/* "NAME: what runs | what must be seen | what must never be seen"; false: it is not. */
bool scenario_parse(const char *text, struct scenario *s);

#endif /* TRIPCTL_SCENARIO_H */
