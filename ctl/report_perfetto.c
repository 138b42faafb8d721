// SPDX-License-Identifier: GPL-2.0
/*
 * A report in Chrome's trace event format, which Perfetto reads. Times are of
 * CLOCK_MONOTONIC, as the records have them, in microseconds.
 *
 * A track takes stretches that lie one behind the other or one within the other.
 * On a CPU that is nearly always so; where it is not (a writer that was
 * preempted or moved on), what does not fit goes to a second track of that CPU.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "history.h"
#include "out.h"
#include "report_show.h"
#include "timeline.h"
#include "types.h"
#include "words.h"

#define PROCESS		1	/* all is of one process: the report */
#define TRACKS_MAX	4096
#define NESTED_MAX	64	/* stretches within another on one track */

enum track_kind { TRACK_CPU, TRACK_RESIZE, TRACK_GRACE, TRACK_CAUSE };

/* Tracks of one kind and number stand together; further ones take what did not fit. */
struct track {
	uint8_t		kind;		/* enum track_kind */
	uint64_t	number;		/* of a CPU, a table and shard, a party */
	unsigned int	further;
	int64_t		end[NESTED_MAX];	/* of the stretches that are open */
	unsigned int	nested;
};

/* An entry of the trace, to be sorted. */
struct entry {
	int64_t		ns;		/* from the violation on */
	int64_t		length;
	size_t		order;
	struct json_object *json;
};

struct trace {
	const struct report *r;
	const struct table *t;
	struct history	h;
	struct track	*track;
	size_t		ntracks;
	struct entry	*entry;
	size_t		nentries, room;
	unsigned int	flows;		/* arrows so far */
	/* The stretches of the parties, and their tracks. */
	const struct span *of[PARTY_HOLDER + 1];
	size_t		track_of[PARTY_HOLDER + 1];
	bool		failed;		/* no memory, or too many tracks */
};

/* --- json --- */

static struct json_object *text_json(const char *raw)
{
	char *clean = malloc(4 * strlen(raw) + 1);
	struct json_object *o;

	if (!clean)
		return NULL;
	text_clean(raw, strlen(raw), true, clean);
	o = json_object_new_string(clean);
	free(clean);
	return o;
}

static void put_text(struct json_object *o, const char *key, const char *raw)
{
	if (raw && raw[0])
		json_object_object_add(o, key, text_json(raw));
}

static void put_number(struct json_object *o, const char *key, uint64_t number)
{
	json_object_object_add(o, key, json_object_new_uint64(number));
}

/* Exact: a double would round the nanoseconds of a machine that is up for long. */
static struct json_object *micros(int64_t ns)
{
	char text[40];

	snprintf(text, sizeof(text), "%s%llu.%03u", ns < 0 ? "-" : "",
		 (unsigned long long)llabs(ns) / 1000, (unsigned int)(llabs(ns) % 1000));
	return json_object_new_double_s((double)ns / 1000, text);
}

/* --- entries --- */

static struct entry *entry_room(struct trace *t)
{
	if (t->nentries == t->room) {
		size_t room = t->room ? 2 * t->room : 1024;
		struct entry *new = realloc(t->entry, room * sizeof(*new));

		t->failed |= !new;
		if (!new)
			return NULL;
		t->entry = new;
		t->room = room;
	}
	return &t->entry[t->nentries];
}

/* Of a phase, at a time, on a track. The object is the trace's; NULL: no memory. */
static struct json_object *entry_add(struct trace *t, const char *phase, int64_t ns,
				     size_t track, const char *name, const char *category)
{
	struct entry *e = entry_room(t);
	struct json_object *o;

	if (!e)
		return NULL;
	o = json_object_new_object();
	*e = (struct entry){ .ns = ns, .order = t->nentries++, .json = o };
	put_text(o, "name", name);
	put_text(o, "cat", category);
	put_text(o, "ph", phase);
	json_object_object_add(o, "ts", micros((int64_t)t->r->time + ns));
	put_number(o, "pid", PROCESS);
	put_number(o, "tid", track + 1);
	return o;
}

static struct json_object *stretch_add(struct trace *t, int64_t ns, int64_t end, size_t track,
				       const char *name, const char *category)
{
	struct json_object *o = entry_add(t, "X", ns, track, name, category);

	if (!o)
		return NULL;
	t->entry[t->nentries - 1].length = end - ns;
	json_object_object_add(o, "dur", micros(end - ns));
	return o;
}

static struct json_object *args_of(struct json_object *o)
{
	struct json_object *args = json_object_new_object();

	json_object_object_add(o, "args", args);
	return args;
}

/* --- tracks --- */

static bool is_track(const struct track *k, uint8_t kind, uint64_t number, unsigned int further)
{
	return k->kind == kind && k->number == number && k->further == further;
}

static size_t track_find(struct trace *t, uint8_t kind, uint64_t number, unsigned int further)
{
	for (size_t i = 0; i < t->ntracks; i++)
		if (is_track(&t->track[i], kind, number, further))
			return i;
	if (t->ntracks == TRACKS_MAX) {
		t->failed = true;
		return 0;
	}
	t->track[t->ntracks] = (struct track){ kind, number, further, { 0 }, 0 };
	return t->ntracks++;
}

/* Stretches come by their begin. Does this one lie behind, or within, what is there? */
static bool track_takes(struct track *k, int64_t begin, int64_t end)
{
	while (k->nested && k->end[k->nested - 1] <= begin)
		k->nested--;
	if (k->nested == NESTED_MAX || (k->nested && k->end[k->nested - 1] < end))
		return false;
	k->end[k->nested++] = end;
	return true;
}

static size_t track_for(struct trace *t, uint8_t kind, uint64_t number, int64_t begin, int64_t end)
{
	unsigned int further = 0;
	size_t i = track_find(t, kind, number, further);

	while (!t->failed && !track_takes(&t->track[i], begin, end))
		i = track_find(t, kind, number, ++further);
	return i;
}

static size_t track_of_span(struct trace *t, const struct span *s)
{
	if (s->kind == SPAN_RESIZE)
		return track_for(t, TRACK_RESIZE, (uint64_t)s->first->table_id << 16 |
				 s->first->shard, s->begin, s->end);
	if (!span_on_cpu(s))
		return track_for(t, TRACK_GRACE, 0, s->begin, s->end);
	return track_for(t, TRACK_CPU, s->cpu, s->begin, s->end);
}

static void track_name(const struct track *k, char *name, size_t size)
{
	static const char * const parties[] = {
		[PARTY_NONE] = "", [PARTY_VICTIM] = "causes of the victim",
		[PARTY_HOLDER] = "causes of the other party",
	};
	char further[24] = "";

	if (k->further)
		snprintf(further, sizeof(further), " (%u)", k->further + 1);
	switch (k->kind) {
	case TRACK_CPU:
		snprintf(name, size, "CPU %llu%s", (unsigned long long)k->number, further);
		break;
	case TRACK_RESIZE:
		snprintf(name, size, "resize, table %llu shard %llu%s",
			 (unsigned long long)k->number >> 16,
			 (unsigned long long)k->number & 0xffff, further);
		break;
	case TRACK_GRACE:
		snprintf(name, size, "grace periods%s", further);
		break;
	case TRACK_CAUSE:
		snprintf(name, size, "%s%s", parties[k->number], further);
		break;
	}
}

/* --- what each stretch says of itself --- */

static void put_party(struct trace *t, struct json_object *o, const struct party *p)
{
	struct json_object *args = args_of(o), *labels = json_object_new_array();
	char text[4 * PARTY_KEY_MAX + 64];

	put_text(args, "task", p->comm);
	put_number(args, "pid", p->pid);
	put_text(args, "context", tripmap_context_name(p->context));
	put_text(args, "operation", tripmap_op_name(p->op));
	explain_key(t->r, p, t->t ? &t->t->key : NULL, text, sizeof(text));
	put_text(args, "key", text);
	if (HAS(p, TRIPMAP_A_PARTY_BUCKET))
		put_number(args, "bucket", p->bucket);
	put_text(args, "called_from", p->caller);
	for (unsigned int i = 0; i < p->nlabels; i++)
		json_object_array_add(labels, text_json(p->label[i]));
	json_object_object_add(args, "labels", labels);
}

static void put_record(struct json_object *o, const struct record *e)
{
	struct json_object *args = args_of(o);

	put_number(args, "pid", e->pid);
	put_text(args, "context", tripmap_context_name(e->context));
	put_text(args, "operation", tripmap_op_name(e->op));
	put_text(args, "table", e->table);
	put_number(args, "shard", e->shard);
	if (HAS(e, TRIPMAP_A_EVENT_BUCKET))
		put_number(args, "bucket", e->bucket);
	put_text(args, "called_from", e->caller);
	put_text(args, "label", e->label);
	put_text(args, "parent", e->parent);
	if (HAS(e, TRIPMAP_A_EVENT_VALUE))
		put_number(args, "value", e->value);
	if (e->result)
		json_object_object_add(args, "result", json_object_new_int(e->result));
}

static void put_args(struct trace *t, struct json_object *o, const struct span *s)
{
	if (s->party == PARTY_VICTIM)
		put_party(t, o, &t->r->victim);
	else if (s->party == PARTY_HOLDER)
		put_party(t, o, &t->r->holder);
	else if (s->last)
		put_record(o, s->last);
}

static const char *category_of(const struct span *s)
{
	static const char * const categories[] = {
		[SPAN_INSIDE] = "wip", [SPAN_VICTIM] = "violation", [SPAN_PAUSE] = "pause",
		[SPAN_READ] = "read", [SPAN_STEP] = "walk", [SPAN_RESIZE] = "resize",
		[SPAN_MARK] = "event",
	};

	return s->clash ? "violation" : categories[s->kind];
}

static void name_of(const struct span *s, char *name, size_t size)
{
	switch (s->kind) {
	case SPAN_PAUSE:
		snprintf(name, size, "pause: %s", explain_name(tripmap_pause_kind_name(s->pause)));
		break;
	case SPAN_RESIZE:
		snprintf(name, size, "resize");
		break;
	case SPAN_VICTIM:
		snprintf(name, size, "%s, becomes the violation",
			 explain_name(tripmap_op_name(s->op)));
		break;
	case SPAN_MARK:
		snprintf(name, size, "%s", explain_name(tripmap_event_name(s->last->event)));
		break;
	default:
		snprintf(name, size, "%s", explain_name(tripmap_op_name(s->op)));
	}
}

/* --- flows: arrows from stretch to stretch --- */

/* phase s is where an arrow begins, t where it goes on, f where it ends. */
static void flow_add(struct trace *t, const char *phase, int64_t ns, size_t track, unsigned int id)
{
	struct json_object *o = entry_add(t, phase, ns, track, "cause", "cause");

	if (!o)
		return;
	put_number(o, "id", id);
	put_text(o, "bp", "e");
	/* It is bound to the stretch that it stands in, so that has to come before. */
	t->entry[t->nentries - 1].length = -1;
}

/*
 * What a party's operation is part of, each on a track of its own, the outermost
 * first. Of these only the operation's own time is known, so that is what they have.
 */
static void put_labels(struct trace *t, const struct span *s, const struct party *p, size_t track)
{
	unsigned int id = ++t->flows;

	for (unsigned int i = 0; i < p->nlabels; i++) {
		size_t at = track_find(t, TRACK_CAUSE, s->party, i);

		stretch_add(t, s->begin, s->end, at, p->label[p->nlabels - 1 - i], "cause");
		flow_add(t, i ? "t" : "s", s->begin, at, id);
	}
	flow_add(t, "f", s->begin, track, id);
}

#define POINT	1000	/* ns that a point is drawn as, for an arrow to be bound to it */

static void put_origin(struct trace *t, const struct span *s, const struct party *p, size_t track)
{
	int64_t queued = history_ns(t->r, p->origin.since);
	unsigned int id = ++t->flows;
	struct json_object *o;
	char who[400];
	size_t at;

	if (!p->origin.since || queued > s->begin || !explain_origin(p, who, sizeof(who)))
		return;
	at = track_find(t, TRACK_CAUSE, s->party, p->nlabels);
	o = stretch_add(t, queued, queued + POINT, at, "work is queued", "cause");
	if (o)
		put_text(args_of(o), "by", who);
	flow_add(t, "s", queued, at, id);
	flow_add(t, "f", s->begin, track, id);
}

/* From the holder's stretch into the victim's, where both were there at once. */
static void put_clash(struct trace *t)
{
	const struct span *victim = t->of[PARTY_VICTIM], *holder = t->of[PARTY_HOLDER];
	unsigned int id = ++t->flows;
	int64_t ns;

	if (!victim || !holder)
		return;
	ns = holder->begin > victim->begin ? holder->begin : victim->begin;
	if (ns >= victim->end || ns >= holder->end)
		return;
	flow_add(t, "s", ns, t->track_of[PARTY_HOLDER], id);
	flow_add(t, "f", ns, t->track_of[PARTY_VICTIM], id);
}

/* --- spans --- */

static void put_party_span(struct trace *t, const struct span *s, size_t track)
{
	const struct party *p = s->party == PARTY_HOLDER ? &t->r->holder : &t->r->victim;

	t->of[s->party] = s;
	t->track_of[s->party] = track;
	if (p->nlabels)
		put_labels(t, s, p, track);
	put_origin(t, s, p, track);
}

/* A marker through all tracks. */
static void put_violation(struct trace *t, const struct span *s)
{
	size_t track = track_find(t, TRACK_CPU, s->cpu, 0);
	struct json_object *args, *o = entry_add(t, "i", s->begin, track,
						 explain_name(tripmap_class_name(t->r->class)),
						 "violation");

	if (!o)
		return;
	put_text(o, "s", "g");
	args = args_of(o);
	put_number(args, "report", t->r->id);
	put_text(args, "title", t->r->title);
}

static void put_mark(struct trace *t, const struct span *s)
{
	struct json_object *o;
	char name[64];

	name_of(s, name, sizeof(name));
	o = entry_add(t, "i", s->begin, track_find(t, TRACK_CPU, s->cpu, 0), name,
		      category_of(s));
	if (!o)
		return;
	put_text(o, "s", "t");
	put_record(o, s->last);
}

static void put_stretch(struct trace *t, const struct span *s)
{
	size_t track = track_of_span(t, s);
	struct json_object *o;
	char name[64];

	name_of(s, name, sizeof(name));
	o = stretch_add(t, s->begin, s->end, track, name, category_of(s));
	if (!o)
		return;
	put_args(t, o, s);
	if (s->party != PARTY_NONE)
		put_party_span(t, s, track);
}

static void put_spans(struct trace *t)
{
	for (size_t i = 0; i < t->h.nspans; i++) {
		const struct span *s = &t->h.span[i];

		if (s->clash)
			put_violation(t, s);
		else if (s->kind == SPAN_MARK)
			put_mark(t, s);
		else
			put_stretch(t, s);
	}
	put_clash(t);
}

/* --- counters --- */

static void counter_add(struct trace *t, int64_t ns, const char *name, uint64_t value)
{
	struct json_object *o = entry_add(t, "C", ns, 0, name, "counter");

	if (o)
		put_number(args_of(o), "value", value);
}

struct change {
	int64_t		ns;
	int		by;
};

/* Who leaves at an instant leaves before the next one comes in. */
static int by_instant(const void *a, const void *b)
{
	const struct change *l = a, *r = b;

	if (l->ns != r->ns)
		return l->ns < r->ns ? -1 : 1;
	return l->by - r->by;
}

static void count_inside(struct trace *t)
{
	struct change *change = calloc(2 * t->h.nspans + 1, sizeof(*change));
	uint64_t inside = 0;
	size_t n = 0;

	t->failed |= !change;
	for (size_t i = 0; change && i < t->h.nspans; i++) {
		const struct span *s = &t->h.span[i];

		if (s->kind != SPAN_INSIDE || s->begin == s->end)
			continue;
		change[n++] = (struct change){ s->begin, 1 };
		change[n++] = (struct change){ s->end, -1 };
	}
	if (change)
		qsort(change, n, sizeof(*change), by_instant);
	for (size_t i = 0; i < n; i++) {
		inside += (uint64_t)(int64_t)change[i].by;
		if (i + 1 == n || change[i + 1].ns != change[i].ns)
			counter_add(t, change[i].ns, "writers inside", inside);
	}
	free(change);
}

static void count_moved(struct trace *t)
{
	for (size_t i = 0; i < t->r->nrecords; i++) {
		const struct record *e = &t->r->record[i];
		char name[NAME_SIZE + 40];

		if (e->event != TRIPMAP_EVENT_GROW_STEP)
			continue;
		snprintf(name, sizeof(name), "buckets moved, %s shard %u",
			 e->table[0] ? e->table : "a table that is gone", e->shard);
		counter_add(t, history_ns(t->r, e->time), name, e->value);
	}
}

/* --- the file --- */

static void print(FILE *f, struct json_object *o, bool more)
{
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					     JSON_C_TO_STRING_NOSLASHESCAPE), f);
	fputs(more ? ",\n" : "\n", f);
	json_object_put(o);
}

static struct json_object *metadata(const char *what, size_t tid)
{
	struct json_object *o = json_object_new_object();

	put_text(o, "name", what);
	put_text(o, "ph", "M");
	put_number(o, "pid", PROCESS);
	put_number(o, "tid", tid);
	return o;
}

static void put_process(FILE *f, const struct report *r)
{
	struct json_object *o = metadata("process_name", 0);
	char name[64];

	snprintf(name, sizeof(name), "tripmap report %llu", (unsigned long long)r->id);
	put_text(args_of(o), "name", name);
	print(f, o, true);
}

/* CPUs by number, with what did not fit below them; causes above, all else below. */
static uint64_t place_of(const struct track *k)
{
	static const uint8_t order[] = {
		[TRACK_CAUSE] = 0, [TRACK_CPU] = 1, [TRACK_RESIZE] = 2, [TRACK_GRACE] = 3,
	};

	return (uint64_t)order[k->kind] << 28 | (k->number & 0xffff) << 12 | (k->further & 0xfff);
}

static void put_tracks(FILE *f, const struct trace *t)
{
	for (size_t i = 0; i < t->ntracks; i++) {
		struct json_object *o = metadata("thread_name", i + 1);
		char name[80];

		track_name(&t->track[i], name, sizeof(name));
		put_text(args_of(o), "name", name);
		print(f, o, true);
		o = metadata("thread_sort_index", i + 1);
		put_number(args_of(o), "sort_index", place_of(&t->track[i]));
		print(f, o, true);
	}
}

/* By time; what is within another behind it, arrows last. */
static int by_time(const void *a, const void *b)
{
	const struct entry *l = a, *r = b;

	if (l->ns != r->ns)
		return l->ns < r->ns ? -1 : 1;
	if (l->length != r->length)
		return l->length > r->length ? -1 : 1;
	return l->order < r->order ? -1 : l->order > r->order;
}

static void put_about(FILE *f, const struct report *r)
{
	struct json_object *o = json_object_new_object();
	char text[900];

	put_number(o, "report", r->id);
	put_text(o, "title", r->title);
	put_number(o, "violation_monotonic_ns", r->time);
	put_number(o, "violation_wall_ns", explain_clock(r, CLOCK_WALL, r->time));
	explain_window(r, text, sizeof(text));
	put_text(o, "window", text);
	explain_clocks(r, text, sizeof(text));
	put_text(o, "clocks", text);
	fputs("{\"displayTimeUnit\":\"ns\",\n\"otherData\":", f);
	print(f, o, true);
}

static void put_trace(FILE *f, struct trace *t)
{
	if (t->nentries)
		qsort(t->entry, t->nentries, sizeof(t->entry[0]), by_time);
	put_about(f, t->r);
	fputs("\"traceEvents\":[\n", f);
	put_process(f, t->r);
	put_tracks(f, t);
	for (size_t i = 0; i < t->nentries; i++)
		print(f, t->entry[i].json, i + 1 < t->nentries);
	fputs("]}\n", f);
}

static void trace_drop(struct trace *t, bool printed)
{
	for (size_t i = 0; !printed && i < t->nentries; i++)
		json_object_put(t->entry[i].json);
	free(t->entry);
	free(t->track);
	history_drop(&t->h);
}

bool report_perfetto(FILE *f, const struct report *r, const struct table *table)
{
	struct trace t = { .r = r, .t = table };
	bool good;

	t.track = calloc(TRACKS_MAX, sizeof(*t.track));
	if (t.track && history_of(r, &t.h)) {
		put_spans(&t);
		count_inside(&t);
		count_moved(&t);
	} else {
		t.failed = true;
	}
	good = !t.failed;
	if (good)
		put_trace(f, &t);
	trace_drop(&t, good);
	return good;
}
