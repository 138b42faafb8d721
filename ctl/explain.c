// SPDX-License-Identifier: GPL-2.0
/*
 * The words. Sentences are templates:
 *
 *	%V %H	victim, holder		%o %O	what each of them was doing
 *	%t	the table		%P	progress of the resize, in brackets
 *	%a	for how long it is stale	%D	how long before the holder came
 *	%Q	who queued the work	%G	that the holder is gone
 */
#include "explain.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "text.h"
#include "types.h"
#include "when.h"

#define WORD_HELD	(1ULL << 63)
#define WORD_CLASH	(1ULL << 62)
#define WORD_GROW	(1ULL << 61)

struct class_text {
	const char	*what;		/* with both parties */
	const char	*alone;		/* where nobody told of the other one; NULL: as what */
	const char	*under;		/* where the other one came later; NULL: as what */
	const char	*holder_head;
	const char	*verdict;
	const char	*look;
};

#define INSIDE		"%V began %o on %t while %H was inside %O."
#define INSIDE_ALONE	"%V began %o on %t while somebody was inside."
#define UNDER		"%V was in %o on %t when %H began %O."

static const struct class_text class_texts[] = {
	[TRIPMAP_CLASS_WRITE_DURING_WRITE] = {
		INSIDE, INSIDE_ALONE, NULL, "INSIDE",
		"Two writers at once, and the one inside was not resizing.",
		"Compare the two stacks from the bottom up: find the lock, queue or thread that was meant to keep these two paths apart, and which of them does not take it.",
	},
	[TRIPMAP_CLASS_WRITE_DURING_RESIZE] = {
		"%V began %o on %t while %H was inside %O and was resizing the table%P.",
		INSIDE_ALONE, NULL, "INSIDE, RESIZING",
		"Two writers at once, and the one inside was resizing: resizing is done by writers, as part of what they do.",
		"This is a write into a write: find the lock that was meant to keep the two paths apart. A larger \"bits\" makes resizing rarer, not this bug.",
	},
	[TRIPMAP_CLASS_READ_DURING_WRITE] = {
		INSIDE, INSIDE_ALONE, UNDER, "WRITING",
		"A reader and a writer at once, in a table whose contract is exclusive.",
		"Take the writers' lock around this read as well, or make the table single-writer, where readers may run beside a writer.",
	},
	[TRIPMAP_CLASS_ITERATE_DURING_WRITE] = {
		INSIDE, INSIDE_ALONE, UNDER, "WRITING",
		"A walk and a writer at once, in a table whose contract is exclusive.",
		"Hold the writers' lock during the whole walk, or make the table single-writer, where walks may run beside a writer.",
	},
	[TRIPMAP_CLASS_REENTRANT_WRITE] = {
		"%V began %o on %t from within its own operation, %O.",
		"%V began %o on %t from within its own operation.", NULL, "ITSELF, BEFORE",
		"The writer inside is the victim itself, in the same context.",
		"Both stacks are one task's: look for a callback, a probe or a destructor that writes to the table it was called from.",
	},
	[TRIPMAP_CLASS_INTERRUPT_DURING_WRITE] = {
		"%V began %o on %t and had interrupted %H there, inside %O.",
		"%V began %o on %t and had interrupted a writer there.", NULL, "INTERRUPTED",
		"The writer inside was interrupted by the victim on this CPU, and cannot go on before the victim returns.",
		"Disable interrupts (or bottom halves) around the outer write, or hand the interrupt's write to a work item.",
	},
	[TRIPMAP_CLASS_REENTRANT_ITERATION] = {
		"%V took a step with an iterator of %t that %H was in a step with already.",
		"%V took a step with an iterator of %t that was in a step already, or belongs to another table.",
		NULL, "STEPPING",
		"An iterator takes one step at a time, on the table it was opened for.",
		"Look for two tasks that share one iterator, or for a callback that advances the walk it was called from. Open an iterator for each walk.",
	},
	[TRIPMAP_CLASS_FOREIGN_WRITER] = {
		"%V began %o on %t, which is owned by %H.",
		"%V began %o on %t, which it does not own.", NULL, "OWNER",
		"Nobody was inside; the writer is not the task that owns the table.",
		"Hand the write to the owner, or let this task take the table over first (tripmap_own(), \"table set NAME own\"). If several tasks are meant to write, the contract is not \"owner\".",
	},
	[TRIPMAP_CLASS_UNINITIALISED] = {
		"%V began %o through a handle that is no table: NULL, zeroed, an error pointer, or never made.",
		NULL, NULL, "OTHER PARTY",
		"There is no table behind the handle, and there never was.",
		"Look at where the caller has the handle from: is the result of tripmap_create() checked, and is the handle there before its first user runs?",
	},
	[TRIPMAP_CLASS_DESTROYED] = {
		"%V began %o on %t, which %H had destroyed%D.",
		"%V began %o on %t, which had been destroyed.", NULL, "DESTROYED BY",
		"The handle was a table once, and was used after its end.",
		"Find what keeps the victim going after the destruction: a timer, a work item, a reference, a file still open. Stop it before the table is destroyed.",
	},
	[TRIPMAP_CLASS_EXITING_WRITER] = {
		"%V began %o on %t while it was exiting%Q.", NULL, NULL, "OTHER PARTY",
		"The writer is a task that is exiting: what it does is deferred work.",
		"Is this write meant to happen at exit (a release, a task work)? Then count it, and see that whoever else writes then is kept apart. If not, see who queued it.",
	},
	[TRIPMAP_CLASS_STALE_WRITER] = {
		"%H has been inside %O on %t%a%G; %V found that.",
		"Somebody has been inside %t%a; %V found that.", NULL, "STALE",
		"The flag is held for longer than any operation takes (parameter stale_ms).",
		"See the holder's stack: does it wait or loop within a write, was it stopped, or did it die there (an oops in the log)? \"tripctl repair\" takes the flag away when its task is gone; while it exists it would go on.",
	},
	[TRIPMAP_CLASS_FORGED_FLAG] = {
		"%V left %o on %t and found a guard word there that was not its own.", NULL, NULL,
		"OTHER PARTY",
		"Nobody changes the word of a writer that is inside: something wrote over it.",
		"Something wrote over the table's memory (or \"tripctl inject\" did). The table is frozen for writes; look for an overrun next to it, with KASAN if you can. \"tripctl repair\" checks all buckets and thaws it.",
	},
};

_Static_assert(ARRAY_SIZE(class_texts) == NCLASSES, "a text a class");

static const struct class_text newer_class = {
	INSIDE, "%V began %o on %t.", NULL, "OTHER PARTY",
	"This tripctl does not know the class.", "A newer tripctl says more.",
};

static const char * const contract_texts[] = {
	[TRIPMAP_CONTRACT_SINGLE_WRITER] =
		"one writer at a time; readers and walks may run beside it",
	[TRIPMAP_CONTRACT_EXCLUSIVE] = "readers together, or one writer alone",
	[TRIPMAP_CONTRACT_OWNER] =
		"only its owner writes; readers and walks may run beside it",
	[TRIPMAP_CONTRACT_SHARED] =
		"any number of writers and readers, the table keeps them apart; nobody enters it again from within",
};

_Static_assert(ARRAY_SIZE(contract_texts) == TRIPMAP_CONTRACT_MAX + 1, "a text a contract");

static const char * const half_texts[] = {
	[TRIPMAP_HALF_PENDING] = "its half has not come yet: look again",
	[TRIPMAP_HALF_COMPLETE] = "it told of itself too: both stacks are complete",
	[TRIPMAP_HALF_LEFT] =
		"it had left before it could be asked: its call site is known, not its stack",
	[TRIPMAP_HALF_TIMEOUT] = "its half did not come within 100 ms",
	[TRIPMAP_HALF_NONE] = "there is no other party",
};

_Static_assert(ARRAY_SIZE(half_texts) == TRIPMAP_HALF_MAX + 1, "a text a half");

struct op_text {
	const char	*doing;
	const char	*kind;
};

static const struct op_text op_texts[] = {
	[TRIPMAP_OP_NONE] = { "an operation", "unknown" },
	[TRIPMAP_OP_LOOKUP] = { "a lookup", "a read" },
	[TRIPMAP_OP_LOOKUP_MANY] = { "a lookup of many keys", "a read" },
	[TRIPMAP_OP_STORE] = { "a store", "a write" },
	[TRIPMAP_OP_INSERT] = { "an insert", "a write" },
	[TRIPMAP_OP_REPLACE] = { "a replace", "a write" },
	[TRIPMAP_OP_DELETE] = { "a delete", "a write" },
	[TRIPMAP_OP_TAKE] = { "a take", "a write" },
	[TRIPMAP_OP_COMPARE_SWAP] = { "a compare-swap", "a write" },
	[TRIPMAP_OP_CLEAR] = { "a clear", "a write" },
	[TRIPMAP_OP_ITERATE] = { "a step of a walk", "a walk" },
	[TRIPMAP_OP_RESIZE] = { "a resize", "a write" },
	[TRIPMAP_OP_FREEZE] = { "a freeze", "a write" },
	[TRIPMAP_OP_DESTROY] = { "a destroy", "a write, the last one" },
	[TRIPMAP_OP_OWN] = { "a change of owner", "a write" },
	[TRIPMAP_OP_REPAIR] = { "a repair", "a write" },
	[TRIPMAP_OP_WATCH] = { "the watch for stale writers", "neither read nor write" },
};

_Static_assert(ARRAY_SIZE(op_texts) == TRIPMAP_OP_MAX + 1, "a text an operation");

const char *explain_name(const char *name)
{
	return name ? name : "unknown";
}

const char *explain_errno(int32_t result)
{
	const char *name = strerrorname_np(-result);

	return name ? name : "an unknown error";
}

static const struct op_text *op_text(const struct party *p)
{
	return &op_texts[p->op < ARRAY_SIZE(op_texts) ? p->op : TRIPMAP_OP_NONE];
}

static const struct class_text *class_text(const struct report *r)
{
	return r->class < NCLASSES ? &class_texts[r->class] : &newer_class;
}

void explain_flags(const struct party *p, char *text, size_t size)
{
	static const struct {
		uint32_t	flag;
		const char	*name;
	} flags[] = {
		{ TRIPMAP_PARTY_FLAG_EXITING, "exiting" },
		{ TRIPMAP_PARTY_FLAG_KTHREAD, "kernel thread" },
		{ TRIPMAP_PARTY_FLAG_WORKER, "worker" },
		{ TRIPMAP_PARTY_FLAG_GONE, "gone" },
	};
	struct text t = text_in(text, size);

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (p->flags & flags[i].flag)
			text_add(&t, "%s%s", t.n ? ", " : "", flags[i].name);
}

/* What kind of task it is, for a sentence. */
static const char *kind(const struct party *p)
{
	if (p->flags & TRIPMAP_PARTY_FLAG_WORKER)
		return "worker ";
	return p->flags & TRIPMAP_PARTY_FLAG_KTHREAD ? "kernel thread " : "";
}

void explain_party(const struct party *p, char *text, size_t size)
{
	const char *comm = p->comm[0] ? p->comm :
			   p->flags & TRIPMAP_PARTY_FLAG_GONE ? "a task that is gone" : "a task";
	struct text t = text_in(text, size);

	if (!p->has)
		text_add(&t, "somebody");
	else if (p->context != TRIPMAP_CONTEXT_TASK)
		text_add(&t, "%s on cpu %u (above %s, pid %u)",
			 explain_name(tripmap_context_name(p->context)), p->cpu, comm, p->pid);
	else if (HAS(p, TRIPMAP_A_PARTY_CPU))
		text_add(&t, "%s%s (pid %u, cpu %u)", kind(p), comm, p->pid, p->cpu);
	else
		text_add(&t, "%s%s (pid %u)", kind(p), comm, p->pid);
	if (p->work[0])
		text_add(&t, " running %s", p->work);
}

bool explain_origin(const struct party *p, char *text, size_t size)
{
	const struct origin *o = &p->origin;
	struct text t = text_in(text, size);

	if (!o->has)
		return false;
	text_add(&t, "%s (pid %u, cpu %u)", o->comm[0] ? o->comm : "a task", o->pid, o->cpu);
	if (o->caller[0])
		text_add(&t, " in %s", o->caller);
	return true;
}

void explain_key(const struct report *r, const struct party *p, const struct field *type,
		 char *text, size_t size)
{
	bool told = p == &r->victim || r->half == TRIPMAP_HALF_COMPLETE;
	struct field f = { TRIPMAP_TYPE_BYTES, p->key_len };
	char whole[FIELD_TEXT_MAX];

	if (!p->key_size) {
		snprintf(text, size, told ? "none" : "unknown");
		return;
	}
	if (!p->key_len) {
		snprintf(text, size, "%u bytes, shown to root only", p->key_size);
		return;
	}
	if (type && type->size == p->key_size)
		f = *type;
	field_to_text(&f, p->key, p->key_len, whole);
	snprintf(text, size, "%.*s%s", (int)size - 8, whole,
		 p->key_len < p->key_size ? "..." : "");
}

/* A party whose time of entry stands in the guard, read from a coarse clock. */
static bool is_inside(const struct report *r, const struct party *p)
{
	return p == &r->holder && r->half != TRIPMAP_HALF_NONE && !r->holder_exact;
}

/* A tick of the coarse clock may be ahead. */
void explain_since(const struct report *r, const struct party *p, char *text, size_t size)
{
	char span[SPAN_TEXT];

	if (!p->since)
		snprintf(text, size, "unknown");
	else if (p->since >= r->time)
		snprintf(text, size, "less than a clock tick before");
	else
		snprintf(text, size, "%s%s before", is_inside(r, p) ? "up to " : "",
			 span_text(r->time - p->since, span));
}

/* --- the sentence --- */

static void add_progress(struct text *t, const struct report *r)
{
	if (r->resize)
		text_add(t, " (%s, %llu of %llu buckets moved)",
			 explain_name(tripmap_resize_name(r->resize)),
			 (unsigned long long)r->resize_done, (unsigned long long)r->resize_total);
}

/* Nobody was in the way: a watch found what the other party does. */
static bool is_watch(const struct report *r)
{
	return r->victim.op == TRIPMAP_OP_WATCH;
}

static void add_party(struct text *t, const struct party *p)
{
	char party[500];

	explain_party(p, party, sizeof(party));
	text_add(t, "%s", party);
}

static void add_age(struct text *t, const struct report *r)
{
	char span[SPAN_TEXT];

	/* Whoever is gone is stale at any age, 0 included, which then says nothing. */
	if (r->age)
		text_add(t, " for %s", span_text(r->age, span));
}

static void add_before(struct text *t, const struct report *r)
{
	char span[SPAN_TEXT];

	if (r->holder.since && r->holder.since < r->time)
		text_add(t, " %s before", span_text(r->time - r->holder.since, span));
}

static void add_origin(struct text *t, const struct report *r)
{
	char origin[400];

	if (explain_origin(&r->victim, origin, sizeof(origin)))
		text_add(t, "; the work was queued by %s", origin);
}

static void add_table(struct text *t, const struct report *r)
{
	if (r->table[0])
		text_add(t, "table %s", r->table);
	else
		text_add(t, "a table");
}

static void add_victim(struct text *t, const struct report *r)
{
	if (is_watch(r))
		text_add(t, "the module's watch");
	else
		add_party(t, &r->victim);
}

static void add_holder(struct text *t, const struct report *r)
{
	add_party(t, &r->holder);
}

static void add_doing(struct text *t, const struct report *r)
{
	text_add(t, "%s", op_text(&r->victim)->doing);
}

static void add_holder_doing(struct text *t, const struct report *r)
{
	text_add(t, "%s", op_text(&r->holder)->doing);
}

static void add_gone(struct text *t, const struct report *r)
{
	/* One that has no name any more is called so where it is named. */
	if (r->holder.flags & TRIPMAP_PARTY_FLAG_GONE && r->holder.comm[0])
		text_add(t, ", and is gone: its task has ended");
}

/* Placeholders of templates, as at the top. */
static void (* const placeholders[])(struct text *t, const struct report *r) = {
	['V'] = add_victim, ['H'] = add_holder, ['o'] = add_doing, ['O'] = add_holder_doing,
	['t'] = add_table, ['P'] = add_progress, ['a'] = add_age, ['D'] = add_before,
	['Q'] = add_origin, ['G'] = add_gone,
};

static void add_template(struct text *t, const char *template, const struct report *r)
{
	for (; *template; template++) {
		if (*template == '%')
			placeholders[(unsigned char)*++template](t, r);
		else
			text_add(t, "%c", *template);
	}
}

/* Did the write begin under the read? Its clock is coarse, so later is surely later. */
static bool came_later(const struct report *r)
{
	return r->holder.since > r->victim.since && r->victim.since;
}

static const char *sentence(const struct report *r)
{
	const struct class_text *c = class_text(r);

	if (!r->holder.has && c->alone)
		return c->alone;
	return c->under && came_later(r) ? c->under : c->what;
}

static void add_outcome(struct text *t, const struct report *r)
{
	/* Without the article. */
	const char *op = strchr(op_text(&r->victim)->doing, ' ') + 1;

	if (!HAS(r, TRIPMAP_A_REPORT_RESULT))
		text_add(t, " What came of it is not known.");
	else if (r->result)
		text_add(t, " The %s was refused (%s) and changed nothing.", op,
			 explain_errno(r->result));
	else if (r->class == TRIPMAP_CLASS_FORGED_FLAG)
		text_add(t, " What it did is done; the table takes no more writes.");
	else if (!is_watch(r))
		text_add(t, " The %s was let through.", op);
	if (r->escalated)
		text_add(t, " So many of them had come that the action was raised to %s.",
			 explain_name(tripmap_action_name(r->action)));
}

static bool begins_with(const char *text, const char *name)
{
	return name[0] && !strncmp(text, name, strlen(name));
}

static void explain_what(const struct report *r, struct explanation *e)
{
	struct text t = text_in(e->what, sizeof(e->what));

	add_template(&t, sentence(r), r);
	/* Names of tasks stay as they are. */
	if (!begins_with(e->what, r->victim.comm) && !begins_with(e->what, r->holder.comm))
		e->what[0] = (char)toupper((unsigned char)e->what[0]);
	add_outcome(&t, r);
}

/* --- the three steps --- */

static void add_word(struct text *t, const struct report *r)
{
	uint64_t w = r->word;

	if (!HAS(r, TRIPMAP_A_REPORT_WORD)) {
		text_add(t, "The guard's word is not shown (it is for root in the initial pid namespace).");
		return;
	}
	text_add(t, "Guard word 0x%016llx: %s%s%s, %s context, pid %llu, generation %llu.",
		 (unsigned long long)w, w & WORD_HELD ? "held" : "idle",
		 w & WORD_CLASH ? ", asked for its half" : "", w & WORD_GROW ? ", resizing" : "",
		 explain_name(tripmap_context_name(w >> 59 & 3)),
		 (unsigned long long)(w >> 37 & 0x3fffff),
		 (unsigned long long)(w & 0x1fffffffff));
}

static const char *found_template(const struct report *r)
{
	if (!HAS(r, TRIPMAP_A_REPORT_FOUND))
		return r->holder.has ? "%H, in %O." : "Nobody told.";
	switch (r->found) {
	case TRIPMAP_FOUND_NOBODY:
		return "Nobody: the flag has nothing to do with it.";
	case TRIPMAP_FOUND_SELF:
		return r->holder.has ? "The victim itself, in %O." : "The victim itself.";
	case TRIPMAP_FOUND_BELOW:
		return "%H, in %O: what the victim has interrupted on its CPU.";
	case TRIPMAP_FOUND_OTHER:
		return "%H, in %O.";
	}
	return "Something that this tripctl does not know.";
}

/* What the other party's call site is. */
static const char *came_in(const struct report *r)
{
	switch (r->class) {
	case TRIPMAP_CLASS_FOREIGN_WRITER:
		return "The owner came to the table";
	case TRIPMAP_CLASS_DESTROYED:
		return "The table was destroyed";
	}
	return "It came in";
}

static void step_holder(const struct report *r, struct explain_step *s)
{
	struct text answer = text_in(s->answer, sizeof(s->answer));
	struct text evidence = text_in(s->evidence, sizeof(s->evidence));

	s->question = "Who holds the flag, and doing what?";
	add_template(&answer, found_template(r), r);
	if (HAS(r, TRIPMAP_A_REPORT_FOUND) && r->found == TRIPMAP_FOUND_NOBODY && !r->word)
		text_add(&evidence, "No guard word has a part in it.");
	else
		add_word(&evidence, r);
	if (r->holder.caller[0])
		text_add(&evidence, " %s at %s.", came_in(r), r->holder.caller);
}

static void step_victim(const struct report *r, struct explain_step *s)
{
	struct text answer = text_in(s->answer, sizeof(s->answer));
	struct text evidence = text_in(s->evidence, sizeof(s->evidence));
	const struct party *v = &r->victim;

	s->question = "What was the victim doing?";
	add_template(&answer, "%o", r);
	s->answer[0] = (char)toupper(s->answer[0]);
	text_add(&answer, " (%s), in %s context.", op_text(v)->kind,
		 explain_name(tripmap_context_name(v->context)));
	text_add(&evidence, "Call site %s", v->caller[0] ? v->caller : "unknown");
	if (v->key_size)
		text_add(&evidence, ", key of %u bytes", v->key_size);
	if (HAS(v, TRIPMAP_A_PARTY_BUCKET))
		text_add(&evidence, ", bucket %llu", (unsigned long long)v->bucket);
	text_add(&evidence, "%s.",
		 v->flags & TRIPMAP_PARTY_FLAG_EXITING ? ", the task is exiting" : "");
}

static void add_growing(struct text *t, const struct report *r)
{
	if (!HAS(r, TRIPMAP_A_REPORT_GROWING))
		return;
	if (r->growing)
		text_add(t, " The holder was at it itself.");
	else if (r->holder.has)
		text_add(t, " The holder was not at it.");
}

static void step_resize(const struct report *r, struct explain_step *s)
{
	struct text answer = text_in(s->answer, sizeof(s->answer));
	struct text evidence = text_in(s->evidence, sizeof(s->evidence));

	s->question = "Was the table growing, or either side evacuating?";
	if (!HAS(r, TRIPMAP_A_REPORT_RESIZE))
		text_add(&answer, "Not told.");
	else if (r->resize)
		add_template(&answer, "Yes: two arrays of buckets%P.", r);
	else if (r->growing)
		text_add(&answer, "Yes: it was about to begin or had just ended, for there was one array of buckets.");
	else
		text_add(&answer, "No: there was one array of buckets.");
	add_growing(&answer, r);
	if (HAS(r, TRIPMAP_A_REPORT_ENTRIES) && r->buckets)
		text_add(&evidence, "%llu entries in %llu buckets, %.2f a bucket (growth begins above 6.5).",
			 (unsigned long long)r->entries, (unsigned long long)r->buckets,
			 (double)r->entries / (double)r->buckets);
	if (HAS(r, TRIPMAP_A_REPORT_WORD))
		text_add(&evidence, "%sThe resize bit of the guard word is %s.", evidence.n ? " " : "",
			 r->word & WORD_GROW ? "set" : "clear");
	if (!evidence.n)
		text_add(&evidence, "Neither the counts nor the guard's word are shown.");
}

/* --- the table at that instant --- */

static struct explain_fact *fact(struct explanation *e, const char *key, bool known,
				 uint64_t value)
{
	struct explain_fact *f = &e->fact[e->nfacts++];

	*f = (struct explain_fact){ key, known, true, false, value, "unknown" };
	if (known)
		snprintf(f->text, sizeof(f->text), "%llu", (unsigned long long)value);
	return f;
}

static void fact_load(struct explanation *e, const struct report *r)
{
	struct explain_fact *f = fact(e, "entries_a_bucket", HAS(r, TRIPMAP_A_REPORT_ENTRIES) &&
				      r->buckets, 0);

	f->number = false;
	if (f->known)
		snprintf(f->text, sizeof(f->text), "%.2f", (double)r->entries / (double)r->buckets);
}

static void fact_resize(struct explanation *e, const struct report *r)
{
	struct explain_fact *f = fact(e, "resize", HAS(r, TRIPMAP_A_REPORT_RESIZE), 0);

	f->number = false;
	if (f->known)
		snprintf(f->text, sizeof(f->text), "%s",
			 explain_name(tripmap_resize_name(r->resize)));
	if (!r->resize)
		return;
	fact(e, "resize_done", HAS(r, TRIPMAP_A_REPORT_RESIZE_DONE), r->resize_done);
	fact(e, "resize_total", HAS(r, TRIPMAP_A_REPORT_RESIZE_TOTAL), r->resize_total);
}

static void fact_frozen(struct explanation *e, const struct report *r)
{
	struct explain_fact *f = fact(e, "frozen", HAS(r, TRIPMAP_A_REPORT_FROZEN), r->frozen);

	f->number = false;
	f->yes_no = true;
	if (f->known)
		snprintf(f->text, sizeof(f->text), "%s", r->frozen ? "yes" : "no");
}

static void explain_facts(const struct report *r, struct explanation *e)
{
	fact(e, "entries", HAS(r, TRIPMAP_A_REPORT_ENTRIES), r->entries);
	fact(e, "buckets", HAS(r, TRIPMAP_A_REPORT_BUCKETS), r->buckets);
	fact(e, "overflow_buckets", HAS(r, TRIPMAP_A_REPORT_OVERFLOW), r->overflow);
	fact_load(e, r);
	fact_resize(e, r);
	fact(e, "shard", HAS(r, TRIPMAP_A_REPORT_SHARD), r->shard);
	fact(e, "shards", HAS(r, TRIPMAP_A_REPORT_SHARDS), r->shards);
	fact(e, "epoch", HAS(r, TRIPMAP_A_REPORT_EPOCH), r->epoch);
	fact_frozen(e, r);
	fact(e, "key_size", HAS(r, TRIPMAP_A_REPORT_KEY_SIZE), r->key_size);
	fact(e, "value_size", HAS(r, TRIPMAP_A_REPORT_VALUE_SIZE), r->value_size);
}

/* --- the time line --- */

static struct explain_moment *moment(struct explanation *e, uint8_t lane, int64_t ns)
{
	struct explain_moment *m = &e->moment[e->nmoments++];

	*m = (struct explain_moment){ .ns = ns, .timed = true, .lane = lane };
	return m;
}

static void moment_says(struct explain_moment *m, const struct report *r, const char *template)
{
	struct text t = text_in(m->text, sizeof(m->text));

	add_template(&t, template, r);
}

static int64_t from_violation(const struct report *r, uint64_t time)
{
	return (int64_t)(time - r->time);
}

/* A moment has a clause of its own for what the party's arrival means. */
static const char *holder_arrives(const struct report *r)
{
	switch (r->class) {
	case TRIPMAP_CLASS_DESTROYED:
		return "%H destroys the table";
	case TRIPMAP_CLASS_FOREIGN_WRITER:
		return "%H becomes the owner";
	}
	return "%H begins %O";
}

static void moments_of(const struct report *r, const struct party *p, struct explanation *e)
{
	uint8_t lane = p == &r->victim ? LANE_VICTIM : LANE_HOLDER;
	struct explain_moment *m;

	if (p->origin.since) {
		m = moment(e, lane, from_violation(r, p->origin.since));
		snprintf(m->text, sizeof(m->text), "its work is queued by %s (pid %u)",
			 p->origin.comm[0] ? p->origin.comm : "a task", p->origin.pid);
	}
	if (!p->since)
		return;
	m = moment(e, lane, from_violation(r, p->since));
	m->begins = true;
	m->coarse = is_inside(r, p);
	if (m->coarse && m->ns > 0)
		m->ns = 0;
	moment_says(m, r, lane == LANE_VICTIM ? "%V begins %o" : holder_arrives(r));
}

static void moment_clash(const struct report *r, struct explanation *e)
{
	struct explain_moment *m = moment(e, LANE_VICTIM, 0);
	struct text t = text_in(m->text, sizeof(m->text));

	m->clash = true;
	text_add(&t, "violation: %s", explain_name(tripmap_class_name(r->class)));
	if (HAS(r, TRIPMAP_A_REPORT_RESULT) && !is_watch(r))
		text_add(&t, ", %s", r->result ? explain_errno(r->result) : "let through");
}

static void moment_after(const struct report *r, struct explanation *e)
{
	struct explain_moment *m;

	if (!r->holder.has || r->half == TRIPMAP_HALF_NONE || r->half > TRIPMAP_HALF_MAX)
		return;
	m = moment(e, LANE_HOLDER, 0);
	m->timed = false;
	snprintf(m->text, sizeof(m->text), "%s", half_texts[r->half]);
}

static int by_time(const void *a, const void *b)
{
	const struct explain_moment *l = a, *r = b;

	if (l->timed != r->timed)
		return l->timed ? -1 : 1;
	if (l->ns != r->ns)
		return l->ns < r->ns ? -1 : 1;
	return l->clash - r->clash;
}

static void explain_moments(const struct report *r, struct explanation *e)
{
	moments_of(r, &r->holder, e);
	moments_of(r, &r->victim, e);
	moment_clash(r, e);
	moment_after(r, e);
	qsort(e->moment, e->nmoments, sizeof(e->moment[0]), by_time);
}

/* --- the bucket --- */

#define TAG_EMPTY	0
#define TAG_EVACUATED	1

enum explain_slot explain_slot(const struct slot *s)
{
	if (s->used || s->tag > TAG_EVACUATED)
		return SLOT_USED;
	return s->tag == TAG_EVACUATED ? SLOT_EVACUATED : SLOT_EMPTY;
}

bool explain_holds(const struct slot *s, const struct party *p)
{
	return p->key_len && s->key_len == p->key_len && explain_slot(s) == SLOT_USED &&
	       !memcmp(s->key, p->key, p->key_len);
}

static bool chain_holds(const struct bucket *b, const struct party *p)
{
	for (unsigned int i = 0; i < b->nlinks; i++)
		for (unsigned int n = 0; n < TRIPMAP_BUCKET_SLOTS; n++)
			if (explain_holds(&b->link[i].slot[n], p))
				return true;
	return false;
}

void explain_bucket(const struct report *r, char *text, size_t size)
{
	const struct bucket *b = &r->bucket;
	struct text t = text_in(text, size);

	if (!b->nlinks) {
		text_add(&t, "The bucket was not kept.");
		return;
	}
	text_add(&t, "Bucket %llu of the %s array", (unsigned long long)b->link[0].index,
		 b->old ? "old" : "present");
	if (r->shards > 1)
		text_add(&t, " of shard %u", r->shard);
	if (HAS(r, TRIPMAP_A_REPORT_VERSION))
		text_add(&t, ", after %u changes", b->version);
	text_add(&t, "%s.", b->evacuated ? ", its entries moved on already" : "");
	if (r->left_out)
		text_add(&t, " %u more overflow buckets were not kept.", r->left_out);
	if (r->torn)
		text_add(&t, " It was being changed while it was copied: parts may not belong together.");
	if (r->victim.key_len && !r->left_out && !chain_holds(b, &r->victim))
		text_add(&t, " The victim's key is in none of its slots.");
}

/* --- all of it --- */

static const char *victim_head(const struct report *r)
{
	if (is_watch(r))
		return "FOUND BY";
	if (r->class == TRIPMAP_CLASS_FORGED_FLAG)
		return "LEAVING";
	if (!HAS(r, TRIPMAP_A_REPORT_RESULT))
		return "VICTIM";
	return r->result ? "REFUSED" : "LET THROUGH";
}

static const char *other_party(const struct report *r)
{
	if (!HAS(r, TRIPMAP_A_REPORT_HALF) || r->half > TRIPMAP_HALF_MAX)
		return "unknown";
	if (r->half == TRIPMAP_HALF_NONE && r->holder.has)
		return "it is known, but tells no half of its own";
	return half_texts[r->half];
}

static void explain_contract(const struct report *r, struct explanation *e)
{
	struct text t = text_in(e->contract, sizeof(e->contract));

	if (!HAS(r, TRIPMAP_A_REPORT_CONTRACT) || r->class == TRIPMAP_CLASS_UNINITIALISED)
		text_add(&t, "There is no contract that is known.");
	else
		text_add(&t, "The contract of %s is %s: %s.", r->table,
			 explain_name(tripmap_contract_name(r->contract)),
			 r->contract < ARRAY_SIZE(contract_texts) ? contract_texts[r->contract] :
			 "unknown to this tripctl");
}

void explain(const struct report *r, struct explanation *e)
{
	const struct class_text *c = class_text(r);

	memset(e, 0, sizeof(*e));
	explain_what(r, e);
	e->victim_head = victim_head(r);
	e->holder_head = r->holder.has ? c->holder_head : NULL;
	e->other_party = other_party(r);
	step_holder(r, &e->step[0]);
	step_victim(r, &e->step[1]);
	step_resize(r, &e->step[2]);
	e->verdict = c->verdict;
	explain_facts(r, e);
	explain_moments(r, e);
	explain_contract(r, e);
	e->look = c->look;
}
