// SPDX-License-Identifier: GPL-2.0
/*
 * A report as a graph: labels lead to operations, operations to who did them,
 * and these to the violation. Names are other people's choice; every text goes
 * through quoted(), which leaves nothing in it that graphviz acts upon.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "explain.h"
#include "report_show.h"
#include "text.h"
#include "types.h"
#include "when.h"
#include "words.h"

/*
 * Within "..." graphviz knows \" and escapes such as \N for the node's name, and
 * entities as HTML has them. A line break of ours is the only escape that remains.
 */
static void quoted(FILE *f, const char *raw)
{
	char *clean = malloc(4 * strlen(raw) + 1);

	if (!clean)
		return;
	text_clean(raw, strlen(raw), true, clean);
	for (const char *s = clean; *s; s++) {
		if (*s == '&')
			fputs("&amp;", f);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else
			putc(*s, f);
	}
	free(clean);
}

/* One more line of a label; nothing for an empty text. */
static void row(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void row(FILE *f, const char *format, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (!text[0])
		return;
	quoted(f, text);
	fputs("\\n", f);
}

/* side and what make the name of a node; attributes are this file's own. */
static void node_begin(FILE *f, const char *side, const char *what, const char *attributes)
{
	fprintf(f, "\t%s_%s [%s%slabel=\"", side, what, attributes, *attributes ? ", " : "");
}

static void node_end(FILE *f)
{
	fputs("\"];\n", f);
}

static void edge(FILE *f, const char *side, const char *from, const char *to, const char *why)
{
	fprintf(f, "\t%s_%s -> %s_%s [label=\" %s\"];\n", side, from, side, to, why);
}

struct graph {
	FILE		*f;
	const struct report *r;
	const struct table *t;
};

/* --- a party's part --- */

static void name_of(char *name, const char *what, unsigned int n)
{
	snprintf(name, 32, "%s%u", what, n);
}

/* From the outermost label to the party's own, and on to its operation. */
static void put_labels(const struct graph *g, const struct party *p, const char *side)
{
	char name[32], inner[32];

	for (unsigned int i = p->nlabels; i--;) {
		name_of(name, "label", i);
		node_begin(g->f, side, name, "shape=tab");
		row(g->f, "%s", p->label[i]);
		node_end(g->f);
		if (i)
			name_of(inner, "label", i - 1);
		edge(g->f, side, name, i ? inner : "op", i ? "has as a part" : "is");
	}
}

static void put_operation(const struct graph *g, const struct party *p, const char *side)
{
	char key[4 * PARTY_KEY_MAX + 64];

	explain_key(g->r, p, g->t ? &g->t->key : NULL, key, sizeof(key));
	node_begin(g->f, side, "op", "shape=box, style=rounded");
	row(g->f, "%s", explain_name(tripmap_op_name(p->op)));
	if (p->key_size)
		row(g->f, "key %s", key);
	if (HAS(p, TRIPMAP_A_PARTY_BUCKET))
		row(g->f, "bucket %llu", (unsigned long long)p->bucket);
	row(g->f, "%s", p->caller);
	node_end(g->f);
	edge(g->f, side, "op", "party", "by");
}

static void put_origin(const struct graph *g, const struct party *p, const char *side)
{
	const struct origin *o = &p->origin;
	char span[SPAN_TEXT];

	if (!o->has)
		return;
	node_begin(g->f, side, "origin", "shape=box, style=dashed");
	row(g->f, "%s (pid %u, cpu %u)", o->comm[0] ? o->comm : "a task", o->pid, o->cpu);
	row(g->f, "%s", o->caller);
	if (o->since && o->since < g->r->time)
		row(g->f, "%s before", span_text(g->r->time - o->since, span));
	node_end(g->f);
	edge(g->f, side, "origin", "op", "queued the work");
}

static void put_who(const struct graph *g, const struct party *p, const char *side,
		    const char *colour)
{
	char who[500], since[64], attributes[80];

	explain_party(p, who, sizeof(who));
	explain_since(g->r, p, since, sizeof(since));
	snprintf(attributes, sizeof(attributes), "shape=box, color=\"%s\", penwidth=2", colour);
	node_begin(g->f, side, "party", attributes);
	row(g->f, "%s", who);
	row(g->f, "%s context", explain_name(tripmap_context_name(p->context)));
	if (p->since)
		row(g->f, "since %s", since);
	node_end(g->f);
}

static void put_party(const struct graph *g, const struct party *p, const char *side,
		      const char *head, const char *colour)
{
	fprintf(g->f, "\tsubgraph cluster_%s {\n\tlabel=\"", side);
	quoted(g->f, head);
	fputs("\";\n", g->f);
	put_who(g, p, side, colour);
	put_operation(g, p, side);
	put_labels(g, p, side);
	put_origin(g, p, side);
	fputs("\t}\n", g->f);
}

/* --- all of it --- */

static void put_violation(const struct graph *g, const struct explanation *e)
{
	const struct report *r = g->r;

	fputs("\tviolation [shape=octagon, style=filled, fillcolor=\"#b4232a\", fontcolor=white, label=\"",
	      g->f);
	row(g->f, "%s", explain_name(tripmap_class_name(r->class)));
	if (r->table[0])
		row(g->f, "table %s", r->table);
	row(g->f, "report %llu, action %s", (unsigned long long)r->id,
	    explain_name(tripmap_action_name(r->action)));
	node_end(g->f);
	fputs("\tvictim_party -> violation [color=\"#b4232a\", label=\" ", g->f);
	quoted(g->f, e->victim_head);
	node_end(g->f);
	if (!e->holder_head)
		return;
	fputs("\tholder_party -> violation [color=\"#1d5fa8\", label=\" ", g->f);
	quoted(g->f, e->holder_head);
	node_end(g->f);
}

bool report_dot(FILE *f, const struct report *r, const struct table *t)
{
	const struct graph g = { f, r, t };
	static struct explanation e;

	explain(r, &e);
	fputs("digraph report {\n\tfontname=\"sans-serif\";\n\tnode [fontname=\"sans-serif\", fontsize=11];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=9];\n\tlabelloc=t;\n\tlabel=\"", f);
	quoted(f, r->title);
	fputs("\";\n", f);
	put_party(&g, &r->victim, "victim", e.victim_head, "#b4232a");
	if (e.holder_head)
		put_party(&g, &r->holder, "holder", e.holder_head, "#1d5fa8");
	put_violation(&g, &e);
	fputs("}\n", f);
	return true;
}
