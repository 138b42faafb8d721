// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_in(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct text){ buf, size, 0 };
}

void text_add(struct text *t, const char *format, ...)
{
	va_list ap;

	if (t->n >= t->size)
		return;
	va_start(ap, format);
	t->n += (size_t)vsnprintf(t->buf + t->n, t->size - t->n, format, ap);
	va_end(ap);
}
