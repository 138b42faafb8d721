// SPDX-License-Identifier: GPL-2.0
/*
 * What a report says in the log. The first two lines, the title and a sentence,
 * name the functions at fault; what follows is the evidence.
 *
 * Anyone may read the log: neither keys nor values nor tags (which are bits of
 * hashes) nor raw addresses go there. A task's name is its own choice: what a
 * terminal would act upon is escaped.
 *
 * Conventions: t is the text, v its violation; the victim is who was caught, the
 * holder the other party.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/tripmap_names.h>

#include "report.h"
#include "report_text.h"

/* Frames of each stack; a report over netlink has all of them. */
#define TM_TEXT_FRAMES	24

/* As in a bucket: a tag below this one is no entry, all of them 1 is evacuated. */
#define TM_TEXT_TAG_ENTRY	2
#define TM_TEXT_TAG_EVACUATED	1

/**
 * tm_report_symbol() - a call site for everybody's eyes
 * @address: the call site
 * @buf: where to
 * @size: bytes there
 *
 * An address without a name is not shown.
 *
 * Context: Any.
 * Return: @buf, with the function, offset, size and module, or "unknown".
 */
const char *tm_report_symbol(unsigned long address, char *buf, size_t size)
{
	snprintf(buf, size, "%pS", (void *)address);
	if (!address || !strncmp(buf, "0x", 2))
		strscpy(buf, "unknown", size);
	return buf;
}

static bool is_word(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/*
 * The function's name alone: offset, module and the compiler's suffixes (.cold,
 * .isra.0) go. An address without a name comes as digits.
 */
static void name_of(unsigned long site, char name[TM_REPORT_SYMBOL])
{
	char *end = name;

	name[0] = '\0';
	if (site)
		snprintf(name, TM_REPORT_SYMBOL, "%ps", (void *)site);
	while (is_word(*end))
		end++;
	*end = '\0';
	if (end == name || (name[0] >= '0' && name[0] <= '9'))
		strscpy(name, "unknown", TM_REPORT_SYMBOL);
}

/* --- the title --- */

/* Nobody called into the table: a watch found what the other party has done. */
static bool is_watch(const struct tm_party *p)
{
	return p->op == TRIPMAP_OP_WATCH && !p->caller;
}

static void names_at_fault(const struct tm_violation *v, char one[TM_REPORT_SYMBOL],
			   char other[TM_REPORT_SYMBOL])
{
	other[0] = '\0';
	if (is_watch(&v->victim)) {
		name_of(v->holder.caller, one);
		return;
	}
	name_of(v->victim.caller, one);
	if (!v->alone)
		name_of(v->holder.caller, other);
}

/**
 * tm_report_title() - the stable title of a report
 * @r: the report
 * @buf: where to
 * @size: bytes there; %TM_REPORT_TITLE are always enough
 *
 * The same bug has the same title, whichever of the two came first.
 *
 * Context: Any.
 * Return: the length of the whole title, as snprintf().
 */
int tm_report_title(const struct tm_report *r, char *buf, size_t size)
{
	char one[TM_REPORT_SYMBOL], other[TM_REPORT_SYMBOL];
	bool none = r->v.class == TRIPMAP_CLASS_UNINITIALISED, swap;

	names_at_fault(&r->v, one, other);
	swap = other[0] && strcmp(one, other) > 0;
	return snprintf(buf, size, "tripmap: %s in %s%s%s%s%s", tripmap_class_name(r->v.class),
			swap ? other : one, other[0] ? " / " : "", swap ? one : other,
			none ? ", no table" : ", table ", none ? "" : r->v.table);
}
EXPORT_SYMBOL_GPL(tm_report_title);

/* --- pieces of a line --- */

static void __printf(2, 3) add(struct tm_report_text *t, const char *fmt, ...)
{
	size_t room = sizeof(t->line) - t->len;
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = vsnprintf(t->line + t->len, room, fmt, args);
	va_end(args);
	t->len += min(n, room - 1);
}

static void end_line(struct tm_report_text *t)
{
	t->out(t->line);
	t->len = 0;
}

static void begin_line(struct tm_report_text *t)
{
	t->len = 0;
	add(t, "tripmap: ");
}

static void add_site(struct tm_report_text *t, unsigned long address)
{
	size_t room = min_t(size_t, sizeof(t->line) - t->len, TM_REPORT_SITE);

	t->len += strlen(tm_report_symbol(address, t->line + t->len, room));
}

static void add_comm(struct tm_report_text *t, const char comm[TM_REPORT_COMM])
{
	const char *name = comm[0] ? comm : "unknown";

	add(t, "%*pE", (int)strnlen(name, TM_REPORT_COMM), name);
}

static void add_label(struct tm_report_text *t, const char label[TRIPMAP_LABEL_MAX])
{
	add(t, "%*pE", (int)strnlen(label, TRIPMAP_LABEL_MAX), label);
}

static void add_task(struct tm_report_text *t, const struct tm_party *p)
{
	add_comm(t, p->comm);
	add(t, " (pid %u)", p->pid);
}

static void add_ns(struct tm_report_text *t, u64 ns)
{
	u64 us = ns / NSEC_PER_USEC;

	if (us < 100 * USEC_PER_MSEC)
		add(t, "%llu us", us);
	else
		add(t, "%llu ms", us / USEC_PER_MSEC);
}

static const char *op_name(u8 op)
{
	return op == TRIPMAP_OP_NONE ? "an operation" : tripmap_op_name(op);
}

/* With the article, as in a sentence. */
static void add_op(struct tm_report_text *t, u8 op)
{
	const char *name = op_name(op);

	if (op == TRIPMAP_OP_ITERATE)
		add(t, "a step of a walk");
	else if (op == TRIPMAP_OP_NONE)
		add(t, "%s", name);
	else
		add(t, "%s %s", strchr("aeio", name[0]) ? "an" : "a", name);
}

/* What became of the victim's operation. */
static const char *outcome(const struct tm_violation *v)
{
	if (v->result)
		return "refused";
	if (is_watch(&v->victim))
		return "reported";
	if (v->class == TRIPMAP_CLASS_EXITING_WRITER || v->class == TRIPMAP_CLASS_FORGED_FLAG)
		return "performed";
	return "let through";
}

static void add_outcome(struct tm_report_text *t, const struct tm_violation *v)
{
	add(t, ": %s", outcome(v));
	if (v->result)
		add(t, " (%d)", v->result);
	if (v->frozen)
		add(t, ", the table is frozen for writes");
}

/* --- the sentence --- */

/* How long ago p began, seen from the violation; false where that is not known. */
static bool began_ago(const struct tm_report *r, const struct tm_party *p, u64 *ns)
{
	if (!p->since || (s64)(r->time - p->since) < 0)
		return false;
	*ns = r->time - p->since;
	return true;
}

static void add_inside(struct tm_report_text *t, const struct tm_violation *v)
{
	u64 ns;

	add_site(t, v->holder.caller);
	add(t, " was inside ");
	add_op(t, v->holder.op);
	if (v->growing)
		add(t, ", at work on the resize,");
	if (began_ago(t->r, &v->holder, &ns)) {
		add(t, " for up to ");
		add_ns(t, ns);
	}
	if (v->left)
		add(t, ", and leaving,");
	add(t, " when ");
	add_site(t, v->victim.caller);
}

static void add_began(struct tm_report_text *t, const struct tm_violation *v)
{
	add(t, " began ");
	add_op(t, v->victim.op);
}

static void say_during(struct tm_report_text *t, const struct tm_violation *v)
{
	add_inside(t, v);
	add_began(t, v);
}

/* A write may have begun under the read. */
static void say_read(struct tm_report_text *t, const struct tm_violation *v)
{
	if (!v->victim.since || v->holder.since <= v->victim.since) {
		say_during(t, v);
		return;
	}
	add_site(t, v->holder.caller);
	add(t, " began ");
	add_op(t, v->holder.op);
	add(t, " while ");
	add_site(t, v->victim.caller);
	add(t, " was inside ");
	add_op(t, v->victim.op);
}

static void say_reentrant(struct tm_report_text *t, const struct tm_violation *v)
{
	add_inside(t, v);
	add(t, ", called from within it,");
	add_began(t, v);
}

static void say_interrupt(struct tm_report_text *t, const struct tm_violation *v)
{
	add_inside(t, v);
	add(t, " interrupted it (%s) and", tripmap_context_name(v->victim.context));
	add_began(t, v);
}

static void say_iteration(struct tm_report_text *t, const struct tm_violation *v)
{
	if (!v->alone) {
		add_inside(t, v);
		add(t, " advanced the same walk");
		return;
	}
	add_site(t, v->victim.caller);
	add(t, " advanced a walk that is being advanced, or that is of another table");
}

static void say_foreign(struct tm_report_text *t, const struct tm_violation *v)
{
	add_site(t, v->victim.caller);
	add_began(t, v);
	if (v->alone) {
		add(t, " on a table that nobody owns");
		return;
	}
	add(t, " on a table that belongs to ");
	add_task(t, &v->holder);
	add(t, " since ");
	add_site(t, v->holder.caller);
}

static void say_uninitialised(struct tm_report_text *t, const struct tm_violation *v)
{
	add_site(t, v->victim.caller);
	add_began(t, v);
	add(t, " through %s, which never was a table", v->table);
}

static void say_destroyed(struct tm_report_text *t, const struct tm_violation *v)
{
	u64 ns;

	add_site(t, v->victim.caller);
	add_began(t, v);
	add(t, " on a table that ");
	if (v->alone) {
		add(t, "was destroyed");
		return;
	}
	add_task(t, &v->holder);
	add(t, " destroyed at ");
	add_site(t, v->holder.caller);
	if (began_ago(t->r, &v->holder, &ns)) {
		add(t, " ");
		add_ns(t, ns);
		add(t, " before");
	}
}

static void say_exiting(struct tm_report_text *t, const struct tm_violation *v)
{
	add_site(t, v->victim.caller);
	add_began(t, v);
	add(t, " in a task that is exiting");
	if (v->victim.origin.caller) {
		add(t, ", queued by ");
		add_site(t, v->victim.origin.caller);
	}
}

static void say_stale(struct tm_report_text *t, const struct tm_violation *v)
{
	add_site(t, v->holder.caller);
	add(t, " has been inside ");
	add_op(t, v->holder.op);
	add(t, " for ");
	add_ns(t, v->age);
	if (v->holder.flags & TRIPMAP_PARTY_FLAG_GONE)
		add(t, ", and its task is gone");
	if (is_watch(&v->victim))
		return;
	add(t, ", when ");
	add_site(t, v->victim.caller);
	add_began(t, v);
}

static void say_forged(struct tm_report_text *t, const struct tm_violation *v)
{
	add_site(t, v->victim.caller);
	add(t, v->alone ? " left " : " began ");
	add_op(t, v->victim.op);
	add(t, " and found a guard word that %s", v->alone ? "was not its own" :
	    "nobody inside can have put there");
}

static void (* const say[])(struct tm_report_text *t, const struct tm_violation *v) = {
	[TRIPMAP_CLASS_WRITE_DURING_WRITE] = say_during,
	[TRIPMAP_CLASS_WRITE_DURING_RESIZE] = say_during,
	[TRIPMAP_CLASS_READ_DURING_WRITE] = say_read,
	[TRIPMAP_CLASS_ITERATE_DURING_WRITE] = say_read,
	[TRIPMAP_CLASS_REENTRANT_WRITE] = say_reentrant,
	[TRIPMAP_CLASS_INTERRUPT_DURING_WRITE] = say_interrupt,
	[TRIPMAP_CLASS_REENTRANT_ITERATION] = say_iteration,
	[TRIPMAP_CLASS_FOREIGN_WRITER] = say_foreign,
	[TRIPMAP_CLASS_UNINITIALISED] = say_uninitialised,
	[TRIPMAP_CLASS_DESTROYED] = say_destroyed,
	[TRIPMAP_CLASS_EXITING_WRITER] = say_exiting,
	[TRIPMAP_CLASS_STALE_WRITER] = say_stale,
	[TRIPMAP_CLASS_FORGED_FLAG] = say_forged,
};

static_assert(ARRAY_SIZE(say) == TRIPMAP_CLASS_MAX + 1);

static void tell_sentence(struct tm_report_text *t)
{
	begin_line(t);
	say[t->r->v.class](t, &t->r->v);
	add_outcome(t, &t->r->v);
	end_line(t);
}

/* --- the parties --- */

static const struct {
	u32		flag;
	const char	*text;
} party_flags[] = {
	{ TRIPMAP_PARTY_FLAG_EXITING, "exiting" },
	{ TRIPMAP_PARTY_FLAG_KTHREAD, "kthread" },
	{ TRIPMAP_PARTY_FLAG_WORKER, "worker" },
	{ TRIPMAP_PARTY_FLAG_GONE, "gone" },
};

static void add_party(struct tm_report_text *t, const struct tm_party *p)
{
	unsigned int i;

	add(t, "%s by ", op_name(p->op));
	add_comm(t, p->comm);
	add(t, " (pid %u, cpu %u, %s", p->pid, p->cpu, tripmap_context_name(p->context));
	for (i = 0; i < ARRAY_SIZE(party_flags); i++) {
		if (p->flags & party_flags[i].flag)
			add(t, ", %s", party_flags[i].text);
	}
	add(t, ") at ");
	add_site(t, p->caller);
}

static void add_bucket(struct tm_report_text *t, const struct tm_party *p)
{
	if (p->bucket != TM_NO_BUCKET)
		add(t, ", bucket %llu", p->bucket);
}

static void add_holder_fate(struct tm_report_text *t, const struct tm_violation *v)
{
	u64 ns;

	if (v->class == TRIPMAP_CLASS_FOREIGN_WRITER) {
		add(t, " owns the table");
	} else if (v->class == TRIPMAP_CLASS_DESTROYED) {
		add(t, " destroyed the table");
	} else if (v->class == TRIPMAP_CLASS_STALE_WRITER) {
		add(t, " has been inside for ");
		add_ns(t, v->age);
	} else if (v->class == TRIPMAP_CLASS_FORGED_FLAG) {
		add(t, " is what the word says");
	} else if (began_ago(t->r, &v->holder, &ns)) {
		add(t, " had been inside for up to ");
		add_ns(t, ns);
		add(t, "%s", v->left ? " when it left" : "");
	} else {
		add(t, "%s", v->left ? " had just left" : " was inside");
	}
}

/* Who had the work queued that a party does, where that is known. */
static void tell_work(struct tm_report_text *t, const char *whose, const struct tm_party *p)
{
	char name[TM_REPORT_SYMBOL];

	if (!p->work && !p->origin.pid)
		return;
	name_of(p->work, name);
	begin_line(t);
	add(t, "work of the %s: %s", whose, name);
	if (p->origin.pid) {
		add(t, ", queued by ");
		add_comm(t, p->origin.comm);
		add(t, " (pid %u, cpu %u) at ", p->origin.pid, p->origin.cpu);
		add_site(t, p->origin.caller);
	}
	end_line(t);
}

/* What a party calls what it does, and what that is part of. */
static void tell_label(struct tm_report_text *t, const char *whose, const struct tm_party *p)
{
	unsigned int i;

	if (!p->label[0][0])
		return;
	begin_line(t);
	add(t, "label of the %s: ", whose);
	for (i = 0; i < TRIPMAP_LABEL_DEPTH && p->label[i][0]; i++) {
		add(t, i ? " < " : "");
		add_label(t, p->label[i]);
	}
	end_line(t);
}

static void tell_victim(struct tm_report_text *t)
{
	const struct tm_violation *v = &t->r->v;

	begin_line(t);
	add(t, "victim: ");
	if (is_watch(&v->victim)) {
		add(t, "none, a watch found it");
		end_line(t);
		return;
	}
	add_party(t, &v->victim);
	add(t, " was %s (%d)%s", outcome(v), v->result,
	    v->alone ? ", no other party is known" : "");
	add_bucket(t, &v->victim);
	end_line(t);
	tell_label(t, "victim", &v->victim);
	tell_work(t, "victim", &v->victim);
}

static void tell_holder(struct tm_report_text *t)
{
	const struct tm_violation *v = &t->r->v;

	if (v->alone)
		return;
	begin_line(t);
	add(t, "other party: ");
	add_party(t, &v->holder);
	add_holder_fate(t, v);
	add_bucket(t, &v->holder);
	end_line(t);
	tell_label(t, "other party", &v->holder);
	tell_work(t, "other party", &v->holder);
}

/* --- why it is what it is called --- */

static const char * const found_text[] = {
	[TRIPMAP_FOUND_NOBODY] = "the guard has no part in it",
	[TRIPMAP_FOUND_OTHER] = "the guard was held by another party, in ",
	[TRIPMAP_FOUND_SELF] = "the guard was held by the victim itself, in ",
	[TRIPMAP_FOUND_BELOW] = "the guard was held by what the victim interrupted, in ",
};

static_assert(ARRAY_SIZE(found_text) == TRIPMAP_FOUND_MAX + 1);

static void tell_guard(struct tm_report_text *t, const struct tm_violation *v)
{
	begin_line(t);
	add(t, "step 1: %s", found_text[v->found]);
	if (v->found != TRIPMAP_FOUND_NOBODY)
		add_op(t, v->holder.op);
	end_line(t);
}

static void tell_resize(struct tm_report_text *t, const struct tm_violation *v)
{
	begin_line(t);
	if (v->resize == TRIPMAP_RESIZE_NONE)
		add(t, "step 3: no resize was under way");
	else
		add(t, "step 3: resize (%s), %llu of %llu buckets evacuated",
		    tripmap_resize_name(v->resize), v->resize_done, v->resize_total);
	if (v->growing)
		add(t, ", the other party was at it");
	end_line(t);
}

static void tell_intent(struct tm_report_text *t, const struct tm_violation *v)
{
	begin_line(t);
	if (is_watch(&v->victim)) {
		add(t, "step 2: nobody was in the way, a watch looked");
	} else {
		add(t, "step 2: the victim was in ");
		add_op(t, v->victim.op);
	}
	end_line(t);
}

static void tell_steps(struct tm_report_text *t)
{
	const struct tm_violation *v = &t->r->v;

	tell_guard(t, v);
	tell_intent(t, v);
	tell_resize(t, v);
	begin_line(t);
	add(t, "hence %s under contract %s: %s, action %s%s", tripmap_class_name(v->class),
	    tripmap_contract_name(v->contract), outcome(v), tripmap_action_name(t->r->action),
	    v->escalated ? ", escalated" : "");
	end_line(t);
}

/* --- the table and the bucket --- */

static void tell_table(struct tm_report_text *t)
{
	const struct tm_violation *v = &t->r->v;

	if (!v->shards)
		return;
	begin_line(t);
	add(t, "shard %u of %u: %llu entries, %llu buckets, %llu overflow buckets, key size %u, value size %u, epoch %u%s",
	    v->shard, v->shards, v->entries, v->buckets, v->overflow, v->key_size,
	    v->value_size, v->epoch, v->frozen ? ", frozen" : "");
	end_line(t);
}

static char slot_mark(u64 tags, unsigned int slot)
{
	u8 tag = tags >> (8 * slot);

	if (tag >= TM_TEXT_TAG_ENTRY)
		return '#';
	return tag == TM_TEXT_TAG_EVACUATED ? '>' : '.';
}

static void add_link(struct tm_report_text *t, u64 tags)
{
	unsigned int slot;

	add(t, " ");
	for (slot = 0; slot < TRIPMAP_BUCKET_SLOTS; slot++)
		add(t, "%c", slot_mark(tags, slot));
}

static void tell_bucket(struct tm_report_text *t)
{
	const struct tm_snap *snap = &t->r->snap;
	u32 i;

	if (!snap->nlinks)
		return;
	begin_line(t);
	add(t, "bucket %llu:", snap->link[0].index);
	for (i = 0; i < snap->nlinks; i++)
		add_link(t, snap->link[i].tags);
	if (snap->left_out)
		add(t, " and %u more", snap->left_out);
	add(t, ", change count %u%s%s%s", snap->version, snap->old ? ", of the old array" : "",
	    snap->evacuated ? ", evacuated" : "", snap->torn ? ", torn" : "");
	end_line(t);
}

/* --- what came before --- */

static const char * const spike_text[] = {
	[TRIPMAP_SPIKE_NONE] = "",
	[TRIPMAP_SPIKE_TIGHT] = "; tightly coupled",
	[TRIPMAP_SPIKE_HIGH] = "; high frequency",
};

static_assert(ARRAY_SIZE(spike_text) == TRIPMAP_SPIKE_MAX + 1);

/* To a tenth, as people read them. */
static void add_ms(struct tm_report_text *t, u64 ns)
{
	u64 tenths = (ns + 50 * NSEC_PER_USEC) / (100 * NSEC_PER_USEC);

	add(t, "%llu.%llu ms", tenths / 10, tenths % 10);
}

static void tell_spike(struct tm_report_text *t, const char *kind, const struct tm_spike *s)
{
	if (!s->count)
		return;
	begin_line(t);
	add(t, "%u %s%spause%s", s->count, kind, *kind ? " " : "", s->count > 1 ? "s within " : " of ");
	add_ms(t, s->count > 1 ? s->span : s->longest);
	add(t, s->count > 1 ? ", the last " : ", ");
	add_ms(t, s->last);
	add(t, " before%s%s", spike_text[s->spike], s->consecutive ? ", consecutive" : "");
	end_line(t);
}

/* One line where they are all of a kind. */
static void tell_spikes(struct tm_report_text *t)
{
	const struct tm_spike *all = &t->w.spike[TM_SPIKE_ALL];
	unsigned int kind, kinds = 0;

	for (kind = 0; kind <= TRIPMAP_PAUSE_KIND_MAX; kind++) {
		tell_spike(t, tripmap_pause_kind_name(kind), &t->w.spike[kind]);
		kinds += !!t->w.spike[kind].count;
	}
	if (kinds > 1)
		tell_spike(t, "", all);
}

static void add_kept(struct tm_report_text *t)
{
	const struct tm_flight_window *w = &t->w;

	add(t, "%u kept of the last ", w->events);
	add_ms(t, w->length);
	if (w->lost)
		add(t, ", %llu lost", w->lost);
	if (w->left_out)
		add(t, ", %u older ones left out", w->left_out);
	if (w->share > 1)
		add(t, "; of writes at least one in %u was observed", w->share);
}

static void tell_window(struct tm_report_text *t)
{
	tm_flight_window(t->r->id, &t->w);
	if (t->w.state == TRIPMAP_WINDOW_NONE)
		return;
	tell_spikes(t);
	begin_line(t);
	add(t, "events: ");
	if (t->w.state == TRIPMAP_WINDOW_FROZEN)
		add_kept(t);
	else
		add(t, t->w.state == TRIPMAP_WINDOW_PENDING ? "still to be copied" : "not kept");
	end_line(t);
}

/* --- stacks --- */

static void tell_line(struct tm_report_text *t, const char *what, const char *whose,
		      const char *rest)
{
	begin_line(t);
	add(t, "%s of the %s:%s", what, whose, rest);
	end_line(t);
}

static void tell_frames(struct tm_report_text *t, const unsigned long *frame, u32 n)
{
	u32 i, shown = min_t(u32, n, TM_TEXT_FRAMES);

	for (i = 0; i < shown; i++) {
		begin_line(t);
		add(t, "  ");
		add_site(t, frame[i]);
		end_line(t);
	}
	if (shown == n)
		return;
	begin_line(t);
	add(t, "  and %u more", n - shown);
	end_line(t);
}

static void tell_origin(struct tm_report_text *t, const char *whose, const struct tm_party *p)
{
	if (!p->origin.n)
		return;
	tell_line(t, "origin", whose, "");
	tell_frames(t, p->origin.frame, p->origin.n);
}

static void tell_holder_stack(struct tm_report_text *t)
{
	const struct tm_stack *stack = &t->r->holder_stack;

	if (stack->n) {
		tell_line(t, "stack", "other party", "");
		tell_frames(t, stack->frame, stack->n);
	} else if (t->r->half == TRIPMAP_HALF_LEFT) {
		tell_line(t, "stack", "other party", " not known, it had left");
	} else if (t->r->half == TRIPMAP_HALF_NONE) {
		tell_line(t, "stack", "other party", " not known");
	} else {
		tell_line(t, "stack", "other party", " pending");
	}
}

static void tell_stacks(struct tm_report_text *t)
{
	const struct tm_report *r = t->r;

	if (!is_watch(&r->v.victim)) {
		tell_line(t, "stack", "victim", "");
		tell_frames(t, r->victim_stack.frame, r->victim_stack.n);
	}
	tell_origin(t, "victim", &r->v.victim);
	if (r->v.alone)
		return;
	tell_holder_stack(t);
	tell_origin(t, "other party", &r->v.holder);
}

/**
 * tm_report_tell() - the text of a report, line by line
 * @t: room
 * @r: the report
 * @out: takes each line, without a newline; the first is the title
 *
 * Context: That of @out.
 */
void tm_report_tell(struct tm_report_text *t, const struct tm_report *r,
		    void (*out)(const char *line))
{
	t->r = r;
	t->out = out;
	tm_report_title(r, t->line, sizeof(t->line));
	end_line(t);
	tell_sentence(t);
	tell_victim(t);
	tell_holder(t);
	tell_steps(t);
	tell_table(t);
	tell_bucket(t);
	tell_window(t);
	tell_stacks(t);
	begin_line(t);
	add(t, "the whole of it: tripctl report show %llu", r->id);
	end_line(t);
}

static void add_time(struct tm_report_text *t, u64 ns)
{
	add(t, "%llu.%06llu", ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

/**
 * tm_report_digest() - the least of a report that has to survive
 * @t: room
 * @r: the report
 * @out: takes each line, without a newline; the first is the title
 *
 * Context: That of @out. Takes no lock.
 */
void tm_report_digest(struct tm_report_text *t, const struct tm_report *r,
		      void (*out)(const char *line))
{
	t->r = r;
	t->out = out;
	tm_report_title(r, t->line, sizeof(t->line));
	end_line(t);
	tell_sentence(t);
	tell_victim(t);
	tell_holder(t);
	begin_line(t);
	add(t, "time: ");
	add_time(t, r->time);
	add(t, " monotonic, ");
	add_time(t, r->time_real);
	add(t, " since 1970");
	end_line(t);
}

/* What a kind means is the event's affair. */
static const char *kind_of(const struct tm_event *e)
{
	if (e->event == TRIPMAP_EVENT_PAUSE)
		return tripmap_pause_kind_name(e->kind);
	if (e->event == TRIPMAP_EVENT_VIOLATION || e->event == TRIPMAP_EVENT_POLICY)
		return tripmap_class_name(e->kind);
	return NULL;
}

static void add_event(struct tm_report_text *t, const struct tm_event *e)
{
	const char *name = tripmap_event_name(e->event), *kind = kind_of(e);

	add_time(t, e->time);
	add(t, " cpu %u %s", e->cpu, name ? name : "unknown");
	if (kind)
		add(t, " %s", kind);
	add(t, " table %u pid %u", e->table, e->pid);
	if (e->op != TRIPMAP_OP_NONE)
		add(t, " %s", tripmap_op_name(e->op));
	if (e->bucket != TM_EVENT_NO_BUCKET)
		add(t, " bucket %u", e->bucket);
	if (e->duration)
		add(t, " %llu ns", e->duration);
	if (e->result)
		add(t, " (%d)", e->result);
}

/**
 * tm_report_tell_event() - an event in a line
 * @t: room
 * @e: the event
 * @out: takes the line, without a newline
 *
 * Neither key nor digest: anyone may read the log.
 *
 * Context: That of @out. Takes no lock.
 */
void tm_report_tell_event(struct tm_report_text *t, const struct tm_event *e,
			  void (*out)(const char *line))
{
	t->out = out;
	begin_line(t);
	add(t, "event ");
	add_event(t, e);
	if (e->label.own[0]) {
		add(t, " label ");
		add_label(t, e->label.own);
	}
	if (e->caller) {
		add(t, " at ");
		add_site(t, e->caller);
	}
	end_line(t);
}
