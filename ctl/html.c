// SPDX-License-Identifier: GPL-2.0
#include "html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

void html_text(FILE *f, const char *raw)
{
	char *clean = malloc(4 * strlen(raw) + 1);

	if (!clean)
		return;
	text_clean(raw, strlen(raw), true, clean);
	for (const char *s = clean; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\'':
			fputs("&#39;", f);
			break;
		default:
			putc(*s, f);
		}
	}
	free(clean);
}

void html_textf(FILE *f, const char *format, ...)
{
	va_list ap;
	char *raw;

	va_start(ap, format);
	if (vasprintf(&raw, format, ap) < 0)
		raw = NULL;
	va_end(ap);
	if (raw)
		html_text(f, raw);
	free(raw);
}

void html_element(FILE *f, const char *tag, const char *attributes, const char *raw)
{
	fprintf(f, "<%s%s%s>", tag, *attributes ? " " : "", attributes);
	html_text(f, raw);
	fprintf(f, "</%s>\n", tag);
}
