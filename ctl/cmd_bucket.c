// SPDX-License-Identifier: GPL-2.0
/* bucket show: one bucket with its chain, or a map of all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "err.h"
#include "out.h"
#include "types.h"

#define MAP_COLUMNS	64	/* cells in a row of the map: 80 columns with their label */
#define MAP_ROWS	16
#define FILL_MAX	255	/* of the two bytes of a bucket in a map */
#define BAR_WIDTH	40

/* One bucket as a box of 8 slots, each with its tag. */
static void draw_link(const struct link *l, const char *what)
{
	static const char edge[] = "+--+--+--+--+--+--+--+--+";

	out_text("%22s%s\n%14s %6llu |", "", edge, what, (unsigned long long)l->index);
	for (unsigned int i = 0; i < TRIPMAP_BUCKET_SLOTS; i++)
		if (l->slot[i].used)
			out_text("%02x|", l->slot[i].tag);
		else
			out_text("  |");
	out_text("\n%22s%s\n", "", edge);
}

static void draw_chain(const struct bucket *b)
{
	out_text("\n");
	for (unsigned int i = 0; i < b->nlinks; i++) {
		if (i)
			out_text("%22s            |\n", "");
		draw_link(&b->link[i], i ? "overflow" : "bucket");
	}
	out_text("\n");
}

static void put_slots(const struct table *t, const struct bucket *b)
{
	struct field shown = { t->value.type, t->value.size };

	out_list("slots");
	for (unsigned int i = 0; i < b->nlinks; i++) {
		for (unsigned int n = 0; n < TRIPMAP_BUCKET_SLOTS; n++) {
			const struct slot *s = &b->link[i].slot[n];

			if (!s->used)
				continue;
			out_object(NULL);
			out_num("bucket", b->link[i].index);
			out_num("slot", n);
			out_fmt("tag", "%02x", s->tag);
			out_value("key", &t->key, s->key, s->key_len);
			if (t->value.size)
				out_value("value", &shown, s->value, s->value_len);
			out_end();
		}
	}
	out_end_list("all slots are empty");
}

static unsigned int used_slots(const struct bucket *b)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < b->nlinks; i++)
		for (unsigned int s = 0; s < TRIPMAP_BUCKET_SLOTS; s++)
			n += b->link[i].slot[s].used;
	return n;
}

/* Only of tables that have more than one. */
static void put_shard(bool known, uint16_t shard, uint16_t shards)
{
	if (shards < 2)
		return;
	if (known)
		out_num("shard", shard);
	else
		out_unknown("shard");
}

static void put_bucket(const struct table *t, const struct bucket *b)
{
	out_object(NULL);
	out_str("table", t->name);
	put_shard(HAS(b, TRIPMAP_A_BUCKET_SHARD), b->shard, t->shards);
	out_num("bucket", b->index);
	out_str("array", b->old ? "old (being moved to the new one)" : "present");
	out_bool("evacuated", b->evacuated);
	out_num("version", b->version);
	out_num("chain_length", b->nlinks);
	out_num("entries", used_slots(b));
	draw_chain(b);
	put_slots(t, b);
	out_end();
}

static int show_one(struct ctl *c, struct args *a, const struct table *t,
		    const struct bucket_query *q)
{
	struct bucket *b = calloc(1, sizeof(*b));
	int rc = CTL_OK;

	if (!b)
		return err_failed(NULL, "bucket show: out of memory");
	if (wire_bucket_get(c->wire, t, q, b))
		rc = cmd_refused(c, a, t->name);
	else
		put_bucket(t, b);
	free(b);
	return rc;
}

/* The map of one array, as it comes in pieces. */
struct array {
	uint8_t		*cell;		/* two bytes a bucket: entries, buckets in its chain */
	uint64_t	n;
};

/* All arrays of a table: of each shard the present one, then the old one. */
struct maps {
	struct array	array[2 * TRIPMAP_SHARDS_MAX];
	uint16_t	shards;		/* of the table */
	bool		no_memory;
	bool		gap;		/* a piece does not join the one before */
};

static void map_take(void *arg, const struct bucket_map *m)
{
	struct maps *maps = arg;
	struct array *a;
	uint64_t n = m->first + m->count;

	if (m->shard >= TRIPMAP_SHARDS_MAX)
		return;
	a = &maps->array[2 * m->shard + m->old];
	if (m->first > a->n) {
		maps->gap = true;
		return;
	}
	if (n > a->n) {
		uint8_t *new = realloc(a->cell, 2 * n);

		if (!new) {
			maps->no_memory = true;
			return;
		}
		memset(new + 2 * a->n, 0, 2 * (n - a->n));
		a->cell = new;
		a->n = n;
	}
	memcpy(a->cell + 2 * m->first, m->cell, 2 * m->count);
}

/* Neighbouring buckets that are drawn as one character. */
struct patch {
	uint64_t	buckets;
	uint64_t	entries;
	unsigned int	longest;	/* chain */
};

static struct patch patch_of(const struct array *a, uint64_t first, uint64_t n)
{
	struct patch p = { 0 };

	for (uint64_t i = first; i < a->n && i < first + n; i++) {
		p.buckets++;
		p.entries += a->cell[2 * i];
		if (a->cell[2 * i + 1] > p.longest)
			p.longest = a->cell[2 * i + 1];
	}
	return p;
}

/* Entries a bucket, as a block that is so full or as a digit. */
static const char *fill_char(const struct patch *p)
{
	static const char * const blocks[] = { "·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char * const digits[] = { ".", "1", "2", "3", "4", "5", "6", "7", "8" };
	uint64_t mean = (p->entries + p->buckets / 2) / p->buckets;

	if (!mean && p->entries)
		mean = 1;
	if (mean > TRIPMAP_BUCKET_SLOTS)
		return "+";
	return out_utf8() ? blocks[mean] : digits[mean];
}

static const char *chain_char(const struct patch *p)
{
	static const char * const digits[] = { ".", ".", "2", "3", "4", "5", "6", "7", "8", "9" };

	return p->longest < ARRAY_SIZE(digits) ? digits[p->longest] : "+";
}

static void draw_map(const struct array *a, uint64_t per,
		     const char *(*character)(const struct patch *p))
{
	for (uint64_t first = 0; first < a->n; first += per * MAP_COLUMNS) {
		out_text("%9llu |", (unsigned long long)first);
		for (uint64_t i = 0; i < MAP_COLUMNS && first + i * per < a->n; i++) {
			struct patch p = patch_of(a, first + i * per, per);

			out_text("%s", character(&p));
		}
		out_text("|\n");
	}
}

static void draw_maps(const struct array *a, uint64_t per, bool overflow)
{
	out_text("\nEntries in a bucket and its chain (%s%llu bucket%s a character):\n",
		 per > 1 ? "mean of " : "", (unsigned long long)per, per > 1 ? "s" : "");
	draw_map(a, per, fill_char);
	out_text("           %s\n", out_utf8() ?
		 "· empty  ▁ 1  ▂ 2  ▃ 3  ▄ 4  ▅ 5  ▆ 6  ▇ 7  █ 8  + more" :
		 ". empty, 1 to 8 entries, + more");
	if (!overflow) {
		out_text("\nNo bucket has an overflow bucket.\n\n");
		return;
	}
	out_text("\nLongest chain of buckets:\n");
	draw_map(a, per, chain_char);
	out_text("           . no overflow bucket, 2 one overflow bucket, 3 two, ...\n\n");
}

static void put_patches(const struct array *a, uint64_t per)
{
	out_list("map");
	for (uint64_t first = 0; first < a->n; first += per) {
		struct patch p = patch_of(a, first, per);

		out_object(NULL);
		out_num("first", first);
		out_num("buckets", p.buckets);
		out_num("entries", p.entries);
		out_num("longest_chain", p.longest);
		out_end();
	}
	out_end();
}

/* How many buckets have what in byte 0 (entries) or 1 (chain length) of their cell. */
static void put_histogram(const struct array *a, unsigned int byte, const char *key,
			  const char *what)
{
	uint64_t count[FILL_MAX + 1] = { 0 }, most = 1;

	for (uint64_t i = 0; i < a->n; i++)
		if (++count[a->cell[2 * i + byte]] > most)
			most = count[a->cell[2 * i + byte]];
	out_list(key);
	for (unsigned int v = 0; v <= FILL_MAX; v++) {
		char bar[BAR_WIDTH + 1] = "";
		uint64_t length = (count[v] * BAR_WIDTH + most - 1) / most;

		if (!count[v])
			continue;
		memset(bar, '#', length);
		out_object(NULL);
		out_num(what, v);
		out_num("buckets", count[v]);
		out_text_fact("", "%s", bar);
		out_end();
	}
	out_end();
}

static void put_array(const struct array *a, uint16_t shard, uint16_t shards, bool old)
{
	uint64_t per = 1;
	struct patch all = patch_of(a, 0, a->n);

	while (a->n > per * MAP_COLUMNS * MAP_ROWS)
		per *= 2;
	out_object(NULL);
	put_shard(true, shard, shards);
	out_str("array", old ? "old (being moved to the new one)" : "present");
	out_num("buckets", a->n);
	out_num("entries", all.entries);
	out_fmt("entries_a_bucket", "%.2f", a->n ? (double)all.entries / (double)a->n : 0);
	if (out_is_json())
		put_patches(a, per);
	else
		draw_maps(a, per, all.longest > 1);
	put_histogram(a, 1, "chains", "chain_length");
	put_histogram(a, 0, "fill", "entries");
	out_end();
}

static void put_maps(const struct maps *maps)
{
	if (out_is_json())
		out_list(NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(maps->array); i++)
		if (maps->array[i].n)
			put_array(&maps->array[i], (uint16_t)(i / 2), maps->shards, i % 2);
	out_end_all();
}

/* One shard's arrays, or all. What has one shard need not know of shards. */
static int read_maps(struct ctl *c, const struct table *t, int shard, struct maps *maps)
{
	uint16_t last = t->shards > 1 ? t->shards - 1 : 0;
	int err = 0;

	if (shard >= 0 || !last)
		return wire_bucket_map(c->wire, t->name, shard, map_take, maps);
	for (uint16_t s = 0; s <= last && !err; s++)
		err = wire_bucket_map(c->wire, t->name, s, map_take, maps);
	return err;
}

/* The present array of each shard, and while it is being moved the old one. */
static int show_map(struct ctl *c, struct args *a, const struct table *t, int shard)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	int rc = CTL_OK;

	if (!maps)
		return err_failed(NULL, "bucket show: out of memory");
	maps->shards = t->shards;
	if (read_maps(c, t, shard, maps))
		rc = cmd_refused(c, a, t->name);
	else if (maps->no_memory)
		rc = err_failed(NULL, "bucket show: out of memory");
	else if (maps->gap)
		rc = err_failed(NULL, "bucket show: a part of the kernel's map is missing");
	else
		put_maps(maps);
	for (unsigned int i = 0; i < ARRAY_SIZE(maps->array); i++)
		free(maps->array[i].cell);
	free(maps);
	return rc;
}

static int show_by_key(struct ctl *c, struct args *a, const struct table *t)
{
	uint8_t key[TRIPMAP_KEY_MAX];
	struct bucket_query q = { .key = key, .shard = -1 };
	int rc = cmd_need_field(a, "KEY", &t->key, key);

	if (!rc)
		rc = args_end(a);
	return rc ? rc : show_one(c, a, t, &q);
}

/* [shard N], and nothing behind it. */
static int take_shard(struct args *a, int *shard)
{
	uint64_t number = 0;
	bool given = args_take(a, "shard");
	int rc = given ? args_number(a, "shard", 0, TRIPMAP_SHARDS_MAX - 1, &number) : 0;

	*shard = given ? (int)number : -1;
	return rc ? rc : args_end(a);
}

static int show_by_index(struct ctl *c, struct args *a, const struct table *t)
{
	struct bucket_query q = { .key = NULL };
	int rc = args_number(a, "INDEX", 0, UINT64_MAX, &q.index);

	q.old = !rc && args_take(a, "old");
	if (!rc)
		rc = take_shard(a, &q.shard);
	return rc ? rc : show_one(c, a, t, &q);
}

static int bucket_show(struct ctl *c, struct args *a)
{
	struct table t;
	int shard, rc = cmd_find_table(c, a, &t);

	if (rc)
		return rc;
	if (args_take(a, "key"))
		return show_by_key(c, a, &t);
	if (a->n && strcmp(*a->word, "shard") && !args_take(a, "map"))
		return show_by_index(c, a, &t);
	rc = take_shard(a, &shard);
	return rc ? rc : show_map(c, a, &t, shard);
}

static int run(struct ctl *c, struct args *a)
{
	static const struct cmd sub[] = {
		{ .name = "show", .run = bucket_show },
	};

	return cmd_choose(c, a, sub, ARRAY_SIZE(sub));
}

const struct cmd cmd_bucket = {
	.name = "bucket",
	.run = run,
	.help =
"bucket show NAME [INDEX [old] [shard N] | key KEY | map [shard N]]\n"
"\n"
"Draw one bucket with its overflow buckets, found by its index (old: in the array\n"
"that a growing table is being moved out of) or by a key that it holds or would\n"
"hold; or a map of all buckets (the default): how full they are and how long their\n"
"chains, with histograms; of a table in shards one map for each. A bucket has 8 slots; the tag of a slot is one byte of\n"
"the hash of its key.\n",
};
