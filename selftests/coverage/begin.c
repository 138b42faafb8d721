// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of a module that is built for coverage go into a file when it is
 * unloaded, in the format of gcc's .gcda files, one after the other, each with its name
 * before it. gcda.py reads them.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "coverage.h"
#include "main.h"

#define TM_GCDA_MAGIC		0x67636461
#define TM_GCDA_FUNCTION	0x01000000
#define TM_GCDA_ARCS		0x01a10000

const struct tm_gcov_object *const tm_coverage_begin __section("tm_coverage");

void __gcov_merge_add(s64 *value, u32 n);

/* Named in the data; here nobody calls it. */
void __gcov_merge_add(s64 *value, u32 n)
{
}

struct tm_coverage_file {
	struct file	*file;
	loff_t		pos;
	int		err;
};

static void put(struct tm_coverage_file *f, const void *data, size_t len)
{
	ssize_t done = kernel_write(f->file, data, len, &f->pos);

	if (done != len)
		f->err = done < 0 ? done : -EIO;
}

static void put_function(struct tm_coverage_file *f, const struct tm_gcov_function *fn)
{
	const u32 head[] = {
		TM_GCDA_FUNCTION, 3 * sizeof(u32), fn->ident, fn->lineno_checksum,
		fn->cfg_checksum, TM_GCDA_ARCS, fn->arcs.n * sizeof(s64),
	};

	put(f, head, sizeof(head));
	put(f, fn->arcs.value, fn->arcs.n * sizeof(s64));
}

static void put_object(struct tm_coverage_file *f, const struct tm_gcov_object *o)
{
	const u32 name_size = strlen(o->filename), end = 0;
	const u32 head[] = { TM_GCDA_MAGIC, o->version, o->stamp, o->checksum };
	u32 i;

	put(f, &name_size, sizeof(name_size));
	put(f, o->filename, name_size);
	put(f, head, sizeof(head));
	for (i = 0; i < o->n_functions; i++)
		put_function(f, o->function[i]);
	put(f, &end, sizeof(end));
}

void tm_coverage_save(void)
{
	const struct tm_gcov_object *const *o;
	struct tm_coverage_file f = {};
	char name[64];

	snprintf(name, sizeof(name), "/run/tripmap/coverage.%llu", ktime_get_ns());
	f.file = filp_open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (IS_ERR(f.file)) {
		pr_err("tripmap: BUG: no coverage: %s: %ld\n", name, PTR_ERR(f.file));
		return;
	}
	for (o = &tm_coverage_begin + 1; o < &tm_coverage_end; o++)
		put_object(&f, *o);
	if (f.err)
		pr_err("tripmap: BUG: no coverage: %s: %d\n", name, f.err);
	filp_close(f.file, NULL);
}
