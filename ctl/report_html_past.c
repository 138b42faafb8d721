// SPDX-License-Identifier: GPL-2.0
/*
 * The page's account of what went before: words, drawings and a list. Drawings
 * are SVG, a row a CPU: above who was inside, below who was held up. There are
 * two of them, for what decides is short against what led there.
 */
#include "html.h"

#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "history.h"
#include "timeline.h"
#include "when.h"

#define PARA_TEXT	900

const char html_past_style[] =
":root { --wip: #8a94a3; --mark: #1c2128; }\n"
"@media (prefers-color-scheme: dark) { :root { --mark: #e4e8ee; } }\n"
".wip { fill: var(--wip); } .in-victim { fill: var(--victim); } .in-holder { fill: var(--holder); }\n"
".step { fill: #7a9e3d; } .resize { fill: #c98a1b; } .k0 { fill: #9a6fd0; } .k1 { fill: #d0659f; }\n"
".k2 { fill: #2f9e9e; } .k3 { fill: #d9622b; } .k4 { fill: #6b8e23; } .k5 { fill: #e0a100; }\n"
".k6 { fill: #5f7fbf; } .k7 { fill: #3b9c5a; }\n"
".past line { stroke: var(--line); } .past .clash { stroke: var(--victim); stroke-width: 1.5; }\n"
".past .mark { stroke: var(--mark); } .past text { font-size: 9px; }\n"
".past { max-width: 56rem; margin: .5rem 0 1rem; } .past figcaption { font-size: .9rem; }\n"
".past figure { margin: 0 0 1rem; }\n"
".legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem;\n"
"  font-size: .85rem; }\n"
".legend svg { display: inline-block; width: .9em; height: .9em; margin-right: .35em;\n"
"  vertical-align: -.1em; }\n"
".moments .other { border-color: var(--wip); } .moments .gap { border-color: transparent; opacity: .75; }\n"
".moments .cpu { opacity: .75; } .near { table-layout: auto; max-width: 30rem; }\n"
".near th:nth-child(n) { width: auto; }\n"
".near .here { font-weight: 700; outline: 2px solid var(--victim); }\n";

/* --- words --- */

static void put_causes(FILE *f, const struct report *r)
{
	char chain[PARA_TEXT];
	bool victim = explain_chain(&r->victim, chain, sizeof(chain));

	if (!victim && !explain_chain(&r->holder, chain, sizeof(chain)))
		return;
	html_element(f, "h2", "", "Causes, the outermost first");
	fputs("<dl>\n", f);
	if (victim) {
		html_element(f, "dt", "", "victim");
		html_element(f, "dd", "", chain);
	}
	if (explain_chain(&r->holder, chain, sizeof(chain))) {
		html_element(f, "dt", "", "other party");
		html_element(f, "dd", "", chain);
	}
	fputs("</dl>\n", f);
}

static void put_near(FILE *f, const struct spike *s)
{
	if (!HAS(s, TRIPMAP_A_SPIKE_NEAR))
		return;
	fprintf(f, "<tr><td>%s</td>", explain_spike_kind(s));
	for (unsigned int i = 0; i < TRIPMAP_NEAR_BINS; i++)
		fprintf(f, "<td%s>%llu</td>", s->count && s->bin == i ? " class=\"here\"" : "",
			(unsigned long long)s->near[i]);
	fputs("</tr>\n", f);
}

static void put_distances(FILE *f, const struct report *r)
{
	char says[PARA_TEXT];

	if (!r->nspikes)
		return;
	fputs("<table class=\"near\">\n", f);
	html_element(f, "caption", "",
		     "Violations so far by the distance from the last pause");
	fputs("<tr><th>last pause</th>", f);
	for (unsigned int i = 0; i < TRIPMAP_NEAR_BINS; i++)
		html_element(f, "th", "", explain_bin(i));
	fputs("</tr>\n", f);
	for (unsigned int i = 0; i < r->nspikes; i++)
		put_near(f, &r->spike[i]);
	fputs("</table>\n", f);
	if (explain_bins(r, says, sizeof(says)))
		html_element(f, "p", "class=\"evidence\"", says);
}

static void put_words(FILE *f, const struct report *r)
{
	char says[PARA_TEXT];

	html_element(f, "h2", "", "Before the violation");
	explain_window(r, says, sizeof(says));
	html_element(f, "p", "", says);
	explain_clocks(r, says, sizeof(says));
	html_element(f, "p", "class=\"evidence\"", says);
	if (r->nspikes)
		fputs("<ul>\n", f);
	for (unsigned int i = 0; i < r->nspikes; i++) {
		explain_spike(&r->spike[i], says, sizeof(says));
		html_element(f, "li", "", says);
	}
	if (r->nspikes)
		fputs("</ul>\n", f);
	put_distances(f, r);
}

/* --- drawings --- */

#define DRAWN_WIDTH	360	/* in the drawing's own units, as all that follows */
#define DRAWN_LEFT	44
#define DRAWN_RIGHT	350
#define ROW		26
#define TOP		4
#define BAND		10	/* height of who is inside */
#define PAUSES		6	/* of who is held up, below it */
#define LEAST		.8	/* width of what is short: it is still to be seen */
#define TITLED		1.5	/* width from which on there is a text to it */

/* Rows: the CPUs, and one more each for what is no CPU's. */
enum { ROW_RESIZE, ROW_GRACE, ROWS_MORE };

struct drawing {
	FILE		*f;
	const struct report *r;
	const struct history *h;
	int64_t		first, last;	/* of what is drawn */
	int		more[ROWS_MORE];	/* the row of each, -1: none */
	unsigned int	rows;
	double		*until;		/* of a row and colour: what lies before is covered */
};

static double place_of(const struct drawing *d, int64_t ns)
{
	double share = (double)(ns - d->first) / (double)(d->last - d->first);

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return DRAWN_LEFT + share * (DRAWN_RIGHT - DRAWN_LEFT);
}

static unsigned int row_of(const struct drawing *d, const struct span *s)
{
	if (s->kind == SPAN_RESIZE)
		return (unsigned int)d->more[ROW_RESIZE];
	if (!span_on_cpu(s))
		return (unsigned int)d->more[ROW_GRACE];
	for (unsigned int i = 0; i < d->h->ncpus; i++)
		if (d->h->cpu[i] == s->cpu)
			return i;
	return 0;
}

static void class_of(const struct span *s, char *class, size_t size)
{
	static const char * const classes[] = {
		[SPAN_INSIDE] = "wip", [SPAN_VICTIM] = "in-victim", [SPAN_READ] = "step",
		[SPAN_STEP] = "step", [SPAN_RESIZE] = "resize",
	};

	if (s->kind == SPAN_PAUSE)
		snprintf(class, size, "k%u", s->pause);
	else
		snprintf(class, size, "%s", s->party == PARTY_HOLDER ? "in-holder" :
			 classes[s->kind]);
}

static void draw_titled(struct drawing *d, const struct span *s, const char *rect)
{
	char text[400], span[SPAN_TEXT];

	timeline_span(d->r, s, text, sizeof(text));
	fputs("<g><title>", d->f);
	html_textf(d->f, "%s before: %s", span_text((uint64_t)llabs(s->begin), span), text);
	fprintf(d->f, "</title>%s</g>\n", rect);
}

#define COLOURS		(NKINDS + SPAN_MARK)

static double *until_of(struct drawing *d, unsigned int row, const struct span *s)
{
	return &d->until[row * COLOURS + (s->kind == SPAN_PAUSE ? s->pause : NKINDS + s->kind)];
}

/* What is covered by the same colour already is not drawn again. */
static void draw_stretch(struct drawing *d, const struct span *s)
{
	unsigned int row = row_of(d, s);
	double *until = until_of(d, row, s);
	double x = place_of(d, s->begin), width = place_of(d, s->end) - x;
	bool plain = s->party == PARTY_NONE;
	char rect[200], class[16];

	width = width < LEAST ? LEAST : width;
	if (x + width > DRAWN_RIGHT)
		x = DRAWN_RIGHT - width;
	if (plain && x + width <= *until)
		return;
	*until = x + width > *until ? x + width : *until;
	class_of(s, class, sizeof(class));
	snprintf(rect, sizeof(rect),
		 "<rect class=\"%s\" x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\"/>", class, x,
		 TOP + row * ROW + (s->kind == SPAN_PAUSE ? BAND + 2 : 0), width,
		 s->kind == SPAN_PAUSE ? PAUSES : BAND);
	if (width >= TITLED || !plain)
		draw_titled(d, s, rect);
	else
		fprintf(d->f, "%s\n", rect);
}

static void draw_mark(struct drawing *d, const struct span *s)
{
	unsigned int y = TOP + row_of(d, s) * ROW;
	double x = place_of(d, s->begin);

	fprintf(d->f, "<line class=\"mark\" x1=\"%.2f\" x2=\"%.2f\" y1=\"%u\" y2=\"%u\"/>\n", x, x,
		y, y + BAND);
}

/* A write is a pause for others, and drawn as a writer inside already. */
static bool is_drawn_stretch(const struct span *s)
{
	return s->kind != SPAN_PAUSE || (s->pause != TRIPMAP_PAUSE_KIND_WRITE && s->pause < NKINDS);
}

/* Steps of an evacuation are many, and pauses as well; so are the other two. */
static bool is_drawn_mark(const struct span *s)
{
	return !s->clash && s->last->event != TRIPMAP_EVENT_GROW_STEP &&
	       s->last->event != TRIPMAP_EVENT_RETRY && s->last->event != TRIPMAP_EVENT_LOCK_WAIT;
}

static void draw_spans(struct drawing *d)
{
	for (size_t i = 0; i < d->h->nspans; i++) {
		const struct span *s = &d->h->span[i];

		if (s->end < d->first || s->begin > d->last)
			continue;
		if (s->kind == SPAN_MARK && is_drawn_mark(s))
			draw_mark(d, s);
		else if (s->kind != SPAN_MARK && is_drawn_stretch(s))
			draw_stretch(d, s);
	}
}

static void draw_row_name(struct drawing *d, unsigned int row, const char *name)
{
	unsigned int y = TOP + row * ROW;

	fprintf(d->f, "<text x=\"2\" y=\"%u\">%s</text>\n"
		"<line x1=\"%d\" x2=\"%d\" y1=\"%u\" y2=\"%u\"/>\n", y + BAND, name, DRAWN_LEFT,
		DRAWN_RIGHT, y + ROW - 4, y + ROW - 4);
}

static void draw_rows(struct drawing *d)
{
	static const char * const names[ROWS_MORE] = { "resize", "grace" };
	char name[24];

	for (unsigned int i = 0; i < d->h->ncpus; i++) {
		snprintf(name, sizeof(name), "cpu %u", d->h->cpu[i]);
		draw_row_name(d, i, name);
	}
	for (unsigned int i = 0; i < ROWS_MORE; i++)
		if (d->more[i] >= 0)
			draw_row_name(d, (unsigned int)d->more[i], names[i]);
}

#define TICKS	4

static void draw_axis(struct drawing *d)
{
	unsigned int bottom = TOP + d->rows * ROW;
	double zero = place_of(d, 0);
	char span[SPAN_TEXT];

	for (unsigned int i = 0; i < TICKS; i++) {
		int64_t ns = d->first - d->first * i / TICKS;
		double x = place_of(d, ns);

		fprintf(d->f, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%u\"/>\n"
			"<text x=\"%.1f\" y=\"%u\">-%s</text>\n", x, x, bottom + 2, x, bottom + 12,
			span_text((uint64_t)-ns, span));
	}
	fprintf(d->f, "<line class=\"clash\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%u\"/>\n"
		"<text x=\"%.1f\" y=\"%u\" text-anchor=\"end\">violation</text>\n", zero, zero,
		bottom + 2, zero + 8, bottom + 12);
}

static bool kind_is_there(const struct history *h, uint8_t kind, bool on_cpu)
{
	for (size_t i = 0; i < h->nspans; i++)
		if (h->span[i].kind == kind && span_on_cpu(&h->span[i]) == on_cpu)
			return true;
	return false;
}

static void count_rows(struct drawing *d)
{
	d->rows = (unsigned int)d->h->ncpus;
	d->more[ROW_RESIZE] = kind_is_there(d->h, SPAN_RESIZE, false) ? (int)d->rows++ : -1;
	d->more[ROW_GRACE] = kind_is_there(d->h, SPAN_PAUSE, false) ? (int)d->rows++ : -1;
}

static void draw(FILE *f, const struct report *r, const struct history *h, int64_t first)
{
	struct drawing d = { .f = f, .r = r, .h = h, .first = first, .last = h->last };
	char span[SPAN_TEXT];

	count_rows(&d);
	d.until = calloc(d.rows * COLOURS + 1, sizeof(*d.until));
	if (!d.until)
		return;
	fputs("<figure><figcaption>", f);
	html_textf(f, "The last %s", span_text((uint64_t)-first, span));
	fprintf(f, "</figcaption>\n<svg viewBox=\"0 0 %d %u\" role=\"img\" aria-label=\"time line\">\n",
		DRAWN_WIDTH, TOP + d.rows * ROW + 16);
	draw_rows(&d);
	draw_axis(&d);
	draw_spans(&d);
	fputs("</svg></figure>\n", f);
	free(d.until);
}

/* --- which stretch to draw from near --- */

#define CLOSE_SPANS	3	/* that are to be seen from near, at the least */

static size_t spans_since(const struct history *h, int64_t first)
{
	size_t n = 0;

	for (size_t i = 0; i < h->nspans; i++)
		n += h->span[i].end >= first;
	return n;
}

/* Does the victim's operation, as far as there is one, begin behind it? */
static bool has_victim(const struct history *h, int64_t first)
{
	for (size_t i = 0; i < h->nspans; i++)
		if (h->span[i].kind == SPAN_VICTIM && h->span[i].begin < first)
			return false;
	return true;
}

/* 0: the whole of it is near enough. */
static int64_t from_near(const struct history *h)
{
	static const int64_t lengths[] = {
		2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000, 2000000,
	};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		if (-lengths[i] > h->first / 3 && has_victim(h, -lengths[i]) &&
		    spans_since(h, -lengths[i]) >= CLOSE_SPANS)
			return -lengths[i];
	return 0;
}

/* --- legend --- */

static void put_colour(FILE *f, const char *class, const char *says)
{
	fprintf(f, "<li><svg viewBox=\"0 0 10 10\"><rect class=\"%s\" width=\"10\" height=\"10\"/></svg>%s</li>\n",
		class, says);
}

static bool pause_is_there(const struct history *h, uint8_t pause)
{
	for (size_t i = 0; i < h->nspans; i++)
		if (h->span[i].kind == SPAN_PAUSE && h->span[i].pause == pause)
			return is_drawn_stretch(&h->span[i]);
	return false;
}

static void put_legend(FILE *f, const struct history *h)
{
	char class[8], says[64];

	fputs("<ul class=\"legend\">\n", f);
	put_colour(f, "in-holder", "the other party inside");
	put_colour(f, "in-victim", "the victim");
	put_colour(f, "wip", "a writer inside");
	if (kind_is_there(h, SPAN_STEP, true) || kind_is_there(h, SPAN_READ, true))
		put_colour(f, "step", "a read, a step of a walk");
	if (kind_is_there(h, SPAN_RESIZE, false))
		put_colour(f, "resize", "resize");
	for (uint8_t i = 0; i < NKINDS; i++) {
		if (!pause_is_there(h, i))
			continue;
		snprintf(class, sizeof(class), "k%u", i);
		snprintf(says, sizeof(says), "pause: %s", tripmap_pause_kind_name(i));
		put_colour(f, class, says);
	}
	fputs("</ul>\n", f);
}

static void put_drawings(FILE *f, const struct report *r, const struct history *h)
{
	int64_t near = from_near(h);

	html_element(f, "h2", "", "Time line");
	fputs("<div class=\"past\">\n", f);
	if (h->first < 0)
		draw(f, r, h, h->first);
	if (near)
		draw(f, r, h, near);
	put_legend(f, h);
	fputs("</div>\n", f);
}

/* --- the list --- */

static void put_gap(FILE *f, uint64_t events)
{
	fputs("<li class=\"gap\"><span class=\"time\"></span><span>", f);
	html_textf(f, "... %llu event%s left out", (unsigned long long)events,
		   events == 1 ? "" : "s");
	fputs("</span></li>\n", f);
}

static const char *line_class(const struct span *s)
{
	if (s->clash)
		return "victim clash";
	return s->party == PARTY_VICTIM ? "victim" : s->party == PARTY_HOLDER ? "holder" : "other";
}

static void put_line(FILE *f, const struct line *l)
{
	char span[SPAN_TEXT];

	fprintf(f, "<li class=\"%s\"><span class=\"time\">", line_class(l->span));
	if (l->ns)
		html_textf(f, "%s%s%s", l->span->coarse ? "~" : "", l->ns < 0 ? "-" : "+",
			   span_text((uint64_t)llabs(l->ns), span));
	else
		fputs("0", f);
	fputs("</span><span>", f);
	if (span_on_cpu(l->span))
		fprintf(f, "<span class=\"cpu\">cpu %u</span> ", l->span->cpu);
	html_text(f, l->text);
	fputs("</span></li>\n", f);
}

static void put_lines(FILE *f, const struct timeline *t)
{
	uint64_t left_out = 0;

	fputs("<ol class=\"moments\">\n", f);
	for (size_t i = 0; i < t->n; i++) {
		const struct line *l = &t->line[i];

		if (!l->shown) {
			left_out += l->events;
			continue;
		}
		if (left_out)
			put_gap(f, left_out);
		left_out = 0;
		put_line(f, l);
	}
	fputs("</ol>\n", f);
	html_element(f, "p", "class=\"evidence\"",
		     "Times are from the violation on; ~ may be off by a clock tick.");
}

bool html_past(FILE *f, const struct report *r)
{
	struct timeline t;
	struct history h;

	put_causes(f, r);
	put_words(f, r);
	if (!r->nrecords || !history_of(r, &h))
		return false;
	put_drawings(f, r, &h);
	if (timeline_of(r, &h, &t))
		put_lines(f, &t);
	timeline_drop(&t);
	history_drop(&h);
	return true;
}
