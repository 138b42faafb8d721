// SPDX-License-Identifier: GPL-2.0
#include "klog.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_MAX	120	/* in which "kernel:" of syslog may stand */
#define STAMP_MAX	40	/* of what may stand between [ and ] before a message */

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* "[   12.345678] ", "[Sat Nov 21 05:30:22 2026] ", "[    T123] ". */
static const char *skip_stamp(const char *s)
{
	size_t n;

	if (*s != '[')
		return s;
	n = strcspn(s, "]");
	if (n > STAMP_MAX || s[n] != ']' || memchr(s, '+', n) || !strpbrk(s, "0123456789"))
		return s;
	return s + n + 1;
}

/* "<4>" */
static const char *skip_level(const char *s)
{
	size_t n = *s == '<' ? strspn(s + 1, "0123456789") : 0;

	return n && s[n + 1] == '>' ? s + n + 2 : s;
}

/* "kern  :warn  : ", as dmesg -x has it. */
static const char *skip_facility(const char *s)
{
	static const char name[] = "kern";
	const char *end;

	if (strncmp(s, name, strlen(name)))
		return s;
	s += strspn(s, "abcdefghijklmnopqrstuvwxyz ");
	if (*s != ':')
		return s;
	end = s + 1 + strspn(s + 1, "abcdefghijklmnopqrstuvwxyz ");
	return *end == ':' ? end + 1 : s;
}

/* "Nov 21 05:30:22 host kernel: ", "2026-11-21T05:30:22+00:00 host kernel: ". */
static const char *skip_syslog(const char *s)
{
	const char *kernel = strstr(s, "kernel: ");

	return kernel && kernel - s < PREFIX_MAX && isalnum((unsigned char)*s) &&
	       strpbrk(s, "0123456789:") < kernel ? kernel + strlen("kernel: ") : s;
}

static const char *skip_quote(const char *s)
{
	while (*s == '>' && (s[1] == ' ' || s[1] == '>'))
		s = skip_blanks(s + 1);
	return s;
}

/* What the kernel said. */
static const char *message(const char *raw)
{
	static const char *(* const skip[])(const char *s) = {
		skip_quote, skip_facility, skip_syslog, skip_level, skip_stamp,
	};
	const char *s = skip_blanks(raw), *before;

	do {
		before = s;
		for (size_t i = 0; i < sizeof(skip) / sizeof(skip[0]); i++)
			s = skip_blanks(skip[i](s));
	} while (s != before);
	return s;
}

static bool add_line(struct klog *log, const char *text, unsigned long number)
{
	if (log->n == log->room) {
		size_t room = log->room ? 2 * log->room : 256;
		struct klog_line *new = realloc(log->line, room * sizeof(*new));

		if (!new)
			return false;
		log->line = new;
		log->room = room;
	}
	log->line[log->n].text = strdup(text);
	log->line[log->n].number = number;
	return log->line[log->n++].text;
}

bool klog_read(struct klog *log, FILE *f)
{
	bool good = true;
	unsigned long number = 0;
	char *raw = NULL;
	size_t room = 0;

	memset(log, 0, sizeof(*log));
	while (good && getline(&raw, &room, f) >= 0) {
		raw[strcspn(raw, "\r\n")] = '\0';
		good = add_line(log, message(raw), ++number);
	}
	free(raw);
	log->no_memory = !good;
	return good && !ferror(f);
}

void klog_free(struct klog *log)
{
	for (size_t i = 0; i < log->n; i++)
		free(log->line[i].text);
	free(log->line);
}

static size_t symbol_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '.')
		n++;
	return n;
}

/* "+0x1f/0x30", and what it takes up. */
static size_t offset_len(const char *s)
{
	size_t n, total;

	if (strncmp(s, "+0x", 3))
		return 0;
	n = strspn(s + 3, "0123456789abcdef");
	if (!n || strncmp(s + 3 + n, "/0x", 3))
		return 0;
	total = 3 + n + 3;
	n = strspn(s + total, "0123456789abcdef");
	return n ? total + n : 0;
}

static void copy(char *to, size_t size, const char *from, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

bool klog_frame(const char *text, struct klog_frame *frame)
{
	const char *plus, *s = text, *end;

	for (plus = strstr(s, "+0x"); plus && !offset_len(plus); plus = strstr(plus + 1, "+0x"))
		;
	if (!plus)
		return false;
	for (s = plus; s > text && symbol_len(s - 1); s--)
		;
	if (s == plus || isdigit((unsigned char)*s))
		return false;
	/* session_store.isra.0, foo.cold: still the same function. */
	copy(frame->symbol, sizeof(frame->symbol), s, strcspn(s, ".+"));
	frame->unsure = memchr(text, '?', (size_t)(s - text));
	frame->module[0] = '\0';
	end = plus + offset_len(plus);
	if (!strncmp(end, " [", 2))
		copy(frame->module, sizeof(frame->module), end + 2, strcspn(end + 2, "] "));
	return frame->symbol[0];
}
