// SPDX-License-Identifier: GPL-2.0
#include "args.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "out.h"
#include "types.h"
#include "when.h"

const char *args_next(struct args *a)
{
	if (!a->n)
		return NULL;
	a->n--;
	return *a->word++;
}

bool args_take(struct args *a, const char *word)
{
	if (!a->n || strcmp(*a->word, word))
		return false;
	args_next(a);
	return true;
}

int args_need(struct args *a, const char *what, const char **word)
{
	*word = args_next(a);
	if (*word)
		return 0;
	return err_usage("%s: %s is missing (see tripctl %s help)", a->command, what, a->command);
}

int args_number(struct args *a, const char *what, uint64_t min, uint64_t max, uint64_t *number)
{
	const char *word;
	int rc = args_need(a, what, &word);

	if (rc)
		return rc;
	if (number_parse(word, strlen(word), number) && *number >= min && *number <= max)
		return 0;
	if (max == UINT64_MAX)
		return err_usage("%s: %s must be a number, %llu or more, not \"%s\"", a->command,
				 what, (unsigned long long)min, word);
	return err_usage("%s: %s must be a number from %llu to %llu, not \"%s\"", a->command, what,
			 (unsigned long long)min, (unsigned long long)max, word);
}

int args_duration(struct args *a, const char *what, uint64_t max, uint64_t *ms)
{
	const char *word;
	int rc = args_need(a, what, &word);

	if (rc)
		return rc;
	if (duration_parse(word, ms) && *ms && *ms <= max)
		return 0;
	return err_usage("%s: %s must be a time such as 500ms or 10s, not \"%s\"", a->command,
			 what, word);
}

int args_end(struct args *a)
{
	if (!a->n)
		return 0;
	return err_usage("%s: what is \"%s\"? (see tripctl %s help)", a->command, *a->word,
			 a->command);
}

int args_enum(struct args *a, const char *what, const char *(*name)(unsigned int),
	      unsigned int max, uint8_t *value)
{
	char known[400] = "";
	size_t len = 0;
	const char *word;
	int rc = args_need(a, what, &word);

	if (rc)
		return rc;
	for (unsigned int i = 0; i <= max; i++) {
		if (!strcmp(word, name(i))) {
			*value = (uint8_t)i;
			return 0;
		}
		len += (size_t)snprintf(known + len, sizeof(known) - len, " %s", name(i));
	}
	return err_usage("%s: no such %s \"%s\" (there are%s)", a->command, what, word, known);
}

static int option_take(struct args *a, const struct arg_option *o)
{
	if (o->number)
		return args_number(a, o->word, o->min, o->max, o->number);
	if (o->text)
		return args_need(a, o->word, o->text);
	*o->flag = true;
	return 0;
}

int args_options(struct args *a, const struct arg_option *options, size_t n)
{
	uint64_t seen = 0;

	while (a->n) {
		size_t i;
		int rc;

		for (i = 0; i < n && strcmp(*a->word, options[i].word); i++)
			;
		if (i == n)
			return args_end(a);
		args_next(a);
		if (seen & 1ULL << i)
			return err_usage("%s: \"%s\" stands there twice", a->command,
					 options[i].word);
		seen |= 1ULL << i;
		rc = option_take(a, &options[i]);
		if (rc)
			return rc;
	}
	return 0;
}
