// SPDX-License-Identifier: GPL-2.0
/*
 * Events name ends, mostly: with a duration, or with the event of the begin
 * before them. What has begun and not ended waits in a list; at the end what is
 * left there was still under way.
 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

/* Begins that wait for their ends, as indices of spans. */
struct making {
	const struct report *r;
	struct history	*h;
	size_t		*waiting;
	size_t		nwaiting;
};

int64_t history_ns(const struct report *r, uint64_t mono)
{
	return (int64_t)(mono - r->time);
}

bool span_on_cpu(const struct span *s)
{
	return s->kind != SPAN_RESIZE &&
	       !(s->kind == SPAN_PAUSE && s->pause == TRIPMAP_PAUSE_KIND_GRACE);
}

static struct span *span_add(struct making *m, uint8_t kind, const struct record *e)
{
	struct span *s = &m->h->span[m->h->nspans++];

	*s = (struct span){
		.kind = kind, .op = e->op, .context = e->context, .cpu = e->cpu, .pid = e->pid,
		.pause = e->kind, .first = e, .last = e,
	};
	s->begin = s->end = history_ns(m->r, e->time);
	return s;
}

/* An event with a duration is one of the end. */
static struct span *span_back(struct making *m, uint8_t kind, const struct record *e)
{
	struct span *s = span_add(m, kind, e);

	s->begin -= (int64_t)e->duration;
	s->before = s->begin < m->h->first;
	return s;
}

static void begins(struct making *m, uint8_t kind, const struct record *e)
{
	m->waiting[m->nwaiting++] = m->h->nspans;
	span_add(m, kind, e)->open = true;
}

/* Whose begin is it? One shard has one writer and one resize, an iterator one step. */
static bool is_pair(const struct span *s, uint8_t kind, const struct record *e)
{
	const struct record *b = s->first;

	if (s->kind != kind || b->table_id != e->table_id)
		return false;
	return kind == SPAN_STEP ? b->value == e->value : b->shard == e->shard;
}

static bool same_task(const struct span *s, const struct record *e)
{
	return s->pid == e->pid && s->context == e->context;
}

static struct span *take_waiting(struct making *m, uint8_t kind, const struct record *e)
{
	for (size_t i = m->nwaiting; i--;) {
		struct span *s = &m->h->span[m->waiting[i]];

		if (!is_pair(s, kind, e))
			continue;
		m->waiting[i] = m->waiting[--m->nwaiting];
		return s;
	}
	return NULL;
}

static void left_unseen(const struct making *m, struct span *s, uint64_t time)
{
	s->end = history_ns(m->r, time);
	s->open = false;
	s->unseen = true;
}

/* The next one is inside, so the one before has left at the latest by then. */
static void write_begins(struct making *m, const struct record *e)
{
	struct span *s = take_waiting(m, SPAN_INSIDE, e);

	if (s)
		left_unseen(m, s, e->time);
	begins(m, SPAN_INSIDE, e);
}

static void ends(struct making *m, uint8_t kind, const struct record *e)
{
	struct span *s = take_waiting(m, kind, e);

	if (s && (kind != SPAN_INSIDE || same_task(s, e))) {
		s->end = history_ns(m->r, e->time);
		s->last = e;
		s->open = false;
		return;
	}
	if (s)
		left_unseen(m, s, e->time - e->duration);
	s = span_back(m, kind, e);
	if (e->duration)
		return;
	s->begin = m->h->first;
	s->before = true;
}

static void take_record(struct making *m, const struct record *e)
{
	switch (e->event) {
	case TRIPMAP_EVENT_WRITE_BEGIN:
		write_begins(m, e);
		break;
	case TRIPMAP_EVENT_WRITE_END:
		ends(m, SPAN_INSIDE, e);
		break;
	case TRIPMAP_EVENT_GROW_BEGIN:
		begins(m, SPAN_RESIZE, e);
		break;
	case TRIPMAP_EVENT_GROW_END:
		ends(m, SPAN_RESIZE, e);
		break;
	case TRIPMAP_EVENT_ITERATE_NEXT:
		begins(m, SPAN_STEP, e);
		break;
	case TRIPMAP_EVENT_ITERATE_DONE:
		ends(m, SPAN_STEP, e);
		break;
	case TRIPMAP_EVENT_PAUSE:
		span_back(m, SPAN_PAUSE, e);
		break;
	case TRIPMAP_EVENT_LOOKUP:
		span_back(m, e->duration ? SPAN_READ : SPAN_MARK, e);
		break;
	default:
		/* The violation itself is told of by the report. */
		if (e->event != TRIPMAP_EVENT_VIOLATION || e->value != m->r->id)
			span_add(m, SPAN_MARK, e);
	}
}

/* What has not ended is under way at the end. */
static void still_open(struct making *m)
{
	for (size_t i = 0; i < m->nwaiting; i++)
		m->h->span[m->waiting[i]].end = m->h->last;
}

static struct span *party_add(struct making *m, uint8_t kind, const struct party *p,
			      uint8_t party)
{
	struct span *s = &m->h->span[m->h->nspans++];

	*s = (struct span){
		.kind = kind, .party = party, .op = p->op, .context = p->context,
		.cpu = p->cpu, .pid = p->pid,
	};
	if (p->since && kind != SPAN_MARK)
		s->begin = history_ns(m->r, p->since);
	if (s->begin > 0)
		s->begin = 0;
	return s;
}

/* One that is gone has no name any more. */
static bool is_table(const struct report *r, const struct record *e)
{
	return !e->table[0] || !strcmp(e->table, r->table);
}

/* Is the holder the writer of whom there is no end? */
static struct span *holder_seen(const struct making *m)
{
	const struct party *p = &m->r->holder;

	for (size_t i = 0; i < m->nwaiting; i++) {
		struct span *s = &m->h->span[m->waiting[i]];

		if (s->kind == SPAN_INSIDE && s->pid == p->pid && s->context == p->context &&
		    is_table(m->r, s->first))
			return s;
	}
	return NULL;
}

/* The holder's own time is of a coarse clock: it came in when the last one had left. */
static int64_t after_others(const struct making *m, const struct span *holder)
{
	int64_t begin = holder->begin;

	for (size_t i = 0; i < m->h->nspans; i++) {
		const struct span *s = &m->h->span[i];

		if (s != holder && s->kind == SPAN_INSIDE && !s->open && s->end > begin &&
		    s->last->shard == m->r->shard && is_table(m->r, s->last) && s->end <= 0)
			begin = s->end;
	}
	return begin;
}

/* Who is known not to have been inside has no stretch here. */
static void add_holder(struct making *m)
{
	const struct report *r = m->r;
	struct span *s = holder_seen(m);

	if (!r->holder.has || r->half == TRIPMAP_HALF_NONE)
		return;
	if (s) {
		s->party = PARTY_HOLDER;
		return;
	}
	s = party_add(m, SPAN_INSIDE, &r->holder, PARTY_HOLDER);
	s->coarse = s->open = true;
	s->begin = after_others(m, s);
	s->end = m->h->last;
}

static void add_parties(struct making *m)
{
	const struct report *r = m->r;

	add_holder(m);
	if (!r->victim.has)
		return;
	if (r->victim.since && r->victim.op != TRIPMAP_OP_WATCH)
		party_add(m, SPAN_VICTIM, &r->victim, PARTY_VICTIM);
	party_add(m, SPAN_MARK, &r->victim, PARTY_VICTIM)->clash = true;
}

static int by_begin(const void *a, const void *b)
{
	const struct span *l = a, *r = b;

	if (l->begin != r->begin)
		return l->begin < r->begin ? -1 : 1;
	if (l->end != r->end)
		return l->end > r->end ? -1 : 1;
	return l->first == r->first ? 0 : l->first < r->first ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
	uint32_t l = *(const uint32_t *)a, r = *(const uint32_t *)b;

	return l < r ? -1 : l > r;
}

static void find_cpus(struct history *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->nspans; i++)
		if (span_on_cpu(&h->span[i]))
			h->cpu[h->ncpus++] = h->span[i].cpu;
	if (h->ncpus)
		qsort(h->cpu, h->ncpus, sizeof(h->cpu[0]), by_number);
	for (size_t i = 0; i < h->ncpus; i++)
		if (!n || h->cpu[n - 1] != h->cpu[i])
			h->cpu[n++] = h->cpu[i];
	h->ncpus = n;
}

/* It all begins with the window, but for a CPU of which there is more. */
static void find_limits(struct making *m)
{
	const struct report *r = m->r;
	int64_t oldest, newest;

	if (r->window.begin && r->window.begin < r->time)
		m->h->first = history_ns(r, r->window.begin);
	if (!r->nrecords)
		return;
	oldest = history_ns(r, r->record[0].time);
	newest = history_ns(r, r->record[r->nrecords - 1].time);
	m->h->first = oldest < m->h->first ? oldest : m->h->first;
	m->h->last = newest > 0 ? newest : 0;
}

#define PARTY_SPANS	3	/* that the parties add at most */

bool history_of(const struct report *r, struct history *h)
{
	size_t most = r->nrecords + PARTY_SPANS;
	struct making m = { .r = r, .h = h };

	*h = (struct history){ .span = calloc(most, sizeof(*h->span)),
			       .cpu = calloc(most, sizeof(*h->cpu)) };
	m.waiting = calloc(most, sizeof(*m.waiting));
	if (!h->span || !h->cpu || !m.waiting) {
		free(m.waiting);
		history_drop(h);
		return false;
	}
	find_limits(&m);
	for (size_t i = 0; i < r->nrecords; i++)
		take_record(&m, &r->record[i]);
	still_open(&m);
	add_parties(&m);
	free(m.waiting);
	if (h->nspans)
		qsort(h->span, h->nspans, sizeof(h->span[0]), by_begin);
	find_cpus(h);
	return true;
}

void history_refine(struct report *r)
{
	struct history h;

	if (!history_of(r, &h))
		return;
	for (size_t i = 0; i < h.nspans; i++) {
		if (h.span[i].party != PARTY_HOLDER || !h.span[i].first)
			continue;
		r->holder.since = h.span[i].first->time;
		r->holder_exact = true;
	}
	history_drop(&h);
}

void history_drop(struct history *h)
{
	free(h->span);
	free(h->cpu);
	*h = (struct history){ .span = NULL };
}
