// SPDX-License-Identifier: GPL-2.0
/* What went before a violation, in words, lines, JSON, a trace and a graph. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "history.h"
#include "out.h"
#include "report_show.h"
#include "sample.h"
#include "tap.h"
#include "timeline.h"

#define CHECK_NEVER(text, part) do {						\
	const char *_in = (text), *_never = (part);				\
	if (strstr(_in, _never)) {						\
		printf("# %s:%d: \"%s\" in \"%s\"\n", __FILE__, __LINE__, _never, _in); \
		tap_failed = true;						\
	}									\
} while (0)

static char said[900];

/* --- the window --- */

static struct report windowed(void)
{
	return (struct report){
		.time = 50000000, .nrecords = 12,
		.window = {
			.has = ~0ULL, .state = TRIPMAP_WINDOW_FROZEN, .events = 12, .share = 1,
			.recorder = TRIPMAP_RECORDER_ON, .begin = 40000000, .length = 10000000,
		},
	};
}

static const char *window_says(const struct report *r)
{
	explain_window(r, said, sizeof(said));
	return said;
}

static void no_window(void)
{
	struct report r = windowed();

	r.window.has = 0;
	CHECK_TEXT(window_says(&r), "This kernel module keeps no events.");
	r = windowed();
	r.window.state = TRIPMAP_WINDOW_NONE;
	CHECK_HAS(window_says(&r), "the recorder was off");
	CHECK_NEVER(said, "Complete");
	r.window.state = TRIPMAP_WINDOW_PENDING;
	CHECK_HAS(window_says(&r), "still being copied: look again");
	CHECK_NEVER(said, "Complete");
	r.window.state = TRIPMAP_WINDOW_MISSED;
	CHECK_HAS(window_says(&r), "The events were not kept:");
	CHECK_NEVER(said, "Complete");
	r.window.state = TRIPMAP_WINDOW_MAX + 1;
	CHECK_HAS(window_says(&r), "unknown to this tripctl");
}

static void a_whole_window(void)
{
	struct report r = windowed();

	CHECK_TEXT(window_says(&r),
		   "12 events were kept. Complete since 10.0 ms before the violation. Every write was observed; reads were not recorded.");
	r.window.recorder = TRIPMAP_RECORDER_READS;
	CHECK_HAS(window_says(&r), "reads were recorded, too");
	CHECK_NEVER(said, "not recorded");
	r.window.share = 64;
	CHECK_HAS(window_says(&r), "One write in 64 was observed, but every one for a while after a violation;");
	CHECK_NEVER(said, "Every write");
}

static void a_window_of_few(void)
{
	struct report r = windowed();

	r.window.events = r.nrecords = 1;
	CHECK_HAS(window_says(&r), "1 event was kept. Complete since 10.0 ms");
	r.window.events = r.nrecords = 0;
	CHECK_HAS(window_says(&r), "No event was kept. Complete since 10.0 ms");
	/* Nothing is complete of no time. */
	r.window.begin = r.time;
	CHECK_NEVER(window_says(&r), "omplete");
}

static void a_window_with_gaps(void)
{
	struct report r = windowed();

	r.window.begin = 47000000;
	CHECK_HAS(window_says(&r), "Complete since 3.0 ms before");
	CHECK_HAS(said, "It was to be 10.0 ms;");
	CHECK_NEVER(said, "lost");
	CHECK_NEVER(said, "no place");
	CHECK_NEVER(said, "not shown");
	r.window.lost = 3;
	CHECK_HAS(window_says(&r), "before the violation, but for what was lost.");
	CHECK_HAS(said, "3 events were lost: overwritten while being copied.");
	r.window.left_out = 1;
	CHECK_HAS(window_says(&r), "1 older event had no place and was left out.");
	r.nrecords = 10;
	CHECK_HAS(window_says(&r), "2 of them are not shown to this reader.");
}

/* --- spikes --- */

static struct spike evacuations(uint32_t count, uint8_t spike, uint8_t consecutive)
{
	return (struct spike){
		.has = ~0ULL, .kind = TRIPMAP_PAUSE_KIND_EVACUATE, .count = count,
		.spike = spike, .consecutive = consecutive, .last = 200000, .span = 4000000,
		.gap_max = 450000, .gap_min = 80000, .longest = 12000,
	};
}

static const char *spike_says(struct spike s)
{
	explain_spike(&s, said, sizeof(said));
	return said;
}

/* High frequency, consecutive, tightly coupled: none is taken for another. */
static void spikes_told_apart(void)
{
	CHECK_TEXT(spike_says(evacuations(3, TRIPMAP_SPIKE_HIGH, 0)),
		   "Three evacuation pauses within 4.0 ms, the longest 12.0 us, the last 200.0 us before the violation: a high-frequency spike.");
	CHECK_HAS(spike_says(evacuations(2, TRIPMAP_SPIKE_TIGHT, 0)),
		  "Two evacuation pauses within 4.0 ms,");
	CHECK_HAS(said, "tightly coupled, no more than 450.0 us between neighbours.");
	CHECK_NEVER(said, "high-frequency");
	CHECK_NEVER(said, "consecutive");
	CHECK_HAS(spike_says(evacuations(2, TRIPMAP_SPIKE_TIGHT, 1)),
		  "consecutive, two of them stood 80.0 us apart.");
	CHECK_HAS(said, "tightly coupled");
	CHECK_NEVER(said, "nothing between");
	CHECK_HAS(spike_says(evacuations(13, TRIPMAP_SPIKE_HIGH, 1)), "13 evacuation pauses");
	CHECK_HAS(said, "a high-frequency spike; consecutive");
	CHECK_NEVER(said, "nothing between");
	CHECK_NEVER(said, "tightly");
	CHECK_HAS(spike_says(evacuations(2, TRIPMAP_SPIKE_NONE, 0)),
		  "no spike, up to 450.0 us apart.");
	CHECK_NEVER(said, "tightly");
	CHECK_NEVER(said, "high-frequency");
}

static void without_a_gap(void)
{
	struct spike s = evacuations(3, TRIPMAP_SPIKE_HIGH, 1);

	s.gap_min = 0;
	CHECK_HAS(spike_says(s), "; consecutive, with nothing between two of them.");
	CHECK_NEVER(said, "0 ns apart");
}

static void bins(void)
{
	struct report r = windowed();

	r.nspikes = 1;
	CHECK(!explain_bins(&r, said, sizeof(said)));
	r.near_ns = 500000;
	r.far_ns = 1800000;
	CHECK(explain_bins(&r, said, sizeof(said)));
	CHECK_TEXT(said, "Near is up to 500.0 us, further up to 1.8 ms, far is more (spike_near_us, spike_far_us).");
	r.nspikes = 0;
	CHECK(!explain_bins(&r, said, sizeof(said)));
}

static void few_pauses(void)
{
	struct spike s = evacuations(1, TRIPMAP_SPIKE_NONE, 0);

	CHECK_TEXT(spike_says(s),
		   "One evacuation pause of 12.0 us, 200.0 us before the violation.");
	s.last = 0;
	CHECK_TEXT(spike_says(s), "One evacuation pause of 12.0 us, up to the violation.");
	s.count = 0;
	CHECK_TEXT(spike_says(s), "No evacuation pauses.");
	s.has &= ~(1ULL << TRIPMAP_A_SPIKE_KIND);
	CHECK_TEXT(spike_says(s), "No pause of any kind.");
	CHECK_TEXT(explain_spike_kind(&s), "all");
	s = evacuations(1, TRIPMAP_SPIKE_NONE, 0);
	s.kind = NKINDS;
	CHECK_HAS(spike_says(s), "unknown to this tripctl");
	CHECK_TEXT(explain_bin(0), "near");
	CHECK_TEXT(explain_bin(TRIPMAP_NEAR_BINS), "unknown");
}

/* --- clocks --- */

static const char *clocks_say(const struct report *r)
{
	explain_clocks(r, said, sizeof(said));
	return said;
}

static void clocks(void)
{
	struct report r = windowed();

	r.time_real = 1700000000000000000;
	CHECK_HAS(clocks_say(&r), "No clocks were read");
	CHECK(explain_clock(&r, CLOCK_WALL, r.time - 5) == r.time_real - 5);
	CHECK(!explain_clock_known(&r, CLOCK_TRACE) && explain_clock_known(&r, CLOCK_WALL));
	r.nclocks = 2;
	r.clock[0] = (struct reading){ .has = ~0ULL, .mono = 50001000, .real = 9000001000,
				       .boot = 60001000, .trace = 70001000, .error = 180 };
	r.clock[1] = r.clock[0];
	CHECK_TEXT(clocks_say(&r), "Wall times are exact to 180 ns.");
	CHECK(explain_clock(&r, CLOCK_WALL, 49999000) == 8999999000);
	CHECK(explain_clock(&r, CLOCK_BOOT, 49999000) == 59999000);
	CHECK(explain_clock(&r, CLOCK_TRACE, 49999000) == 69999000);
	CHECK(explain_clock(&r, CLOCK_MONO, 49999000) == 49999000);
}

/* A step of the wall clock is told, and on which side of the violation; drift is not. */
static void clock_steps(void)
{
	struct report r = windowed();

	r.nclocks = 2;
	r.clock[0] = r.clock[1] = (struct reading){ .has = ~0ULL, .step = 999999 };
	CHECK_NEVER(clocks_say(&r), "was set");
	r.clock[0].step = -3600000000000;
	CHECK_HAS(clocks_say(&r), "The wall clock was set back by 1.0 h at some time between");
	CHECK_NEVER(said, "after the violation");
	r.clock[0].step = 0;
	r.clock[1].step = 1000000;
	CHECK_HAS(clocks_say(&r), "was set forward by 1.0 ms after the violation");
	CHECK_NEVER(said, "between the reading");
}

/* --- causes --- */

static void causes(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_EXITING_WRITER);

	CHECK(explain_chain(&r->victim, said, sizeof(said)));
	CHECK_TEXT(said,
		   "nightly > gc > expire > queued by queuer (pid 77, cpu 1) in session_close+0x30/0x50 [sessions] > worker session_b (pid 120, cpu 0) running session_reap [sessions] > delete");
	explain_labels(&r->victim, said, sizeof(said));
	CHECK_TEXT(said, "expire, part of gc, part of nightly");
	r->victim.nlabels = 0;
	r->victim.origin.has = 0;
	CHECK(!explain_chain(&r->victim, said, sizeof(said)));
	explain_labels(&r->victim, said, sizeof(said));
	CHECK_TEXT(said, "");
	free(r);
}

/* --- stretches --- */

static const struct span *span_at(const struct history *h, uint8_t kind, int64_t begin)
{
	static const struct span none;

	for (size_t i = 0; i < h->nspans; i++)
		if (h->span[i].kind == kind && h->span[i].begin == begin)
			return &h->span[i];
	printf("# no span of kind %u at %lld\n", kind, (long long)begin);
	tap_failed = true;
	return &none;
}

static void stretches(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	const struct span *s;
	struct history h;

	CHECK(history_of(r, &h));
	CHECK(h.first == -10000000 && h.last == 0);
	CHECK(h.ncpus == 3 && h.cpu[0] == 0 && h.cpu[1] == 1 && h.cpu[2] == 3);
	s = span_at(&h, SPAN_INSIDE, -9900000);
	CHECK(s->end == -9897000 && !s->open && s->first != s->last && s->party == PARTY_NONE);
	s = span_at(&h, SPAN_INSIDE, -12000);
	CHECK(s->open && s->end == 0 && s->party == PARTY_HOLDER && !s->coarse);
	s = span_at(&h, SPAN_VICTIM, -1100);
	CHECK(s->party == PARTY_VICTIM && s->end == 0 && !s->first);
	s = span_at(&h, SPAN_RESIZE, -4900000);
	CHECK(s->end == -1500000 && !span_on_cpu(s));
	s = span_at(&h, SPAN_STEP, -2900000);
	CHECK(s->end == -2890000 && span_on_cpu(s));
	s = span_at(&h, SPAN_PAUSE, -6000000);
	CHECK(s->pause == TRIPMAP_PAUSE_KIND_GRACE && !span_on_cpu(s));
	/* The violation is the report's; its event is not a second one. */
	s = span_at(&h, SPAN_MARK, 0);
	CHECK(s->clash);
	CHECK(h.span[h.nspans - 1].clash && !h.span[h.nspans - 2].clash);
	for (size_t i = 1; i < h.nspans; i++)
		CHECK(h.span[i - 1].begin <= h.span[i].begin);
	history_drop(&h);
	free(r);
}

static struct record write_event(uint8_t event, uint64_t time, uint32_t pid, uint64_t duration)
{
	return (struct record){ .event = event, .time = time, .pid = pid, .duration = duration,
				.table_id = 4, .op = TRIPMAP_OP_STORE };
}

/* Ends without a begin, begins without an end, and a holder that nobody observed. */
static void cut_stretches(void)
{
	struct record e[] = {
		write_event(TRIPMAP_EVENT_WRITE_END, 41000000, 7, 2000000),
		write_event(TRIPMAP_EVENT_WRITE_BEGIN, 42000000, 7, 0),
		write_event(TRIPMAP_EVENT_WRITE_BEGIN, 43000000, 8, 0),
		write_event(TRIPMAP_EVENT_WRITE_END, 44000000, 9, 500000),
	};
	struct report r = windowed();
	const struct span *s;
	struct history h;

	/* Of one CPU more may be there than what is complete on all of them. */
	r.window.begin = 42500000;
	r.record = e;
	r.nrecords = ARRAY_SIZE(e);
	r.victim.has = r.holder.has = 1;
	r.holder.pid = 8;
	r.holder.since = 46000000;
	r.half = TRIPMAP_HALF_COMPLETE;
	CHECK(history_of(&r, &h));
	CHECK(h.first == -9000000);
	s = span_at(&h, SPAN_INSIDE, -11000000);
	CHECK(s->before && !s->open && s->end == -9000000);
	s = span_at(&h, SPAN_INSIDE, -8000000);
	CHECK(!s->before && s->unseen && !s->open && s->end == -7000000);
	s = span_at(&h, SPAN_INSIDE, -7000000);
	CHECK(s->unseen && !s->open && s->end == -6500000 && s->party == PARTY_NONE);
	s = span_at(&h, SPAN_INSIDE, -4000000);
	CHECK(s->coarse && s->open && s->party == PARTY_HOLDER && !s->first);
	history_drop(&h);
	/* Its clock is coarse: it cannot have come before another one had left. */
	r.holder.since = 41000000;
	CHECK(history_of(&r, &h));
	s = span_at(&h, SPAN_INSIDE, -6000000);
	CHECK(s->coarse && s->open && s->party == PARTY_HOLDER);
	history_drop(&h);
	/* Who was not inside, such as an owner, has no stretch. */
	r.half = TRIPMAP_HALF_NONE;
	CHECK(history_of(&r, &h));
	for (size_t i = 0; i < h.nspans; i++)
		CHECK(h.span[i].party != PARTY_HOLDER);
	history_drop(&h);
}

/* A time from a coarse clock gives way to the event's, and is no longer called coarse. */
static void refined(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	static struct explanation e;

	explain_since(r, &r->holder, said, sizeof(said));
	CHECK_TEXT(said, "up to 12.0 ms before");
	history_refine(r);
	explain_since(r, &r->holder, said, sizeof(said));
	CHECK_TEXT(said, "12.0 us before");
	explain(r, &e);
	CHECK(e.moment[0].ns == -12000 && !e.moment[0].coarse);
	free(r);
	/* Where no event tells, the time stays as it is. */
	r = sample_bare(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	history_refine(r);
	CHECK(!r->holder_exact && r->holder.since == r->time - 12001600);
	free(r);
}

/* --- lines --- */

static uint32_t events_in(const struct timeline *t, bool shown)
{
	uint32_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->line[i].shown || !shown)
			n += t->line[i].events;
	return n;
}

static const struct line *line_that(const struct timeline *t, const char *part)
{
	for (size_t i = 0; i < t->n; i++)
		if (strstr(t->line[i].text, part))
			return &t->line[i];
	printf("# no line with \"%s\"\n", part);
	tap_failed = true;
	return &t->line[0];
}

static void grouped(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	const struct line *l;
	struct timeline t;
	struct history h;

	CHECK(history_of(r, &h) && timeline_of(r, &h, &t));
	/* All but the one of the violation itself, for which there is the report's line. */
	CHECK(events_in(&t, false) == r->nrecords - 1);
	l = line_that(&t, "49 x store by session_a (pid 119), 3.0 us each");
	CHECK(l->count == 49 && l->events == 49 * 4 && l->end == -5097000);
	CHECK_HAS(l->text, "(of it 19.6 us changing buckets) [flush, part of sync]");
	CHECK_NEVER(l->text, "evacuating");
	l = line_that(&t, "bucket 17, inside for 3.0 us (of it 1.5 us evacuating");
	CHECK(l->events == 6 && l->count == 1);
	CHECK_HAS(l->text, "1 bucket moved)");
	line_that(&t, "resize of sessions to 16384 buckets begins, it will take 3.4 ms");
	line_that(&t, "resize of sessions ends, 8192 old buckets are given up");
	line_that(&t, "grace period of 5.0 ms");
	line_that(&t, "step of walk 8 by pid 301 in 10.0 us");
	line_that(&t, "another violation: write-during-write, report 6, session_b (pid 120)");
	line_that(&t, "store by session_a (pid 119): begins, and is inside still at the end");
	line_that(&t, "delete by session_b (pid 120) begins, which becomes the violation");
	CHECK_TEXT(t.line[t.n - 1].text, "violation: write-during-write, EBUSY");
	timeline_drop(&t);
	history_drop(&h);
	free(r);
}

static void writes_in_words(void)
{
	struct record e = write_event(TRIPMAP_EVENT_WRITE_END, 0, 9, 0);
	struct span s = { .kind = SPAN_INSIDE, .op = TRIPMAP_OP_STORE, .pid = 9, .end = 2000,
			  .first = &e, .last = &e };
	struct report r = windowed();

	timeline_span(&r, &s, said, sizeof(said));
	CHECK_TEXT(said, "store by pid 9, inside for 2.0 us");
	e.result = -EAGAIN;
	timeline_span(&r, &s, said, sizeof(said));
	CHECK_TEXT(said, "store by pid 9, inside for 2.0 us, left for want of memory");
	s.op = TRIPMAP_OP_COMPARE_SWAP;
	s.unseen = s.before = true;
	timeline_span(&r, &s, said, sizeof(said));
	CHECK_TEXT(said, "compare-swap by pid 9, inside for at most 2.0 us, since before all this, EAGAIN");
	e.result = -ENOSPC;
	s.context = TRIPMAP_CONTEXT_SOFTIRQ;
	s.open = true;
	s.before = false;
	timeline_span(&r, &s, said, sizeof(said));
	CHECK_TEXT(said, "compare-swap by softirq above pid 9: begins, and is inside still at the end, ENOSPC");
}

static void resizes_in_words(void)
{
	struct record e = { .event = TRIPMAP_EVENT_GROW_BEGIN, .value = 8, .table = "t" };
	struct span s = { .kind = SPAN_RESIZE, .end = 2000, .open = true, .first = &e, .last = &e };
	struct report r = windowed();

	timeline_span(&r, &s, said, sizeof(said));
	CHECK_TEXT(said, "resize of t to 8 buckets begins, and goes on");
	e = (struct record){ .event = TRIPMAP_EVENT_GROW_END, .value = 4 };
	s.open = false;
	s.before = true;
	timeline_span(&r, &s, said, sizeof(said));
	CHECK_TEXT(said, "resize of a table that is gone is under way already");
}

/* Every kind of event that stands alone has words of its own. */
static void events_in_words(void)
{
	static const struct {
		uint8_t		event;
		const char	*says;
	} cases[] = {
		{ TRIPMAP_EVENT_GROW_STEP, "bucket 3 of the old array of t moved, pid 9" },
		{ TRIPMAP_EVENT_RETRY, "lookup looked again 3 times, pid 9" },
		{ TRIPMAP_EVENT_LOCK_WAIT, "waited for a lock for 2.0 us, pid 9" },
		{ TRIPMAP_EVENT_ITERATE_OPEN, "walk 3 of t begins, pid 9" },
		{ TRIPMAP_EVENT_ITERATE_CLOSE, "walk 3 of t ends, pid 9" },
		{ TRIPMAP_EVENT_TABLE_NEW, "table t is made, pid 9" },
		{ TRIPMAP_EVENT_TABLE_DEL, "t is destroyed, pid 9" },
		{ TRIPMAP_EVENT_POLICY, "rule of t for reentrant-write becomes warn, pid 9" },
		{ TRIPMAP_EVENT_MAX + 1, "unknown, pid 9" },
	};
	struct report r = windowed();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct record e = { .event = cases[i].event, .pid = 9, .value = 3, .table = "t",
				    .duration = 2000,
				    .class = TRIPMAP_CLASS_REENTRANT_WRITE };
		struct span s = { .kind = SPAN_MARK, .pid = 9, .first = &e, .last = &e };

		timeline_span(&r, &s, said, sizeof(said));
		CHECK_TEXT(said, cases[i].says);
	}
}

#define CROWD	4000

/* However many there are, so many lines are drawn; what matters is among them. */
static void a_crowd(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	struct record *e = calloc(CROWD, sizeof(*e));
	struct timeline t;
	struct history h;
	unsigned int shown = 0, gaps = 0;

	for (size_t i = 0; i < CROWD; i++) {
		/* No two neighbours are alike. */
		e[i] = write_event(TRIPMAP_EVENT_WRITE_END, r->time - (CROWD - i) * 2000,
				   (uint32_t)(1000 + i), 500);
		if (i % 300 == 5)
			e[i].event = TRIPMAP_EVENT_POLICY;
	}
	r->record = e;
	r->nrecords = CROWD;
	CHECK(history_of(r, &h) && timeline_of(r, &h, &t));
	CHECK(events_in(&t, false) == CROWD);
	for (size_t i = 0; i < t.n; i++) {
		shown += t.line[i].shown;
		gaps += !t.line[i].shown && (!i || t.line[i - 1].shown);
	}
	CHECK(shown + gaps <= TIMELINE_LINES && shown > TIMELINE_LINES / 2);
	for (size_t i = 0; i < t.n; i++)
		CHECK(t.line[i].shown || t.line[i].span->party == PARTY_NONE);
	CHECK(line_that(&t, "rule of")->count == 1);
	CHECK(t.line[t.n - 2].shown && events_in(&t, true) < TIMELINE_LINES);
	timeline_drop(&t);
	history_drop(&h);
	free(e);
	free(r);
}

/* --- as text and JSON --- */

static struct report *shown;
static struct report_view view;

static void show(void)
{
	report_show(shown, sample_table(), &view);
}

static char *text_of(struct report *r, bool json)
{
	char *text;

	shown = r;
	out_init(json, false);
	text = tap_capture(stdout, show);
	out_init(false, false);
	return text;
}

static void drawn(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *text;

	view = (struct report_view){ .events = false };
	text = text_of(r, false);
	CHECK_HAS(text, "         cpu  0 1 3\n");
	CHECK_HAS(text, "   -9.900 ms  . o .  49 x store");
	CHECK_HAS(text, "   -12.0 us  . o .  store by session_a");
	CHECK_HAS(text, "    -1.1 us  o | .  delete by session_b");
	CHECK_HAS(text, "           0  X | .  violation: write-during-write");
	CHECK_HAS(text, "  Victim: nightly > gc > expire > session_b");
	CHECK_HAS(text, "  Three evacuation pauses within 4.0 ms");
	CHECK_HAS(text, "  evacuate      12        3    1  near\n");
	CHECK_HAS(text, "label         expire, part of gc, part of nightly       | flush, part");
	CHECK_NEVER(text, "left out\n");
	CHECK_NEVER(text, "other victim");
	CHECK_NEVER(text, "EVENT BY EVENT");
	free(text);
	free(r);
}

/* More events than there are lines: how many are not shown is said. */
static void left_out(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	struct record *e = calloc(100, sizeof(*e));
	char *text;

	for (size_t i = 0; i < 100; i++)
		e[i] = write_event(TRIPMAP_EVENT_WRITE_END, r->time - (100 - i) * 2000,
				   (uint32_t)(1000 + i), 500);
	r->record = e;
	r->nrecords = 100;
	view = (struct report_view){ .events = false };
	text = text_of(r, false);
	CHECK_HAS(text, "  ... 74 events left out\n");
	free(text);
	free(e);
	free(r);
}

/* With more CPUs than there is room for, each line names its own. */
static void many_cpus(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	struct record e[20];
	char *text;

	for (uint32_t i = 0; i < ARRAY_SIZE(e); i++) {
		e[i] = write_event(TRIPMAP_EVENT_WRITE_END, r->time - 2000 * (20 - i), 1000 + i,
				   500);
		e[i].cpu = i;
	}
	r->record = e;
	r->nrecords = ARRAY_SIZE(e);
	view = (struct report_view){ .events = false };
	text = text_of(r, false);
	CHECK_HAS(text, "    -6.5 us   cpu 17: store by pid 1017, inside for 500 ns\n");
	CHECK_NEVER(text, "cpu  0 1");
	r->nrecords = 10;
	free(text);
	text = text_of(r, false);
	CHECK_HAS(text, "cpu  0 1 2 3 4 5 6 7 8 9\n");
	CHECK_NEVER(text, "cpu 9: ");
	free(text);
	free(r);
}

static const char * const clock_times[REPORT_CLOCKS] = {
	[CLOCK_VIOLATION] = "-212.0 us  . o .  evacuate pause",
	[CLOCK_MONO] = "4999.999788000  . o .  evacuate pause",
	[CLOCK_WALL] = "22:13:19.999788000  . o .  evacuate pause",
	[CLOCK_BOOT] = "5006.999788000  . o .  evacuate pause",
	[CLOCK_TRACE] = "4999.999790000  . o .  evacuate pause",
};

static void by_every_clock(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);

	setenv("TZ", "UTC", 1);
	for (unsigned int clock = 0; clock < REPORT_CLOCKS; clock++) {
		char *text;

		view = (struct report_view){ .events = true, .clock = (enum report_clock)clock };
		text = text_of(r, false);
		CHECK_HAS(text, clock_times[clock]);
		CHECK_HAS(text, "EVENT BY EVENT (");
		CHECK_HAS(text, "  119  write-begin  store      sessions  ");
		free(text);
	}
	unsetenv("TZ");
	free(r);
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *inner = json_object_object_get(o, key);

	if (!inner) {
		printf("# no \"%s\"\n", key);
		tap_failed = true;
	}
	return inner;
}

static void check_event(struct json_object *o, const struct report *r)
{
	CHECK(json_object_get_int64(at(o, "ns")) == -9900000);
	CHECK(json_object_get_uint64(at(o, "monotonic")) == r->time - 9900000);
	CHECK(json_object_get_uint64(at(o, "real")) == r->time_real - 9900000);
	CHECK_TEXT(json_object_get_string(at(o, "event")), "write-begin");
	CHECK_TEXT(json_object_get_string(at(o, "label")), "flush");
	CHECK(json_object_get_int(at(o, "cpu")) == 1 && json_object_get_int(at(o, "pid")) == 119);
	CHECK(!json_object_object_get(o, "bucket"));
}

static void in_json(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *text = text_of(r, true);
	struct json_object *o = json_tokener_parse(text), *spike, *clock;

	CHECK(json_object_array_length(at(o, "events")) == r->nrecords);
	check_event(json_object_array_get_idx(at(o, "events"), 0), r);
	CHECK_TEXT(json_object_get_string(at(at(o, "window"), "state")), "frozen");
	CHECK(json_object_get_uint64(at(at(o, "window"), "complete_since")) == r->time - 10000000);
	spike = json_object_array_get_idx(at(o, "spikes"), 0);
	CHECK_TEXT(json_object_get_string(at(spike, "spike")), "high");
	CHECK_TEXT(json_object_get_string(at(spike, "distance")), "near");
	CHECK(json_object_get_int(at(at(spike, "near"), "further")) == 3);
	CHECK(json_object_array_length(at(o, "clocks")) == 2);
	clock = json_object_array_get_idx(at(o, "clocks"), 0);
	CHECK(json_object_get_int(at(clock, "error")) == 180);
	CHECK(json_object_array_length(at(at(o, "victim"), "labels")) == 3);
	CHECK_HAS(json_object_get_string(at(at(o, "causes"), "holder")), "nightly > sync > flush");
	json_object_put(o);
	free(text);
	free(r);
}

/* Nothing is known of it, and nothing is made up. */
static void without_events(void)
{
	struct report *r = sample_bare(TRIPMAP_CLASS_WRITE_DURING_WRITE);
	char *text, *json = text_of(r, true);

	view = (struct report_view){ .events = true };
	text = text_of(r, false);
	CHECK_HAS(text, "This kernel module keeps no events.");
	CHECK_HAS(text, "other victim\n");
	CHECK_HAS(text, "  o    .  session_a");
	CHECK_HAS(text, "  |<---X");
	CHECK_NEVER(text, "EVENT BY EVENT");
	CHECK_NEVER(text, "CAUSES");
	CHECK_NEVER(json, "\"window\"");
	CHECK_NEVER(json, "\"causes\"");
	CHECK_NEVER(json, "\"events\"");
	free(text);
	free(json);
	free(r);
}

/* --- hostile labels --- */

static bool (*exporter)(FILE *f, const struct report *r, const struct table *t);

static void export(void)
{
	exporter(stdout, shown, sample_table());
}

static struct report *hostile(void)
{
	struct report *r = sample_full(TRIPMAP_CLASS_WRITE_DURING_WRITE);

	snprintf(r->victim.label[0], LABEL_SIZE, "%s", HOSTILE_LABEL);
	snprintf(r->record[r->nrecords - 2].label, LABEL_SIZE, "%s", HOSTILE_LABEL);
	return r;
}

static void hostile_labels(void)
{
	static const struct {
		bool		(*exporter)(FILE *f, const struct report *r, const struct table *t);
		const char	*has;
	} cases[] = {
		{ report_html, "&lt;b&gt;&quot;\\\\N&amp;lt;\\x1b\\x0a" },
		{ report_dot, "label=\"<b>\\\"\\\\\\\\N&amp;lt;\\\\x1b\\\\x0a\\n\"" },
		{ report_perfetto, "\"name\":\"<b>\\\"\\\\\\\\N&lt;\\\\x1b\\\\x0a\"" },
	};
	struct report *r = hostile();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text;

		shown = r;
		exporter = cases[i].exporter;
		text = tap_capture(stdout, export);
		CHECK_HAS(text, cases[i].has);
		CHECK(!strchr(text, '\033'));
		free(text);
	}
	free(r);
}

static void hostile_labels_shown(void)
{
	struct report *r = hostile();
	char *text, *json;
	struct json_object *o, *label;

	view = (struct report_view){ .events = true };
	text = text_of(r, false);
	json = text_of(r, true);
	CHECK(!strchr(text, '\033') && !strchr(json, '\033'));
	CHECK_HAS(text, "<b>\"\\\\N&lt;\\x1b\\x0a");
	o = json_tokener_parse(json);
	label = json_object_array_get_idx(at(at(o, "victim"), "labels"), 0);
	CHECK_TEXT(json_object_get_string(label), HOSTILE_LABEL);
	json_object_put(o);
	free(text);
	free(json);
	free(r);
}

const struct tap_test past_tests[] = {
	{ "past: no window", no_window },
	{ "past: a whole window", a_whole_window },
	{ "past: a window of few", a_window_of_few },
	{ "past: a window with gaps", a_window_with_gaps },
	{ "past: spikes told apart", spikes_told_apart },
	{ "past: spikes without a gap", without_a_gap },
	{ "past: few pauses", few_pauses },
	{ "past: distances", bins },
	{ "past: clocks", clocks },
	{ "past: a clock that was set", clock_steps },
	{ "past: causes", causes },
	{ "past: stretches", stretches },
	{ "past: stretches that are cut", cut_stretches },
	{ "past: a time refined", refined },
	{ "past: grouped", grouped },
	{ "past: writes in words", writes_in_words },
	{ "past: resizes in words", resizes_in_words },
	{ "past: events in words", events_in_words },
	{ "past: a crowd", a_crowd },
	{ "past: drawn", drawn },
	{ "past: what is left out", left_out },
	{ "past: many CPUs", many_cpus },
	{ "past: by every clock", by_every_clock },
	{ "past: JSON", in_json },
	{ "past: without events", without_events },
	{ "past: hostile labels, passed on", hostile_labels },
	{ "past: hostile labels, shown", hostile_labels_shown },
	{ NULL, NULL },
};
