// SPDX-License-Identifier: GPL-2.0
#include "scenario.h"

#include <stdio.h>
#include <string.h>

/* What stands before the next bar, without blanks around it; moves behind the bar. */
static void take_part(const char **s, char *part)
{
	size_t n;

	*s += strspn(*s, " ");
	n = strcspn(*s, "|");
	snprintf(part, SCENARIO_TEXT, "%.*s", (int)n, *s);
	*s += n + ((*s)[n] == '|');
	for (n = strlen(part); n && part[n - 1] == ' '; n--)
		part[n - 1] = '\0';
}

bool scenario_parse(const char *text, struct scenario *s)
{
	size_t n = strcspn(text, ": ");

	memset(s, 0, sizeof(*s));
	if (!n || n >= sizeof(s->name) || text[n] != ':')
		return false;
	memcpy(s->name, text, n);
	text += n + 1;
	take_part(&text, s->runs);
	take_part(&text, s->expect);
	take_part(&text, s->never);
	return s->runs[0];
}
