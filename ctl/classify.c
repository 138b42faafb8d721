// SPDX-License-Identifier: GPL-2.0
/*
 * Reports are read by their title, which is stable. Of a bare trace there are
 * features, which a table of patterns finds, and a table of rules, the first of
 * which that fits says the class: what a new kernel or a new kind of context
 * asks for is a row.
 */
#include "classify.h"

#include <ctype.h>
#include <string.h>
#include <linux/tripmap_names.h>

#define MARK	"tripmap: "

static const char *take_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	return s && !strncmp(s, word, n) ? s + n : NULL;
}

static void add_evidence(struct finding *f, const struct klog_line *line)
{
	for (unsigned int i = 0; i < f->nevidence; i++)
		if (f->evidence[i] == line)
			return;
	if (f->nevidence < EVIDENCE_MAX)
		f->evidence[f->nevidence++] = line;
}

/* --- reports --- */

/* A word of the title: a function, or "unknown". */
static const char *take_name(const char *s, char *name)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	if (!n || n >= KLOG_SYMBOL)
		return NULL;
	memcpy(name, s, n);
	name[n] = '\0';
	return s + n;
}

static const char *take_class(const char *s, uint8_t *class)
{
	for (uint8_t c = 0; c < NCLASSES; c++) {
		size_t n = strlen(tripmap_class_name(c));

		if (!strncmp(s, tripmap_class_name(c), n) && strchr(" ,", s[n])) {
			*class = c;
			return s + n;
		}
	}
	return NULL;
}

static const char *blanks(const char *s)
{
	return s ? s + strspn(s, " ") : NULL;
}

/*
 * "tripmap: CLASS in ONE[ / OTHER], table NAME" or "..., no table"; where there was
 * no room for more, "tripmap: CLASS, report ID".
 */
static bool parse_title(const char *text, struct finding *f)
{
	const char *s = strstr(text, MARK), *rest;

	memset(f, 0, sizeof(*f));
	s = s ? take_class(s + strlen(MARK), &f->class) : NULL;
	if (take_word(s, ", report "))
		return true;
	s = take_word(s, " in ");
	s = s ? take_name(s, f->function[0]) : NULL;
	rest = take_word(blanks(s), "/");
	if (rest)
		s = take_name(blanks(rest), f->function[1]);
	s = blanks(take_word(s, ","));
	if (take_word(s, "no table"))
		return true;
	s = take_word(s, "table ");
	if (!s || !*s)
		return false;
	snprintf(f->table, sizeof(f->table), "%.*s", (int)strcspn(s, " \t"), s);
	return true;
}

#define WRAPS_MAX	3	/* lines that a title may have been broken into */

/* A title that was wrapped is put together, within a word or at a blank. */
static bool find_title(const struct klog *log, size_t i, size_t *lines, struct finding *f)
{
	char joined[2048];

	if (parse_title(log->line[i].text, f)) {
		*lines = 1;
		return true;
	}
	if (!strstr(log->line[i].text, MARK))
		return false;
	for (unsigned int blank = 0; blank < 2; blank++) {
		snprintf(joined, sizeof(joined), "%s", log->line[i].text);
		for (size_t n = 1; n < WRAPS_MAX && i + n < log->n; n++) {
			size_t len = strlen(joined);

			if (strstr(log->line[i + n].text, MARK))
				break;
			snprintf(joined + len, sizeof(joined) - len, "%s%s", blank ? " " : "",
				 log->line[i + n].text);
			*lines = n + 1;
			if (parse_title(joined, f))
				return true;
		}
	}
	return false;
}

/* What lines of a report are quoted; frames and what is known already are not. */
static bool is_evidence(const char *text)
{
	static const char * const begins[] = {
		"stack of", "origin of", "the whole of it", " ", "bucket ", "and ",
	};
	const char *s = strstr(text, MARK);

	for (size_t i = 0; s && i < ARRAY_SIZE(begins); i++)
		if (take_word(s + strlen(MARK), begins[i]))
			return false;
	return s;
}

/* Something else begins: what stands below is not the report's. */
static bool is_other(const char *text)
{
	static const char * const begins[] = {
		"WARNING: ", "BUG: ", "kernel BUG at", "Call Trace:", "INFO: ", "Oops",
		"------------[ cut here",
	};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (take_word(text, begins[i]))
			return true;
	return false;
}

/* The lines below a title that belong to it; returns how many lines were passed. */
static size_t take_body(const struct klog *log, size_t from, struct finding *f)
{
	struct finding next;
	size_t i, unused;

	for (i = from; i < log->n; i++) {
		if (is_other(log->line[i].text) || find_title(log, i, &unused, &next))
			break;
		if (strstr(log->line[i].text, MARK "the whole of it"))
			return i + 1 - from;
		if (is_evidence(log->line[i].text))
			add_evidence(f, &log->line[i]);
	}
	return i - from;
}

static bool same_title(const struct finding *a, const struct finding *b)
{
	return a->class == b->class && !strcmp(a->function[0], b->function[0]) &&
	       !strcmp(a->function[1], b->function[1]) && !strcmp(a->table, b->table);
}

/* --- bare traces --- */

enum {
	F_WRITE		= 1 << 0,	/* a write into a table */
	F_READ		= 1 << 1,
	F_WALK		= 1 << 2,
	F_DESTROY	= 1 << 3,
	F_NESTED_WRITE	= 1 << 4,	/* one within the other */
	F_NESTED_WALK	= 1 << 5,
	F_RESIZE	= 1 << 6,
	F_SOFTIRQ	= 1 << 7,
	F_HARDIRQ	= 1 << 8,
	F_NMI		= 1 << 9,
	F_EXIT		= 1 << 10,
	F_TASK_WORK	= 1 << 11,
	F_RELEASE	= 1 << 12,
	F_WORK		= 1 << 13,
	F_BETWEEN	= 1 << 14,	/* an interrupt between two nested writes */
	F_NULL		= 1 << 15,
	F_FREED		= 1 << 16,
	F_STUCK		= 1 << 17,
	F_MODULE	= 1 << 18,	/* a frame of tripmap's own, whatever it is */
	F_INSIDE	= 1 << 19,	/* the oops is in tripmap itself */
	F_ECHO		= 1 << 20,	/* it is what a report's WARN or BUG prints */
};

#define F_CALL		(F_WRITE | F_READ | F_WALK | F_DESTROY | F_MODULE)
#define F_INTERRUPT	(F_SOFTIRQ | F_HARDIRQ | F_NMI)

/* Functions that are calls into a table. */
static const struct {
	const char	*symbol;
	unsigned int	feature;
} calls[] = {
	{ "tripmap_store", F_WRITE }, { "tripmap_insert", F_WRITE },
	{ "tripmap_replace", F_WRITE }, { "tripmap_compare_swap", F_WRITE },
	{ "tripmap_delete", F_WRITE }, { "tripmap_take", F_WRITE },
	{ "tripmap_clear", F_WRITE }, { "tripmap_resize_hint", F_WRITE },
	{ "tripmap_freeze", F_WRITE }, { "tripmap_unfreeze", F_WRITE },
	{ "tripmap_own", F_WRITE }, { "tripmap_destroy", F_WRITE | F_DESTROY },
	{ "tripmap_lookup", F_READ }, { "tripmap_lookup_many", F_READ },
	{ "tripmap_contains", F_READ }, { "tripmap_iter_next", F_WALK },
	{ "tripmap_iter_open", F_READ }, { "tripmap_iter_open_snapshot", F_READ },
};

/* Which side of the call into the table: what it calls, or what called it. */
enum side { INNER, OUTER };

/* A symbol that begins so is a feature. */
static const struct {
	const char	*begin;
	enum side	side;
	unsigned int	feature;
} patterns[] = {
	{ "tm_grow_", INNER, F_RESIZE }, { "evacuate", INNER, F_RESIZE },
	{ "begin_if_due", INNER, F_RESIZE },
	{ "tm_report_act", INNER, F_ECHO }, { "act_warn", INNER, F_ECHO },
	{ "act_bug", INNER, F_ECHO },
	{ "__do_softirq", OUTER, F_SOFTIRQ }, { "handle_softirqs", OUTER, F_SOFTIRQ },
	{ "do_softirq", OUTER, F_SOFTIRQ }, { "run_timer_softirq", OUTER, F_SOFTIRQ },
	{ "call_timer_fn", OUTER, F_SOFTIRQ }, { "tasklet_action", OUTER, F_SOFTIRQ },
	{ "net_rx_action", OUTER, F_SOFTIRQ }, { "run_ksoftirqd", OUTER, F_SOFTIRQ },
	{ "hrtimer_interrupt", OUTER, F_HARDIRQ }, { "handle_irq_event", OUTER, F_HARDIRQ },
	{ "__handle_irq_event", OUTER, F_HARDIRQ }, { "__common_interrupt", OUTER, F_HARDIRQ },
	{ "common_interrupt", OUTER, F_HARDIRQ }, { "asm_common_interrupt", OUTER, F_HARDIRQ },
	{ "sysvec_", OUTER, F_HARDIRQ }, { "__sysvec_", OUTER, F_HARDIRQ },
	{ "asm_sysvec_", OUTER, F_HARDIRQ }, { "generic_handle_", OUTER, F_HARDIRQ },
	{ "gic_handle_irq", OUTER, F_HARDIRQ }, { "el1h_64_irq", OUTER, F_HARDIRQ },
	{ "irq_work_run", OUTER, F_HARDIRQ }, { "flush_smp_call_function", OUTER, F_HARDIRQ },
	{ "exc_nmi", OUTER, F_NMI }, { "asm_exc_nmi", OUTER, F_NMI },
	{ "default_do_nmi", OUTER, F_NMI }, { "nmi_handle", OUTER, F_NMI },
	{ "do_exit", OUTER, F_EXIT }, { "do_group_exit", OUTER, F_EXIT },
	{ "exit_files", OUTER, F_EXIT }, { "exit_mm", OUTER, F_EXIT },
	{ "task_work_run", OUTER, F_TASK_WORK },
	{ "__fput", OUTER, F_RELEASE }, { "____fput", OUTER, F_RELEASE },
	{ "process_one_work", OUTER, F_WORK }, { "process_scheduled_works", OUTER, F_WORK },
};

/* What is said in words around a trace. */
static const struct {
	const char	*text;
	unsigned int	feature;
} phrases[] = {
	{ "NULL pointer dereference", F_NULL }, { "null-ptr-deref", F_NULL },
	{ "use-after-free", F_FREED }, { "6b6b6b6b6b6b6b6b", F_FREED },
	{ "non-canonical address", F_FREED },
	{ "soft lockup", F_STUCK }, { "hard LOCKUP", F_STUCK },
	{ "rcu_sched self-detected stall", F_STUCK },
	{ "rcu_preempt self-detected stall", F_STUCK },
	{ "detected stalls on CPUs", F_STUCK }, { "blocked for more than", F_STUCK },
};

/* The first that fits counts. */
static const struct {
	uint8_t		class;
	const char	*confidence;
	unsigned int	all;		/* features that must be there, all of them */
	unsigned int	any;		/* one of these at least; 0: whatever */
	unsigned int	none;		/* and none of these */
	const char	*why;
} rules[] = {
	{ TRIPMAP_CLASS_INTERRUPT_DURING_WRITE, "very likely", F_NESTED_WRITE | F_BETWEEN, 0, 0,
	  "One write stands within another, with an interrupt between them: it interrupted a writer and writes to a table itself."
	},
	{ TRIPMAP_CLASS_REENTRANT_WRITE, "very likely", F_NESTED_WRITE, 0, 0,
	  "One write stands within another of the same task: a callback or a probe writes to a table it was called from."
	},
	{ TRIPMAP_CLASS_REENTRANT_ITERATION, "very likely", F_NESTED_WALK, 0, 0,
	  "One step of a walk stands within another: an iterator is advanced while it is being advanced."
	},
	{ TRIPMAP_CLASS_DESTROYED, "likely", F_FREED, F_CALL, 0,
	  "Memory that was given back already was used in a call into a table: the handle outlived its table."
	},
	{ TRIPMAP_CLASS_UNINITIALISED, "likely", F_NULL | F_INSIDE, F_CALL, 0,
	  "A null pointer was used in a call into a table: the handle was never a table."
	},
	{ TRIPMAP_CLASS_STALE_WRITER, "likely", F_STUCK, F_WRITE, 0,
	  "A task did not get on while it was in a write: it holds the table's flag for as long."
	},
	{ TRIPMAP_CLASS_INTERRUPT_DURING_WRITE, "likely", F_NMI, F_WRITE, 0,
	  "An NMI writes to a table, whoever it has interrupted."
	},
	{ TRIPMAP_CLASS_INTERRUPT_DURING_WRITE, "likely", F_HARDIRQ | F_WRITE, 0, F_SOFTIRQ,
	  "A hard interrupt writes to a table: it may have interrupted a writer on its CPU."
	},
	{ TRIPMAP_CLASS_INTERRUPT_DURING_WRITE, "likely", F_SOFTIRQ | F_WRITE, 0, 0,
	  "A softirq (a timer, a tasklet, the network) writes to a table: it may have interrupted a writer on its CPU."
	},
	{ TRIPMAP_CLASS_EXITING_WRITER, "likely", F_EXIT | F_WRITE, 0, 0,
	  "A task that is exiting writes to a table, in work that was deferred to its end."
	},
	{ TRIPMAP_CLASS_EXITING_WRITER, "possible", F_WRITE, F_TASK_WORK | F_RELEASE, 0,
	  "A write that was deferred (task work, the release of a file) runs on the way out of a system call; at exit it runs too."
	},
	{ TRIPMAP_CLASS_DESTROYED, "possible", F_DESTROY, 0, 0,
	  "A table is being destroyed: who uses it still, or will, meets no table."
	},
	{ TRIPMAP_CLASS_WRITE_DURING_RESIZE, "possible", F_RESIZE | F_WRITE, 0, 0,
	  "A writer is resizing the table: a second writer that meets it here is refused. The trace shows one side only."
	},
	{ TRIPMAP_CLASS_WRITE_DURING_WRITE, "possible", F_WORK | F_WRITE, 0, 0,
	  "A work item writes to a table: does it take the lock that the others take? The trace shows one side only."
	},
	{ TRIPMAP_CLASS_WRITE_DURING_WRITE, "possible", F_WRITE, 0, 0,
	  "A task writes to a table. The trace shows one side only: look for the other one."
	},
	{ TRIPMAP_CLASS_ITERATE_DURING_WRITE, "possible", F_WALK, 0, 0,
	  "A walk over a table: a violation where the contract is exclusive and somebody writes."
	},
	{ TRIPMAP_CLASS_READ_DURING_WRITE, "possible", F_READ, 0, 0,
	  "A lookup in a table: a violation where the contract is exclusive and somebody writes."
	},
	{ TRIPMAP_CLASS_WRITE_DURING_WRITE, "possible", F_MODULE, 0, 0,
	  "There are functions of tripmap, but no call into a table that is known to this tripctl."
	},
};

#define FRAMES_KEPT	128

struct trace {
	struct klog_frame frame[FRAMES_KEPT];
	const struct klog_line *line[FRAMES_KEPT];
	unsigned int	n;
	unsigned int	features;
	bool		begun;		/* its head was seen ... */
	unsigned int	head;		/* ... behind so many frames, of RIP: and the like */
	struct finding	finding;
};

static unsigned int call_feature(const struct klog_frame *frame)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (!strcmp(frame->symbol, calls[i].symbol))
			return calls[i].feature;
	return 0;
}

static void note(struct trace *t, unsigned int feature, const struct klog_line *line)
{
	if (!(t->features & feature))
		add_evidence(&t->finding, line);
	t->features |= feature;
}

/* Who called into the table at frame i: the next one that is not tripmap's own. */
static void note_function(struct trace *t, unsigned int i)
{
	struct finding *f = &t->finding;
	unsigned int side = f->function[0][0] != '\0';

	while (i < t->n && (!strcmp(t->frame[i].module, "tripmap") || call_feature(&t->frame[i])))
		i++;
	if (i == t->n || (side && f->function[1][0]))
		return;
	strcpy(f->function[side], t->frame[i].symbol);
	add_evidence(f, t->line[i]);
}

/* Innermost frame first: an outer call of the same kind means that one is within the other. */
static void find_calls(struct trace *t, unsigned int *innermost)
{
	unsigned int seen = 0, inner = 0;

	*innermost = t->n;
	for (unsigned int i = 0; i < t->n; i++) {
		unsigned int feature = call_feature(&t->frame[i]);

		if (!strcmp(t->frame[i].module, "tripmap"))
			note(t, F_MODULE, t->line[i]);
		else if (!feature)
			inner = seen;	/* by way of somebody else */
		/* Wrappers call each other: only what others call counts. */
		if (!feature || (i + 1 < t->n && call_feature(&t->frame[i + 1])))
			continue;
		if (*innermost == t->n)
			*innermost = i;
		if (inner & feature & F_WRITE)
			note(t, F_NESTED_WRITE, t->line[i]);
		if (inner & feature & F_WALK)
			note(t, F_NESTED_WALK, t->line[i]);
		add_evidence(&t->finding, t->line[i]);
		seen |= feature;
		note_function(t, i);
	}
	t->features |= seen;
}

static void find_patterns(struct trace *t, unsigned int innermost)
{
	unsigned int outermost = innermost;

	for (unsigned int i = innermost; i < t->n; i++)
		if (call_feature(&t->frame[i]))
			outermost = i;
	for (unsigned int i = 0; i < t->n; i++) {
		for (size_t p = 0; p < ARRAY_SIZE(patterns); p++) {
			if (patterns[p].side != (i < innermost ? INNER : OUTER) ||
			    !take_word(t->frame[i].symbol, patterns[p].begin))
				continue;
			note(t, patterns[p].feature, t->line[i]);
			if ((patterns[p].feature & F_INTERRUPT) && i < outermost)
				note(t, F_BETWEEN, t->line[i]);
		}
	}
}

static bool judge(struct trace *t)
{
	struct finding *f = &t->finding;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if ((t->features & rules[i].all) != rules[i].all ||
		    (rules[i].any && !(t->features & rules[i].any)) ||
		    t->features & rules[i].none)
			continue;
		f->class = rules[i].class;
		f->confidence = rules[i].confidence;
		f->why = rules[i].why;
		return true;
	}
	return false;
}

/* Frames above the trace count only where the trace does not repeat them. */
static void drop_head(struct trace *t)
{
	bool repeated = false;

	for (unsigned int i = t->head; i < t->n; i++)
		repeated |= call_feature(&t->frame[i]) != 0;
	if (!repeated)
		return;
	t->n -= t->head;
	memmove(t->frame, t->frame + t->head, t->n * sizeof(t->frame[0]));
	memmove(t->line, t->line + t->head, t->n * sizeof(t->line[0]));
}

/* The trace has ended: is there a call into a table in it? */
static bool trace_end(struct trace *t)
{
	unsigned int innermost;

	drop_head(t);
	find_calls(t, &innermost);
	if (!(t->features & F_CALL))
		return false;
	find_patterns(t, innermost);
	if (t->n && !strcmp(t->frame[0].module, "tripmap"))
		t->features |= F_INSIDE;
	return judge(t);
}

static void trace_line(struct trace *t, const struct klog_line *line)
{
	struct klog_frame frame;

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++)
		if (strstr(line->text, phrases[i].text))
			note(t, phrases[i].feature, line);
	if (t->n == FRAMES_KEPT || !klog_frame(line->text, &frame) || frame.unsure)
		return;
	/* RIP: names the innermost frame, which the trace does not repeat. */
	t->frame[t->n] = frame;
	t->line[t->n++] = line;
}

/* Where a trace begins: what stood before is of another one, but for its words. */
static bool begins_trace(const char *text)
{
	static const char * const begins[] = {
		"Call Trace:", "Call trace:", "stack backtrace:", "Backtrace:",
	};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (strstr(text, begins[i]))
			return true;
	return false;
}

static bool ends_trace(const char *text)
{
	return strstr(text, "---[ end trace") || strstr(text, "</TASK>");
}

/* --- all of a log --- */

struct classifier {
	void		(*each)(void *arg, const struct finding *f);
	void		*arg;
	unsigned int	n;
	struct finding	last;		/* the last report */
	struct trace	trace;
};

static void tell(struct classifier *c, const struct finding *f)
{
	c->each(c->arg, f);
	c->n++;
}

/* A report's own trace says nothing new, nor does a RIP: that stands alone below one. */
static bool is_repeated(const struct classifier *c)
{
	const struct trace *t = &c->trace;

	return (c->last.report && t->features & F_ECHO) || (c->n && !t->begun && t->n < 2);
}

static void flush_trace(struct classifier *c)
{
	if (trace_end(&c->trace) && !is_repeated(c))
		tell(c, &c->trace.finding);
	memset(&c->trace, 0, sizeof(c->trace));
}

/* WARN and BUG repeat the title and add a trace: that is the same violation. */
static bool is_echo(const struct classifier *c, const struct finding *f)
{
	return c->last.report && !f->nevidence && same_title(&c->last, f);
}

static size_t take_report(struct classifier *c, const struct klog *log, size_t i, size_t lines,
			  struct finding *f)
{
	size_t body = take_body(log, i + lines, f);

	if (is_echo(c, f))
		return lines;
	f->report = true;
	f->confidence = "certain";
	f->why = "tripmap itself reported it.";
	memmove(f->evidence + 1, f->evidence, (EVIDENCE_MAX - 1) * sizeof(f->evidence[0]));
	f->evidence[0] = &log->line[i];
	f->nevidence += f->nevidence < EVIDENCE_MAX;
	tell(c, f);
	c->last = *f;
	return lines + body;
}

unsigned int classify(const struct klog *log, void (*each)(void *arg, const struct finding *f),
		      void *arg)
{
	static struct classifier c;
	struct finding f;
	size_t lines = 1;

	memset(&c, 0, sizeof(c));
	c.each = each;
	c.arg = arg;
	for (size_t i = 0; i < log->n; i += lines) {
		const char *text = log->line[i].text;

		lines = 1;
		if (find_title(log, i, &lines, &f)) {
			flush_trace(&c);
			lines = take_report(&c, log, i, lines, &f);
			continue;
		}
		if (begins_trace(text)) {
			if (c.trace.begun)
				flush_trace(&c);
			c.trace.begun = true;
			c.trace.head = c.trace.n;
		}
		trace_line(&c.trace, &log->line[i]);
		if (ends_trace(text))
			flush_trace(&c);
	}
	flush_trace(&c);
	return c.n;
}
