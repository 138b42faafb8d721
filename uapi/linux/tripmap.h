/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/tripmap.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_TRIPMAP_H
#define _UAPI_LINUX_TRIPMAP_H

#define TRIPMAP_FAMILY_NAME	"tripmap"
#define TRIPMAP_FAMILY_VERSION	1

#define TRIPMAP_NAME_MAX		31
#define TRIPMAP_KEY_MAX			256
#define TRIPMAP_VALUE_MAX		4096
#define TRIPMAP_BITS_MAX		28
#define TRIPMAP_SEED_SIZE		32
#define TRIPMAP_BULK_MAX		65000
#define TRIPMAP_ESCALATE_MAX		1048575
#define TRIPMAP_DELAY_MAX		1000000
#define TRIPMAP_SHARDS_MAX		256
#define TRIPMAP_COPY_MAX		4096
#define TRIPMAP_COPY_BITS		10
#define TRIPMAP_COPY_SIZE		128
#define TRIPMAP_BUCKET_SLOTS		8
#define TRIPMAP_BUCKET_VALUE_MAX	64
#define TRIPMAP_LABEL_MAX		16
#define TRIPMAP_LABEL_DEPTH		4
#define TRIPMAP_EVENT_KEY_MAX		16
#define TRIPMAP_PAUSE_RECENT		256
#define TRIPMAP_PAUSE_CELLS		304
#define TRIPMAP_NEAR_BINS		3

/**
 * enum tripmap_contract - What concurrency the users of a table promised.
 * @TRIPMAP_CONTRACT_SINGLE_WRITER: One writer at a time, readers and iterators
 *   at any time.
 * @TRIPMAP_CONTRACT_EXCLUSIVE: Readers together, or one writer alone.
 * @TRIPMAP_CONTRACT_OWNER: As single-writer, and only the table's owner
 *   writes.
 * @TRIPMAP_CONTRACT_SHARED: Everything; the table keeps writers apart itself.
 */
enum tripmap_contract {
	TRIPMAP_CONTRACT_SINGLE_WRITER,
	TRIPMAP_CONTRACT_EXCLUSIVE,
	TRIPMAP_CONTRACT_OWNER,
	TRIPMAP_CONTRACT_SHARED,

	/* private: */
	__TRIPMAP_CONTRACT_MAX,
	TRIPMAP_CONTRACT_MAX = (__TRIPMAP_CONTRACT_MAX - 1)
};

/**
 * enum tripmap_sync - How a table keeps its writers apart.
 * @TRIPMAP_SYNC_NONE: It does not, the contract does.
 * @TRIPMAP_SYNC_SHARDED: A spinlock for each shard (contract shared).
 * @TRIPMAP_SYNC_RWLOCK: A reader-writer lock around the whole table, for
 *   readers too (contract shared): there to be measured against.
 * @TRIPMAP_SYNC_SNAPSHOT: A write copies the whole table and publishes the
 *   copy (contract shared): readers never retry. Of at most copy-max entries.
 * @TRIPMAP_SYNC_SPLIT: A part that is read without locks, and a part under a
 *   lock for new keys, which becomes the other one after as many misses as it
 *   has entries (contract shared). Of at most copy-max entries.
 */
enum tripmap_sync {
	TRIPMAP_SYNC_NONE,
	TRIPMAP_SYNC_SHARDED,
	TRIPMAP_SYNC_RWLOCK,
	TRIPMAP_SYNC_SNAPSHOT,
	TRIPMAP_SYNC_SPLIT,

	/* private: */
	__TRIPMAP_SYNC_MAX,
	TRIPMAP_SYNC_MAX = (__TRIPMAP_SYNC_MAX - 1)
};

/**
 * enum tripmap_class - Kinds of violation.
 * @TRIPMAP_CLASS_WRITE_DURING_WRITE: A writer found another writer inside.
 * @TRIPMAP_CLASS_WRITE_DURING_RESIZE: The same, and the writer inside was
 *   growing or evacuating.
 * @TRIPMAP_CLASS_READ_DURING_WRITE: A reader of an exclusive table met a
 *   writer, before or during its read.
 * @TRIPMAP_CLASS_ITERATE_DURING_WRITE: The same for a step of an iterator or
 *   of a dump.
 * @TRIPMAP_CLASS_REENTRANT_WRITE: The writer inside is the caller itself.
 * @TRIPMAP_CLASS_INTERRUPT_DURING_WRITE: The writer inside was interrupted on
 *   this CPU by the caller.
 * @TRIPMAP_CLASS_REENTRANT_ITERATION: An iterator was advanced while it was
 *   being advanced.
 * @TRIPMAP_CLASS_FOREIGN_WRITER: A write by somebody who does not own the
 *   table (contract owner).
 * @TRIPMAP_CLASS_UNINITIALISED: A write through NULL, or through what never
 *   was a table.
 * @TRIPMAP_CLASS_DESTROYED: A use of a table after it was destroyed.
 * @TRIPMAP_CLASS_EXITING_WRITER: A write by a task that is exiting. It is let
 *   through.
 * @TRIPMAP_CLASS_STALE_WRITER: The guard has been held for longer than
 *   stale_ms, or its holder is gone.
 * @TRIPMAP_CLASS_FORGED_FLAG: On leaving, the guard word was not the one put
 *   there on entering.
 */
enum tripmap_class {
	TRIPMAP_CLASS_WRITE_DURING_WRITE,
	TRIPMAP_CLASS_WRITE_DURING_RESIZE,
	TRIPMAP_CLASS_READ_DURING_WRITE,
	TRIPMAP_CLASS_ITERATE_DURING_WRITE,
	TRIPMAP_CLASS_REENTRANT_WRITE,
	TRIPMAP_CLASS_INTERRUPT_DURING_WRITE,
	TRIPMAP_CLASS_REENTRANT_ITERATION,
	TRIPMAP_CLASS_FOREIGN_WRITER,
	TRIPMAP_CLASS_UNINITIALISED,
	TRIPMAP_CLASS_DESTROYED,
	TRIPMAP_CLASS_EXITING_WRITER,
	TRIPMAP_CLASS_STALE_WRITER,
	TRIPMAP_CLASS_FORGED_FLAG,

	/* private: */
	__TRIPMAP_CLASS_MAX,
	TRIPMAP_CLASS_MAX = (__TRIPMAP_CLASS_MAX - 1)
};

/**
 * enum tripmap_action - What is done about a violation, from mild to fatal.
 * @TRIPMAP_ACTION_IGNORE: Refuse the operation, nothing else.
 * @TRIPMAP_ACTION_COUNT: Count it.
 * @TRIPMAP_ACTION_REPORT: Count it, keep a report and log its title.
 * @TRIPMAP_ACTION_WARN: As report, and WARN() for the first of each pair of
 *   call sites.
 * @TRIPMAP_ACTION_BUG: As report, and BUG().
 */
enum tripmap_action {
	TRIPMAP_ACTION_IGNORE,
	TRIPMAP_ACTION_COUNT,
	TRIPMAP_ACTION_REPORT,
	TRIPMAP_ACTION_WARN,
	TRIPMAP_ACTION_BUG,

	/* private: */
	__TRIPMAP_ACTION_MAX,
	TRIPMAP_ACTION_MAX = (__TRIPMAP_ACTION_MAX - 1)
};

/**
 * enum tripmap_answer - What becomes of an operation that breaks the contract.
 * @TRIPMAP_ANSWER_REFUSE: It fails and has changed nothing.
 * @TRIPMAP_ANSWER_ALLOW: It goes on. Possible where nothing can be corrupted
 *   by it: read-during-write, iterate-during-write, foreign-writer and
 *   exiting-writer.
 */
enum tripmap_answer {
	TRIPMAP_ANSWER_REFUSE,
	TRIPMAP_ANSWER_ALLOW,

	/* private: */
	__TRIPMAP_ANSWER_MAX,
	TRIPMAP_ANSWER_MAX = (__TRIPMAP_ANSWER_MAX - 1)
};

/**
 * enum tripmap_op - Operations on a table.
 */
enum tripmap_op {
	TRIPMAP_OP_NONE,
	TRIPMAP_OP_LOOKUP,
	TRIPMAP_OP_LOOKUP_MANY,
	TRIPMAP_OP_STORE,
	TRIPMAP_OP_INSERT,
	TRIPMAP_OP_REPLACE,
	TRIPMAP_OP_DELETE,
	TRIPMAP_OP_TAKE,
	TRIPMAP_OP_COMPARE_SWAP,
	TRIPMAP_OP_CLEAR,
	TRIPMAP_OP_ITERATE,
	TRIPMAP_OP_RESIZE,
	TRIPMAP_OP_FREEZE,
	TRIPMAP_OP_DESTROY,
	TRIPMAP_OP_OWN,
	TRIPMAP_OP_REPAIR,
	TRIPMAP_OP_WATCH,

	/* private: */
	__TRIPMAP_OP_MAX,
	TRIPMAP_OP_MAX = (__TRIPMAP_OP_MAX - 1)
};

/**
 * enum tripmap_context - What a CPU was doing.
 */
enum tripmap_context {
	TRIPMAP_CONTEXT_TASK,
	TRIPMAP_CONTEXT_SOFTIRQ,
	TRIPMAP_CONTEXT_HARDIRQ,
	TRIPMAP_CONTEXT_NMI,

	/* private: */
	__TRIPMAP_CONTEXT_MAX,
	TRIPMAP_CONTEXT_MAX = (__TRIPMAP_CONTEXT_MAX - 1)
};

/**
 * enum tripmap_found - What the guard held when the violation was found, seen
 *   from the victim.
 * @TRIPMAP_FOUND_NOBODY: The guard has nothing to do with it.
 * @TRIPMAP_FOUND_OTHER: Another task, or another CPU's interrupt.
 * @TRIPMAP_FOUND_SELF: The victim itself, in the same context.
 * @TRIPMAP_FOUND_BELOW: What the victim has interrupted on its CPU.
 */
enum tripmap_found {
	TRIPMAP_FOUND_NOBODY,
	TRIPMAP_FOUND_OTHER,
	TRIPMAP_FOUND_SELF,
	TRIPMAP_FOUND_BELOW,

	/* private: */
	__TRIPMAP_FOUND_MAX,
	TRIPMAP_FOUND_MAX = (__TRIPMAP_FOUND_MAX - 1)
};

/**
 * enum tripmap_party_flag - What kind of task a party is.
 * @TRIPMAP_PARTY_FLAG_EXITING: It is exiting (PF_EXITING).
 * @TRIPMAP_PARTY_FLAG_KTHREAD: It is a kernel thread.
 * @TRIPMAP_PARTY_FLAG_WORKER: It is a worker of a workqueue.
 * @TRIPMAP_PARTY_FLAG_GONE: Its task has ended.
 */
enum tripmap_party_flag {
	TRIPMAP_PARTY_FLAG_EXITING = 1,
	TRIPMAP_PARTY_FLAG_KTHREAD = 2,
	TRIPMAP_PARTY_FLAG_WORKER = 4,
	TRIPMAP_PARTY_FLAG_GONE = 8,
};

/**
 * enum tripmap_fault - What can be injected into a table, with the module
 *   parameter allow_inject.
 * @TRIPMAP_FAULT_NONE: End delays and failures.
 * @TRIPMAP_FAULT_FORGE: Set the flag of a writer that does not exist.
 * @TRIPMAP_FAULT_DELAY: Wait at a step of the protocol, to widen a window.
 * @TRIPMAP_FAULT_GROW: Begin to grow now.
 * @TRIPMAP_FAULT_FAIL_ALLOC: Let allocations fail.
 */
enum tripmap_fault {
	TRIPMAP_FAULT_NONE,
	TRIPMAP_FAULT_FORGE,
	TRIPMAP_FAULT_DELAY,
	TRIPMAP_FAULT_GROW,
	TRIPMAP_FAULT_FAIL_ALLOC,

	/* private: */
	__TRIPMAP_FAULT_MAX,
	TRIPMAP_FAULT_MAX = (__TRIPMAP_FAULT_MAX - 1)
};

/**
 * enum tripmap_step - Steps of an operation at which a delay can be injected.
 * @TRIPMAP_STEP_ENTERED: Writer, has the guard, nothing changed yet.
 * @TRIPMAP_STEP_CHANGE: Writer, about to change a chain.
 * @TRIPMAP_STEP_EVACUATE: Writer, entries copied, old bucket not yet marked.
 * @TRIPMAP_STEP_LEAVING: Writer, all done, guard still held.
 * @TRIPMAP_STEP_CLASHED: Loser, has asked for the other half, its own not yet
 *   filed.
 * @TRIPMAP_STEP_READ: Reader, bucket read, not yet validated.
 */
enum tripmap_step {
	TRIPMAP_STEP_ENTERED,
	TRIPMAP_STEP_CHANGE,
	TRIPMAP_STEP_EVACUATE,
	TRIPMAP_STEP_LEAVING,
	TRIPMAP_STEP_CLASHED,
	TRIPMAP_STEP_READ,

	/* private: */
	__TRIPMAP_STEP_MAX,
	TRIPMAP_STEP_MAX = (__TRIPMAP_STEP_MAX - 1)
};

/**
 * enum tripmap_deed - What is kept in the audit ring.
 */
enum tripmap_deed {
	TRIPMAP_DEED_POLICY,
	TRIPMAP_DEED_OWN,
	TRIPMAP_DEED_REPAIR,
	TRIPMAP_DEED_INJECT,
	TRIPMAP_DEED_FREEZE,
	TRIPMAP_DEED_UNFREEZE,
	TRIPMAP_DEED_CLEAR_REPORTS,
	TRIPMAP_DEED_PAUSE,

	/* private: */
	__TRIPMAP_DEED_MAX,
	TRIPMAP_DEED_MAX = (__TRIPMAP_DEED_MAX - 1)
};

/**
 * enum tripmap_resize - Why a second bucket array exists.
 * @TRIPMAP_RESIZE_NONE: There is one array.
 * @TRIPMAP_RESIZE_GROW: Twice the buckets, above 6.5 entries a bucket.
 * @TRIPMAP_RESIZE_SHRINK: Half the buckets, below 1 entry a bucket.
 * @TRIPMAP_RESIZE_SAME_SIZE: As many buckets, too many overflow buckets.
 * @TRIPMAP_RESIZE_RESEED: As many buckets under a new seed, a chain had become
 *   too long.
 */
enum tripmap_resize {
	TRIPMAP_RESIZE_NONE,
	TRIPMAP_RESIZE_GROW,
	TRIPMAP_RESIZE_SHRINK,
	TRIPMAP_RESIZE_SAME_SIZE,
	TRIPMAP_RESIZE_RESEED,

	/* private: */
	__TRIPMAP_RESIZE_MAX,
	TRIPMAP_RESIZE_MAX = (__TRIPMAP_RESIZE_MAX - 1)
};

/**
 * enum tripmap_hash - Hash function of a table.
 * @TRIPMAP_HASH_SIPHASH: Keyed SipHash-1-3, for keys that others choose.
 * @TRIPMAP_HASH_MIX: Seeded multiply-fold, faster, for trusted keys.
 */
enum tripmap_hash {
	TRIPMAP_HASH_SIPHASH,
	TRIPMAP_HASH_MIX,

	/* private: */
	__TRIPMAP_HASH_MAX,
	TRIPMAP_HASH_MAX = (__TRIPMAP_HASH_MAX - 1)
};

/**
 * enum tripmap_type - How a tool reads and prints keys or values. The kernel
 *   keeps it and looks at sizes only. Integers are in host byte order.
 */
enum tripmap_type {
	TRIPMAP_TYPE_BYTES,
	TRIPMAP_TYPE_STR,
	TRIPMAP_TYPE_U8,
	TRIPMAP_TYPE_U16,
	TRIPMAP_TYPE_U32,
	TRIPMAP_TYPE_U64,
	TRIPMAP_TYPE_IPV4,
	TRIPMAP_TYPE_IPV6,
	TRIPMAP_TYPE_MAC,

	/* private: */
	__TRIPMAP_TYPE_MAX,
	TRIPMAP_TYPE_MAX = (__TRIPMAP_TYPE_MAX - 1)
};

/**
 * enum tripmap_mode - What a store asks of the table.
 * @TRIPMAP_MODE_STORE: New or existing.
 * @TRIPMAP_MODE_INSERT: Only new keys (-EEXIST).
 * @TRIPMAP_MODE_REPLACE: Only existing keys (-ENOENT).
 * @TRIPMAP_MODE_COMPARE_SWAP: Only if the present value equals expected
 *   (-ENOENT, -EAGAIN).
 */
enum tripmap_mode {
	TRIPMAP_MODE_STORE,
	TRIPMAP_MODE_INSERT,
	TRIPMAP_MODE_REPLACE,
	TRIPMAP_MODE_COMPARE_SWAP,

	/* private: */
	__TRIPMAP_MODE_MAX,
	TRIPMAP_MODE_MAX = (__TRIPMAP_MODE_MAX - 1)
};

/**
 * enum tripmap_table_event - What happened to a table.
 */
enum tripmap_table_event {
	TRIPMAP_TABLE_EVENT_NEW,
	TRIPMAP_TABLE_EVENT_CHANGED,
	TRIPMAP_TABLE_EVENT_FLUSHED,
	TRIPMAP_TABLE_EVENT_DELETED,

	/* private: */
	__TRIPMAP_TABLE_EVENT_MAX,
	TRIPMAP_TABLE_EVENT_MAX = (__TRIPMAP_TABLE_EVENT_MAX - 1)
};

/**
 * enum tripmap_half - What is known of the other party of a violation.
 * @TRIPMAP_HALF_PENDING: Its half has not come yet.
 * @TRIPMAP_HALF_COMPLETE: It filed its own half with its own stack.
 * @TRIPMAP_HALF_LEFT: It had left before it could be asked; its call site is
 *   known.
 * @TRIPMAP_HALF_TIMEOUT: Its half did not come within 100 ms; it is still
 *   taken when it comes.
 * @TRIPMAP_HALF_NONE: No half is to come: there is no other party, or it is
 *   not inside (an owner, who destroyed the table, a writer that is gone).
 */
enum tripmap_half {
	TRIPMAP_HALF_PENDING,
	TRIPMAP_HALF_COMPLETE,
	TRIPMAP_HALF_LEFT,
	TRIPMAP_HALF_TIMEOUT,
	TRIPMAP_HALF_NONE,

	/* private: */
	__TRIPMAP_HALF_MAX,
	TRIPMAP_HALF_MAX = (__TRIPMAP_HALF_MAX - 1)
};

/**
 * enum tripmap_event - What the recorder keeps, and what the tracepoints of
 *   the same names tell.
 * @TRIPMAP_EVENT_WRITE_BEGIN: A writer went in.
 * @TRIPMAP_EVENT_WRITE_END: A writer left; duration is how long it was inside.
 * @TRIPMAP_EVENT_LOOKUP: A lookup ended. Only where reads were asked for.
 * @TRIPMAP_EVENT_GROW_BEGIN: A second bucket array was published; value is the
 *   number of its buckets.
 * @TRIPMAP_EVENT_GROW_STEP: A bucket was evacuated; value is how many have
 *   been so far.
 * @TRIPMAP_EVENT_GROW_END: The old bucket array was given up; value is the
 *   number of its buckets.
 * @TRIPMAP_EVENT_RETRY: A lookup had to look again; value is how often.
 * @TRIPMAP_EVENT_LOCK_WAIT: A writer waited for the lock of its shard
 *   (contract shared).
 * @TRIPMAP_EVENT_ITERATE_OPEN: A walk began; value numbers the iterator, as
 *   below.
 * @TRIPMAP_EVENT_ITERATE_NEXT: An iterator begins to advance.
 * @TRIPMAP_EVENT_ITERATE_DONE: An iterator has advanced; result is 1, 0 at the
 *   end, or an errno.
 * @TRIPMAP_EVENT_ITERATE_CLOSE: A walk ended.
 * @TRIPMAP_EVENT_PAUSE: Somebody was held up; kind says by what, duration for
 *   how long.
 * @TRIPMAP_EVENT_VIOLATION: The contract was broken; kind is the class, value
 *   the report's id.
 * @TRIPMAP_EVENT_TABLE_NEW: A table was made.
 * @TRIPMAP_EVENT_TABLE_DEL: A table was destroyed.
 * @TRIPMAP_EVENT_POLICY: A rule was changed; kind is the class, value the
 *   action.
 */
enum tripmap_event {
	TRIPMAP_EVENT_WRITE_BEGIN,
	TRIPMAP_EVENT_WRITE_END,
	TRIPMAP_EVENT_LOOKUP,
	TRIPMAP_EVENT_GROW_BEGIN,
	TRIPMAP_EVENT_GROW_STEP,
	TRIPMAP_EVENT_GROW_END,
	TRIPMAP_EVENT_RETRY,
	TRIPMAP_EVENT_LOCK_WAIT,
	TRIPMAP_EVENT_ITERATE_OPEN,
	TRIPMAP_EVENT_ITERATE_NEXT,
	TRIPMAP_EVENT_ITERATE_DONE,
	TRIPMAP_EVENT_ITERATE_CLOSE,
	TRIPMAP_EVENT_PAUSE,
	TRIPMAP_EVENT_VIOLATION,
	TRIPMAP_EVENT_TABLE_NEW,
	TRIPMAP_EVENT_TABLE_DEL,
	TRIPMAP_EVENT_POLICY,

	/* private: */
	__TRIPMAP_EVENT_MAX,
	TRIPMAP_EVENT_MAX = (__TRIPMAP_EVENT_MAX - 1)
};

/**
 * enum tripmap_pause_kind - Why somebody was held up.
 * @TRIPMAP_PAUSE_KIND_WRITE: A writer was inside; any other one would have
 *   been refused.
 * @TRIPMAP_PAUSE_KIND_ODD: A bucket was being changed; readers of it look
 *   again.
 * @TRIPMAP_PAUSE_KIND_READ_RETRY: A lookup had to look again.
 * @TRIPMAP_PAUSE_KIND_LOCK_WAIT: A writer waited for the lock of its shard.
 * @TRIPMAP_PAUSE_KIND_GROW: A writer waited for memory, for growth or for its
 *   entry.
 * @TRIPMAP_PAUSE_KIND_EVACUATE: A writer moved a bucket to the new array.
 * @TRIPMAP_PAUSE_KIND_GRACE: Memory that was given up waited to be freed, or a
 *   writer waited for that.
 * @TRIPMAP_PAUSE_KIND_DUMP: A walk read some buckets.
 */
enum tripmap_pause_kind {
	TRIPMAP_PAUSE_KIND_WRITE,
	TRIPMAP_PAUSE_KIND_ODD,
	TRIPMAP_PAUSE_KIND_READ_RETRY,
	TRIPMAP_PAUSE_KIND_LOCK_WAIT,
	TRIPMAP_PAUSE_KIND_GROW,
	TRIPMAP_PAUSE_KIND_EVACUATE,
	TRIPMAP_PAUSE_KIND_GRACE,
	TRIPMAP_PAUSE_KIND_DUMP,

	/* private: */
	__TRIPMAP_PAUSE_KIND_MAX,
	TRIPMAP_PAUSE_KIND_MAX = (__TRIPMAP_PAUSE_KIND_MAX - 1)
};

/**
 * enum tripmap_recorder - What the flight recorder keeps.
 * @TRIPMAP_RECORDER_OFF: Nothing.
 * @TRIPMAP_RECORDER_ON: All but reads.
 * @TRIPMAP_RECORDER_READS: Reads too.
 */
enum tripmap_recorder {
	TRIPMAP_RECORDER_OFF,
	TRIPMAP_RECORDER_ON,
	TRIPMAP_RECORDER_READS,

	/* private: */
	__TRIPMAP_RECORDER_MAX,
	TRIPMAP_RECORDER_MAX = (__TRIPMAP_RECORDER_MAX - 1)
};

/**
 * enum tripmap_window - What became of the events before a violation.
 * @TRIPMAP_WINDOW_NONE: The recorder was off.
 * @TRIPMAP_WINDOW_PENDING: They are still to be copied.
 * @TRIPMAP_WINDOW_FROZEN: They are kept.
 * @TRIPMAP_WINDOW_MISSED: Too many reports at a time, or no memory, or given
 *   up for later ones.
 */
enum tripmap_window {
	TRIPMAP_WINDOW_NONE,
	TRIPMAP_WINDOW_PENDING,
	TRIPMAP_WINDOW_FROZEN,
	TRIPMAP_WINDOW_MISSED,

	/* private: */
	__TRIPMAP_WINDOW_MAX,
	TRIPMAP_WINDOW_MAX = (__TRIPMAP_WINDOW_MAX - 1)
};

/**
 * enum tripmap_spike - How close together the pauses before a violation stood.
 * @TRIPMAP_SPIKE_NONE: Fewer than two, or far apart.
 * @TRIPMAP_SPIKE_TIGHT: Tightly coupled, no gap between neighbours above
 *   spike_tight_us.
 * @TRIPMAP_SPIKE_HIGH: High frequency, spike_count of them or more.
 */
enum tripmap_spike {
	TRIPMAP_SPIKE_NONE,
	TRIPMAP_SPIKE_TIGHT,
	TRIPMAP_SPIKE_HIGH,

	/* private: */
	__TRIPMAP_SPIKE_MAX,
	TRIPMAP_SPIKE_MAX = (__TRIPMAP_SPIKE_MAX - 1)
};

enum {
	TRIPMAP_A_TABLE_NAME = 1,
	TRIPMAP_A_TABLE_ID,
	TRIPMAP_A_TABLE_KEY_TYPE,
	TRIPMAP_A_TABLE_KEY_SIZE,
	TRIPMAP_A_TABLE_VALUE_TYPE,
	TRIPMAP_A_TABLE_VALUE_SIZE,
	TRIPMAP_A_TABLE_CONTRACT,
	TRIPMAP_A_TABLE_HASH,
	TRIPMAP_A_TABLE_BITS,
	TRIPMAP_A_TABLE_MAX_ENTRIES,
	TRIPMAP_A_TABLE_SEED,
	TRIPMAP_A_TABLE_POLICY,
	TRIPMAP_A_TABLE_FROZEN,
	TRIPMAP_A_TABLE_PAD,
	TRIPMAP_A_TABLE_ENTRIES,
	TRIPMAP_A_TABLE_BUCKETS,
	TRIPMAP_A_TABLE_OVERFLOW,
	TRIPMAP_A_TABLE_RESIZE,
	TRIPMAP_A_TABLE_RESIZE_DONE,
	TRIPMAP_A_TABLE_RESIZE_TOTAL,
	TRIPMAP_A_TABLE_MEMORY,
	TRIPMAP_A_TABLE_MEMORY_OLD,
	TRIPMAP_A_TABLE_MEMORY_DEFERRED,
	TRIPMAP_A_TABLE_VIOLATIONS,
	TRIPMAP_A_TABLE_SEQ,
	TRIPMAP_A_TABLE_EVENT,
	TRIPMAP_A_TABLE_SYNC,
	TRIPMAP_A_TABLE_SHARDS,
	TRIPMAP_A_TABLE_OWN,
	TRIPMAP_A_TABLE_OWNER_PID,
	TRIPMAP_A_TABLE_REPAIRED,

	__TRIPMAP_A_TABLE_MAX,
	TRIPMAP_A_TABLE_MAX = (__TRIPMAP_A_TABLE_MAX - 1)
};

enum {
	TRIPMAP_A_POLICY_CLASS = 1,
	TRIPMAP_A_POLICY_ACTION,
	TRIPMAP_A_POLICY_ANSWER,
	TRIPMAP_A_POLICY_ESCALATE_TO,
	TRIPMAP_A_POLICY_ESCALATE_COUNT,
	TRIPMAP_A_POLICY_ESCALATE_MS,

	__TRIPMAP_A_POLICY_MAX,
	TRIPMAP_A_POLICY_MAX = (__TRIPMAP_A_POLICY_MAX - 1)
};

enum {
	TRIPMAP_A_ENTRY_TABLE = 1,
	TRIPMAP_A_ENTRY_MODE,
	TRIPMAP_A_ENTRY_KEY,
	TRIPMAP_A_ENTRY_VALUE,
	TRIPMAP_A_ENTRY_EXPECTED,
	TRIPMAP_A_ENTRY_BULK,
	TRIPMAP_A_ENTRY_FOUND,
	TRIPMAP_A_ENTRY_DONE,
	TRIPMAP_A_ENTRY_CURSOR,
	TRIPMAP_A_ENTRY_EPOCH,
	TRIPMAP_A_ENTRY_LIMIT,
	TRIPMAP_A_ENTRY_PAD,
	TRIPMAP_A_ENTRY_SHARD,
	TRIPMAP_A_ENTRY_LABEL,
	TRIPMAP_A_ENTRY_PARENT,
	TRIPMAP_A_ENTRY_SNAPSHOT,

	__TRIPMAP_A_ENTRY_MAX,
	TRIPMAP_A_ENTRY_MAX = (__TRIPMAP_A_ENTRY_MAX - 1)
};

enum {
	TRIPMAP_A_BUCKET_TABLE = 1,
	TRIPMAP_A_BUCKET_INDEX,
	TRIPMAP_A_BUCKET_KEY,
	TRIPMAP_A_BUCKET_OLD,
	TRIPMAP_A_BUCKET_EVACUATED,
	TRIPMAP_A_BUCKET_VERSION,
	TRIPMAP_A_BUCKET_CHAIN,
	TRIPMAP_A_BUCKET_FIRST,
	TRIPMAP_A_BUCKET_MAP,
	TRIPMAP_A_BUCKET_PAD,
	TRIPMAP_A_BUCKET_SHARD,

	__TRIPMAP_A_BUCKET_MAX,
	TRIPMAP_A_BUCKET_MAX = (__TRIPMAP_A_BUCKET_MAX - 1)
};

enum {
	TRIPMAP_A_LINK_INDEX = 1,
	TRIPMAP_A_LINK_PAD,
	TRIPMAP_A_LINK_TOPHASH,
	TRIPMAP_A_LINK_SLOT,

	__TRIPMAP_A_LINK_MAX,
	TRIPMAP_A_LINK_MAX = (__TRIPMAP_A_LINK_MAX - 1)
};

enum {
	TRIPMAP_A_SLOT_INDEX = 1,
	TRIPMAP_A_SLOT_KEY,
	TRIPMAP_A_SLOT_VALUE,

	__TRIPMAP_A_SLOT_MAX,
	TRIPMAP_A_SLOT_MAX = (__TRIPMAP_A_SLOT_MAX - 1)
};

enum {
	TRIPMAP_A_STATS_TABLE = 1,
	TRIPMAP_A_STATS_COUNTER,

	__TRIPMAP_A_STATS_MAX,
	TRIPMAP_A_STATS_MAX = (__TRIPMAP_A_STATS_MAX - 1)
};

enum {
	TRIPMAP_A_COUNTER_NAME = 1,
	TRIPMAP_A_COUNTER_VALUE,
	TRIPMAP_A_COUNTER_PAD,

	__TRIPMAP_A_COUNTER_MAX,
	TRIPMAP_A_COUNTER_MAX = (__TRIPMAP_A_COUNTER_MAX - 1)
};

enum {
	TRIPMAP_A_REPORT_ID = 1,
	TRIPMAP_A_REPORT_PAD,
	TRIPMAP_A_REPORT_CLASS,
	TRIPMAP_A_REPORT_ACTION,
	TRIPMAP_A_REPORT_CONTRACT,
	TRIPMAP_A_REPORT_TABLE,
	TRIPMAP_A_REPORT_TITLE,
	TRIPMAP_A_REPORT_TIME,
	TRIPMAP_A_REPORT_TIME_REAL,
	TRIPMAP_A_REPORT_RESULT,
	TRIPMAP_A_REPORT_REPEATS,
	TRIPMAP_A_REPORT_BUCKET,
	TRIPMAP_A_REPORT_RESIZE,
	TRIPMAP_A_REPORT_RESIZE_DONE,
	TRIPMAP_A_REPORT_RESIZE_TOTAL,
	TRIPMAP_A_REPORT_HALF,
	TRIPMAP_A_REPORT_VICTIM,
	TRIPMAP_A_REPORT_HOLDER,
	TRIPMAP_A_REPORT_WORD,
	TRIPMAP_A_REPORT_SEQ,
	TRIPMAP_A_REPORT_AFTER,
	TRIPMAP_A_REPORT_FOUND,
	TRIPMAP_A_REPORT_GROWING,
	TRIPMAP_A_REPORT_ANSWER,
	TRIPMAP_A_REPORT_ESCALATED,
	TRIPMAP_A_REPORT_AGE,
	TRIPMAP_A_REPORT_SHARD,
	TRIPMAP_A_REPORT_SHARDS,
	TRIPMAP_A_REPORT_KEY_SIZE,
	TRIPMAP_A_REPORT_VALUE_SIZE,
	TRIPMAP_A_REPORT_ENTRIES,
	TRIPMAP_A_REPORT_BUCKETS,
	TRIPMAP_A_REPORT_OVERFLOW,
	TRIPMAP_A_REPORT_EPOCH,
	TRIPMAP_A_REPORT_FROZEN,
	TRIPMAP_A_REPORT_BUCKET_OLD,
	TRIPMAP_A_REPORT_EVACUATED,
	TRIPMAP_A_REPORT_VERSION,
	TRIPMAP_A_REPORT_CHAIN,
	TRIPMAP_A_REPORT_CHAIN_LEFT_OUT,
	TRIPMAP_A_REPORT_TORN,
	TRIPMAP_A_REPORT_WINDOW,
	TRIPMAP_A_REPORT_SPIKE,
	TRIPMAP_A_REPORT_CLOCK,

	__TRIPMAP_A_REPORT_MAX,
	TRIPMAP_A_REPORT_MAX = (__TRIPMAP_A_REPORT_MAX - 1)
};

enum {
	TRIPMAP_A_PARTY_PID = 1,
	TRIPMAP_A_PARTY_TGID,
	TRIPMAP_A_PARTY_COMM,
	TRIPMAP_A_PARTY_CPU,
	TRIPMAP_A_PARTY_CONTEXT,
	TRIPMAP_A_PARTY_OP,
	TRIPMAP_A_PARTY_CALLER,
	TRIPMAP_A_PARTY_SINCE,
	TRIPMAP_A_PARTY_PAD,
	TRIPMAP_A_PARTY_KEY,
	TRIPMAP_A_PARTY_KEY_SIZE,
	TRIPMAP_A_PARTY_FRAME,
	TRIPMAP_A_PARTY_BUCKET,
	TRIPMAP_A_PARTY_FLAGS,
	TRIPMAP_A_PARTY_WORK,
	TRIPMAP_A_PARTY_ORIGIN,
	TRIPMAP_A_PARTY_LABEL,

	__TRIPMAP_A_PARTY_MAX,
	TRIPMAP_A_PARTY_MAX = (__TRIPMAP_A_PARTY_MAX - 1)
};

enum {
	TRIPMAP_A_FEATURES_FAMILY_VERSION = 1,
	TRIPMAP_A_FEATURES_MODULE_VERSION,
	TRIPMAP_A_FEATURES_KERNEL,
	TRIPMAP_A_FEATURES_CONTRACTS,
	TRIPMAP_A_FEATURES_CLASSES,
	TRIPMAP_A_FEATURES_ACTIONS,
	TRIPMAP_A_FEATURES_HASHES,
	TRIPMAP_A_FEATURES_MAX_TABLES,
	TRIPMAP_A_FEATURES_MAX_ENTRIES,
	TRIPMAP_A_FEATURES_MAX_MEMORY,
	TRIPMAP_A_FEATURES_MAX_REPORTS,
	TRIPMAP_A_FEATURES_PAD,
	TRIPMAP_A_FEATURES_SYNCS,
	TRIPMAP_A_FEATURES_FAULTS,
	TRIPMAP_A_FEATURES_STALE_MS,
	TRIPMAP_A_FEATURES_RECORDER,
	TRIPMAP_A_FEATURES_RECORDER_EVENTS,
	TRIPMAP_A_FEATURES_RECORDER_SHARE,
	TRIPMAP_A_FEATURES_WINDOW_MS,
	TRIPMAP_A_FEATURES_PAUSE_KINDS,
	TRIPMAP_A_FEATURES_PAUSE_STATS,

	__TRIPMAP_A_FEATURES_MAX,
	TRIPMAP_A_FEATURES_MAX = (__TRIPMAP_A_FEATURES_MAX - 1)
};

enum {
	TRIPMAP_A_INJECT_TABLE = 1,
	TRIPMAP_A_INJECT_FAULT,
	TRIPMAP_A_INJECT_STEP,
	TRIPMAP_A_INJECT_USECS,
	TRIPMAP_A_INJECT_COUNT,

	__TRIPMAP_A_INJECT_MAX,
	TRIPMAP_A_INJECT_MAX = (__TRIPMAP_A_INJECT_MAX - 1)
};

enum {
	TRIPMAP_A_AUDIT_ID = 1,
	TRIPMAP_A_AUDIT_PAD,
	TRIPMAP_A_AUDIT_TIME,
	TRIPMAP_A_AUDIT_TIME_REAL,
	TRIPMAP_A_AUDIT_DEED,
	TRIPMAP_A_AUDIT_UID,
	TRIPMAP_A_AUDIT_PID,
	TRIPMAP_A_AUDIT_COMM,
	TRIPMAP_A_AUDIT_TABLE,
	TRIPMAP_A_AUDIT_TEXT,

	__TRIPMAP_A_AUDIT_MAX,
	TRIPMAP_A_AUDIT_MAX = (__TRIPMAP_A_AUDIT_MAX - 1)
};

enum {
	TRIPMAP_A_WINDOW_STATE = 1,
	TRIPMAP_A_WINDOW_EVENTS,
	TRIPMAP_A_WINDOW_LOST,
	TRIPMAP_A_WINDOW_LEFT_OUT,
	TRIPMAP_A_WINDOW_BEGIN,
	TRIPMAP_A_WINDOW_PAD,
	TRIPMAP_A_WINDOW_LENGTH,
	TRIPMAP_A_WINDOW_RECORDER,
	TRIPMAP_A_WINDOW_SHARE,

	__TRIPMAP_A_WINDOW_MAX,
	TRIPMAP_A_WINDOW_MAX = (__TRIPMAP_A_WINDOW_MAX - 1)
};

enum {
	TRIPMAP_A_SPIKE_KIND = 1,
	TRIPMAP_A_SPIKE_COUNT,
	TRIPMAP_A_SPIKE_PAD,
	TRIPMAP_A_SPIKE_LAST,
	TRIPMAP_A_SPIKE_GAP_MAX,
	TRIPMAP_A_SPIKE_GAP_MIN,
	TRIPMAP_A_SPIKE_LONGEST,
	TRIPMAP_A_SPIKE_SPIKE,
	TRIPMAP_A_SPIKE_CONSECUTIVE,
	TRIPMAP_A_SPIKE_SPAN,
	TRIPMAP_A_SPIKE_BIN,
	TRIPMAP_A_SPIKE_NEAR,

	__TRIPMAP_A_SPIKE_MAX,
	TRIPMAP_A_SPIKE_MAX = (__TRIPMAP_A_SPIKE_MAX - 1)
};

enum {
	TRIPMAP_A_CLOCK_MONO = 1,
	TRIPMAP_A_CLOCK_PAD,
	TRIPMAP_A_CLOCK_REAL,
	TRIPMAP_A_CLOCK_BOOT,
	TRIPMAP_A_CLOCK_TRACE,
	TRIPMAP_A_CLOCK_ERROR,
	TRIPMAP_A_CLOCK_STEP,

	__TRIPMAP_A_CLOCK_MAX,
	TRIPMAP_A_CLOCK_MAX = (__TRIPMAP_A_CLOCK_MAX - 1)
};

enum {
	TRIPMAP_A_EVENT_REPORT = 1,
	TRIPMAP_A_EVENT_PAD,
	TRIPMAP_A_EVENT_TIME,
	TRIPMAP_A_EVENT_EVENT,
	TRIPMAP_A_EVENT_CPU,
	TRIPMAP_A_EVENT_PID,
	TRIPMAP_A_EVENT_CONTEXT,
	TRIPMAP_A_EVENT_OP,
	TRIPMAP_A_EVENT_TABLE_ID,
	TRIPMAP_A_EVENT_TABLE,
	TRIPMAP_A_EVENT_SHARD,
	TRIPMAP_A_EVENT_BUCKET,
	TRIPMAP_A_EVENT_DIGEST,
	TRIPMAP_A_EVENT_KEY,
	TRIPMAP_A_EVENT_KEY_SIZE,
	TRIPMAP_A_EVENT_CALLER,
	TRIPMAP_A_EVENT_LABEL,
	TRIPMAP_A_EVENT_PARENT,
	TRIPMAP_A_EVENT_DURATION,
	TRIPMAP_A_EVENT_KIND,
	TRIPMAP_A_EVENT_CLASS,
	TRIPMAP_A_EVENT_RESULT,
	TRIPMAP_A_EVENT_VALUE,

	__TRIPMAP_A_EVENT_MAX,
	TRIPMAP_A_EVENT_MAX = (__TRIPMAP_A_EVENT_MAX - 1)
};

enum {
	TRIPMAP_A_PAUSE_TABLE = 1,
	TRIPMAP_A_PAUSE_KIND,
	TRIPMAP_A_PAUSE_CPU,
	TRIPMAP_A_PAUSE_PAD,
	TRIPMAP_A_PAUSE_TIME,
	TRIPMAP_A_PAUSE_SINCE,
	TRIPMAP_A_PAUSE_UNTIL,
	TRIPMAP_A_PAUSE_STATE,
	TRIPMAP_A_PAUSE_RESET,
	TRIPMAP_A_PAUSE_SHARE,
	TRIPMAP_A_PAUSE_COUNT,
	TRIPMAP_A_PAUSE_TOTAL,
	TRIPMAP_A_PAUSE_SHORTEST,
	TRIPMAP_A_PAUSE_LONGEST,
	TRIPMAP_A_PAUSE_HISTOGRAM,
	TRIPMAP_A_PAUSE_NEAR,
	TRIPMAP_A_PAUSE_UNTRACKED,
	TRIPMAP_A_PAUSE_START,
	TRIPMAP_A_PAUSE_DURATION,
	TRIPMAP_A_PAUSE_TABLE_ID,

	__TRIPMAP_A_PAUSE_MAX,
	TRIPMAP_A_PAUSE_MAX = (__TRIPMAP_A_PAUSE_MAX - 1)
};

enum {
	TRIPMAP_CMD_TABLE_NEW = 1,
	TRIPMAP_CMD_TABLE_SET,
	TRIPMAP_CMD_TABLE_DEL,
	TRIPMAP_CMD_TABLE_FLUSH,
	TRIPMAP_CMD_TABLE_GET,
	TRIPMAP_CMD_TABLE_REPAIR,
	TRIPMAP_CMD_TABLE_NTF,
	TRIPMAP_CMD_ENTRY_SET,
	TRIPMAP_CMD_ENTRY_GET,
	TRIPMAP_CMD_ENTRY_DEL,
	TRIPMAP_CMD_ENTRY_TAKE,
	TRIPMAP_CMD_ENTRY_DUMP,
	TRIPMAP_CMD_BUCKET_GET,
	TRIPMAP_CMD_BUCKET_MAP,
	TRIPMAP_CMD_STATS_GET,
	TRIPMAP_CMD_REPORT_GET,
	TRIPMAP_CMD_REPORT_CLEAR,
	TRIPMAP_CMD_REPORT_NTF,
	TRIPMAP_CMD_FEATURES_GET,
	TRIPMAP_CMD_INJECT,
	TRIPMAP_CMD_AUDIT_GET,
	TRIPMAP_CMD_EVENT_GET,
	TRIPMAP_CMD_PAUSE_GET,
	TRIPMAP_CMD_PAUSE_RECENT_GET,
	TRIPMAP_CMD_PAUSE_SET,

	__TRIPMAP_CMD_MAX,
	TRIPMAP_CMD_MAX = (__TRIPMAP_CMD_MAX - 1)
};

#define TRIPMAP_MCGRP_VIOLATIONS	"violations"
#define TRIPMAP_MCGRP_TABLES		"tables"

#endif /* _UAPI_LINUX_TRIPMAP_H */
