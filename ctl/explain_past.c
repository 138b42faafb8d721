// SPDX-License-Identifier: GPL-2.0
/* Words for what went before: the window, spikes, clocks, and causes. */
#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "text.h"
#include "when.h"

/* What one pause of a kind is called, and several. */
struct pause_text {
	const char	*one;
	const char	*many;
};

static const struct pause_text pause_texts[] = {
	[TRIPMAP_PAUSE_KIND_WRITE] = { "long write", "long writes" },
	[TRIPMAP_PAUSE_KIND_ODD] = { "long change of a bucket", "long changes of buckets" },
	[TRIPMAP_PAUSE_KIND_READ_RETRY] = { "repeated lookup", "repeated lookups" },
	[TRIPMAP_PAUSE_KIND_LOCK_WAIT] = { "wait for a lock", "waits for a lock" },
	[TRIPMAP_PAUSE_KIND_GROW] = { "wait for memory", "waits for memory" },
	[TRIPMAP_PAUSE_KIND_EVACUATE] = { "evacuation pause", "evacuation pauses" },
	[TRIPMAP_PAUSE_KIND_GRACE] = { "grace period", "grace periods" },
	[TRIPMAP_PAUSE_KIND_DUMP] = { "long step of a walk", "long steps of walks" },
};

_Static_assert(ARRAY_SIZE(pause_texts) == NKINDS, "a text a kind");

static const struct pause_text any_pause = { "pause of any kind", "pauses of all kinds" };
static const struct pause_text newer_pause = { "pause of a kind unknown to this tripctl",
					       "pauses of a kind unknown to this tripctl" };

static const struct pause_text *pause_text(const struct spike *s)
{
	if (!HAS(s, TRIPMAP_A_SPIKE_KIND))
		return &any_pause;
	return s->kind < NKINDS ? &pause_texts[s->kind] : &newer_pause;
}

const char *explain_spike_kind(const struct spike *s)
{
	return HAS(s, TRIPMAP_A_SPIKE_KIND) ? explain_name(tripmap_pause_kind_name(s->kind)) :
					      "all";
}

/* --- the window --- */

static void add_share(struct text *t, const struct window *w)
{
	if (!HAS(w, TRIPMAP_A_WINDOW_SHARE) || !w->share)
		return;
	if (w->share == 1)
		text_add(t, " Every write was observed");
	else
		text_add(t, " One write in %u was observed, but every one for a while after a violation",
			 w->share);
	if (HAS(w, TRIPMAP_A_WINDOW_RECORDER))
		text_add(t, "; reads were %s",
			 w->recorder == TRIPMAP_RECORDER_READS ? "recorded, too" : "not recorded");
	text_add(t, ".");
}

static void add_missing(struct text *t, const struct report *r)
{
	const struct window *w = &r->window;

	if (w->left_out)
		text_add(t, " %u older event%s had no place and %s left out.", w->left_out,
			 w->left_out == 1 ? "" : "s", w->left_out == 1 ? "was" : "were");
	if (w->lost)
		text_add(t, " %llu event%s lost: overwritten while being copied.",
			 (unsigned long long)w->lost, w->lost == 1 ? " was" : "s were");
	if (w->events > r->nrecords)
		text_add(t, " %llu of them are not shown to this reader.",
			 (unsigned long long)(w->events - r->nrecords));
}

static void add_complete(struct text *t, const struct report *r)
{
	const struct window *w = &r->window;
	char since[SPAN_TEXT], length[SPAN_TEXT];

	if (!w->begin || w->begin >= r->time)
		return;
	span_text(r->time - w->begin, since);
	if (w->lost)
		text_add(t, " Complete since %s before the violation, but for what was lost.",
			 since);
	else
		text_add(t, " Complete since %s before the violation.", since);
	if (w->length > r->time - w->begin)
		text_add(t, " It was to be %s; of the time before that some is overwritten.",
			 span_text(w->length, length));
}

static const char * const no_window[] = {
	[TRIPMAP_WINDOW_NONE] = "Nothing: the recorder was off (parameter recorder).",
	[TRIPMAP_WINDOW_PENDING] = "The events are still being copied: look again.",
	[TRIPMAP_WINDOW_MISSED] =
		"The events were not kept: too many reports at a time, no memory for them, or given up for later reports.",
};

void explain_window(const struct report *r, char *text, size_t size)
{
	const struct window *w = &r->window;
	struct text t = text_in(text, size);

	if (!w->has) {
		text_add(&t, "This kernel module keeps no events.");
	} else if (w->state != TRIPMAP_WINDOW_FROZEN) {
		text_add(&t, "%s", w->state < ARRAY_SIZE(no_window) ? no_window[w->state] :
			 "The events are in a state unknown to this tripctl.");
	} else {
		text_add(&t, w->events == 1 ? "1 event was kept." : w->events ?
			 "%u events were kept." : "No event was kept.", w->events);
		add_complete(&t, r);
		add_missing(&t, r);
		add_share(&t, w);
	}
}

/* --- spikes --- */

static void add_count(struct text *t, uint32_t n)
{
	static const char * const words[] = {
		"No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
		"Eleven", "Twelve",
	};

	if (n < ARRAY_SIZE(words))
		text_add(t, "%s", words[n]);
	else
		text_add(t, "%u", n);
}

static void add_last(struct text *t, const struct spike *s)
{
	char span[SPAN_TEXT];

	if (s->last)
		text_add(t, "%s before the violation", span_text(s->last, span));
	else
		text_add(t, "up to the violation");
}

/* Frequency, closeness and coupling are three things: each is said on its own. */
static void add_verdict(struct text *t, const struct spike *s)
{
	char gap[SPAN_TEXT];

	if (s->spike == TRIPMAP_SPIKE_HIGH)
		text_add(t, ": a high-frequency spike");
	else if (s->spike == TRIPMAP_SPIKE_TIGHT)
		text_add(t, ": tightly coupled, no more than %s between neighbours",
			 span_text(s->gap_max, gap));
	else
		text_add(t, ": no spike, up to %s apart", span_text(s->gap_max, gap));
	if (s->consecutive && !s->gap_min)
		text_add(t, "; consecutive, with nothing between two of them");
	else if (s->consecutive)
		text_add(t, "; consecutive, two of them stood %s apart",
			 span_text(s->gap_min, gap));
}

void explain_spike(const struct spike *s, char *text, size_t size)
{
	const struct pause_text *kind = pause_text(s);
	char span[SPAN_TEXT], longest[SPAN_TEXT];
	struct text t = text_in(text, size);

	if (!s->count && !HAS(s, TRIPMAP_A_SPIKE_KIND)) {
		text_add(&t, "No pause of any kind.");
		return;
	}
	add_count(&t, s->count);
	text_add(&t, " %s", s->count == 1 ? kind->one : kind->many);
	span_text(s->longest, longest);
	if (s->count > 1) {
		text_add(&t, " within %s, the longest %s, the last ", span_text(s->span, span),
			 longest);
		add_last(&t, s);
		add_verdict(&t, s);
	} else if (s->count) {
		text_add(&t, " of %s, ", longest);
		add_last(&t, s);
	}
	text_add(&t, ".");
}

bool explain_bins(const struct report *r, char *text, size_t size)
{
	char near[SPAN_TEXT], far[SPAN_TEXT];
	struct text t = text_in(text, size);

	if (!r->nspikes || !r->near_ns || !r->far_ns)
		return false;
	text_add(&t, "Near is up to %s, further up to %s, far is more (spike_near_us, spike_far_us).",
		 span_text(r->near_ns, near), span_text(r->far_ns, far));
	return true;
}

const char *explain_bin(unsigned int bin)
{
	static const char * const bins[TRIPMAP_NEAR_BINS] = { "near", "further", "far" };

	return bin < TRIPMAP_NEAR_BINS ? bins[bin] : "unknown";
}

/* --- clocks --- */

#define STEP_OF_NOTE	1000000	/* ns; less is what NTP does all the time */

static void add_step(struct text *t, const struct reading *c, const char *when)
{
	char span[SPAN_TEXT];

	if (HAS(c, TRIPMAP_A_CLOCK_STEP) && llabs(c->step) >= STEP_OF_NOTE)
		text_add(t, " The wall clock was set %s by %s %s.",
			 c->step < 0 ? "back" : "forward",
			 span_text((uint64_t)llabs(c->step), span), when);
}

void explain_clocks(const struct report *r, char *text, size_t size)
{
	struct text t = text_in(text, size);
	char span[SPAN_TEXT];

	if (!r->nclocks) {
		text_add(&t, "No clocks were read: wall times are by the report's own pair of times.");
		return;
	}
	text_add(&t, "Wall times are exact to %s.", span_text(r->clock[0].error, span));
	add_step(&t, &r->clock[0],
		 "at some time between the reading before and the violation: wall times of events before that are off by as much");
	if (r->nclocks > 1)
		add_step(&t, &r->clock[1],
			 "after the violation, before the events were copied: wall times here are by the clock as it was at the violation");
}

const char *explain_clock_name(unsigned int clock)
{
	static const char * const names[] = {
		[CLOCK_VIOLATION] = "violation", [CLOCK_MONO] = "mono", [CLOCK_WALL] = "wall",
		[CLOCK_BOOT] = "boot", [CLOCK_TRACE] = "trace",
	};

	return clock < ARRAY_SIZE(names) ? names[clock] : NULL;
}

/* Clocks but the first two are by the reading at the violation. */
uint64_t explain_clock(const struct report *r, enum report_clock clock, uint64_t mono)
{
	const struct reading own = { .mono = r->time, .real = r->time_real };
	const struct reading *c = r->nclocks ? &r->clock[0] : &own;

	switch (clock) {
	case CLOCK_WALL:
		return mono - c->mono + c->real;
	case CLOCK_BOOT:
		return mono - c->mono + c->boot;
	case CLOCK_TRACE:
		return mono - c->mono + c->trace;
	default:
		return mono;
	}
}

bool explain_clock_known(const struct report *r, enum report_clock clock)
{
	return clock <= CLOCK_WALL || r->nclocks;
}

/* --- causes --- */

void explain_labels(const struct party *p, char *text, size_t size)
{
	struct text t = text_in(text, size);

	for (unsigned int i = 0; i < p->nlabels; i++)
		text_add(&t, "%s%s", i ? ", part of " : "", p->label[i]);
}

bool explain_chain(const struct party *p, char *text, size_t size)
{
	struct text t = text_in(text, size);
	char who[500];

	if (!p->nlabels && !p->origin.has)
		return false;
	for (unsigned int i = p->nlabels; i--;)
		text_add(&t, "%s > ", p->label[i]);
	if (explain_origin(p, who, sizeof(who)))
		text_add(&t, "queued by %s > ", who);
	explain_party(p, who, sizeof(who));
	text_add(&t, "%s > %s", who, explain_name(tripmap_op_name(p->op)));
	return true;
}
