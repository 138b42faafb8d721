/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tripmap's generic netlink family as functions. They return 0 or a negative
 * errno, and wire_problem() then says what it was. The socket is opened and
 * the family looked up by the first of them.
 */
#ifndef TRIPCTL_WIRE_H
#define TRIPCTL_WIRE_H

#include "model.h"

struct wire;

struct wire *wire_create(void);		/* NULL: out of memory */
void wire_destroy(struct wire *w);
const struct problem *wire_problem(const struct wire *w);
/* For callers that keep what is handed out: the problem, and -ENOMEM. */
int wire_out_of_memory(struct wire *w);

int wire_table_new(struct wire *w, const struct table_spec *spec);
/* Of spec: name, rules, frozen and own. */
int wire_table_set(struct wire *w, const struct table_spec *spec);
int wire_table_del(struct wire *w, const char *name);
int wire_table_flush(struct wire *w, const char *name);
/* repaired: guards that were taken from writers that are gone. */
int wire_table_repair(struct wire *w, const char *name, uint32_t *repaired);
int wire_table_get(struct wire *w, const char *name, struct table *t);
int wire_table_list(struct wire *w, void (*each)(void *arg, const struct table *t), void *arg);

int wire_entry_put(struct wire *w, const struct entry_put *put);
int wire_entry_get(struct wire *w, const struct table *t, const void *key,
		   const struct label *label, void *value);
int wire_entry_take(struct wire *w, const struct table *t, const void *key,
		    const struct label *label, void *value);
int wire_entry_del(struct wire *w, const struct table *t, const void *key,
		   const struct label *label);

/*
 * Many entries, packed as the table has them. done is how many were stored,
 * with an error the index of the one that failed.
 */
int wire_bulk_put(struct wire *w, const char *table, uint8_t mode, const void *packed,
		  size_t size, uint32_t *done);
/* Keys packed; found[n] is 1 where values[n] was filled in. */
int wire_bulk_get(struct wire *w, const struct table *t, const void *keys, uint32_t n,
		  void *values, uint8_t *found);

/* What a dump is to be like. */
struct dump_wish {
	uint64_t	limit;		/* entries, 0: all */
	uint64_t	timeout_ms;	/* 0: never */
	bool		snapshot;	/* all of one version */
};

/*
 * All entries from a place on, or from the begin; place becomes where to go on,
 * and not known at the end. In pieces of many; each may end it by returning false. Ends
 * with -EINTR when the table was cleared meanwhile, so that what was handed
 * out does not belong together, with -EAGAIN when a snapshot met a write, and with
 * -ETIMEDOUT after timeout_ms.
 */
int wire_entry_dump(struct wire *w, const struct table *t, const struct dump_wish *wish,
		    struct place *place,
		    bool (*each)(void *arg, const void *packed, uint32_t n), void *arg);

/* Which bucket is meant: that of a key, or else a number in an array. */
struct bucket_query {
	const void	*key;		/* NULL: none */
	uint64_t	index;
	bool		old;
	int		shard;		/* -1: not given */
};

int wire_bucket_get(struct wire *w, const struct table *t, const struct bucket_query *q,
		    struct bucket *b);
/* shard -1: not given, the first. */
int wire_bucket_map(struct wire *w, const char *name, int shard,
		    void (*each)(void *arg, const struct bucket_map *m), void *arg);

/* name NULL: the module's own. */
int wire_stats(struct wire *w, const char *name,
	       void (*each)(void *arg, const char *counter, uint64_t value), void *arg);
int wire_features(struct wire *w, struct features *f);

int wire_report_get(struct wire *w, uint64_t id, struct report *r);
/* The events of its window, into r->record. */
int wire_report_events(struct wire *w, struct report *r);
/* Those with a larger id than after. */
int wire_report_list(struct wire *w, uint64_t after,
		     void (*each)(void *arg, const struct report *r), void *arg);
int wire_report_clear(struct wire *w);

int wire_inject(struct wire *w, const char *name, const struct injection *in);
int wire_audit_list(struct wire *w, void (*each)(void *arg, const struct audit *a), void *arg);

int wire_pause_list(struct wire *w, const struct pause_query *q,
		    void (*each)(void *arg, const struct pause *p), void *arg);
/* Most recent first of each CPU and kind. */
int wire_pause_recent(struct wire *w, const struct pause_query *q,
		      void (*each)(void *arg, const struct pause_recent *p), void *arg);
int wire_pause_count(struct wire *w, bool on);
int wire_pause_reset(struct wire *w);

/* Events come on a socket of their own, so that requests can be made between them. */
struct listener;

int wire_listen(struct wire *w, bool violations, bool tables, struct listener **l);
/* The next event; -EAGAIN after timeout_ms (-1: never), -ENOBUFS when some were lost. */
int wire_next_event(struct wire *w, struct listener *l, int timeout_ms, struct event *e);
void wire_unlisten(struct listener *l);

#endif /* TRIPCTL_WIRE_H */
