// SPDX-License-Identifier: GPL-2.0
/*
 * A report as a page, which asks for nothing from elsewhere and forbids scripts.
 * Texts are written by html.h alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "html.h"
#include "out.h"
#include "report_show.h"
#include "types.h"
#include "when.h"

static const char head[] =
"<!DOCTYPE html>\n"
"<html lang=\"en\">\n"
"<head>\n"
"<meta charset=\"utf-8\">\n"
"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
"<style>\n"
":root { color-scheme: light dark; --ink: #1c2128; --paper: #fff; --soft: #f3f5f8; --line: #ccd3dc;\n"
"  --victim: #b4232a; --holder: #1d5fa8; }\n"
"@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --paper: #14181e; --soft: #1e242c;\n"
"  --line: #3a434f; --victim: #ff8a85; --holder: #7db8f5; } }\n"
"* { box-sizing: border-box; }\n"
"body { margin: 0 auto; padding: 1rem; max-width: 64rem; color: var(--ink); background: var(--paper);\n"
"  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }\n"
"h1 { font-size: 1.2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }\n"
".class { display: inline-block; padding: 0 .6em; border-radius: 1em; background: var(--victim);\n"
"  color: var(--paper); font-weight: 600; }\n"
".what { font-size: 1.15rem; }\n"
".parties { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr));\n"
"  gap: 1rem; }\n"
".party { border: 1px solid var(--line); border-top: .3rem solid var(--holder); border-radius: .4rem;\n"
"  padding: .5rem .8rem; min-width: 0; }\n"
".party.victim { border-top-color: var(--victim); }\n"
".party h3 { margin: 0 0 .3rem; font-size: .9rem; letter-spacing: .05em; }\n"
"dl { display: grid; grid-template-columns: minmax(5.5rem, max-content) minmax(0, 1fr);\n"
"  gap: .1rem .8rem; margin: 0; }\n"
"dt { opacity: .75; } dd { margin: 0; }\n"
"code, .stack, td, .key { font: .85rem/1.4 ui-monospace, monospace; }\n"
".stack { margin: .5rem 0 0; padding: .5rem 0 0; border-top: 1px solid var(--line); list-style: none; }\n"
".evidence { font-size: .9rem; opacity: .8; }\n"
"table { width: 100%; border-collapse: collapse; table-layout: fixed; margin: .5rem 0; }\n"
"caption { text-align: left; font-weight: 600; }\n"
"td, th { border: 1px solid var(--line); padding: .1rem .4rem; text-align: left; vertical-align: top; }\n"
"th { font-size: .8rem; opacity: .75; } th:nth-child(1), th:nth-child(2) { width: 2.6rem; }\n"
"tr.empty td { opacity: .45; } tr.victim td { background: color-mix(in srgb, var(--victim) 18%, transparent); }\n"
"tr.holder td { background: color-mix(in srgb, var(--holder) 18%, transparent); }\n"
"svg { width: 100%; height: auto; display: block; } svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }\n"
".moments { list-style: none; padding: 0; } .moments li { display: grid;\n"
"  grid-template-columns: 6rem minmax(0, 1fr); gap: .8rem; padding: .2rem 0 .2rem .6rem;\n"
"  border-left: .25rem solid var(--holder); margin-bottom: .2rem; }\n"
".moments .victim { border-color: var(--victim); } .moments .clash { font-weight: 600; }\n"
".time { text-align: right; font-variant-numeric: tabular-nums; }\n"
"footer { margin-top: 2rem; font-size: .85rem; opacity: .75; }\n";

/* name is this file's own, or an explained fact's. */
static void fact(FILE *f, const char *name, const char *raw)
{
	if (!raw[0])
		return;
	fputs("<dt>", f);
	for (; *name; name++)
		putc(*name == '_' ? ' ' : *name, f);
	fputs("</dt>", f);
	html_element(f, "dd", "", raw);
}

static void number_fact(FILE *f, const char *name, bool known, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	fact(f, name, known ? digits : "unknown");
}

/* --- parties --- */

static void put_frames(FILE *f, const char *title, const char (*frame)[FRAME_SIZE], unsigned int n)
{
	if (!n)
		return;
	fputs("<ol class=\"stack\">", f);
	html_element(f, "li", "", title);
	for (unsigned int i = 0; i < n; i++)
		html_element(f, "li", "", frame[i]);
	fputs("</ol>\n", f);
}

static void put_party_facts(FILE *f, const struct report *r, const struct party *p,
			    const struct field *key)
{
	char cell[4 * PARTY_KEY_MAX + 500];

	fact(f, "task", p->comm[0] ? p->comm : "name unknown");
	number_fact(f, "pid", HAS(p, TRIPMAP_A_PARTY_PID), p->pid);
	number_fact(f, "cpu", HAS(p, TRIPMAP_A_PARTY_CPU), p->cpu);
	fact(f, "context", explain_name(tripmap_context_name(p->context)));
	explain_flags(p, cell, sizeof(cell));
	fact(f, "flags", cell);
	explain_labels(p, cell, sizeof(cell));
	fact(f, "label", cell);
	fact(f, "work_item", p->work);
	if (explain_origin(p, cell, sizeof(cell)))
		fact(f, "queued_by", cell);
	fact(f, "operation", explain_name(tripmap_op_name(p->op)));
	explain_key(r, p, key, cell, sizeof(cell));
	fact(f, "key", cell);
	if (HAS(p, TRIPMAP_A_PARTY_BUCKET))
		number_fact(f, "bucket", true, p->bucket);
	explain_since(r, p, cell, sizeof(cell));
	fact(f, "since", cell);
	fact(f, "called_from", p->caller[0] ? p->caller : "unknown");
}

static void put_party(FILE *f, const struct report *r, const struct party *p, const char *title,
		      const struct field *key)
{
	fprintf(f, "<section class=\"party%s\">\n", p == &r->victim ? " victim" : "");
	html_element(f, "h3", "", title);
	fputs("<dl>\n", f);
	put_party_facts(f, r, p, key);
	fputs("</dl>\n", f);
	put_frames(f, "Stack, innermost first:", p->frame, p->nframes);
	put_frames(f, "Queued at:", p->origin.frame, p->origin.nframes);
	fputs("</section>\n", f);
}

static void put_parties(FILE *f, const struct report *r, const struct explanation *e,
			const struct field *key)
{
	html_element(f, "h2", "", "The parties");
	fputs("<div class=\"parties\">\n", f);
	put_party(f, r, &r->victim, e->victim_head, key);
	if (e->holder_head)
		put_party(f, r, &r->holder, e->holder_head, key);
	fputs("</div>\n", f);
	fputs("<p>", f);
	html_textf(f, "Of the other party: %s.", e->other_party);
	fputs("</p>\n", f);
}

/* --- classification, table --- */

static void put_steps(FILE *f, const struct explanation *e)
{
	html_element(f, "h2", "", "How it was classified");
	fputs("<ol>\n", f);
	for (unsigned int i = 0; i < STEPS; i++) {
		fputs("<li>", f);
		html_element(f, "b", "", e->step[i].question);
		html_element(f, "div", "", e->step[i].answer);
		html_element(f, "div", "class=\"evidence\"", e->step[i].evidence);
		fputs("</li>\n", f);
	}
	fputs("</ol>\n", f);
	html_element(f, "p", "", e->verdict);
}

static void put_facts(FILE *f, const struct explanation *e)
{
	html_element(f, "h2", "", "The table at that instant");
	fputs("<dl>\n", f);
	for (unsigned int i = 0; i < e->nfacts; i++)
		fact(f, e->fact[i].key, e->fact[i].text);
	fputs("</dl>\n", f);
}

/* --- the bucket --- */

static void put_field(FILE *f, const struct field *type, const uint8_t *data, size_t len)
{
	struct field bytes = { TRIPMAP_TYPE_BYTES, (uint16_t)len };
	char whole[FIELD_TEXT_MAX];

	fputs("<td>", f);
	if (len) {
		field_to_text(type ? type : &bytes, data, len, whole);
		html_text(f, whole);
	}
	fputs("</td>", f);
}

static const char *slot_class(const struct report *r, const struct slot *s)
{
	if (explain_holds(s, &r->victim))
		return "victim";
	if (explain_holds(s, &r->holder))
		return "holder";
	return explain_slot(s) == SLOT_USED ? "used" : "empty";
}

static void put_slot(FILE *f, const struct report *r, const struct table *t, unsigned int n,
		     const struct slot *s)
{
	fprintf(f, "<tr class=\"%s\"><td>%u</td><td>%02x</td>", slot_class(r, s), n, s->tag);
	if (explain_slot(s) != SLOT_USED || !s->key_len) {
		html_element(f, "td", "colspan=\"2\"",
			     explain_slot(s) == SLOT_EMPTY ? "empty" :
			     explain_slot(s) == SLOT_EVACUATED ? "evacuated" : "shown to root only");
	} else {
		put_field(f, t ? &t->key : NULL, s->key, s->key_len);
		put_field(f, t ? &t->value : NULL, s->value, s->value_len);
	}
	fputs("</tr>\n", f);
}

static void put_link(FILE *f, const struct report *r, const struct table *t, unsigned int i)
{
	const struct link *l = &r->bucket.link[i];

	fputs("<table><caption>", f);
	html_textf(f, "%s %llu", i ? "overflow bucket" : "bucket", (unsigned long long)l->index);
	fputs("</caption>\n<tr><th>slot</th><th>tag</th><th>key</th><th>value</th></tr>\n", f);
	for (unsigned int n = 0; n < TRIPMAP_BUCKET_SLOTS; n++)
		put_slot(f, r, t, n, &l->slot[n]);
	fputs("</table>\n", f);
}

static void put_bucket(FILE *f, const struct report *r, const struct table *t)
{
	char about[400];

	explain_bucket(r, about, sizeof(about));
	html_element(f, "h2", "", "The victim's bucket");
	html_element(f, "p", "", about);
	for (unsigned int i = 0; i < r->bucket.nlinks; i++)
		put_link(f, r, t, i);
	if (r->bucket.nlinks)
		html_element(f, "p", "class=\"evidence\"",
			     "Red: the victim's key. Blue: the other party's.");
}

/* --- the time line --- */

#define DRAWN_WIDTH	360	/* of the drawing, in its own units */
#define DRAWN_LEFT	10
#define DRAWN_ZERO	300	/* where the violation stands */
#define DRAWN_LEAST	4	/* of a bar: short ones are still to be seen */

static double place_of(int64_t ns, int64_t first)
{
	double x = DRAWN_ZERO;

	if (first < 0 && ns < 0)
		x -= (double)(DRAWN_ZERO - DRAWN_LEFT) * (double)ns / (double)first;
	return x > DRAWN_ZERO - DRAWN_LEAST ? DRAWN_ZERO - DRAWN_LEAST : x;
}

/* A party is inside from its begin on: the victim up to the violation. */
static void draw_bar(FILE *f, const struct explanation *e, const struct explain_moment *m)
{
	double x = place_of(m->ns, e->moment[0].ns);
	bool victim = m->lane == LANE_VICTIM;
	int end = victim ? DRAWN_ZERO : DRAWN_WIDTH - DRAWN_LEFT;

	fprintf(f, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"3\" style=\"fill:var(--%s)\"/>\n",
		x, victim ? 62 : 24, (double)end - x, victim ? "victim" : "holder");
}

static void draw_line(FILE *f, const struct explanation *e)
{
	fprintf(f, "<svg viewBox=\"0 0 %d 96\" role=\"img\" aria-label=\"time line\">\n",
		DRAWN_WIDTH);
	fprintf(f, "<text x=\"%d\" y=\"18\">other party</text><text x=\"%d\" y=\"56\">victim</text>\n",
		DRAWN_LEFT, DRAWN_LEFT);
	for (unsigned int i = 0; i < e->nmoments; i++)
		if (e->moment[i].begins)
			draw_bar(f, e, &e->moment[i]);
	fprintf(f, "<line x1=\"%d\" x2=\"%d\" y1=\"8\" y2=\"80\" style=\"stroke:var(--ink);stroke-width:2\"/>\n"
		"<text x=\"%d\" y=\"93\" text-anchor=\"middle\">violation</text>\n</svg>\n",
		DRAWN_ZERO, DRAWN_ZERO, DRAWN_ZERO);
}

static void put_moment(FILE *f, const struct explain_moment *m)
{
	char span[SPAN_TEXT];

	fprintf(f, "<li class=\"%s%s\"><span class=\"time\">",
		m->lane == LANE_VICTIM ? "victim" : "holder", m->clash ? " clash" : "");
	if (m->timed)
		html_textf(f, "%s%s%s", m->coarse ? "~" : "", m->ns < 0 ? "-" : m->ns ? "+" : "",
			   span_text((uint64_t)llabs(m->ns), span));
	else
		html_text(f, "later");
	fputs("</span>", f);
	html_element(f, "span", "", m->text);
	fputs("</li>\n", f);
}

/* Where no events are known there are the two parties alone. */
static void put_moments(FILE *f, const struct explanation *e)
{
	html_element(f, "h2", "", "Time line");
	draw_line(f, e);
	fputs("<ol class=\"moments\">\n", f);
	for (unsigned int i = 0; i < e->nmoments; i++)
		put_moment(f, &e->moment[i]);
	fputs("</ol>\n", f);
	html_element(f, "p", "class=\"evidence\"",
		     "Times are from the violation on; ~ may be off by a clock tick.");
}

/* --- all of it --- */

static void put_head(FILE *f, const struct report *r, const struct explanation *e)
{
	fprintf(f, "%s%s</style>\n", head, html_past_style);
	html_element(f, "title", "", r->title);
	fputs("</head>\n<body>\n<header>\n", f);
	html_element(f, "span", "class=\"class\"", explain_name(tripmap_class_name(r->class)));
	html_element(f, "h1", "", r->title);
	html_element(f, "p", "class=\"what\"", e->what);
	fputs("</header>\n", f);
}

static void put_foot(FILE *f, const struct report *r)
{
	time_t seconds = (time_t)(r->time_real / 1000000000);
	char date[40] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
	fputs("<footer>", f);
	html_textf(f, "Report %llu of %s.%06u, action %s, %llu repeats.", (unsigned long long)r->id,
		   date, (unsigned int)(r->time_real % 1000000000 / 1000),
		   explain_name(tripmap_action_name(r->action)), (unsigned long long)r->repeats);
	fputs("</footer>\n</body>\n</html>\n", f);
}

bool report_html(FILE *f, const struct report *r, const struct table *t)
{
	static struct explanation e;

	explain(r, &e);
	put_head(f, r, &e);
	put_parties(f, r, &e, t ? &t->key : NULL);
	put_steps(f, &e);
	put_facts(f, &e);
	put_bucket(f, r, t);
	if (!html_past(f, r))
		put_moments(f, &e);
	html_element(f, "h2", "", "What the contract says");
	html_element(f, "p", "", e.contract);
	html_element(f, "h2", "", "What to look at");
	html_element(f, "p", "", e.look);
	put_foot(f, r);
	return true;
}
