// SPDX-License-Identifier: GPL-2.0
/* top: what the tables do, live: a screen, or lines. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "err.h"
#include "gather.h"
#include "out.h"
#include "screen.h"
#include "stop.h"
#include "top_text.h"

#define INTERVAL_MS	1000
#define INTERVAL_MIN	50
#define INTERVAL_MAX	3600000

static int take(void *arg, struct snapshot **s)
{
	static const struct gather what = { .cpus = true };
	struct ctl *c = arg;

	return gather(c->wire, &what, s);
}

/* Of a table that is gone there are none, which the next snapshot shows. */
static void take_details(void *arg, const struct table *t, struct counters *counters,
			 struct pauses *pauses)
{
	const struct pause_query q = { .table = t->name, .kind = -1 };
	struct ctl *c = arg;

	wire_stats(c->wire, t->name, counters_add, counters);
	wire_pause_list(c->wire, &q, pauses_add, pauses);
}

/* Ends early when somebody stops it. */
static void wait_until(uint64_t ms)
{
	for (uint64_t now = cmd_now_ms(); !stopped && now < ms; now = cmd_now_ms())
		poll(NULL, 0, (int)(ms - now));
}

static int run_plain(struct ctl *c, const struct screen_source *source)
{
	uint64_t next = cmd_now_ms(), lines = 0;
	struct top top = { 0 };
	int err = 0;

	stop_on_signals();
	top_text_begin();
	while (!err && !stopped && (!source->count || lines < source->count)) {
		struct snapshot *s;

		wait_until(next);
		next += source->interval_ms;
		err = stopped ? 0 : take(c, &s);
		if (err || stopped)
			continue;
		top_add(&top, s);
		err = top.failed ? -ENOMEM : 0;
		/* A rate is known from the second snapshot on. */
		if (!err && top.before) {
			top_text(&top);
			lines++;
		}
	}
	top_free(&top);
	return err;
}

/* Is there a terminal that a screen can be shown on? */
static bool on_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb");
}

static int run(struct ctl *c, struct args *a)
{
	struct screen_source source = {
		.take = take, .details = take_details, .arg = c, .interval_ms = INTERVAL_MS,
	};
	bool plain = false;
	const struct arg_option options[] = {
		{ .word = "plain", .flag = &plain },
		{ .word = "count", .number = &source.count, .min = 1, .max = UINT64_MAX },
		{ .word = "interval", .number = &source.interval_ms, .min = INTERVAL_MIN,
		  .max = INTERVAL_MAX },
	};
	int rc = args_options(a, options, ARRAY_SIZE(options)), err = -ENOTTY;

	if (rc)
		return rc;
	if (!plain && !out_is_json() && on_terminal())
		err = screen_run(&source);
	if (err == -ENOTTY)
		err = run_plain(c, &source);
	if (err == -ENOMEM)
		wire_out_of_memory(c->wire);
	return err ? cmd_refused(c, a, NULL) : CTL_OK;
}

const struct cmd cmd_top = {
	.name = "top",
	.run = run,
	.help =
"top [plain] [count N] [interval MS]\n"
"\n"
"What the tables do, live: writes and changes a second, entries, load, resizing,\n"
"violations, the last minute, and pauses by kind and CPU; h shows the keys. Without a\n"
"terminal, with plain or with -j: lines, a table each (with -j an object), every MS\n"
"milliseconds (1000), N times or until interrupted.\n",
};
