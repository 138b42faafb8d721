// SPDX-License-Identifier: GPL-2.0
/*
 * Chains as their writer sees them. The rules that readers live by stand in
 * bucket.h; each function here says which of them it serves.
 *
 * Conventions: a is an array, l the table's layout, b a bucket index, s what a
 * pass over the chain found. All but the blobs run inside the guard.
 */
#include <linux/minmax.h>

#include "bucket.h"

static u16 room(u16 size)
{
	if (size > TM_INLINE_MAX)
		return sizeof(struct tm_blob *);
	if (size <= 4)
		return size ? 4 : 0;
	return round_up(size, 8);
}

/**
 * tm_layout_init() - how entries of these sizes lie in their slots
 * @l: out
 * @key_size: bytes
 * @value_size: bytes
 *
 * Context: Any.
 */
void tm_layout_init(struct tm_layout *l, u16 key_size, u16 value_size)
{
	u16 key = room(key_size), value = room(value_size);

	*l = (struct tm_layout){
		.key_size = key_size,
		.value_size = value_size,
		.value_at = value > 4 ? round_up(key, 8) : key,
		.key_out = key_size > TM_INLINE_MAX,
		.value_out = value_size > TM_INLINE_MAX,
	};
	l->entry_size = l->value_at + value;
	if (l->entry_size > 4)
		l->entry_size = round_up(l->entry_size, 8);
	l->bits_max = tm_array_bits_max(l);
}

/**
 * tm_blob_new() - a copy of a large key or value
 * @t: whose
 * @data: bytes
 * @size: number of bytes
 * @gfp: how to allocate
 *
 * Context: As @gfp allows.
 * Return: the blob, or NULL.
 */
struct tm_blob *tm_blob_new(struct tripmap *t, const void *data, u32 size, gfp_t gfp)
{
	struct tm_blob *blob = tm_mem_alloc(sizeof(*blob) + size, gfp);

	if (!blob)
		return NULL;
	blob->owner = t;
	blob->size = size;
	memcpy(blob->data, data, size);
	return blob;
}

/**
 * tm_blob_free() - free a blob that nobody can find
 * @blob: may be NULL
 *
 * Context: As tm_mem_free().
 */
void tm_blob_free(struct tm_blob *blob)
{
	if (blob)
		tm_mem_free(blob, tm_blob_size(blob));
}

static void set_tags(struct tm_head *head, u64 tags)
{
	/* Pairs with the acquire in the readers' scans: bytes before tag. */
	smp_store_release(&head->tags, tags);
}

/* What vanished before is gone, and what is written after belongs to the new version. */
static void bump(struct tm_array *a, u64 first)
{
	struct tm_head *head = tm_array_head(a, first);

	/* Pairs with the acquire that begins a read: a new version shows what led to it. */
	smp_store_release(&head->version, head->version + 1);
	/* Pairs with the smp_rmb() that ends a read: who saw rewritten bytes sees the bump. */
	smp_wmb();
}

/*
 * Pointers to blobs are followed also by readers that still go by an older tag
 * of this slot: what they point to must be there by then.
 */
static void fill_pointers(u64 *slot, const u64 *entry, u32 size)
{
	u32 i;

	/* Pairs with the dependency through tm_slot_blob(). */
	for (i = 0; i < size / sizeof(u64); i++)
		smp_store_release(&slot[i], entry[i]);
}

static void fill_slot(struct tm_array *a, const struct tm_layout *l, struct tm_place at,
		      const u8 *entry)
{
	u8 *slot = tm_array_slot(a, l, at.b, at.slot);

	if (unlikely(l->key_out || l->value_out))
		fill_pointers((u64 *)slot, (const u64 *)entry, l->entry_size);
	else
		tm_words_put(slot, entry, l->entry_size);
}

static u64 next_of(struct tm_array *a, u64 b)
{
	return tm_array_head(a, b)->next;
}

/* The slot of tag that holds key, in one bucket. */
static bool seek_bucket(struct tm_array *a, const struct tm_layout *l, u64 b, u64 tags, u8 tag,
			const void *key, struct tm_place *at)
{
	u64 match = tm_tags_match(tags, tag);

	for (; match; match &= match - 1) {
		unsigned int slot = tm_tags_slot(match);

		if (tm_slot_has_key(l, tm_array_slot(a, l, b, slot), key)) {
			*at = (struct tm_place){ b, slot };
			return true;
		}
	}
	return false;
}

/**
 * tm_chain_seek() - look for an entry, and for a place to put one
 * @a: array
 * @l: layout
 * @b: first bucket of the chain
 * @tag: of the key
 * @key: or NULL when only a place is wanted
 * @s: out
 *
 * Context: Inside.
 */
void tm_chain_seek(struct tm_array *a, const struct tm_layout *l, u64 b, u8 tag,
		   const void *key, struct tm_seek *s)
{
	s->first = b;
	s->links = 0;
	s->found = false;
	s->holed = false;
	do {
		struct tm_head *head = tm_array_head(a, b);
		u64 holes = tm_tags_match(head->tags, TM_TAG_EMPTY);

		if (holes && !s->holed) {
			s->hole = (struct tm_place){ b, tm_tags_slot(holes) };
			s->holed = true;
		}
		if (key && !s->found)
			s->found = seek_bucket(a, l, b, head->tags, tag, key, &s->at);
		s->last = b;
		s->links++;
		b = head->next;
	} while (b);
}

/**
 * tm_chain_can_add() - is there a place for one more entry?
 * @a: array
 * @s: the chain
 * @cap: most buckets in it
 *
 * Context: Inside.
 * Return: true when tm_chain_add() may be called.
 */
bool tm_chain_can_add(const struct tm_array *a, const struct tm_seek *s, unsigned int cap)
{
	return s->holed || (s->links < cap && tm_array_over_room(a));
}

/* An overflow bucket that holds entry, linked last: seen by readers with it in. */
static void append(struct tm_array *a, const struct tm_layout *l, struct tm_seek *s, u8 tag,
		   const u8 *entry)
{
	u32 b = tm_array_over_take(a);
	struct tm_head *head = tm_array_head(a, b);

	fill_slot(a, l, (struct tm_place){ b, 0 }, entry);
	/* Strayed readers may look: see rule 5. */
	WRITE_ONCE(head->next, 0);
	set_tags(head, tm_tags_set(0, 0, tag));
	/* Pairs with the acquire of next in the readers' scans. */
	smp_store_release(&tm_array_head(a, s->last)->next, b);
	s->last = b;
	s->links++;
	s->hole = (struct tm_place){ b, 1 };
	s->holed = true;
}

static void advance_hole(struct tm_array *a, struct tm_seek *s)
{
	u64 holes = tm_tags_match(tm_array_head(a, s->hole.b)->tags, TM_TAG_EMPTY);

	while (!holes && next_of(a, s->hole.b)) {
		s->hole.b = next_of(a, s->hole.b);
		holes = tm_tags_match(tm_array_head(a, s->hole.b)->tags, TM_TAG_EMPTY);
	}
	s->holed = holes;
	if (holes)
		s->hole.slot = tm_tags_slot(holes);
}

/**
 * tm_chain_add() - add an entry (rule 1)
 * @a: array
 * @l: layout
 * @s: the chain, with a place; kept up to date, so that more can be added
 * @tag: of its key
 * @entry: as it lies in a slot
 *
 * Context: Inside.
 */
void tm_chain_add(struct tm_array *a, const struct tm_layout *l, struct tm_seek *s, u8 tag,
		  const u8 *entry)
{
	struct tm_head *head;

	if (!s->holed) {
		append(a, l, s, tag, entry);
		return;
	}
	head = tm_array_head(a, s->hole.b);
	fill_slot(a, l, s->hole, entry);
	set_tags(head, tm_tags_set(head->tags, s->hole.slot, tag));
	advance_hole(a, s);
}

/* On to an overflow bucket. Strayed readers may look at it: see rule 5. */
static void fill_next(struct tm_array *a, struct tm_fill *f)
{
	u32 b = tm_array_over_take(a);

	tm_fill_end(a, f);
	WRITE_ONCE(tm_array_head(a, b)->next, 0);
	/* Pairs with the acquire of next in the readers' scans. */
	smp_store_release(&tm_array_head(a, f->b)->next, b);
	*f = (struct tm_fill){ .b = b };
}

/**
 * tm_fill_add() - add an entry to a chain that nobody can find yet
 * @a: array
 * @l: layout
 * @f: the chain, empty where it was begun; overflow buckets for it can be had
 * @tag: of the entry's key
 * @entry: as it lies in a slot
 *
 * Its tags appear a bucket at a time, the last ones by tm_fill_end().
 *
 * Context: Inside.
 */
void tm_fill_add(struct tm_array *a, const struct tm_layout *l, struct tm_fill *f, u8 tag,
		 const u8 *entry)
{
	if (unlikely(f->n >= TM_SLOTS))
		fill_next(a, f);
	fill_slot(a, l, (struct tm_place){ f->b, f->n }, entry);
	f->tags = tm_tags_set(f->tags, f->n++, tag);
}

/**
 * tm_fill_end() - the chain is complete
 * @a: array
 * @f: the chain
 *
 * Context: Inside.
 */
void tm_fill_end(struct tm_array *a, struct tm_fill *f)
{
	set_tags(tm_array_head(a, f->b), f->tags);
}

/* Take an empty overflow bucket out of its chain; the caller bumps. */
static void unlink_bucket(struct tm_array *a, u64 first, u64 b)
{
	u64 before = first;

	while (next_of(a, before) != b)
		before = next_of(a, before);
	/* Pairs with the acquire of next in the readers' scans. */
	smp_store_release(&tm_array_head(a, before)->next, tm_array_head(a, b)->next);
}

/**
 * tm_chain_remove() - remove an entry (rules 2 and 5)
 * @a: array
 * @first: first bucket of its chain
 * @at: where it is
 *
 * Context: Inside.
 */
void tm_chain_remove(struct tm_array *a, u64 first, struct tm_place at)
{
	struct tm_head *head = tm_array_head(a, at.b);
	u64 tags = tm_tags_set(head->tags, at.slot, TM_TAG_EMPTY);
	bool drop = !tags && at.b != first;

	set_tags(head, tags);
	if (drop)
		unlink_bucket(a, first, at.b);
	bump(a, first);
	if (drop)
		tm_array_over_put(a, at.b);
}

/**
 * tm_chain_replace() - put a second copy in an entry's place (rules 1 to 3)
 * @a: array
 * @l: layout
 * @s: the chain with the entry found and a place for another
 * @tag: of its key
 * @entry: the new copy
 *
 * Context: Inside.
 */
void tm_chain_replace(struct tm_array *a, const struct tm_layout *l, struct tm_seek *s, u8 tag,
		      const u8 *entry)
{
	struct tm_head *head = tm_array_head(a, s->at.b);
	u64 holes = tm_tags_match(head->tags, TM_TAG_EMPTY);
	struct tm_place to = { s->at.b, holes ? tm_tags_slot(holes) : 0 };

	if (holes) {
		fill_slot(a, l, to, entry);
		set_tags(head, tm_tags_set(tm_tags_set(head->tags, to.slot, tag),
					   s->at.slot, TM_TAG_EMPTY));
		bump(a, s->first);
		return;
	}
	/* Who looked before the old copy was here must not find the new one while that stands. */
	bump(a, s->first);
	tm_chain_add(a, l, s, tag, entry);
	bump(a, s->first);
	tm_chain_remove(a, s->first, s->at);
}

/**
 * tm_chain_links() - buckets in a chain
 * @a: array
 * @b: its first bucket
 *
 * Context: Inside.
 * Return: their number.
 */
unsigned int tm_chain_links(struct tm_array *a, u64 b)
{
	unsigned int n = 1;

	for (; next_of(a, b); b = next_of(a, b))
		n++;
	return n;
}

/**
 * tm_chain_evacuated() - mark a chain whose entries stand elsewhere by now
 * @a: array being evacuated
 * @b: first bucket of the chain
 *
 * Context: Inside.
 */
void tm_chain_evacuated(struct tm_array *a, u64 b)
{
	/* Release: who sees the mark finds the entries in their new places. */
	set_tags(tm_array_head(a, b), TM_TAGS_EVACUATED);
	bump(a, b);
}
