// SPDX-License-Identifier: GPL-2.0
#include "timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "text.h"
#include "when.h"

enum weight { WEIGHT_PLAIN, WEIGHT_RARE, WEIGHT_ALWAYS };

#define DETAILED	10	/* last spans that are never merged */
#define RARE_MAX	10	/* lines that are kept although they are far away */
/* Each rare line may stand alone among what is left out, which is a line as well. */
#define KEPT_MAX	(TIMELINE_LINES - RARE_MAX - 1)

/* What is told within the line of the writer who did it. */
struct part {
	uint32_t	n[NKINDS];
	uint64_t	ns[NKINDS];
	uint32_t	steps;		/* buckets moved */
	uint32_t	events;
	bool		told;		/* this one is part of another */
	/* Of a line that holds several. */
	uint64_t	total, least, most;
};

struct drawing {
	const struct report *r;
	const struct history *h;
	struct part	*part;		/* of each span */
	struct timeline	*t;
};

/* --- words --- */

static const struct party *party_of(const struct report *r, const struct span *s)
{
	if (r->victim.has && r->victim.pid && r->victim.pid == s->pid)
		return &r->victim;
	if (r->holder.has && r->holder.pid && r->holder.pid == s->pid)
		return &r->holder;
	return NULL;
}

void timeline_who(const struct report *r, const struct span *s, char *text, size_t size)
{
	const struct party *p = party_of(r, s);
	struct text t = text_in(text, size);

	if (s->context != TRIPMAP_CONTEXT_TASK)
		text_add(&t, "%s above ", explain_name(tripmap_context_name(s->context)));
	if (p && p->comm[0])
		text_add(&t, "%s (pid %u)", p->comm, s->pid);
	else
		text_add(&t, "pid %u", s->pid);
}

static void add_who(struct text *t, const struct report *r, const struct span *s)
{
	char who[96];

	timeline_who(r, s, who, sizeof(who));
	text_add(t, "%s", who);
}

static void add_span(struct text *t, const char *before, uint64_t ns, const char *behind)
{
	char span[SPAN_TEXT];

	text_add(t, "%s%s%s", before, span_text(ns, span), behind);
}

static uint64_t length_of(const struct span *s)
{
	return (uint64_t)(s->end - s->begin);
}

static void add_label(struct text *t, const struct span *s)
{
	const struct record *e = s->last;

	if (!e || !e->label[0])
		return;
	text_add(t, " [%s", e->label);
	if (e->parent[0])
		text_add(t, ", part of %s", e->parent);
	text_add(t, "]");
}

/* A writer that is short of memory leaves to get some, and comes again. */
static void add_result(struct text *t, const struct span *s)
{
	int32_t result = s->last ? s->last->result : 0;

	if (result == -EAGAIN && s->op != TRIPMAP_OP_COMPARE_SWAP)
		text_add(t, ", left for want of memory");
	else if (result < 0)
		text_add(t, ", %s", explain_errno(result));
}

static void say_inside(struct text *t, const struct report *r, const struct span *s)
{
	text_add(t, "%s by ", explain_name(tripmap_op_name(s->op)));
	add_who(t, r, s);
	if (s->last && HAS(s->last, TRIPMAP_A_EVENT_BUCKET))
		text_add(t, ", bucket %u", s->last->bucket);
	if (s->open)
		text_add(t, ": begins, and is inside still at the end");
	else
		add_span(t, s->unseen ? ", inside for at most " : ", inside for ", length_of(s), "");
	if (s->before)
		text_add(t, ", since before all this");
	add_result(t, s);
}

static void say_victim(struct text *t, const struct report *r, const struct span *s)
{
	text_add(t, "%s by ", explain_name(tripmap_op_name(s->op)));
	add_who(t, r, s);
	text_add(t, " begins, which becomes the violation");
}

static void say_pause(struct text *t, const struct report *r, const struct span *s)
{
	const char *kind = explain_name(tripmap_pause_kind_name(s->pause));

	if (!span_on_cpu(s))
		text_add(t, "grace period");
	else
		text_add(t, "%s pause", kind);
	add_span(t, " of ", length_of(s), "");
	if (span_on_cpu(s)) {
		text_add(t, ", ");
		add_who(t, r, s);
	}
	if (s->before)
		text_add(t, ", since before all this");
}

static void say_read(struct text *t, const struct report *r, const struct span *s)
{
	text_add(t, "%s by ", explain_name(tripmap_op_name(s->op)));
	add_who(t, r, s);
	add_span(t, " in ", length_of(s), "");
}

static void say_step(struct text *t, const struct report *r, const struct span *s)
{
	text_add(t, "step of walk %llu by ", (unsigned long long)s->last->value);
	add_who(t, r, s);
	if (s->open)
		text_add(t, ": begins, and has not ended");
	else
		add_span(t, " in ", length_of(s), "");
}

static const char *table_of(const struct record *e)
{
	return e->table[0] ? e->table : "a table that is gone";
}

static void say_resize(struct text *t, const struct report *r, const struct span *s)
{
	(void)r;
	text_add(t, "resize of %s", table_of(s->last));
	if (s->first->event == TRIPMAP_EVENT_GROW_BEGIN)
		text_add(t, " to %llu buckets", (unsigned long long)s->first->value);
	if (s->before)
		text_add(t, " is under way already");
	else if (s->open)
		text_add(t, " begins, and goes on");
	else
		add_span(t, " begins, it will take ", length_of(s), "");
}

static void say_clash(struct text *t, const struct report *r)
{
	text_add(t, "violation: %s", explain_name(tripmap_class_name(r->class)));
	if (HAS(r, TRIPMAP_A_REPORT_RESULT) && r->victim.op != TRIPMAP_OP_WATCH)
		text_add(t, ", %s", r->result ? explain_errno(r->result) : "let through");
}

static void say_event(struct text *t, const struct record *e)
{
	unsigned long long value = e->value;

	switch (e->event) {
	case TRIPMAP_EVENT_VIOLATION:
		text_add(t, "another violation: %s, report %llu, ",
			 explain_name(tripmap_class_name(e->class)), value);
		break;
	case TRIPMAP_EVENT_GROW_STEP:
		text_add(t, "bucket %llu of the old array of %s moved, ", value, table_of(e));
		break;
	case TRIPMAP_EVENT_RETRY:
		text_add(t, "lookup looked again %llu times, ", value);
		break;
	case TRIPMAP_EVENT_LOCK_WAIT:
		add_span(t, "waited for a lock for ", e->duration, ", ");
		break;
	case TRIPMAP_EVENT_ITERATE_OPEN:
		text_add(t, "walk %llu of %s begins, ", value, table_of(e));
		break;
	case TRIPMAP_EVENT_ITERATE_CLOSE:
		text_add(t, "walk %llu of %s ends, ", value, table_of(e));
		break;
	case TRIPMAP_EVENT_TABLE_NEW:
		text_add(t, "table %s is made, ", table_of(e));
		break;
	case TRIPMAP_EVENT_TABLE_DEL:
		text_add(t, "%s is destroyed, ", table_of(e));
		break;
	case TRIPMAP_EVENT_POLICY:
		text_add(t, "rule of %s for %s becomes %s, ", table_of(e),
			 explain_name(tripmap_class_name(e->class)),
			 explain_name(tripmap_action_name((unsigned int)value)));
		break;
	default:
		text_add(t, "%s, ", explain_name(tripmap_event_name(e->event)));
	}
}

static void say_mark(struct text *t, const struct report *r, const struct span *s)
{
	if (s->clash) {
		say_clash(t, r);
		return;
	}
	say_event(t, s->last);
	add_who(t, r, s);
}

static void (* const say[])(struct text *t, const struct report *r, const struct span *s) = {
	[SPAN_INSIDE] = say_inside, [SPAN_VICTIM] = say_victim, [SPAN_PAUSE] = say_pause,
	[SPAN_READ] = say_read, [SPAN_STEP] = say_step, [SPAN_RESIZE] = say_resize,
	[SPAN_MARK] = say_mark,
};

void timeline_span(const struct report *r, const struct span *s, char *text, size_t size)
{
	struct text t = text_in(text, size);

	say[s->kind](&t, r, s);
	add_label(&t, s);
}

/* --- what is part of what --- */

/* Clocks are read one after another: a pause may reach that far beyond its write. */
#define READ_APART	2000	/* ns */

static bool may_be_part(const struct span *s)
{
	if (s->kind == SPAN_MARK)
		return s->last && s->last->event == TRIPMAP_EVENT_GROW_STEP;
	return s->kind == SPAN_PAUSE && span_on_cpu(s) && s->pause < NKINDS;
}

static bool is_part(const struct span *s, const struct span *writer)
{
	return may_be_part(s) && s->pid == writer->pid && s->context == writer->context &&
	       s->last->table_id == (writer->last ? writer->last->table_id : 0) &&
	       s->begin >= writer->begin - READ_APART && s->end <= writer->end + READ_APART;
}

static void take_part(struct part *of, struct part *own, const struct span *s)
{
	own->told = true;
	of->events++;
	if (s->kind == SPAN_MARK) {
		of->steps++;
		return;
	}
	of->n[s->pause]++;
	of->ns[s->pause] += length_of(s);
}

static void find_parts(struct drawing *d)
{
	const struct span *span = d->h->span;

	for (size_t i = 0; i < d->h->nspans; i++) {
		size_t j = i;

		if (span[i].kind != SPAN_INSIDE)
			continue;
		while (j && span[j - 1].begin >= span[i].begin - READ_APART)
			j--;
		for (; j < d->h->nspans && span[j].begin <= span[i].end; j++)
			if (!d->part[j].told && is_part(&span[j], &span[i]))
				take_part(&d->part[i], &d->part[j], &span[j]);
	}
}

static void add_parts(struct text *t, const struct part *p)
{
	static const struct {
		uint8_t		kind;
		const char	*doing;
	} parts[] = {
		{ TRIPMAP_PAUSE_KIND_EVACUATE, "evacuating" },
		{ TRIPMAP_PAUSE_KIND_GROW, "waiting for memory" },
		{ TRIPMAP_PAUSE_KIND_LOCK_WAIT, "waiting for the lock" },
		{ TRIPMAP_PAUSE_KIND_ODD, "changing buckets" },
	};
	const char *before = " (of it ";

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!p->n[parts[i].kind])
			continue;
		add_span(t, before, p->ns[parts[i].kind], " ");
		text_add(t, "%s", parts[i].doing);
		before = ", ";
	}
	if (p->steps)
		text_add(t, "%s%u bucket%s moved", before[1] == '(' ? " (" : before, p->steps,
			 p->steps == 1 ? "" : "s");
	if (p->steps || before[1] != '(')
		text_add(t, ")");
}

/* --- lines --- */

static uint32_t events_of(const struct span *s)
{
	return !s->first ? 0 : s->first == s->last ? 1 : 2;
}

static uint8_t weight_of(const struct span *s)
{
	if (s->party != PARTY_NONE)
		return WEIGHT_ALWAYS;
	if (s->kind == SPAN_RESIZE)
		return WEIGHT_RARE;
	if (s->kind != SPAN_MARK)
		return WEIGHT_PLAIN;
	switch (s->last->event) {
	case TRIPMAP_EVENT_VIOLATION:
	case TRIPMAP_EVENT_TABLE_NEW:
	case TRIPMAP_EVENT_TABLE_DEL:
	case TRIPMAP_EVENT_POLICY:
	case TRIPMAP_EVENT_ITERATE_OPEN:
	case TRIPMAP_EVENT_ITERATE_CLOSE:
		return WEIGHT_RARE;
	}
	return WEIGHT_PLAIN;
}

static struct line *line_add(struct drawing *d, const struct span *s, int64_t ns)
{
	struct line *l = &d->t->line[d->t->n++];

	*l = (struct line){ .ns = ns, .end = s->end, .span = s, .count = 1,
			    .weight = weight_of(s) };
	return l;
}

/* The end of a resize is a moment of its own. */
static void line_closing(struct drawing *d, const struct span *s)
{
	struct line *l = line_add(d, s, s->end);

	l->closing = true;
	l->events = 1;
	snprintf(l->text, sizeof(l->text), "resize of %s ends, %llu old buckets are given up",
		 table_of(s->last), (unsigned long long)s->last->value);
}

static bool alike(const struct span *a, const struct span *b)
{
	const struct record *l = a->last, *r = b->last;

	return l && r && a->kind == b->kind && a->kind != SPAN_RESIZE && a->party == b->party &&
	       a->pause == b->pause && a->pid == b->pid && a->context == b->context &&
	       a->op == b->op && a->open == b->open && l->event == r->event &&
	       l->table_id == r->table_id && l->class == r->class && l->result == r->result &&
	       !strcmp(l->label, r->label) && !strcmp(l->parent, r->parent);
}

static struct part *part_of(struct drawing *d, const struct span *s)
{
	return &d->part[s - d->h->span];
}

/* A write that moves buckets is another matter than one that does not. */
static bool moves(const struct part *p)
{
	return p->steps || p->n[TRIPMAP_PAUSE_KIND_EVACUATE];
}

/* The last line on the same CPU, if this span may be counted there. */
static struct line *line_alike(struct drawing *d, const struct span *s)
{
	for (size_t i = d->t->n; i--;) {
		struct line *l = &d->t->line[i];

		if (l->span->cpu != s->cpu || !span_on_cpu(l->span))
			continue;
		return span_on_cpu(s) && alike(l->span, s) &&
		       moves(part_of(d, l->span)) == moves(part_of(d, s)) ? l : NULL;
	}
	return NULL;
}

static void part_join(struct part *to, const struct part *from)
{
	for (unsigned int i = 0; i < NKINDS; i++) {
		to->n[i] += from->n[i];
		to->ns[i] += from->ns[i];
	}
	to->steps += from->steps;
	to->total += from->total;
	to->least = from->least < to->least ? from->least : to->least;
	to->most = from->most > to->most ? from->most : to->most;
}

static void line_join(struct drawing *d, struct line *l, const struct span *s)
{
	part_join(part_of(d, l->span), part_of(d, s));
	l->count++;
	l->events += events_of(s) + part_of(d, s)->events;
	l->end = s->end > l->end ? s->end : l->end;
}

static void add_lengths(struct text *t, const struct part *p)
{
	if (p->least == p->most) {
		add_span(t, ", ", p->most, " each");
		return;
	}
	add_span(t, ", ", p->least, " to ");
	add_span(t, "", p->most, " each");
	add_span(t, ", ", p->total, " together");
}

/* "12 x store by ..., 3.0 us to 5.0 us each, 43.0 us together" */
static void say_many(struct drawing *d, struct line *l)
{
	struct text t = text_in(l->text, sizeof(l->text));
	const struct part *p = part_of(d, l->span);
	const struct span *s = l->span;

	text_add(&t, "%u x ", l->count);
	if (s->kind == SPAN_MARK) {
		say_mark(&t, d->r, s);
	} else if (s->kind == SPAN_PAUSE) {
		text_add(&t, "%s pause, ", explain_name(tripmap_pause_kind_name(s->pause)));
		add_who(&t, d->r, s);
	} else {
		text_add(&t, "%s by ", explain_name(tripmap_op_name(s->op)));
		add_who(&t, d->r, s);
	}
	if (s->kind != SPAN_MARK)
		add_lengths(&t, p);
	add_parts(&t, p);
	add_label(&t, s);
}

static void say_line(struct drawing *d, struct line *l)
{
	struct text t = text_in(l->text, sizeof(l->text));

	if (l->count > 1) {
		say_many(d, l);
		return;
	}
	say[l->span->kind](&t, d->r, l->span);
	add_parts(&t, part_of(d, l->span));
	add_label(&t, l->span);
}

static void make_lines(struct drawing *d)
{
	for (size_t i = 0; i < d->h->nspans; i++) {
		const struct span *s = &d->h->span[i];
		struct part *p = &d->part[i];
		struct line *l;

		if (p->told)
			continue;
		p->total = p->least = p->most = length_of(s);
		l = i + DETAILED < d->h->nspans ? line_alike(d, s) : NULL;
		if (l) {
			line_join(d, l, s);
			continue;
		}
		line_add(d, s, s->begin)->events = p->events + (s->kind == SPAN_RESIZE ?
								!!s->first : events_of(s));
		if (s->kind == SPAN_RESIZE && s->first != s->last)
			line_closing(d, s);
	}
	for (size_t i = 0; i < d->t->n; i++)
		if (!d->t->line[i].closing)
			say_line(d, &d->t->line[i]);
}

static int by_ns(const void *a, const void *b)
{
	const struct line *l = a, *r = b;

	if (l->ns != r->ns)
		return l->ns < r->ns ? -1 : 1;
	if (l->span->clash != r->span->clash)
		return l->span->clash - r->span->clash;
	return l->span < r->span ? -1 : l->span > r->span;
}

/* Of that weight, the newest first. Returns how many more may be shown. */
static size_t choose(struct timeline *t, uint8_t weight, size_t room)
{
	for (size_t i = t->n; i-- && room;) {
		struct line *l = &t->line[i];

		if (l->shown || l->weight < weight)
			continue;
		l->shown = true;
		room--;
	}
	return room;
}

static void choose_lines(struct timeline *t)
{
	size_t left;

	if (t->n <= TIMELINE_LINES) {
		choose(t, WEIGHT_PLAIN, t->n);
		return;
	}
	left = KEPT_MAX - RARE_MAX + choose(t, WEIGHT_ALWAYS, RARE_MAX);
	left = KEPT_MAX - RARE_MAX + choose(t, WEIGHT_RARE, left - (KEPT_MAX - RARE_MAX));
	choose(t, WEIGHT_PLAIN, left);
}

bool timeline_of(const struct report *r, const struct history *h, struct timeline *t)
{
	struct drawing d = { .r = r, .h = h, .t = t };

	/* A line each, and one more for the end of a resize. */
	*t = (struct timeline){ .line = calloc(2 * h->nspans + 1, sizeof(*t->line)) };
	d.part = calloc(h->nspans + 1, sizeof(*d.part));
	if (t->line && d.part) {
		find_parts(&d);
		make_lines(&d);
		qsort(t->line, t->n, sizeof(t->line[0]), by_ns);
		choose_lines(t);
	}
	if (!d.part)
		timeline_drop(t);
	free(d.part);
	return t->line;
}

void timeline_drop(struct timeline *t)
{
	free(t->line);
	*t = (struct timeline){ .line = NULL };
}
