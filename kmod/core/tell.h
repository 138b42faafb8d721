/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core does, told as events: from tables, calls and keys to values.
 * The hot paths ask tm_event_on() before they come here.
 */
#ifndef TRIPMAP_CORE_TELL_H
#define TRIPMAP_CORE_TELL_H

#include "../observe/event.h"
#include "map.h"

void tm_tell_init(void);

/* When it begins, where anybody listens to pauses; else 0, and it is not told of. */
u64 tm_tell_clock(void);
void tm_tell_pause(struct tripmap *t, unsigned int shard, u8 op, enum tripmap_pause_kind kind,
		   u64 begin);

/* A write from its enter to its leave, in the part where anybody listens. */
struct tm_told {
	u64			begin;		/* ns; 0: it is not told of */
	u64			changed;	/* ns; end of its share of growth, 0: had none */
	u32			bucket;
};

void tm_tell_write_begin(struct tripmap *t, const struct tm_call *call, unsigned int shard,
			 const void *key, struct tm_told *told);
void tm_tell_write_end(struct tripmap *t, const struct tm_call *call, unsigned int shard,
		       const void *key, const struct tm_told *told, int result);
void tm_tell_lookup(struct tripmap *t, const struct tm_call *call, const void *key, int result);
void tm_tell_retry(struct tripmap *t, const void *key, unsigned int tries, u64 begin);
void tm_tell_grow(struct tm_shard *sh, enum tripmap_event event, u64 bucket, u64 value, u64 begin);
void tm_tell_lock_wait(struct tm_shard *sh, const struct tm_stay *stay, u64 begin);

/* iter numbers the iterator. Returns when it begins, 0 where it is not told of. */
u64 tm_tell_iterate(struct tripmap *t, enum tripmap_event event, u64 iter, unsigned long caller);
void tm_tell_iterate_done(struct tripmap *t, u64 iter, unsigned long caller, u64 begin,
			  int result);

void tm_tell_violation(const struct tm_violation *v, u64 report);
void tm_tell_table(struct tripmap *t, enum tripmap_event event, unsigned long caller);
void tm_tell_policy(struct tripmap *t, enum tripmap_class class, enum tripmap_action action);

#endif /* TRIPMAP_CORE_TELL_H */
