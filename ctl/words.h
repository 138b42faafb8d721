/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines into words and back, for batch and save files.
 *
 * Words stand apart by blanks. "..." knows \n \t \r \" \\ and \xHH, '...' is
 * taken as it is, a backslash outside takes the next character as it is, and #
 * at the begin of a word ends the line.
 */
#ifndef TRIPCTL_WORDS_H
#define TRIPCTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct word {
	char	*text;		/* terminated, but may hold zero bytes before */
	size_t	len;
	bool	quoted;		/* it began with a quote: no word of the grammar */
};

/*
 * The next word of *line, cut in place; *line moves on. Returns 1, 0 at the
 * end of the line, -1 for a quote without end or a wrong escape.
 */
int word_next(char **line, struct word *w);

/* Write "..." of the bytes; returns the length. Room for 4 * len + 3 bytes. */
size_t word_quote(const void *bytes, size_t len, char *buf);

/*
 * The bytes made fit to show: what is not valid UTF-8 becomes \xHH, and so do
 * control characters when asked for. Returns the length; room for 4 * len + 1.
 */
size_t text_clean(const char *bytes, size_t len, bool controls, char *buf);

#endif /* TRIPCTL_WORDS_H */
