// SPDX-License-Identifier: GPL-2.0
/* report list, show and clear: what was caught, and what it means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "types.h"

/* What a class of violation means, in words. */
struct class_text {
	const char	*did;		/* between the victim's operation and the holder */
	const char	*look;
};

static const struct class_text class_texts[NCLASSES] = {
	[TRIPMAP_CLASS_WRITE_DURING_WRITE] = {
		"while",
		"Compare the two stacks from the bottom up: find the lock, queue or thread that was meant to keep these two paths apart, and which of them does not take it.",
	},
	[TRIPMAP_CLASS_WRITE_DURING_RESIZE] = {
		"while",
		"This is a write into a write: resizing is done by writers. Find the lock that was meant to keep the two paths apart; a larger \"bits\" makes resizing rarer, not this bug.",
	},
	[TRIPMAP_CLASS_READ_DURING_WRITE] = {
		"while",
		"Take the writers' lock around this read as well, or make the table single-writer, where readers may run beside a writer.",
	},
	[TRIPMAP_CLASS_ITERATE_DURING_WRITE] = {
		"while",
		"Hold the writers' lock during the whole walk, or make the table single-writer, where walks may run beside a writer.",
	},
	[TRIPMAP_CLASS_REENTRANT_WRITE] = {
		"from within its own operation:",
		"Both stacks are one task's: look for a callback, a probe or a destructor that writes to the table it was called from.",
	},
	[TRIPMAP_CLASS_INTERRUPT_DURING_WRITE] = {
		"by interrupting, on the same CPU, a writer:",
		"Disable interrupts (or bottom halves) around the outer write, or hand the interrupt's write to a work item.",
	},
	[TRIPMAP_CLASS_FORGED_FLAG] = {
		"and on leaving found a guard word that was not its own.",
		"Something wrote over the table's memory. The table is frozen for writes; look for an overrun next to it, with KASAN if you can.",
	},
};

static const char * const contract_texts[] = {
	[TRIPMAP_CONTRACT_SINGLE_WRITER] =
		"one writer at a time; readers and walks may run beside it",
	[TRIPMAP_CONTRACT_EXCLUSIVE] =
		"readers together, or one writer alone",
};

_Static_assert(ARRAY_SIZE(contract_texts) == TRIPMAP_CONTRACT_MAX + 1, "a text a contract");

static const char * const half_texts[] = {
	[TRIPMAP_HALF_PENDING] = "its half has not come yet: look again",
	[TRIPMAP_HALF_COMPLETE] = "it told of itself too: both stacks are complete",
	[TRIPMAP_HALF_LEFT] = "it had left before it could be asked: its call site is known, not its stack",
	[TRIPMAP_HALF_TIMEOUT] = "its half did not come within 100 ms",
	[TRIPMAP_HALF_NONE] = "there is no other party",
};

_Static_assert(ARRAY_SIZE(half_texts) == TRIPMAP_HALF_MAX + 1, "a text a half");

static const char *known(const char *name)
{
	return name ? name : "unknown";
}

static const char *errno_name(int32_t result)
{
	const char *name = strerrorname_np(-result);

	return name ? name : "?";
}

static const char *class_name(const struct report *r)
{
	return known(tripmap_class_name(r->class));
}

static void put_row(void *arg, const struct report *r)
{
	(void)arg;
	out_object(NULL);
	out_num("id", r->id);
	out_when("time", r->time_real);
	out_str("action", known(tripmap_action_name(r->action)));
	out_num("repeats", r->repeats);
	out_str("other_party", known(tripmap_half_name(r->half)));
	out_str("title", r->title);
	out_end();
}

static int report_list(struct ctl *c, struct args *a)
{
	int rc = args_end(a);

	if (rc)
		return rc;
	out_list(NULL);
	if (wire_report_list(c->wire, put_row, NULL))
		return cmd_refused(c, a, NULL);
	out_end_list("no reports");
	return CTL_OK;
}

static bool interrupted(const struct party *p)
{
	return p->context != TRIPMAP_CONTEXT_TASK;
}

/* "load-1 (pid 12, cpu 0)"; for an interrupt, what it interrupted. */
static void party_text(const struct party *p, char *text, size_t size)
{
	const char *comm = p->comm[0] ? p->comm : "a task";

	if (interrupted(p))
		snprintf(text, size, "%s on cpu %u (above %s, pid %u)",
			 known(tripmap_context_name(p->context)), p->cpu, comm, p->pid);
	else
		snprintf(text, size, "%s (pid %u, cpu %u)", comm, p->pid, p->cpu);
}

/* How far a resize was; the holder's own or not, as the class says. */
static void progress_text(const struct report *r, char *text, size_t size)
{
	bool own = r->class == TRIPMAP_CLASS_WRITE_DURING_RESIZE;

	text[0] = '\0';
	if (r->resize)
		snprintf(text, size, "%s (%s, %llu of %llu buckets moved)",
			 own ? " and was resizing the table" : ", the table between two sizes",
			 known(tripmap_resize_name(r->resize)),
			 (unsigned long long)r->resize_done,
			 (unsigned long long)r->resize_total);
}

/* The one sentence, and what came of it. */
static void put_what(const struct report *r)
{
	const char *did = r->class < NCLASSES ? class_texts[r->class].did : "while";
	const char *op = known(tripmap_op_name(r->victim.op));
	char victim[160], holder[160], progress[120];

	party_text(&r->victim, victim, sizeof(victim));
	party_text(&r->holder, holder, sizeof(holder));
	progress_text(r, progress, sizeof(progress));
	if (r->half == TRIPMAP_HALF_NONE)
		out_sentence("what", "%s was in a %s on table %s %s", victim, op, r->table, did);
	else
		out_sentence("what",
			     "%s began a %s on table %s %s %s was inside a %s%s. The %s was refused (%s) and changed nothing.",
			     victim, op, r->table, did, holder,
			     known(tripmap_op_name(r->holder.op)), progress, op,
			     errno_name(r->result));
}

/* What both sides are shown as; filled in for each of them. */
struct side {
	const struct party *party;
	char		key[4 * PARTY_KEY_MAX + 64];
	char		since[48];
	uint64_t	pid, cpu;
};

/*
 * The key as the table's type has it, where that is known and all of it was
 * kept. A party that has not told of itself may well have had one.
 */
static void key_text(const struct party *p, bool told, const struct field *type, char *text,
		     size_t size)
{
	char whole[FIELD_TEXT_MAX];
	struct field f = { TRIPMAP_TYPE_BYTES, p->key_len };

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

static void side_fill(struct side *s, const struct party *p, const struct report *r,
		      const struct field *key_type)
{
	s->party = p;
	s->pid = p->pid;
	s->cpu = p->cpu;
	key_text(p, p == &r->victim || r->half == TRIPMAP_HALF_COMPLETE, key_type, s->key,
		 sizeof(s->key));
	/* The holder's is read from a coarse clock, a tick of which may be ahead. */
	if (!p->since)
		snprintf(s->since, sizeof(s->since), "unknown");
	else if (p->since >= r->time)
		snprintf(s->since, sizeof(s->since), "less than a clock tick before");
	else
		snprintf(s->since, sizeof(s->since), "%.1f us before",
			 (double)(r->time - p->since) / 1000);
}

static const char *frame(const void *side, unsigned int i)
{
	const struct party *p = ((const struct side *)side)->party;

	return i < p->nframes ? p->frame[i] : NULL;
}

static void put_parties(const struct report *r, const struct field *key_type)
{
	const struct party *v = &r->victim, *h = &r->holder;
	struct side left, right;

	side_fill(&left, v, r, key_type);
	side_fill(&right, h, r, key_type);
	out_text("\n");
	out_pair("victim", "holder", "REFUSED", "INSIDE");
	out_pair_str("task", v->comm, h->comm[0] ? h->comm : "name unknown");
	out_pair_num("pid", &left.pid, &right.pid);
	out_pair_num("cpu", &left.cpu, &right.cpu);
	out_pair_str("context", known(tripmap_context_name(v->context)),
		     known(tripmap_context_name(h->context)));
	out_pair_str("operation", known(tripmap_op_name(v->op)), known(tripmap_op_name(h->op)));
	out_pair_str("key", left.key, right.key);
	out_pair_num("bucket", v->has_bucket ? &v->bucket : r->has_bucket ? &r->bucket : NULL,
		     h->has_bucket ? &h->bucket : NULL);
	if (out_is_json())
		out_pair_num("since", &v->since, &h->since);
	else
		out_pair_str("since", left.since, right.since);
	out_pair_str("called_from", v->caller, h->caller[0] ? h->caller : "unknown");
	out_pair_list("stack", frame, &left, &right);
	out_pair_end();
	out_text("\n");
}

static void put_meaning(const struct report *r)
{
	const char *contract = r->contract < ARRAY_SIZE(contract_texts) ?
			       contract_texts[r->contract] : "unknown to this tripctl";

	out_json_str("contract", known(tripmap_contract_name(r->contract)));
	out_sentence("contract_says", "The contract of %s is %s: %s.", r->table,
		     known(tripmap_contract_name(r->contract)), contract);
	if (r->class < NCLASSES)
		out_sentence("look_at", "What to look at: %s", class_texts[r->class].look);
}

static void put_report(const struct report *r, const struct field *key_type)
{
	out_object(NULL);
	out_num("report", r->id);
	out_str("title", r->title);
	out_str("class", class_name(r));
	out_str("table", r->table);
	out_when("time", r->time_real);
	out_json_num("monotonic", r->time);
	out_str("action", known(tripmap_action_name(r->action)));
	out_num("repeats", r->repeats);
	out_json_int("result", r->result);
	out_json_str("half", known(tripmap_half_name(r->half)));
	out_str("other_party", r->half < ARRAY_SIZE(half_texts) ? half_texts[r->half] : "unknown");
	out_text("\n");
	put_what(r);
	put_parties(r, key_type);
	put_meaning(r);
	out_end();
}

static int report_show(struct ctl *c, struct args *a)
{
	struct report *r;
	struct table t;
	uint64_t id;
	int rc = args_number(a, "ID", 1, UINT64_MAX, &id);

	if (!rc)
		rc = args_end(a);
	if (rc)
		return rc;
	r = calloc(1, sizeof(*r));
	if (!r)
		return err_failed(NULL, "report show: out of memory");
	if (wire_report_get(c->wire, id, r))
		rc = cmd_refused(c, a, NULL);
	else
		/* The table may be gone; its key type only makes the keys more readable. */
		put_report(r, wire_table_get(c->wire, r->table, &t) ? NULL : &t.key);
	free(r);
	return rc;
}

static int report_clear(struct ctl *c, struct args *a)
{
	int rc = args_end(a);

	if (rc)
		return rc;
	return wire_report_clear(c->wire) ? cmd_refused(c, a, NULL) : CTL_OK;
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "list", .run = report_list },
		{ .name = "show", .run = report_show },
		{ .name = "clear", .run = report_clear },
	};

	return a->n ? cmd_choose(c, a, sub, ARRAY_SIZE(sub)) : report_list(c, a);
}

const struct cmd cmd_report = {
	.name = "report",
	.run = run,
	.help =
"report [list | show ID | clear]\n"
"\n"
"list: one line for each violation that was reported. show: what happened, both\n"
"parties side by side, what the contract says and what to look at. clear: forget\n"
"the reports of this network namespace.\n",
};
