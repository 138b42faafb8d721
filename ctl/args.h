/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a command. Functions that fail have said why, and return
 * CTL_USAGE; 0 is success.
 */
#ifndef TRIPCTL_ARGS_H
#define TRIPCTL_ARGS_H

#include "model.h"

struct args {
	const char	*command;	/* for messages: "table add" */
	char		**word;		/* those that are left */
	int		n;
};

const char *args_next(struct args *a);		/* NULL at the end */
bool args_take(struct args *a, const char *word);	/* was it the next one? */
int args_need(struct args *a, const char *what, const char **word);
int args_number(struct args *a, const char *what, uint64_t min, uint64_t max, uint64_t *number);
/* A stretch of time, "500ms" or "10s", of at least one millisecond. */
int args_duration(struct args *a, const char *what, uint64_t max, uint64_t *ms);
int args_end(struct args *a);

/* A value of an enum by its name; max is the enum's, what its word. */
int args_enum(struct args *a, const char *what, const char *(*name)(unsigned int),
	      unsigned int max, uint8_t *value);

/* Words in any order, each at most once: exactly one of the three is set. */
struct arg_option {
	const char	*word;
	uint64_t	*number;	/* followed by a number from min to max */
	const char	**text;		/* followed by a word */
	bool		*flag;		/* stands alone */
	uint64_t	min, max;
};

/* All words that are left. */
int args_options(struct args *a, const struct arg_option *options, size_t n);

#endif /* TRIPCTL_ARGS_H */
