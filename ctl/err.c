// SPDX-License-Identifier: GPL-2.0
#include "err.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "words.h"

static struct {
	struct {
		const char	*file;
		unsigned long	line;
	} place[2];			/* the outer one first */
	unsigned int	places;
	bool		progress;	/* an unfinished progress line stands there */
} err;

void err_enter(const char *file, unsigned long line)
{
	if (err.places == ARRAY_SIZE(err.place))
		abort();
	err.place[err.places].file = file;
	err.place[err.places++].line = line;
}

void err_leave(void)
{
	err.places--;
}

static struct json_object *json_string(const char *text)
{
	char *clean = malloc(4 * strlen(text) + 1);
	struct json_object *o = NULL;

	if (clean) {
		text_clean(text, strlen(text), false, clean);
		o = json_object_new_string(clean);
	}
	free(clean);
	return o;
}

static void json_print(const char *kind, struct json_object *facts)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, kind, facts);
	fprintf(stderr, "%s\n",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void error_json(const struct problem *p, const char *what, int exit_code)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "what", json_string(what));
	if (p)
		json_object_object_add(o, "message", json_string(p->text));
	if (p && p->attr[0])
		json_object_object_add(o, "attribute", json_string(p->attr));
	if (p && p->limit[0])
		json_object_object_add(o, "limit", json_string(p->limit));
	if (p && p->code) {
		const char *name = strerrorname_np(p->code);

		json_object_object_add(o, "errno", json_object_new_int(p->code));
		json_object_object_add(o, "code", json_string(name ? name : "?"));
	}
	for (unsigned int i = 0; i < err.places; i++) {
		json_object_object_add(o, i ? "inner_file" : "file",
				       json_string(err.place[i].file));
		json_object_object_add(o, i ? "inner_line" : "line",
				       json_object_new_uint64(err.place[i].line));
	}
	json_object_object_add(o, "exit", json_object_new_int(exit_code));
	json_print("error", o);
}

/* The line is put together first, so that it is written in one piece. */
static void error_text(const struct problem *p, const char *what)
{
	bool colour = out_colour_wanted(STDERR_FILENO);
	const char *code = p && p->code ? strerrorname_np(p->code) : NULL;
	char line[1600], clean[4 * sizeof(line) + 1];
	size_t n = 0;

#define ADD(...) (n += (size_t)snprintf(line + n, n < sizeof(line) ? sizeof(line) - n : 0, \
					 __VA_ARGS__))
	for (unsigned int i = 0; i < err.places; i++)
		ADD("%.200s:%lu: ", err.place[i].file, err.place[i].line);
	ADD("%.800s", what);
	if (p)
		ADD(": %s", p->text);
	if (p && p->attr[0])
		ADD(" (attribute %s%s%s)", p->attr, p->limit[0] ? ": " : "", p->limit);
	if (code)
		ADD(" [%s]", code);
#undef ADD
	text_clean(line, strlen(line), true, clean);
	fprintf(stderr, "%stripctl:%s %s\n", colour ? "\033[31m" : "", colour ? "\033[0m" : "",
		clean);
}

static int failed(const struct problem *p, int exit_code, const char *format, va_list ap)
{
	char *what;

	out_break_off();
	err_progress_end();
	if (vasprintf(&what, format, ap) < 0)
		return CTL_FAILED;
	if (out_is_json())
		error_json(p, what, exit_code);
	else
		error_text(p, what);
	free(what);
	return exit_code;
}

int err_failed(const struct problem *p, const char *format, ...)
{
	va_list ap;
	int rc;

	va_start(ap, format);
	rc = failed(p, CTL_FAILED, format, ap);
	va_end(ap);
	return rc;
}

int err_usage(const char *format, ...)
{
	va_list ap;
	int rc;

	va_start(ap, format);
	rc = failed(NULL, CTL_USAGE, format, ap);
	va_end(ap);
	return rc;
}

void err_note(const char *format, ...)
{
	va_list ap;
	char *text;

	err_progress_end();
	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text && out_is_json())
		json_print("note", json_string(text));
	else if (text)
		fprintf(stderr, "tripctl: note: %s\n", text);
	free(text);
}

void err_progress(const char *format, ...)
{
	bool terminal = isatty(STDERR_FILENO);
	va_list ap;

	va_start(ap, format);
	fputs(terminal ? "\r\033[K" : "", stderr);
	vfprintf(stderr, format, ap);
	fputs(terminal ? "" : "\n", stderr);
	va_end(ap);
	err.progress = terminal;
	fflush(stderr);
}

void err_progress_end(void)
{
	if (err.progress)
		fputs("\n", stderr);
	err.progress = false;
}
