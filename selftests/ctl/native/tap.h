/* SPDX-License-Identifier: GPL-2.0 */
/* Checks for the native tests of tripctl, told as TAP by tap_main.c. */
#ifndef TRIPCTL_TAP_H
#define TRIPCTL_TAP_H

#include <stdbool.h>
#include <stdio.h>

struct tap_test {
	const char	*name;
	void		(*run)(void);
};

/* The tests of one file; an entry without a name ends them. */
extern const struct tap_test types_tests[], words_tests[], savefile_tests[], args_tests[],
	out_tests[], when_tests[], report_tests[], past_tests[], classify_tests[], scenario_tests[],
	pause_tests[], top_tests[], metrics_tests[], outfile_tests[];

extern bool tap_failed;		/* of the test under way */

#define CHECK(condition) do {							\
	if (!(condition)) {							\
		printf("# %s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
		tap_failed = true;						\
	}									\
} while (0)

#define CHECK_TEXT(text, expected) do {						\
	const char *_text = (text), *_expected = (expected);			\
	if (strcmp(_text, _expected)) {						\
		printf("# %s:%d: \"%s\" is not \"%s\"\n", __FILE__, __LINE__,	\
		       _text, _expected);					\
		tap_failed = true;						\
	}									\
} while (0)

#define CHECK_HAS(text, part) do {						\
	const char *_text = (text), *_part = (part);				\
	if (!strstr(_text, _part)) {						\
		printf("# %s:%d: no \"%s\" in \"%s\"\n", __FILE__, __LINE__,	\
		       _part, _text);						\
		tap_failed = true;						\
	}									\
} while (0)

/* What fn prints on a stream (stdout or stderr); terminated, to be freed. */
char *tap_capture(FILE *stream, void (*fn)(void));

#endif /* TRIPCTL_TAP_H */
