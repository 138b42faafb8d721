// SPDX-License-Identifier: GPL-2.0
/* A report on a terminal, and as JSON: the same facts by the same calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "out.h"
#include "report_show.h"
#include "types.h"
#include "when.h"
#include "words.h"

/* What both sides are shown as; filled in for each of them. */
struct side {
	const struct party *party;
	char		key[4 * PARTY_KEY_MAX + 64];
	char		since[64];
	char		flags[64];
	char		labels[128];
	char		queued[400];
	uint64_t	pid, cpu, bucket;
	bool		has_origin;
};

static void side_fill(struct side *s, const struct party *p, const struct report *r,
		      const struct field *key_type)
{
	s->party = p;
	s->pid = p->pid;
	s->cpu = p->cpu;
	s->bucket = p->bucket;
	explain_key(r, p, key_type, s->key, sizeof(s->key));
	explain_since(r, p, s->since, sizeof(s->since));
	explain_flags(p, s->flags, sizeof(s->flags));
	explain_labels(p, s->labels, sizeof(s->labels));
	s->has_origin = explain_origin(p, s->queued, sizeof(s->queued));
}

static const char *frame(const void *side, unsigned int i)
{
	const struct party *p = ((const struct side *)side)->party;

	return i < p->nframes ? p->frame[i] : NULL;
}

static const char *origin_frame(const void *side, unsigned int i)
{
	const struct origin *o = &((const struct side *)side)->party->origin;

	return i < o->nframes ? o->frame[i] : NULL;
}

/* NULL, so that it is shown as not known. */
static const char *text_or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static const uint64_t *if_has(const struct party *p, int attr, const uint64_t *number)
{
	return HAS(p, attr) ? number : NULL;
}

static void put_work(const struct side *l, const struct side *r)
{
	const struct party *v = l->party, *h = r->party;

	if (l->flags[0] || r->flags[0])
		out_pair_str("flags", text_or_null(l->flags), text_or_null(r->flags));
	if (v->work[0] || h->work[0])
		out_pair_str("work_item", text_or_null(v->work), text_or_null(h->work));
	if (!l->has_origin && !r->has_origin)
		return;
	out_pair_str("queued_by", l->has_origin ? l->queued : NULL,
		     r->has_origin ? r->queued : NULL);
	if (v->origin.nframes || h->origin.nframes)
		out_pair_list("queued_at", origin_frame, l, r);
}

static const char *label(const void *side, unsigned int i)
{
	const struct party *p = ((const struct side *)side)->party;

	return i < p->nlabels ? p->label[i] : NULL;
}

static void put_labels(const struct side *l, const struct side *r)
{
	if (!l->party->nlabels && !r->party->nlabels)
		return;
	if (out_is_json())
		out_pair_list("labels", label, l, r);
	else
		out_pair_str("label", text_or_null(l->labels), text_or_null(r->labels));
}

static void put_sides(const struct side *l, const struct side *r)
{
	const struct party *v = l->party, *h = r->party;

	out_pair_str("task", text_or_null(v->comm), h->comm[0] ? h->comm : "name unknown");
	out_pair_num("pid", if_has(v, TRIPMAP_A_PARTY_PID, &l->pid),
		     if_has(h, TRIPMAP_A_PARTY_PID, &r->pid));
	out_pair_num("cpu", if_has(v, TRIPMAP_A_PARTY_CPU, &l->cpu),
		     if_has(h, TRIPMAP_A_PARTY_CPU, &r->cpu));
	out_pair_str("context", explain_name(tripmap_context_name(v->context)),
		     explain_name(tripmap_context_name(h->context)));
	out_pair_str("operation", explain_name(tripmap_op_name(v->op)),
		     explain_name(tripmap_op_name(h->op)));
	put_work(l, r);
	put_labels(l, r);
	out_pair_str("key", l->key, r->key);
	out_pair_num("bucket", if_has(v, TRIPMAP_A_PARTY_BUCKET, &l->bucket),
		     if_has(h, TRIPMAP_A_PARTY_BUCKET, &r->bucket));
	if (out_is_json())
		out_pair_num("since", &v->since, &h->since);
	else
		out_pair_str("since", l->since, r->since);
	out_pair_str("called_from", v->caller[0] ? v->caller : "unknown",
		     h->caller[0] ? h->caller : "unknown");
	out_pair_list("stack", frame, l, r);
}

static void put_parties(const struct report *r, const struct explanation *e,
			const struct field *key_type)
{
	struct side left, right;

	side_fill(&left, &r->victim, r, key_type);
	side_fill(&right, &r->holder, r, key_type);
	out_text("\n");
	out_pair("victim", e->holder_head ? "holder" : NULL, e->victim_head, e->holder_head);
	put_sides(&left, &right);
	out_pair_end();
}

static void heading(const char *text)
{
	out_text("\n%s\n", text);
}

static void put_steps(const struct explanation *e)
{
	heading("HOW IT WAS CLASSIFIED");
	if (out_is_json())
		out_list("classification");
	for (unsigned int i = 0; i < STEPS; i++) {
		const struct explain_step *s = &e->step[i];

		out_para(2, "%u. %s", i + 1, s->question);
		out_para(5, "%s", s->answer);
		out_para(5, "Evidence: %s", s->evidence);
		if (!out_is_json())
			continue;
		out_object(NULL);
		out_str("question", s->question);
		out_str("answer", s->answer);
		out_str("evidence", s->evidence);
		out_end();
	}
	if (out_is_json())
		out_end();
	out_para(2, "So: %s", e->verdict);
	out_json_str("verdict", e->verdict);
}

static void put_fact(const struct explain_fact *f)
{
	if (!f->known)
		out_unknown(f->key);
	else if (f->yes_no)
		out_bool(f->key, f->value);
	else if (f->number)
		out_num(f->key, f->value);
	else
		out_str(f->key, f->text);
}

static void put_facts(const struct explanation *e)
{
	out_text("\n");
	out_object("table_then");
	for (unsigned int i = 0; i < e->nfacts; i++)
		put_fact(&e->fact[i]);
	out_end();
}

/* --- the bucket --- */

/* How keys and values of a bucket are written. */
struct writing {
	const struct report *r;
	struct field	key, value;
};

static struct writing writing_of(const struct report *r, const struct table *t)
{
	struct field bytes = { TRIPMAP_TYPE_BYTES, TRIPMAP_VALUE_MAX };

	return (struct writing){
		r, t && t->key.size == r->key_size ? t->key : bytes,
		t && t->value.size == r->value_size ? t->value : bytes,
	};
}

static const char *mark_of(const struct report *r, const struct slot *s)
{
	bool victims = explain_holds(s, &r->victim), holders = explain_holds(s, &r->holder);

	if (victims && holders)
		return "both parties' key";
	return victims ? "the victim's key" : holders ? "the other party's key" : NULL;
}

static void put_slot(const struct writing *w, unsigned int n, const struct slot *s)
{
	static const char * const states[] = { "empty", "evacuated", "used" };
	const char *mark = mark_of(w->r, s);

	out_object(NULL);
	out_num("slot", n);
	out_fmt("tag", "%02x", s->tag);
	out_str("state", states[explain_slot(s)]);
	if (s->key_len)
		out_value("key", &w->key, s->key, s->key_len);
	if (s->value_len)
		out_value("value", &w->value, s->value, s->value_len);
	if (mark)
		out_str("mark", mark);
	out_end();
}

static void json_chain(const struct writing *w, const struct bucket *b)
{
	out_list("chain");
	for (unsigned int i = 0; i < b->nlinks; i++) {
		out_object(NULL);
		out_num("bucket", b->link[i].index);
		out_list("slots");
		for (unsigned int n = 0; n < TRIPMAP_BUCKET_SLOTS; n++)
			put_slot(w, n, &b->link[i].slot[n]);
		out_end();
		out_end();
	}
	out_end();
}

/* A field as clean text, cut to a width. */
static void field_cell(const struct field *f, const uint8_t *data, size_t len, char *cell,
		       int width)
{
	char text[FIELD_TEXT_MAX], clean[4 * 4 * TRIPMAP_BUCKET_VALUE_MAX + 4];
	size_t n = field_to_text(f, data, len, text);

	if (n > 4 * TRIPMAP_BUCKET_VALUE_MAX)
		n = 4 * TRIPMAP_BUCKET_VALUE_MAX;
	text_clean(text, n, true, clean);
	if ((int)strlen(clean) > width)
		snprintf(cell, (size_t)width + 1, "%.*s..", width - 2, clean);
	else
		snprintf(cell, (size_t)width + 1, "%s", clean);
}

static void slot_cells(const struct writing *w, const struct slot *s, int width, char *key,
		       char *value)
{
	snprintf(key, (size_t)width + 1, "%s", s->key_len ? "" : "(for root only)");
	value[0] = '\0';
	if (s->key_len)
		field_cell(&w->key, s->key, s->key_len, key, width);
	if (s->value_len)
		field_cell(&w->value, s->value, s->value_len, value, width);
}

#define CELL_MAX	60

static void draw_slot(const struct writing *w, unsigned int n, const struct slot *s, int width)
{
	char key[CELL_MAX + 1] = "-", value[CELL_MAX + 1] = "";
	const char *mark = mark_of(w->r, s);

	if (explain_slot(s) == SLOT_EVACUATED)
		snprintf(key, sizeof(key), "evacuated");
	else if (explain_slot(s) == SLOT_USED)
		slot_cells(w, s, width, key, value);
	out_text("  | %u  %02x  %-*s  %-*s |%s%s\n", n, s->tag, width, key, width, value,
		 mark ? " <- " : "", mark ? mark : "");
}

static void draw_edge(const char *name, int width)
{
	char line[2 * CELL_MAX + 16];

	memset(line, '-', sizeof(line));
	out_text("  +-%s%.*s+\n", name, 2 * width + 10 - (int)strlen(name), line);
}

static void draw_chain(const struct writing *w, const struct bucket *b)
{
	/* Beside the cells there is a frame, and a mark on its right. */
	int width = (out_width() - 40) / 2;

	width = width > CELL_MAX ? CELL_MAX : width < 12 ? 12 : width;
	for (unsigned int i = 0; i < b->nlinks; i++) {
		char name[48];

		snprintf(name, sizeof(name), " %s %llu ", i ? "overflow" : "bucket",
			 (unsigned long long)b->link[i].index);
		if (i)
			out_text("  %*s|\n", width, "");
		draw_edge(name, width);
		for (unsigned int n = 0; n < TRIPMAP_BUCKET_SLOTS; n++)
			draw_slot(w, n, &b->link[i].slot[n], width);
		draw_edge("", width);
	}
}

static void put_bucket(const struct report *r, const struct table *t)
{
	struct writing w = writing_of(r, t);
	char about[400];

	explain_bucket(r, about, sizeof(about));
	heading("THE VICTIM'S BUCKET");
	out_para(2, "%s", about);
	out_json_str("bucket_says", about);
	if (HAS(r, TRIPMAP_A_REPORT_BUCKET))
		out_json_num("bucket", r->bucket.index);
	if (out_is_json())
		json_chain(&w, &r->bucket);
	else if (r->bucket.nlinks)
		draw_chain(&w, &r->bucket);
}

/* --- the time line --- */

static void moment_time(const struct explain_moment *m, char *text, size_t size)
{
	char span[SPAN_TEXT];

	if (!m->timed)
		snprintf(text, size, "later");
	else if (!m->ns)
		snprintf(text, size, "0");
	else
		snprintf(text, size, "%s%s%s", m->coarse ? "~" : "", m->ns < 0 ? "-" : "+",
			 span_text((uint64_t)llabs(m->ns), span));
}

/* Left lane the other party's, right lane the victim's. */
static void draw_moment(const struct explain_moment *m, bool *inside)
{
	char time[SPAN_TEXT + 4], lanes[16];
	const char *left = m->lane == LANE_HOLDER ? "o" : inside[LANE_HOLDER] ? "|" : ".";
	const char *right = m->lane == LANE_VICTIM ? "o" : inside[LANE_VICTIM] ? "|" : ".";

	moment_time(m, time, sizeof(time));
	if (m->clash)
		snprintf(lanes, sizeof(lanes), inside[LANE_HOLDER] ? "|<---X" : ".    X");
	else
		snprintf(lanes, sizeof(lanes), "%s    %s", left, right);
	if (m->begins)
		inside[m->lane] = true;
	if (m->clash || !m->timed)
		inside[LANE_VICTIM] = false;
	out_text("  %12s  %s  ", time, lanes);
	out_hanging(24, "%s", m->text);
}

static void json_moments(const struct explanation *e)
{
	out_list("time_line");
	for (unsigned int i = 0; i < e->nmoments; i++) {
		const struct explain_moment *m = &e->moment[i];

		out_object(NULL);
		if (m->timed)
			out_json_int("ns", m->ns);
		if (m->coarse)
			out_bool("coarse", true);
		out_str("party", m->lane == LANE_VICTIM ? "victim" : "holder");
		out_str("what", m->text);
		out_end();
	}
	out_end();
}

static void draw_moments(const struct explanation *e)
{
	bool inside[2] = { false, false };

	heading("TIME LINE (from the violation; ~ may be off by a clock tick)");
	out_text("  %12s  %s\n", "", "other victim");
	for (unsigned int i = 0; i < e->nmoments; i++)
		draw_moment(&e->moment[i], inside);
}

/* Where the events are known they are the time line, and the parties are among them. */
static void put_time(const struct report *r, const struct table *t, const struct report_view *v,
		     const struct explanation *e)
{
	bool drawn = report_past(r, t, v);

	if (out_is_json())
		json_moments(e);
	else if (!drawn)
		draw_moments(e);
}

/* --- all of it --- */

static void put_head(const struct report *r, const struct explanation *e)
{
	out_num("report", r->id);
	out_str("title", r->title);
	out_str("class", explain_name(tripmap_class_name(r->class)));
	out_str("table", r->table);
	out_when("time", r->time_real);
	out_json_num("monotonic", r->time);
	out_str("action", explain_name(tripmap_action_name(r->action)));
	if (HAS(r, TRIPMAP_A_REPORT_ANSWER))
		out_json_str("answer", explain_name(tripmap_answer_name(r->answer)));
	if (HAS(r, TRIPMAP_A_REPORT_FOUND))
		out_json_str("found", explain_name(tripmap_found_name(r->found)));
	if (HAS(r, TRIPMAP_A_REPORT_AGE))
		out_json_num("age", r->age);
	if (HAS(r, TRIPMAP_A_REPORT_ESCALATED))
		out_json_str("escalated", r->escalated ? "yes" : "no");
	out_num("repeats", r->repeats);
	if (HAS(r, TRIPMAP_A_REPORT_RESULT))
		out_json_int("result", r->result);
	out_json_str("half", explain_name(tripmap_half_name(r->half)));
	out_str("other_party", e->other_party);
	out_text("\n");
	out_sentence("what", "%s", e->what);
}

void report_show(const struct report *r, const struct table *t, const struct report_view *v)
{
	static struct explanation e;

	explain(r, &e);
	out_object(NULL);
	put_head(r, &e);
	put_parties(r, &e, t ? &t->key : NULL);
	put_steps(&e);
	put_facts(&e);
	put_bucket(r, t);
	put_time(r, t, v, &e);
	out_text("\n");
	if (HAS(r, TRIPMAP_A_REPORT_CONTRACT))
		out_json_str("contract", explain_name(tripmap_contract_name(r->contract)));
	out_sentence("contract_says", "%s", e.contract);
	out_sentence("look_at", "What to look at: %s", e.look);
	out_end();
}
