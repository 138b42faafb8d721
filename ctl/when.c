// SPDX-License-Identifier: GPL-2.0
#include "when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "types.h"

static const struct {
	const char	*name;
	uint64_t	ms;
} units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
};

bool duration_parse(const char *text, uint64_t *ms)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? text + digits : "ms";

	if (!number_parse(text, digits, ms))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(unit, units[i].name))
			return !__builtin_mul_overflow(*ms, units[i].ms, ms);
	return false;
}

void duration_text(uint64_t ms, char *buf, size_t size)
{
	size_t i = ARRAY_SIZE(units) - 1;

	while (i && (!ms || ms % units[i].ms))
		i--;
	snprintf(buf, size, "%llu%s", (unsigned long long)(ms / units[i].ms), units[i].name);
}

/* Local time; what the format does not say is as in tm. */
static bool local_parse(const char *text, const char *format, struct tm tm, uint64_t *real_ns)
{
	const char *end = strptime(text, format, &tm);
	time_t seconds;

	tm.tm_isdst = -1;
	seconds = mktime(&tm);
	if (!end || *end || seconds < 0)
		return false;
	*real_ns = (uint64_t)seconds * 1000000000;
	return true;
}

bool time_parse(const char *text, uint64_t now_ns, uint64_t *real_ns)
{
	static const char * const formats[] = {
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M:%S", "%H:%M",
	};
	time_t now = (time_t)(now_ns / 1000000000);
	uint64_t n;
	struct tm tm;

	if (text[0] == '@')
		return number_parse(text + 1, strlen(text + 1), &n) &&
		       !__builtin_mul_overflow(n, 1000000000ULL, real_ns);
	if (duration_parse(text, &n) && !__builtin_mul_overflow(n, 1000000ULL, &n)) {
		*real_ns = n < now_ns ? now_ns - n : 0;
		return true;
	}
	if (!localtime_r(&now, &tm))
		return false;
	tm.tm_sec = 0;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (local_parse(text, formats[i], tm, real_ns))
			return true;
	return false;
}

const char *time_text(uint64_t real_ns, char *buf)
{
	time_t seconds = (time_t)(real_ns / 1000000000);
	char date[40] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf, TIME_TEXT, "%s.%06u", date, (unsigned int)(real_ns % 1000000000 / 1000));
	return buf;
}

#define CLOCK_SLACK	1000000		/* ns that two readings may differ by: no step */

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

uint64_t mono_ns(void)
{
	return (uint64_t)clock_ns(CLOCK_MONOTONIC);
}

/*
 * How far the clocks are apart, and by how much that may be wrong: who is interrupted
 * between the readings tries again, a few times.
 */
static int64_t clock_distance(int64_t *error)
{
	int64_t before, real, after;
	int tries = 10;

	do {
		before = clock_ns(CLOCK_MONOTONIC);
		real = clock_ns(CLOCK_REALTIME);
		after = clock_ns(CLOCK_MONOTONIC);
	} while (after - before > CLOCK_SLACK && --tries);
	*error = (after - before) / 2;
	return real - before - *error;
}

/* The distance is kept for as long as nobody sets the clock, so that equal times stay equal. */
uint64_t real_of(uint64_t mono_ns)
{
	static int64_t distance;
	int64_t error, now = clock_distance(&error);

	if (llabs(now - distance) > CLOCK_SLACK + error)
		distance = now;
	return mono_ns + (uint64_t)distance;
}

const char *span_text(uint64_t ns, char *buf)
{
	static const struct {
		uint64_t	ns;
		const char	*name;
	} scale[] = {
		{ 3600000000000, "h" }, { 60000000000, "min" }, { 1000000000, "s" },
		{ 1000000, "ms" }, { 1000, "us" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(scale); i++) {
		if (ns >= scale[i].ns) {
			snprintf(buf, SPAN_TEXT, "%.1f %s", (double)ns / (double)scale[i].ns,
				 scale[i].name);
			return buf;
		}
	}
	snprintf(buf, SPAN_TEXT, "%llu ns", (unsigned long long)ns);
	return buf;
}
