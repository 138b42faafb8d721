// SPDX-License-Identifier: GPL-2.0
/* save and restore: a table to a file and back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/tripmap_names.h>

#include "cmd.h"
#include "collect.h"
#include "err.h"
#include "out.h"
#include "outfile.h"
#include "savefile.h"

#define PIECE	4096	/* entries written between two looks at the clock */

static void put_all(struct ctl *c, const struct collection *all, FILE *f)
{
	uint64_t last = 0;

	savefile_put_table(f, &all->table);
	for (uint64_t i = 0; i < all->n; i += PIECE) {
		savefile_put_entries(f, &all->table, collect_entry(all, i),
				     all->n - i < PIECE ? all->n - i : PIECE);
		if (cmd_progress_due(c, &last))
			err_progress("%llu of %llu entries written", (unsigned long long)i,
				     (unsigned long long)all->n);
	}
	savefile_put_end(f, all->n);
	err_progress_end();
}

/* A table without a limit of its own has the module's: not part of what it is. */
static void forget_module_limit(struct ctl *c, struct table *t)
{
	struct features f;

	if (!wire_features(c->wire, &f) && f.max_entries == t->max_entries)
		t->max_entries = 0;
}

static int save_collected(struct ctl *c, const struct collection *all, const char *file)
{
	struct outfile o;
	bool good = outfile_open(&o, file);

	if (good) {
		put_all(c, all, o.file);
		good = outfile_close(&o);
	}
	return good ? CTL_OK : err_failed(NULL, "save: %s: %s", o.name, strerror(errno));
}

static int run_save(struct ctl *c, struct args *a)
{
	struct collection all = { 0 };
	int rc = cmd_find_table(c, a, &all.table);
	const char *file;

	if (rc)
		return rc;
	file = args_next(a);
	rc = args_end(a);
	if (rc)
		return rc;
	forget_module_limit(c, &all.table);
	rc = collect(c, a, &all, &(struct dump_wish){ .snapshot = false });
	if (!rc)
		rc = save_collected(c, &all, file);
	collect_free(&all);
	return rc;
}

/* A restore under way: entries are packed until a message is full. */
struct restore {
	struct ctl		*ctl;
	struct savefile		file;
	struct table_spec	spec;	/* of the table being restored */
	size_t			entry_size;
	uint8_t			*pack;
	size_t			packed;	/* entries in pack */
	size_t			room;	/* entries that pack takes */
	unsigned long		*line;	/* of each entry in pack */
	uint64_t		stored;	/* entries of the table that the kernel took */
	uint64_t		total;	/* of all tables of the file */
	uint64_t		begun_ms;
	uint64_t		last_ms;	/* of progress */
};

static void tell_progress(struct restore *r)
{
	uint64_t ms = cmd_now_ms() - r->begun_ms;
	struct table t;

	if (wire_table_get(r->ctl->wire, r->spec.name, &t))
		return;
	if (t.resize)
		err_progress("%llu entries, %llu/s; %llu buckets (%s: %llu of %llu moved)",
			     (unsigned long long)r->total,
			     (unsigned long long)(r->total * 1000 / (ms ? ms : 1)),
			     (unsigned long long)t.buckets, tripmap_resize_name(t.resize),
			     (unsigned long long)t.resize_done,
			     (unsigned long long)t.resize_total);
	else
		err_progress("%llu entries, %llu/s; %llu buckets", (unsigned long long)r->total,
			     (unsigned long long)(r->total * 1000 / (ms ? ms : 1)),
			     (unsigned long long)t.buckets);
}

static int failed_at(struct restore *r, unsigned long line, const struct problem *p,
		     const char *why)
{
	return err_failed(p, "restore: %s:%lu: %s%s%llu entries of %s were restored",
			  r->file.name, line, why, *why ? "; " : "",
			  (unsigned long long)r->stored, r->spec.name);
}

static int send_pack(struct restore *r)
{
	uint32_t done = 0;
	int err;

	if (!r->packed)
		return CTL_OK;
	err = wire_bulk_put(r->ctl->wire, r->spec.name, TRIPMAP_MODE_STORE, r->pack,
			    r->packed * r->entry_size, &done);
	if (done > r->packed)
		done = (uint32_t)r->packed;
	r->stored += err ? done : r->packed;
	r->total += err ? done : r->packed;
	if (err)
		return failed_at(r, r->line[done < r->packed ? done : r->packed - 1],
				 wire_problem(r->ctl->wire), "");
	r->packed = 0;
	if (cmd_progress_due(r->ctl, &r->last_ms))
		tell_progress(r);
	return CTL_OK;
}

static bool same_field(const struct field *a, const struct field *b)
{
	return a->type == b->type && a->size == b->size;
}

/* The table is made, or is there already and of the same types. */
static int open_table(struct restore *r)
{
	struct wire *w = r->ctl->wire;
	struct table t = { 0 };
	int err = wire_table_new(w, &r->spec);

	if (!err)
		return CTL_OK;
	if (err == -EEXIST)
		err = wire_table_get(w, r->spec.name, &t);
	if (err)
		return failed_at(r, r->file.number, wire_problem(w), "");
	if (same_field(&t.key, &r->spec.key) && same_field(&t.value, &r->spec.value))
		return CTL_OK;
	return failed_at(r, r->file.number, NULL,
			 "a table of that name is there, with keys or values of other types");
}

static int make_pack(struct restore *r)
{
	r->entry_size = (size_t)r->spec.key.size + r->spec.value.size;
	r->room = TRIPMAP_BULK_MAX / r->entry_size;
	r->packed = 0;
	r->stored = 0;
	r->pack = malloc(r->room * r->entry_size);
	r->line = calloc(r->room, sizeof(*r->line));
	return r->pack && r->line ? CTL_OK : err_failed(NULL, "restore: out of memory");
}

static int restore_entries(struct restore *r)
{
	for (;;) {
		int rc, n = savefile_entry(&r->file, &r->spec, r->pack + r->packed * r->entry_size);

		if (n > 0) {
			r->line[r->packed++] = r->file.number;
			rc = r->packed < r->room ? CTL_OK : send_pack(r);
		} else {
			rc = send_pack(r);
			if (!rc && n < 0)
				return failed_at(r, r->file.number, NULL, r->file.why);
		}
		if (rc || !n)
			return rc;
	}
}

static int restore_table(struct restore *r)
{
	int rc = make_pack(r);

	if (!rc)
		rc = open_table(r);
	if (!rc)
		rc = restore_entries(r);
	free(r->pack);
	free(r->line);
	return rc;
}

static int restore_all(struct restore *r)
{
	unsigned int tables = 0;
	int n, rc = CTL_OK;

	while (!rc) {
		n = savefile_table(&r->file, &r->spec);
		if (n < 0 && !r->file.why[0])
			return CTL_FAILED;
		if (n < 0 || (!n && !tables))
			return err_failed(NULL, "restore: %s:%lu: %s", r->file.name,
					  r->file.number, n ? r->file.why : "the file is empty");
		if (!n)
			break;
		tables++;
		rc = restore_table(r);
	}
	if (!rc && r->ctl->progress)
		tell_progress(r);
	err_progress_end();
	return rc;
}

static int run_restore(struct ctl *c, struct args *a)
{
	struct restore r = { .ctl = c, .begun_ms = cmd_now_ms() };
	const char *name = args_next(a);
	bool from_stdin = !name || !strcmp(name, "-");
	int rc = args_end(a);
	FILE *f;

	if (rc)
		return rc;
	f = from_stdin ? stdin : fopen(name, "r");
	if (!f)
		return err_failed(NULL, "restore: %s: %s", name, strerror(errno));
	savefile_open(&r.file, f, from_stdin ? "(stdin)" : name);
	rc = restore_all(&r);
	savefile_close(&r.file);
	if (rc)
		return rc;
	out_object(NULL);
	out_text_fact("restored", "%llu entries", (unsigned long long)r.total);
	out_json_num("restored", r.total);
	out_end();
	return CTL_OK;
}

const struct cmd cmd_save = {
	.name = "save",
	.run = run_save,
	.help =
"save NAME [FILE]\n"
"\n"
"Write the table with all its entries to FILE, or to standard output, as text\n"
"that restore reads. The table may be in use and growing meanwhile. What FILE held\n"
"before is replaced only when all of the table is on the disk.\n",
};

const struct cmd cmd_restore = {
	.name = "restore",
	.run = run_restore,
	.help =
"restore [FILE]\n"
"\n"
"Read what save wrote, or standard input. A table that is missing is made; into\n"
"one that is there the entries are stored, over those of the same key. A file\n"
"that was cut or does not hold what it announces is told with the line and with\n"
"how many entries were restored. With --progress, or where standard error is a\n"
"terminal, it shows how far it is and how the table grows.\n"
"\n"
"The format, line by line:\n"
"  tripmap-save 1\n"
"  table NAME key TYPE value TYPE [what else \"table add\" takes]\n"
"  KEY VALUE                     (once for each entry; \"...\" with \\n \\\" \\\\ \\xHH)\n"
"  end N                         (the number of entries)\n",
};
