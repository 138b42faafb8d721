/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * Do not edit: selftests/checks/gen_names.py made this from
 *	Documentation/netlink/specs/tripmap.yaml
 *
 * The names of enum values and of attributes, as the specification spells them.
 * Each function returns NULL for a number that has no name.
 */

#ifndef _UAPI_LINUX_TRIPMAP_NAMES_H
#define _UAPI_LINUX_TRIPMAP_NAMES_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#else
#include <stddef.h>
#endif

#include <linux/tripmap.h>

static inline const char *tripmap_contract_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_CONTRACT_SINGLE_WRITER] = "single-writer",
		[TRIPMAP_CONTRACT_EXCLUSIVE] = "exclusive",
		[TRIPMAP_CONTRACT_OWNER] = "owner",
		[TRIPMAP_CONTRACT_SHARED] = "shared",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_CONTRACT_MAX + 1,
		       "names of tripmap_contract");
	return v > TRIPMAP_CONTRACT_MAX ? NULL : names[v];
}

#define TRIPMAP_CONTRACT_PAIRS \
	{ 0, "single-writer" }, \
	{ 1, "exclusive" }, \
	{ 2, "owner" }, \
	{ 3, "shared" }

static inline const char *tripmap_sync_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_SYNC_NONE] = "none",
		[TRIPMAP_SYNC_SHARDED] = "sharded",
		[TRIPMAP_SYNC_RWLOCK] = "rwlock",
		[TRIPMAP_SYNC_SNAPSHOT] = "snapshot",
		[TRIPMAP_SYNC_SPLIT] = "split",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_SYNC_MAX + 1,
		       "names of tripmap_sync");
	return v > TRIPMAP_SYNC_MAX ? NULL : names[v];
}

#define TRIPMAP_SYNC_PAIRS \
	{ 0, "none" }, \
	{ 1, "sharded" }, \
	{ 2, "rwlock" }, \
	{ 3, "snapshot" }, \
	{ 4, "split" }

static inline const char *tripmap_class_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_CLASS_WRITE_DURING_WRITE] = "write-during-write",
		[TRIPMAP_CLASS_WRITE_DURING_RESIZE] = "write-during-resize",
		[TRIPMAP_CLASS_READ_DURING_WRITE] = "read-during-write",
		[TRIPMAP_CLASS_ITERATE_DURING_WRITE] = "iterate-during-write",
		[TRIPMAP_CLASS_REENTRANT_WRITE] = "reentrant-write",
		[TRIPMAP_CLASS_INTERRUPT_DURING_WRITE] = "interrupt-during-write",
		[TRIPMAP_CLASS_REENTRANT_ITERATION] = "reentrant-iteration",
		[TRIPMAP_CLASS_FOREIGN_WRITER] = "foreign-writer",
		[TRIPMAP_CLASS_UNINITIALISED] = "uninitialised",
		[TRIPMAP_CLASS_DESTROYED] = "destroyed",
		[TRIPMAP_CLASS_EXITING_WRITER] = "exiting-writer",
		[TRIPMAP_CLASS_STALE_WRITER] = "stale-writer",
		[TRIPMAP_CLASS_FORGED_FLAG] = "forged-flag",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_CLASS_MAX + 1,
		       "names of tripmap_class");
	return v > TRIPMAP_CLASS_MAX ? NULL : names[v];
}

#define TRIPMAP_CLASS_PAIRS \
	{ 0, "write-during-write" }, \
	{ 1, "write-during-resize" }, \
	{ 2, "read-during-write" }, \
	{ 3, "iterate-during-write" }, \
	{ 4, "reentrant-write" }, \
	{ 5, "interrupt-during-write" }, \
	{ 6, "reentrant-iteration" }, \
	{ 7, "foreign-writer" }, \
	{ 8, "uninitialised" }, \
	{ 9, "destroyed" }, \
	{ 10, "exiting-writer" }, \
	{ 11, "stale-writer" }, \
	{ 12, "forged-flag" }

static inline const char *tripmap_action_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_ACTION_IGNORE] = "ignore",
		[TRIPMAP_ACTION_COUNT] = "count",
		[TRIPMAP_ACTION_REPORT] = "report",
		[TRIPMAP_ACTION_WARN] = "warn",
		[TRIPMAP_ACTION_BUG] = "bug",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_ACTION_MAX + 1,
		       "names of tripmap_action");
	return v > TRIPMAP_ACTION_MAX ? NULL : names[v];
}

#define TRIPMAP_ACTION_PAIRS \
	{ 0, "ignore" }, \
	{ 1, "count" }, \
	{ 2, "report" }, \
	{ 3, "warn" }, \
	{ 4, "bug" }

static inline const char *tripmap_answer_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_ANSWER_REFUSE] = "refuse",
		[TRIPMAP_ANSWER_ALLOW] = "allow",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_ANSWER_MAX + 1,
		       "names of tripmap_answer");
	return v > TRIPMAP_ANSWER_MAX ? NULL : names[v];
}

#define TRIPMAP_ANSWER_PAIRS \
	{ 0, "refuse" }, \
	{ 1, "allow" }

static inline const char *tripmap_op_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_OP_NONE] = "none",
		[TRIPMAP_OP_LOOKUP] = "lookup",
		[TRIPMAP_OP_LOOKUP_MANY] = "lookup-many",
		[TRIPMAP_OP_STORE] = "store",
		[TRIPMAP_OP_INSERT] = "insert",
		[TRIPMAP_OP_REPLACE] = "replace",
		[TRIPMAP_OP_DELETE] = "delete",
		[TRIPMAP_OP_TAKE] = "take",
		[TRIPMAP_OP_COMPARE_SWAP] = "compare-swap",
		[TRIPMAP_OP_CLEAR] = "clear",
		[TRIPMAP_OP_ITERATE] = "iterate",
		[TRIPMAP_OP_RESIZE] = "resize",
		[TRIPMAP_OP_FREEZE] = "freeze",
		[TRIPMAP_OP_DESTROY] = "destroy",
		[TRIPMAP_OP_OWN] = "own",
		[TRIPMAP_OP_REPAIR] = "repair",
		[TRIPMAP_OP_WATCH] = "watch",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_OP_MAX + 1,
		       "names of tripmap_op");
	return v > TRIPMAP_OP_MAX ? NULL : names[v];
}

#define TRIPMAP_OP_PAIRS \
	{ 0, "none" }, \
	{ 1, "lookup" }, \
	{ 2, "lookup-many" }, \
	{ 3, "store" }, \
	{ 4, "insert" }, \
	{ 5, "replace" }, \
	{ 6, "delete" }, \
	{ 7, "take" }, \
	{ 8, "compare-swap" }, \
	{ 9, "clear" }, \
	{ 10, "iterate" }, \
	{ 11, "resize" }, \
	{ 12, "freeze" }, \
	{ 13, "destroy" }, \
	{ 14, "own" }, \
	{ 15, "repair" }, \
	{ 16, "watch" }

static inline const char *tripmap_context_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_CONTEXT_TASK] = "task",
		[TRIPMAP_CONTEXT_SOFTIRQ] = "softirq",
		[TRIPMAP_CONTEXT_HARDIRQ] = "hardirq",
		[TRIPMAP_CONTEXT_NMI] = "nmi",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_CONTEXT_MAX + 1,
		       "names of tripmap_context");
	return v > TRIPMAP_CONTEXT_MAX ? NULL : names[v];
}

#define TRIPMAP_CONTEXT_PAIRS \
	{ 0, "task" }, \
	{ 1, "softirq" }, \
	{ 2, "hardirq" }, \
	{ 3, "nmi" }

static inline const char *tripmap_found_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_FOUND_NOBODY] = "nobody",
		[TRIPMAP_FOUND_OTHER] = "other",
		[TRIPMAP_FOUND_SELF] = "self",
		[TRIPMAP_FOUND_BELOW] = "below",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_FOUND_MAX + 1,
		       "names of tripmap_found");
	return v > TRIPMAP_FOUND_MAX ? NULL : names[v];
}

#define TRIPMAP_FOUND_PAIRS \
	{ 0, "nobody" }, \
	{ 1, "other" }, \
	{ 2, "self" }, \
	{ 3, "below" }

static inline const char *tripmap_fault_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_FAULT_NONE] = "none",
		[TRIPMAP_FAULT_FORGE] = "forge",
		[TRIPMAP_FAULT_DELAY] = "delay",
		[TRIPMAP_FAULT_GROW] = "grow",
		[TRIPMAP_FAULT_FAIL_ALLOC] = "fail-alloc",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_FAULT_MAX + 1,
		       "names of tripmap_fault");
	return v > TRIPMAP_FAULT_MAX ? NULL : names[v];
}

#define TRIPMAP_FAULT_PAIRS \
	{ 0, "none" }, \
	{ 1, "forge" }, \
	{ 2, "delay" }, \
	{ 3, "grow" }, \
	{ 4, "fail-alloc" }

static inline const char *tripmap_step_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_STEP_ENTERED] = "entered",
		[TRIPMAP_STEP_CHANGE] = "change",
		[TRIPMAP_STEP_EVACUATE] = "evacuate",
		[TRIPMAP_STEP_LEAVING] = "leaving",
		[TRIPMAP_STEP_CLASHED] = "clashed",
		[TRIPMAP_STEP_READ] = "read",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_STEP_MAX + 1,
		       "names of tripmap_step");
	return v > TRIPMAP_STEP_MAX ? NULL : names[v];
}

#define TRIPMAP_STEP_PAIRS \
	{ 0, "entered" }, \
	{ 1, "change" }, \
	{ 2, "evacuate" }, \
	{ 3, "leaving" }, \
	{ 4, "clashed" }, \
	{ 5, "read" }

static inline const char *tripmap_deed_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_DEED_POLICY] = "policy",
		[TRIPMAP_DEED_OWN] = "own",
		[TRIPMAP_DEED_REPAIR] = "repair",
		[TRIPMAP_DEED_INJECT] = "inject",
		[TRIPMAP_DEED_FREEZE] = "freeze",
		[TRIPMAP_DEED_UNFREEZE] = "unfreeze",
		[TRIPMAP_DEED_CLEAR_REPORTS] = "clear-reports",
		[TRIPMAP_DEED_PAUSE] = "pause",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_DEED_MAX + 1,
		       "names of tripmap_deed");
	return v > TRIPMAP_DEED_MAX ? NULL : names[v];
}

#define TRIPMAP_DEED_PAIRS \
	{ 0, "policy" }, \
	{ 1, "own" }, \
	{ 2, "repair" }, \
	{ 3, "inject" }, \
	{ 4, "freeze" }, \
	{ 5, "unfreeze" }, \
	{ 6, "clear-reports" }, \
	{ 7, "pause" }

static inline const char *tripmap_resize_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_RESIZE_NONE] = "none",
		[TRIPMAP_RESIZE_GROW] = "grow",
		[TRIPMAP_RESIZE_SHRINK] = "shrink",
		[TRIPMAP_RESIZE_SAME_SIZE] = "same-size",
		[TRIPMAP_RESIZE_RESEED] = "reseed",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_RESIZE_MAX + 1,
		       "names of tripmap_resize");
	return v > TRIPMAP_RESIZE_MAX ? NULL : names[v];
}

#define TRIPMAP_RESIZE_PAIRS \
	{ 0, "none" }, \
	{ 1, "grow" }, \
	{ 2, "shrink" }, \
	{ 3, "same-size" }, \
	{ 4, "reseed" }

static inline const char *tripmap_hash_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_HASH_SIPHASH] = "siphash",
		[TRIPMAP_HASH_MIX] = "mix",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_HASH_MAX + 1,
		       "names of tripmap_hash");
	return v > TRIPMAP_HASH_MAX ? NULL : names[v];
}

#define TRIPMAP_HASH_PAIRS \
	{ 0, "siphash" }, \
	{ 1, "mix" }

static inline const char *tripmap_type_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_TYPE_BYTES] = "bytes",
		[TRIPMAP_TYPE_STR] = "str",
		[TRIPMAP_TYPE_U8] = "u8",
		[TRIPMAP_TYPE_U16] = "u16",
		[TRIPMAP_TYPE_U32] = "u32",
		[TRIPMAP_TYPE_U64] = "u64",
		[TRIPMAP_TYPE_IPV4] = "ipv4",
		[TRIPMAP_TYPE_IPV6] = "ipv6",
		[TRIPMAP_TYPE_MAC] = "mac",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_TYPE_MAX + 1,
		       "names of tripmap_type");
	return v > TRIPMAP_TYPE_MAX ? NULL : names[v];
}

#define TRIPMAP_TYPE_PAIRS \
	{ 0, "bytes" }, \
	{ 1, "str" }, \
	{ 2, "u8" }, \
	{ 3, "u16" }, \
	{ 4, "u32" }, \
	{ 5, "u64" }, \
	{ 6, "ipv4" }, \
	{ 7, "ipv6" }, \
	{ 8, "mac" }

static inline const char *tripmap_mode_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_MODE_STORE] = "store",
		[TRIPMAP_MODE_INSERT] = "insert",
		[TRIPMAP_MODE_REPLACE] = "replace",
		[TRIPMAP_MODE_COMPARE_SWAP] = "compare-swap",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_MODE_MAX + 1,
		       "names of tripmap_mode");
	return v > TRIPMAP_MODE_MAX ? NULL : names[v];
}

#define TRIPMAP_MODE_PAIRS \
	{ 0, "store" }, \
	{ 1, "insert" }, \
	{ 2, "replace" }, \
	{ 3, "compare-swap" }

static inline const char *tripmap_table_event_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_TABLE_EVENT_NEW] = "new",
		[TRIPMAP_TABLE_EVENT_CHANGED] = "changed",
		[TRIPMAP_TABLE_EVENT_FLUSHED] = "flushed",
		[TRIPMAP_TABLE_EVENT_DELETED] = "deleted",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_TABLE_EVENT_MAX + 1,
		       "names of tripmap_table_event");
	return v > TRIPMAP_TABLE_EVENT_MAX ? NULL : names[v];
}

#define TRIPMAP_TABLE_EVENT_PAIRS \
	{ 0, "new" }, \
	{ 1, "changed" }, \
	{ 2, "flushed" }, \
	{ 3, "deleted" }

static inline const char *tripmap_half_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_HALF_PENDING] = "pending",
		[TRIPMAP_HALF_COMPLETE] = "complete",
		[TRIPMAP_HALF_LEFT] = "left",
		[TRIPMAP_HALF_TIMEOUT] = "timeout",
		[TRIPMAP_HALF_NONE] = "none",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_HALF_MAX + 1,
		       "names of tripmap_half");
	return v > TRIPMAP_HALF_MAX ? NULL : names[v];
}

#define TRIPMAP_HALF_PAIRS \
	{ 0, "pending" }, \
	{ 1, "complete" }, \
	{ 2, "left" }, \
	{ 3, "timeout" }, \
	{ 4, "none" }

static inline const char *tripmap_event_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_EVENT_WRITE_BEGIN] = "write-begin",
		[TRIPMAP_EVENT_WRITE_END] = "write-end",
		[TRIPMAP_EVENT_LOOKUP] = "lookup",
		[TRIPMAP_EVENT_GROW_BEGIN] = "grow-begin",
		[TRIPMAP_EVENT_GROW_STEP] = "grow-step",
		[TRIPMAP_EVENT_GROW_END] = "grow-end",
		[TRIPMAP_EVENT_RETRY] = "retry",
		[TRIPMAP_EVENT_LOCK_WAIT] = "lock-wait",
		[TRIPMAP_EVENT_ITERATE_OPEN] = "iterate-open",
		[TRIPMAP_EVENT_ITERATE_NEXT] = "iterate-next",
		[TRIPMAP_EVENT_ITERATE_DONE] = "iterate-done",
		[TRIPMAP_EVENT_ITERATE_CLOSE] = "iterate-close",
		[TRIPMAP_EVENT_PAUSE] = "pause",
		[TRIPMAP_EVENT_VIOLATION] = "violation",
		[TRIPMAP_EVENT_TABLE_NEW] = "table-new",
		[TRIPMAP_EVENT_TABLE_DEL] = "table-del",
		[TRIPMAP_EVENT_POLICY] = "policy",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_EVENT_MAX + 1,
		       "names of tripmap_event");
	return v > TRIPMAP_EVENT_MAX ? NULL : names[v];
}

#define TRIPMAP_EVENT_PAIRS \
	{ 0, "write-begin" }, \
	{ 1, "write-end" }, \
	{ 2, "lookup" }, \
	{ 3, "grow-begin" }, \
	{ 4, "grow-step" }, \
	{ 5, "grow-end" }, \
	{ 6, "retry" }, \
	{ 7, "lock-wait" }, \
	{ 8, "iterate-open" }, \
	{ 9, "iterate-next" }, \
	{ 10, "iterate-done" }, \
	{ 11, "iterate-close" }, \
	{ 12, "pause" }, \
	{ 13, "violation" }, \
	{ 14, "table-new" }, \
	{ 15, "table-del" }, \
	{ 16, "policy" }

static inline const char *tripmap_pause_kind_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_PAUSE_KIND_WRITE] = "write",
		[TRIPMAP_PAUSE_KIND_ODD] = "odd",
		[TRIPMAP_PAUSE_KIND_READ_RETRY] = "read-retry",
		[TRIPMAP_PAUSE_KIND_LOCK_WAIT] = "lock-wait",
		[TRIPMAP_PAUSE_KIND_GROW] = "grow",
		[TRIPMAP_PAUSE_KIND_EVACUATE] = "evacuate",
		[TRIPMAP_PAUSE_KIND_GRACE] = "grace",
		[TRIPMAP_PAUSE_KIND_DUMP] = "dump",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_PAUSE_KIND_MAX + 1,
		       "names of tripmap_pause_kind");
	return v > TRIPMAP_PAUSE_KIND_MAX ? NULL : names[v];
}

#define TRIPMAP_PAUSE_KIND_PAIRS \
	{ 0, "write" }, \
	{ 1, "odd" }, \
	{ 2, "read-retry" }, \
	{ 3, "lock-wait" }, \
	{ 4, "grow" }, \
	{ 5, "evacuate" }, \
	{ 6, "grace" }, \
	{ 7, "dump" }

static inline const char *tripmap_recorder_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_RECORDER_OFF] = "off",
		[TRIPMAP_RECORDER_ON] = "on",
		[TRIPMAP_RECORDER_READS] = "reads",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_RECORDER_MAX + 1,
		       "names of tripmap_recorder");
	return v > TRIPMAP_RECORDER_MAX ? NULL : names[v];
}

#define TRIPMAP_RECORDER_PAIRS \
	{ 0, "off" }, \
	{ 1, "on" }, \
	{ 2, "reads" }

static inline const char *tripmap_window_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_WINDOW_NONE] = "none",
		[TRIPMAP_WINDOW_PENDING] = "pending",
		[TRIPMAP_WINDOW_FROZEN] = "frozen",
		[TRIPMAP_WINDOW_MISSED] = "missed",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_WINDOW_MAX + 1,
		       "names of tripmap_window");
	return v > TRIPMAP_WINDOW_MAX ? NULL : names[v];
}

#define TRIPMAP_WINDOW_PAIRS \
	{ 0, "none" }, \
	{ 1, "pending" }, \
	{ 2, "frozen" }, \
	{ 3, "missed" }

static inline const char *tripmap_spike_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_SPIKE_NONE] = "none",
		[TRIPMAP_SPIKE_TIGHT] = "tight",
		[TRIPMAP_SPIKE_HIGH] = "high",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_SPIKE_MAX + 1,
		       "names of tripmap_spike");
	return v > TRIPMAP_SPIKE_MAX ? NULL : names[v];
}

#define TRIPMAP_SPIKE_PAIRS \
	{ 0, "none" }, \
	{ 1, "tight" }, \
	{ 2, "high" }

static inline const char *tripmap_a_table_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_TABLE_NAME] = "name",
		[TRIPMAP_A_TABLE_ID] = "id",
		[TRIPMAP_A_TABLE_KEY_TYPE] = "key-type",
		[TRIPMAP_A_TABLE_KEY_SIZE] = "key-size",
		[TRIPMAP_A_TABLE_VALUE_TYPE] = "value-type",
		[TRIPMAP_A_TABLE_VALUE_SIZE] = "value-size",
		[TRIPMAP_A_TABLE_CONTRACT] = "contract",
		[TRIPMAP_A_TABLE_HASH] = "hash",
		[TRIPMAP_A_TABLE_BITS] = "bits",
		[TRIPMAP_A_TABLE_MAX_ENTRIES] = "max-entries",
		[TRIPMAP_A_TABLE_SEED] = "seed",
		[TRIPMAP_A_TABLE_POLICY] = "policy",
		[TRIPMAP_A_TABLE_FROZEN] = "frozen",
		[TRIPMAP_A_TABLE_PAD] = "pad",
		[TRIPMAP_A_TABLE_ENTRIES] = "entries",
		[TRIPMAP_A_TABLE_BUCKETS] = "buckets",
		[TRIPMAP_A_TABLE_OVERFLOW] = "overflow",
		[TRIPMAP_A_TABLE_RESIZE] = "resize",
		[TRIPMAP_A_TABLE_RESIZE_DONE] = "resize-done",
		[TRIPMAP_A_TABLE_RESIZE_TOTAL] = "resize-total",
		[TRIPMAP_A_TABLE_MEMORY] = "memory",
		[TRIPMAP_A_TABLE_MEMORY_OLD] = "memory-old",
		[TRIPMAP_A_TABLE_MEMORY_DEFERRED] = "memory-deferred",
		[TRIPMAP_A_TABLE_VIOLATIONS] = "violations",
		[TRIPMAP_A_TABLE_SEQ] = "seq",
		[TRIPMAP_A_TABLE_EVENT] = "event",
		[TRIPMAP_A_TABLE_SYNC] = "sync",
		[TRIPMAP_A_TABLE_SHARDS] = "shards",
		[TRIPMAP_A_TABLE_OWN] = "own",
		[TRIPMAP_A_TABLE_OWNER_PID] = "owner-pid",
		[TRIPMAP_A_TABLE_REPAIRED] = "repaired",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_TABLE_MAX + 1,
		       "names of tripmap_a_table");
	return v > TRIPMAP_A_TABLE_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_policy_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_POLICY_CLASS] = "class",
		[TRIPMAP_A_POLICY_ACTION] = "action",
		[TRIPMAP_A_POLICY_ANSWER] = "answer",
		[TRIPMAP_A_POLICY_ESCALATE_TO] = "escalate-to",
		[TRIPMAP_A_POLICY_ESCALATE_COUNT] = "escalate-count",
		[TRIPMAP_A_POLICY_ESCALATE_MS] = "escalate-ms",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_POLICY_MAX + 1,
		       "names of tripmap_a_policy");
	return v > TRIPMAP_A_POLICY_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_entry_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_ENTRY_TABLE] = "table",
		[TRIPMAP_A_ENTRY_MODE] = "mode",
		[TRIPMAP_A_ENTRY_KEY] = "key",
		[TRIPMAP_A_ENTRY_VALUE] = "value",
		[TRIPMAP_A_ENTRY_EXPECTED] = "expected",
		[TRIPMAP_A_ENTRY_BULK] = "bulk",
		[TRIPMAP_A_ENTRY_FOUND] = "found",
		[TRIPMAP_A_ENTRY_DONE] = "done",
		[TRIPMAP_A_ENTRY_CURSOR] = "cursor",
		[TRIPMAP_A_ENTRY_EPOCH] = "epoch",
		[TRIPMAP_A_ENTRY_LIMIT] = "limit",
		[TRIPMAP_A_ENTRY_PAD] = "pad",
		[TRIPMAP_A_ENTRY_SHARD] = "shard",
		[TRIPMAP_A_ENTRY_LABEL] = "label",
		[TRIPMAP_A_ENTRY_PARENT] = "parent",
		[TRIPMAP_A_ENTRY_SNAPSHOT] = "snapshot",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_ENTRY_MAX + 1,
		       "names of tripmap_a_entry");
	return v > TRIPMAP_A_ENTRY_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_bucket_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_BUCKET_TABLE] = "table",
		[TRIPMAP_A_BUCKET_INDEX] = "index",
		[TRIPMAP_A_BUCKET_KEY] = "key",
		[TRIPMAP_A_BUCKET_OLD] = "old",
		[TRIPMAP_A_BUCKET_EVACUATED] = "evacuated",
		[TRIPMAP_A_BUCKET_VERSION] = "version",
		[TRIPMAP_A_BUCKET_CHAIN] = "chain",
		[TRIPMAP_A_BUCKET_FIRST] = "first",
		[TRIPMAP_A_BUCKET_MAP] = "map",
		[TRIPMAP_A_BUCKET_PAD] = "pad",
		[TRIPMAP_A_BUCKET_SHARD] = "shard",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_BUCKET_MAX + 1,
		       "names of tripmap_a_bucket");
	return v > TRIPMAP_A_BUCKET_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_link_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_LINK_INDEX] = "index",
		[TRIPMAP_A_LINK_PAD] = "pad",
		[TRIPMAP_A_LINK_TOPHASH] = "tophash",
		[TRIPMAP_A_LINK_SLOT] = "slot",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_LINK_MAX + 1,
		       "names of tripmap_a_link");
	return v > TRIPMAP_A_LINK_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_slot_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_SLOT_INDEX] = "index",
		[TRIPMAP_A_SLOT_KEY] = "key",
		[TRIPMAP_A_SLOT_VALUE] = "value",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_SLOT_MAX + 1,
		       "names of tripmap_a_slot");
	return v > TRIPMAP_A_SLOT_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_stats_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_STATS_TABLE] = "table",
		[TRIPMAP_A_STATS_COUNTER] = "counter",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_STATS_MAX + 1,
		       "names of tripmap_a_stats");
	return v > TRIPMAP_A_STATS_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_counter_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_COUNTER_NAME] = "name",
		[TRIPMAP_A_COUNTER_VALUE] = "value",
		[TRIPMAP_A_COUNTER_PAD] = "pad",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_COUNTER_MAX + 1,
		       "names of tripmap_a_counter");
	return v > TRIPMAP_A_COUNTER_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_report_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_REPORT_ID] = "id",
		[TRIPMAP_A_REPORT_PAD] = "pad",
		[TRIPMAP_A_REPORT_CLASS] = "class",
		[TRIPMAP_A_REPORT_ACTION] = "action",
		[TRIPMAP_A_REPORT_CONTRACT] = "contract",
		[TRIPMAP_A_REPORT_TABLE] = "table",
		[TRIPMAP_A_REPORT_TITLE] = "title",
		[TRIPMAP_A_REPORT_TIME] = "time",
		[TRIPMAP_A_REPORT_TIME_REAL] = "time-real",
		[TRIPMAP_A_REPORT_RESULT] = "result",
		[TRIPMAP_A_REPORT_REPEATS] = "repeats",
		[TRIPMAP_A_REPORT_BUCKET] = "bucket",
		[TRIPMAP_A_REPORT_RESIZE] = "resize",
		[TRIPMAP_A_REPORT_RESIZE_DONE] = "resize-done",
		[TRIPMAP_A_REPORT_RESIZE_TOTAL] = "resize-total",
		[TRIPMAP_A_REPORT_HALF] = "half",
		[TRIPMAP_A_REPORT_VICTIM] = "victim",
		[TRIPMAP_A_REPORT_HOLDER] = "holder",
		[TRIPMAP_A_REPORT_WORD] = "word",
		[TRIPMAP_A_REPORT_SEQ] = "seq",
		[TRIPMAP_A_REPORT_AFTER] = "after",
		[TRIPMAP_A_REPORT_FOUND] = "found",
		[TRIPMAP_A_REPORT_GROWING] = "growing",
		[TRIPMAP_A_REPORT_ANSWER] = "answer",
		[TRIPMAP_A_REPORT_ESCALATED] = "escalated",
		[TRIPMAP_A_REPORT_AGE] = "age",
		[TRIPMAP_A_REPORT_SHARD] = "shard",
		[TRIPMAP_A_REPORT_SHARDS] = "shards",
		[TRIPMAP_A_REPORT_KEY_SIZE] = "key-size",
		[TRIPMAP_A_REPORT_VALUE_SIZE] = "value-size",
		[TRIPMAP_A_REPORT_ENTRIES] = "entries",
		[TRIPMAP_A_REPORT_BUCKETS] = "buckets",
		[TRIPMAP_A_REPORT_OVERFLOW] = "overflow",
		[TRIPMAP_A_REPORT_EPOCH] = "epoch",
		[TRIPMAP_A_REPORT_FROZEN] = "frozen",
		[TRIPMAP_A_REPORT_BUCKET_OLD] = "bucket-old",
		[TRIPMAP_A_REPORT_EVACUATED] = "evacuated",
		[TRIPMAP_A_REPORT_VERSION] = "version",
		[TRIPMAP_A_REPORT_CHAIN] = "chain",
		[TRIPMAP_A_REPORT_CHAIN_LEFT_OUT] = "chain-left-out",
		[TRIPMAP_A_REPORT_TORN] = "torn",
		[TRIPMAP_A_REPORT_WINDOW] = "window",
		[TRIPMAP_A_REPORT_SPIKE] = "spike",
		[TRIPMAP_A_REPORT_CLOCK] = "clock",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_REPORT_MAX + 1,
		       "names of tripmap_a_report");
	return v > TRIPMAP_A_REPORT_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_party_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_PARTY_PID] = "pid",
		[TRIPMAP_A_PARTY_TGID] = "tgid",
		[TRIPMAP_A_PARTY_COMM] = "comm",
		[TRIPMAP_A_PARTY_CPU] = "cpu",
		[TRIPMAP_A_PARTY_CONTEXT] = "context",
		[TRIPMAP_A_PARTY_OP] = "op",
		[TRIPMAP_A_PARTY_CALLER] = "caller",
		[TRIPMAP_A_PARTY_SINCE] = "since",
		[TRIPMAP_A_PARTY_PAD] = "pad",
		[TRIPMAP_A_PARTY_KEY] = "key",
		[TRIPMAP_A_PARTY_KEY_SIZE] = "key-size",
		[TRIPMAP_A_PARTY_FRAME] = "frame",
		[TRIPMAP_A_PARTY_BUCKET] = "bucket",
		[TRIPMAP_A_PARTY_FLAGS] = "flags",
		[TRIPMAP_A_PARTY_WORK] = "work",
		[TRIPMAP_A_PARTY_ORIGIN] = "origin",
		[TRIPMAP_A_PARTY_LABEL] = "label",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_PARTY_MAX + 1,
		       "names of tripmap_a_party");
	return v > TRIPMAP_A_PARTY_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_features_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_FEATURES_FAMILY_VERSION] = "family-version",
		[TRIPMAP_A_FEATURES_MODULE_VERSION] = "module-version",
		[TRIPMAP_A_FEATURES_KERNEL] = "kernel",
		[TRIPMAP_A_FEATURES_CONTRACTS] = "contracts",
		[TRIPMAP_A_FEATURES_CLASSES] = "classes",
		[TRIPMAP_A_FEATURES_ACTIONS] = "actions",
		[TRIPMAP_A_FEATURES_HASHES] = "hashes",
		[TRIPMAP_A_FEATURES_MAX_TABLES] = "max-tables",
		[TRIPMAP_A_FEATURES_MAX_ENTRIES] = "max-entries",
		[TRIPMAP_A_FEATURES_MAX_MEMORY] = "max-memory",
		[TRIPMAP_A_FEATURES_MAX_REPORTS] = "max-reports",
		[TRIPMAP_A_FEATURES_PAD] = "pad",
		[TRIPMAP_A_FEATURES_SYNCS] = "syncs",
		[TRIPMAP_A_FEATURES_FAULTS] = "faults",
		[TRIPMAP_A_FEATURES_STALE_MS] = "stale-ms",
		[TRIPMAP_A_FEATURES_RECORDER] = "recorder",
		[TRIPMAP_A_FEATURES_RECORDER_EVENTS] = "recorder-events",
		[TRIPMAP_A_FEATURES_RECORDER_SHARE] = "recorder-share",
		[TRIPMAP_A_FEATURES_WINDOW_MS] = "window-ms",
		[TRIPMAP_A_FEATURES_PAUSE_KINDS] = "pause-kinds",
		[TRIPMAP_A_FEATURES_PAUSE_STATS] = "pause-stats",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_FEATURES_MAX + 1,
		       "names of tripmap_a_features");
	return v > TRIPMAP_A_FEATURES_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_inject_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_INJECT_TABLE] = "table",
		[TRIPMAP_A_INJECT_FAULT] = "fault",
		[TRIPMAP_A_INJECT_STEP] = "step",
		[TRIPMAP_A_INJECT_USECS] = "usecs",
		[TRIPMAP_A_INJECT_COUNT] = "count",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_INJECT_MAX + 1,
		       "names of tripmap_a_inject");
	return v > TRIPMAP_A_INJECT_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_audit_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_AUDIT_ID] = "id",
		[TRIPMAP_A_AUDIT_PAD] = "pad",
		[TRIPMAP_A_AUDIT_TIME] = "time",
		[TRIPMAP_A_AUDIT_TIME_REAL] = "time-real",
		[TRIPMAP_A_AUDIT_DEED] = "deed",
		[TRIPMAP_A_AUDIT_UID] = "uid",
		[TRIPMAP_A_AUDIT_PID] = "pid",
		[TRIPMAP_A_AUDIT_COMM] = "comm",
		[TRIPMAP_A_AUDIT_TABLE] = "table",
		[TRIPMAP_A_AUDIT_TEXT] = "text",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_AUDIT_MAX + 1,
		       "names of tripmap_a_audit");
	return v > TRIPMAP_A_AUDIT_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_window_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_WINDOW_STATE] = "state",
		[TRIPMAP_A_WINDOW_EVENTS] = "events",
		[TRIPMAP_A_WINDOW_LOST] = "lost",
		[TRIPMAP_A_WINDOW_LEFT_OUT] = "left-out",
		[TRIPMAP_A_WINDOW_BEGIN] = "begin",
		[TRIPMAP_A_WINDOW_PAD] = "pad",
		[TRIPMAP_A_WINDOW_LENGTH] = "length",
		[TRIPMAP_A_WINDOW_RECORDER] = "recorder",
		[TRIPMAP_A_WINDOW_SHARE] = "share",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_WINDOW_MAX + 1,
		       "names of tripmap_a_window");
	return v > TRIPMAP_A_WINDOW_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_spike_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_SPIKE_KIND] = "kind",
		[TRIPMAP_A_SPIKE_COUNT] = "count",
		[TRIPMAP_A_SPIKE_PAD] = "pad",
		[TRIPMAP_A_SPIKE_LAST] = "last",
		[TRIPMAP_A_SPIKE_GAP_MAX] = "gap-max",
		[TRIPMAP_A_SPIKE_GAP_MIN] = "gap-min",
		[TRIPMAP_A_SPIKE_LONGEST] = "longest",
		[TRIPMAP_A_SPIKE_SPIKE] = "spike",
		[TRIPMAP_A_SPIKE_CONSECUTIVE] = "consecutive",
		[TRIPMAP_A_SPIKE_SPAN] = "span",
		[TRIPMAP_A_SPIKE_BIN] = "bin",
		[TRIPMAP_A_SPIKE_NEAR] = "near",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_SPIKE_MAX + 1,
		       "names of tripmap_a_spike");
	return v > TRIPMAP_A_SPIKE_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_clock_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_CLOCK_MONO] = "mono",
		[TRIPMAP_A_CLOCK_PAD] = "pad",
		[TRIPMAP_A_CLOCK_REAL] = "real",
		[TRIPMAP_A_CLOCK_BOOT] = "boot",
		[TRIPMAP_A_CLOCK_TRACE] = "trace",
		[TRIPMAP_A_CLOCK_ERROR] = "error",
		[TRIPMAP_A_CLOCK_STEP] = "step",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_CLOCK_MAX + 1,
		       "names of tripmap_a_clock");
	return v > TRIPMAP_A_CLOCK_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_event_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_EVENT_REPORT] = "report",
		[TRIPMAP_A_EVENT_PAD] = "pad",
		[TRIPMAP_A_EVENT_TIME] = "time",
		[TRIPMAP_A_EVENT_EVENT] = "event",
		[TRIPMAP_A_EVENT_CPU] = "cpu",
		[TRIPMAP_A_EVENT_PID] = "pid",
		[TRIPMAP_A_EVENT_CONTEXT] = "context",
		[TRIPMAP_A_EVENT_OP] = "op",
		[TRIPMAP_A_EVENT_TABLE_ID] = "table-id",
		[TRIPMAP_A_EVENT_TABLE] = "table",
		[TRIPMAP_A_EVENT_SHARD] = "shard",
		[TRIPMAP_A_EVENT_BUCKET] = "bucket",
		[TRIPMAP_A_EVENT_DIGEST] = "digest",
		[TRIPMAP_A_EVENT_KEY] = "key",
		[TRIPMAP_A_EVENT_KEY_SIZE] = "key-size",
		[TRIPMAP_A_EVENT_CALLER] = "caller",
		[TRIPMAP_A_EVENT_LABEL] = "label",
		[TRIPMAP_A_EVENT_PARENT] = "parent",
		[TRIPMAP_A_EVENT_DURATION] = "duration",
		[TRIPMAP_A_EVENT_KIND] = "kind",
		[TRIPMAP_A_EVENT_CLASS] = "class",
		[TRIPMAP_A_EVENT_RESULT] = "result",
		[TRIPMAP_A_EVENT_VALUE] = "value",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_EVENT_MAX + 1,
		       "names of tripmap_a_event");
	return v > TRIPMAP_A_EVENT_MAX ? NULL : names[v];
}

static inline const char *tripmap_a_pause_name(unsigned int v)
{
	static const char * const names[] = {
		[TRIPMAP_A_PAUSE_TABLE] = "table",
		[TRIPMAP_A_PAUSE_KIND] = "kind",
		[TRIPMAP_A_PAUSE_CPU] = "cpu",
		[TRIPMAP_A_PAUSE_PAD] = "pad",
		[TRIPMAP_A_PAUSE_TIME] = "time",
		[TRIPMAP_A_PAUSE_SINCE] = "since",
		[TRIPMAP_A_PAUSE_UNTIL] = "until",
		[TRIPMAP_A_PAUSE_STATE] = "state",
		[TRIPMAP_A_PAUSE_RESET] = "reset",
		[TRIPMAP_A_PAUSE_SHARE] = "share",
		[TRIPMAP_A_PAUSE_COUNT] = "count",
		[TRIPMAP_A_PAUSE_TOTAL] = "total",
		[TRIPMAP_A_PAUSE_SHORTEST] = "shortest",
		[TRIPMAP_A_PAUSE_LONGEST] = "longest",
		[TRIPMAP_A_PAUSE_HISTOGRAM] = "histogram",
		[TRIPMAP_A_PAUSE_NEAR] = "near",
		[TRIPMAP_A_PAUSE_UNTRACKED] = "untracked",
		[TRIPMAP_A_PAUSE_START] = "start",
		[TRIPMAP_A_PAUSE_DURATION] = "duration",
		[TRIPMAP_A_PAUSE_TABLE_ID] = "table-id",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == TRIPMAP_A_PAUSE_MAX + 1,
		       "names of tripmap_a_pause");
	return v > TRIPMAP_A_PAUSE_MAX ? NULL : names[v];
}

#endif /* _UAPI_LINUX_TRIPMAP_NAMES_H */
