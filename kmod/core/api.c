// SPDX-License-Identifier: GPL-2.0
/*
 * The public writes: the caller's address is taken, the work is done in
 * table.c, and what the policy says is done here, at the outer edge, where the
 * call holds nothing.
 *
 * A write refused as a violation has changed nothing. Errors that all writes
 * share:
 *
 *  -EBUSY	another writer is inside (a violation)
 *  -EDEADLK	the caller, or what it interrupted, is inside (a violation)
 *  -EROFS	the table is frozen
 *  -ENOMEM	no memory, or none may be allocated in this context, or the write
 *		would leave more to wait for a grace period than may (locking.rst);
 *		growth that has no memory is put off and is no error
 *  -EINVAL	NULL, an error pointer, or what never was a table
 *  -ESTALE	the table is destroyed
 *  -EOPNOTSUPP	in NMI, where only lookups are possible
 */
#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "table.h"

static int edge(struct tm_call *call, int err)
{
	if (unlikely(call->verdict.action))
		tm_report_act(&call->verdict);
	return err;
}

/**
 * tripmap_store() - set the value of a key, new or not
 * @t: table
 * @key: key_size bytes
 * @value: value_size bytes
 * @gfp: how to allocate what is needed, outside of the guard
 *
 * Context: Any but NMI, as @gfp allows; in hard interrupts of PREEMPT_RT only
 * as far as memory is there already.
 * Return: 0, -ENOSPC when the table or the key's chain is full, or an error
 * that all writes share (api.c).
 */
int tripmap_store(struct tripmap *t, const void *key, const void *value, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_STORE, _RET_IP_, gfp);

	return edge(&call, tm_table_put(t, &call, key, value, NULL));
}
EXPORT_SYMBOL_GPL(tripmap_store);

/**
 * tripmap_insert() - add a key that is not there
 * @t: table
 * @key: key_size bytes
 * @value: value_size bytes
 * @gfp: as of tripmap_store()
 *
 * Context: As tripmap_store().
 * Return: 0, -EEXIST, or as tripmap_store().
 */
int tripmap_insert(struct tripmap *t, const void *key, const void *value, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_INSERT, _RET_IP_, gfp);

	return edge(&call, tm_table_put(t, &call, key, value, NULL));
}
EXPORT_SYMBOL_GPL(tripmap_insert);

/**
 * tripmap_replace() - set the value of a key that is there
 * @t: table
 * @key: key_size bytes
 * @value: value_size bytes
 * @gfp: as of tripmap_store()
 *
 * Context: As tripmap_store().
 * Return: 0, -ENOENT, or as tripmap_store().
 */
int tripmap_replace(struct tripmap *t, const void *key, const void *value, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_REPLACE, _RET_IP_, gfp);

	return edge(&call, tm_table_put(t, &call, key, value, NULL));
}
EXPORT_SYMBOL_GPL(tripmap_replace);

/**
 * tripmap_compare_swap() - set the value of a key if it has an expected one
 * @t: table
 * @key: key_size bytes
 * @expected: value_size bytes, compared whole
 * @value: value_size bytes
 * @gfp: as of tripmap_store()
 *
 * Context: As tripmap_store().
 * Return: 0, -ENOENT, -EAGAIN when the value is another one, or as
 * tripmap_store().
 */
int tripmap_compare_swap(struct tripmap *t, const void *key, const void *expected,
			 const void *value, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_COMPARE_SWAP, _RET_IP_, gfp);

	return edge(&call, tm_table_put(t, &call, key, value, expected));
}
EXPORT_SYMBOL_GPL(tripmap_compare_swap);

/**
 * tripmap_delete() - remove a key
 * @t: table
 * @key: key_size bytes
 * @gfp: as of tripmap_store(). A delete needs no memory, its share of growth may;
 *	where keys or values are large and it may not sleep, it is refused (-ENOMEM)
 *	while more than 64 MiB of them wait for a grace period
 *
 * Context: As tripmap_store().
 * Return: 0, -ENOENT, or an error that all writes share (api.c).
 */
int tripmap_delete(struct tripmap *t, const void *key, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_DELETE, _RET_IP_, gfp);

	return edge(&call, tm_table_delete(t, &call, key));
}
EXPORT_SYMBOL_GPL(tripmap_delete);

/**
 * tripmap_take() - get the value of a key and remove it, in one
 * @t: table
 * @key: key_size bytes
 * @value: out, value_size bytes
 * @gfp: as of tripmap_delete()
 *
 * Context: As tripmap_store().
 * Return: 0, -ENOENT, or an error that all writes share (api.c).
 */
int tripmap_take(struct tripmap *t, const void *key, void *value, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_TAKE, _RET_IP_, gfp);

	return edge(&call, tm_table_take(t, &call, key, value));
}
EXPORT_SYMBOL_GPL(tripmap_take);

/**
 * tripmap_clear() - remove all entries
 * @t: table
 * @gfp: how to allocate the new array
 *
 * The table gets a new seed, and walks under way end with -ESTALE. A table of
 * several shards is cleared one after the other: when it fails, some may be
 * empty already.
 *
 * Context: As tripmap_store().
 * Return: 0, or an error that all writes share (api.c).
 */
int tripmap_clear(struct tripmap *t, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_CLEAR, _RET_IP_, gfp);

	return edge(&call, tm_table_clear(t, &call));
}
EXPORT_SYMBOL_GPL(tripmap_clear);

/**
 * tripmap_resize_hint() - begin to grow for so many entries
 * @t: table
 * @entries: how many are to come
 * @gfp: how to allocate, the whole new array at once
 *
 * Nothing happens when the table is large enough or is being resized already.
 * The entries are moved by later writes, as ever.
 *
 * Context: As tripmap_store().
 * Return: 0, or an error that all writes share (api.c).
 */
int tripmap_resize_hint(struct tripmap *t, u64 entries, gfp_t gfp)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_RESIZE, _RET_IP_, gfp);

	return edge(&call, tm_table_resize(t, &call, entries));
}
EXPORT_SYMBOL_GPL(tripmap_resize_hint);

/**
 * tripmap_freeze() - refuse writes from now on
 * @t: table
 *
 * Context: As tripmap_store(); allocates nothing.
 * Return: 0, or an error that all writes share (api.c).
 */
int tripmap_freeze(struct tripmap *t)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_FREEZE, _RET_IP_, GFP_NOWAIT);

	return edge(&call, tm_table_freeze(t, &call, true));
}
EXPORT_SYMBOL_GPL(tripmap_freeze);

/**
 * tripmap_unfreeze() - take writes again
 * @t: table
 *
 * Context: As tripmap_freeze().
 * Return: As tripmap_freeze(); -EUCLEAN when tripmap_repair() has found damage.
 */
int tripmap_unfreeze(struct tripmap *t)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_FREEZE, _RET_IP_, GFP_NOWAIT);

	return edge(&call, tm_table_freeze(t, &call, false));
}
EXPORT_SYMBOL_GPL(tripmap_unfreeze);

/**
 * tripmap_own() - become the owner of a table
 * @t: table
 *
 * Under contract owner only the owner writes: at first the task that created
 * the table, then whoever called this last. Interrupts own nothing.
 *
 * Context: Task.
 * Return: 0, -EINVAL or -ESTALE.
 */
int tripmap_own(struct tripmap *t)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_OWN, _RET_IP_, GFP_NOWAIT);

	return edge(&call, tm_table_own(t, &call));
}
EXPORT_SYMBOL_GPL(tripmap_own);

/**
 * tripmap_repair() - take a table from writers that are gone
 * @t: table
 *
 * All buckets of the shards that they were inside of are checked. A table that a
 * forged flag has frozen is checked as a whole, and thawed; one that an earlier
 * repair found damaged is looked at again.
 *
 * A writer that exists and stays inside for longer than the module parameter
 * stale_ms is reported, but the table is not taken from it: it would go on where it
 * stopped.
 *
 * Context: Task, may sleep; takes time in proportion to the table. Under contract shared
 * interrupts are off while a shard is checked.
 * Return: the number of guards that were taken, -EUCLEAN when the check found
 * damage (the table is frozen until a repair finds none), -EBUSY when a stale writer
 * still exists, or somebody is inside of what is to be looked at, -EOWNERDEAD when one
 * died with the lock of a shard, -EINVAL or -ESTALE.
 */
int tripmap_repair(struct tripmap *t)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_REPAIR, _RET_IP_, GFP_NOWAIT);
	u32 repaired;
	int err = tm_table_repair(t, &call, &repaired);

	return edge(&call, err ?: (int)repaired);
}
EXPORT_SYMBOL_GPL(tripmap_repair);

/**
 * tripmap_destroy() - destroy a table
 * @t: table
 *
 * Waits for readers; a writer inside is a violation, and the table stays.
 *
 * Context: Task, may sleep.
 * Return: 0, -EBUSY, -EDEADLK, -EINVAL or -ESTALE.
 */
int tripmap_destroy(struct tripmap *t)
{
	struct tm_call call = TM_CALL(TRIPMAP_OP_DESTROY, _RET_IP_, GFP_KERNEL);

	return edge(&call, tm_table_destroy(t, &call));
}
EXPORT_SYMBOL_GPL(tripmap_destroy);
