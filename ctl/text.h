/* SPDX-License-Identifier: GPL-2.0 */
/* A text that is put together piece by piece; what does not fit is cut. */
#ifndef TRIPCTL_TEXT_H
#define TRIPCTL_TEXT_H

#include <stddef.h>

struct text {
	char	*buf;
	size_t	size, n;
};

/* An empty one. */
struct text text_in(char *buf, size_t size);
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif /* TRIPCTL_TEXT_H */
