/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints tripmap:tripmap_*. Names and fields are for keeps;
 * Documentation/tracing.rst tells what they mean and how to use them.
 *
 * Those on the paths of writes, reads and walks tell event.c when the first
 * listener comes and the last one goes.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tripmap

#if !defined(TRIPMAP_OBSERVE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TRIPMAP_OBSERVE_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/tripmap_names.h>

#include "event.h"

#ifndef TRIPMAP_OBSERVE_TRACE_ONCE
#define TRIPMAP_OBSERVE_TRACE_ONCE

int tm_event_writes_on(void);
void tm_event_writes_off(void);
int tm_event_reads_on(void);
void tm_event_reads_off(void);
int tm_event_walks_on(void);
void tm_event_walks_off(void);

#endif

/* One key: a write, a lookup. */
DECLARE_EVENT_CLASS(tripmap_keyed,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u64, duration)
		__field(u64, caller)
		__field(u64, value)
		__field(u32, table)
		__field(u32, bucket)
		__field(u32, digest)
		__field(s32, result)
		__field(u16, shard)
		__field(u8, op)
		__field(u8, context)
		__field(u16, key_size)
		__array(u8, key, TRIPMAP_EVENT_KEY_MAX)
		__array(char, label, TRIPMAP_LABEL_MAX + 1)
		__array(char, parent, TRIPMAP_LABEL_MAX + 1)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->duration = e->duration;
		__entry->caller = e->caller;
		__entry->value = e->value;
		__entry->table = e->table;
		__entry->bucket = e->bucket;
		__entry->digest = e->digest;
		__entry->result = e->result;
		__entry->shard = e->shard;
		__entry->op = e->op;
		__entry->context = e->context;
		__entry->key_size = e->key_size;
		memcpy(__entry->key, e->key, TRIPMAP_EVENT_KEY_MAX);
		memcpy(__entry->label, e->label.own, TRIPMAP_LABEL_MAX);
		__entry->label[TRIPMAP_LABEL_MAX] = 0;
		memcpy(__entry->parent, e->label.parent, TRIPMAP_LABEL_MAX);
		__entry->parent[TRIPMAP_LABEL_MAX] = 0;
	),
	TP_printk("table=%u shard=%u bucket=%d op=%s context=%s result=%d duration=%llu value=%llu digest=%08x key=%s caller=%pS label=%s parent=%s time=%llu",
		  __entry->table, __entry->shard, (int)__entry->bucket,
		  __print_symbolic(__entry->op, TRIPMAP_OP_PAIRS),
		  __print_symbolic(__entry->context, TRIPMAP_CONTEXT_PAIRS),
		  __entry->result, __entry->duration, __entry->value, __entry->digest,
		  __print_hex_str(__entry->key, __entry->key_size < TRIPMAP_EVENT_KEY_MAX ?
				  __entry->key_size : TRIPMAP_EVENT_KEY_MAX),
		  (void *)(unsigned long)__entry->caller, __entry->label, __entry->parent,
		  __entry->time)
);

DEFINE_EVENT_FN(tripmap_keyed, tripmap_write_begin,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e),
	tm_event_writes_on, tm_event_writes_off);
DEFINE_EVENT_FN(tripmap_keyed, tripmap_write_end,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e),
	tm_event_writes_on, tm_event_writes_off);
DEFINE_EVENT_FN(tripmap_keyed, tripmap_lookup,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e),
	tm_event_reads_on, tm_event_reads_off);
DEFINE_EVENT(tripmap_keyed, tripmap_retry,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));

/* A stretch of time in a shard: growth, waiting, pauses. */
DECLARE_EVENT_CLASS(tripmap_stretch,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u64, duration)
		__field(u64, value)
		__field(u32, table)
		__field(u32, bucket)
		__field(u16, shard)
		__field(u8, op)
		__field(u8, kind)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->duration = e->duration;
		__entry->value = e->value;
		__entry->table = e->table;
		__entry->bucket = e->bucket;
		__entry->shard = e->shard;
		__entry->op = e->op;
		__entry->kind = e->kind;
	),
	TP_printk("table=%u shard=%u bucket=%d op=%s duration=%llu value=%llu time=%llu",
		  __entry->table, __entry->shard, (int)__entry->bucket,
		  __print_symbolic(__entry->op, TRIPMAP_OP_PAIRS),
		  __entry->duration, __entry->value, __entry->time)
);

DEFINE_EVENT(tripmap_stretch, tripmap_grow_begin,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));
DEFINE_EVENT_FN(tripmap_stretch, tripmap_grow_step,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e),
	tm_event_writes_on, tm_event_writes_off);
DEFINE_EVENT(tripmap_stretch, tripmap_grow_end,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));
DEFINE_EVENT(tripmap_stretch, tripmap_lock_wait,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));

TRACE_EVENT_FN(tripmap_pause,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u64, duration)
		__field(u32, table)
		__field(u16, shard)
		__field(u8, kind)
		__field(u8, op)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->duration = e->duration;
		__entry->table = e->table;
		__entry->shard = e->shard;
		__entry->kind = e->kind;
		__entry->op = e->op;
	),
	TP_printk("kind=%s duration=%llu table=%u shard=%u op=%s time=%llu",
		  __print_symbolic(__entry->kind, TRIPMAP_PAUSE_KIND_PAIRS),
		  __entry->duration, __entry->table, __entry->shard,
		  __print_symbolic(__entry->op, TRIPMAP_OP_PAIRS), __entry->time),
	tm_event_writes_on, tm_event_writes_off
);

/* Walks of in-kernel users; value numbers the iterator. */
DECLARE_EVENT_CLASS(tripmap_walk,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u64, duration)
		__field(u64, caller)
		__field(u64, iter)
		__field(u32, table)
		__field(s32, result)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->duration = e->duration;
		__entry->caller = e->caller;
		__entry->iter = e->value;
		__entry->table = e->table;
		__entry->result = e->result;
	),
	TP_printk("table=%u iter=%llu result=%d duration=%llu caller=%pS time=%llu",
		  __entry->table, __entry->iter, __entry->result, __entry->duration,
		  (void *)(unsigned long)__entry->caller, __entry->time)
);

DEFINE_EVENT(tripmap_walk, tripmap_iterate_open,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));
DEFINE_EVENT_FN(tripmap_walk, tripmap_iterate_next,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e),
	tm_event_walks_on, tm_event_walks_off);
DEFINE_EVENT_FN(tripmap_walk, tripmap_iterate_done,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e),
	tm_event_walks_on, tm_event_walks_off);
DEFINE_EVENT(tripmap_walk, tripmap_iterate_close,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));

TRACE_EVENT(tripmap_violation,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u64, report)
		__field(u64, caller)
		__field(u32, table)
		__field(s32, result)
		__field(u16, shard)
		__field(u8, class)
		__field(u8, op)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->report = e->value;
		__entry->caller = e->caller;
		__entry->table = e->table;
		__entry->result = e->result;
		__entry->shard = e->shard;
		__entry->class = e->kind;
		__entry->op = e->op;
	),
	TP_printk("class=%s table=%u shard=%u op=%s result=%d report=%llu caller=%pS time=%llu",
		  __print_symbolic(__entry->class, TRIPMAP_CLASS_PAIRS),
		  __entry->table, __entry->shard,
		  __print_symbolic(__entry->op, TRIPMAP_OP_PAIRS),
		  __entry->result, __entry->report,
		  (void *)(unsigned long)__entry->caller, __entry->time)
);

DECLARE_EVENT_CLASS(tripmap_table,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u64, caller)
		__field(u32, table)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->caller = e->caller;
		__entry->table = e->table;
	),
	TP_printk("table=%u caller=%pS time=%llu",
		  __entry->table, (void *)(unsigned long)__entry->caller, __entry->time)
);

DEFINE_EVENT(tripmap_table, tripmap_table_new,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));
DEFINE_EVENT(tripmap_table, tripmap_table_del,
	TP_PROTO(const struct tm_event *e), TP_ARGS(e));

TRACE_EVENT(tripmap_policy,
	TP_PROTO(const struct tm_event *e),
	TP_ARGS(e),
	TP_STRUCT__entry(
		__field(u64, time)
		__field(u32, table)
		__field(u8, class)
		__field(u8, action)
	),
	TP_fast_assign(
		__entry->time = e->time;
		__entry->table = e->table;
		__entry->class = e->kind;
		__entry->action = e->value;
	),
	TP_printk("table=%u class=%s action=%s time=%llu",
		  __entry->table, __print_symbolic(__entry->class, TRIPMAP_CLASS_PAIRS),
		  __print_symbolic(__entry->action, TRIPMAP_ACTION_PAIRS), __entry->time)
);

#endif /* TRIPMAP_OBSERVE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
