// SPDX-License-Identifier: GPL-2.0
#include "words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What follows a backslash within "..."; returns how much was read, 0 if wrong. */
static size_t unescape(const char *s, char *out)
{
	static const char from[] = "ntr\"\\", to[] = "\n\t\r\"\\";
	const char *known = *s ? strchr(from, *s) : NULL;

	if (known) {
		*out = to[known - from];
		return 1;
	}
	if (*s != 'x' || hex_digit(s[1]) < 0 || hex_digit(s[2]) < 0)
		return 0;
	*out = (char)(hex_digit(s[1]) << 4 | hex_digit(s[2]));
	return 3;
}

/* What a character means outside of quotes. Those from BLANK on end a word. */
enum kind { ORDINARY, QUOTE, ESCAPE, BLANK, END };

static const unsigned char kinds[256] = {
	['\0'] = END, [' '] = BLANK, ['\t'] = BLANK, ['\n'] = BLANK, ['\v'] = BLANK,
	['\f'] = BLANK, ['\r'] = BLANK, ['"'] = QUOTE, ['\''] = QUOTE, ['\\'] = ESCAPE,
};

static enum kind kind_of(char c)
{
	return kinds[(unsigned char)c];
}

/* Copy a quoted part from behind its quote; returns what is behind it, or NULL. */
static char *take_quoted(char *s, char quote, char **out)
{
	while (*s != quote) {
		size_t n = 1;

		if (!*s)
			return NULL;
		if (quote == '"' && *s == '\\') {
			n = unescape(++s, *out);
			if (!n)
				return NULL;
			(*out)++;
		} else {
			*(*out)++ = *s;
		}
		s += n;
	}
	return s + 1;
}

int word_next(char **line, struct word *w)
{
	char *s = *line, *out;

	while (kind_of(*s) == BLANK)
		s++;
	if (!*s || *s == '#') {
		*line = s;
		return 0;
	}
	w->text = s;
	w->quoted = kind_of(*s) == QUOTE;
	/* Most words are what they are: nothing moves. */
	while (kind_of(*s) == ORDINARY)
		s++;
	for (out = s; kind_of(*s) < BLANK; ) {
		if (kind_of(*s) == QUOTE) {
			s = take_quoted(s + 1, *s, &out);
			if (!s)
				return -1;
			continue;
		}
		if (kind_of(*s) == ESCAPE && s[1])
			s++;
		*out++ = *s++;
	}
	*line = *s ? s + 1 : s;
	*out = '\0';
	w->len = (size_t)(out - w->text);
	return 1;
}

size_t word_quote(const void *bytes, size_t len, char *buf)
{
	static const char from[] = "\n\t\r\"\\", to[] = "ntr\"\\";
	const unsigned char *s = bytes;
	char *out = buf;

	*out++ = '"';
	for (; len--; s++) {
		const char *known = *s ? strchr(from, *s) : NULL;

		if (known) {
			*out++ = '\\';
			*out++ = to[known - from];
		} else if (*s < 0x20 || *s >= 0x7f) {
			out += sprintf(out, "\\x%02x", *s);
		} else {
			*out++ = (char)*s;
		}
	}
	*out++ = '"';
	*out = '\0';
	return (size_t)(out - buf);
}

/* Bytes of the well-formed UTF-8 character at s, 0 if there is none. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		   s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	unsigned int code = n > 1 ? s[0] & (0x7fU >> n) : s[0];

	if (!n || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return n;
}

size_t text_clean(const char *bytes, size_t len, bool controls, char *buf)
{
	const unsigned char *s = (const unsigned char *)bytes;
	char *out = buf;

	while (len) {
		size_t n = utf8_len(s, len);
		bool control = *s < 0x20 || *s == 0x7f || (n == 2 && *s == 0xc2 && s[1] < 0xa0);

		if (!n || (controls && control)) {
			out += sprintf(out, "\\x%02x", *s);
			n = 1;
		} else {
			memcpy(out, s, n);
			out += n;
		}
		s += n;
		len -= n;
	}
	*out = '\0';
	return (size_t)(out - buf);
}
