/* SPDX-License-Identifier: GPL-2.0 */
/* What the netlink bench compares: tables of 4-byte keys and values. */
#ifndef TRIPMAP_BENCH_PEER_H
#define TRIPMAP_BENCH_PEER_H

#include <stddef.h>
#include <stdint.h>

#define BATCH	8125	/* entries in one request: a full bulk of tripmap's, 65000 bytes */

struct entry {
	uint32_t	key;		/* network byte order: an IPv4 address */
	uint32_t	value;
};

/*
 * Each call is to succeed for all that it is given, or ends the program. Those
 * that a peer does not have are NULL.
 */
struct peer {
	const char	*name;
	/* A table for so many entries; may run a command, is not timed. */
	void		(*open)(uint32_t entries);
	void		(*close)(void);
	void		(*put_many)(const struct entry *e, uint32_t n);
	/* Up to room entries, in any order; returns how many there are. */
	uint32_t	(*get_all)(struct entry *e, uint32_t room);
	void		(*put)(const struct entry *e);
	/* The value is checked, where the peer has one. */
	void		(*get)(const struct entry *e);
	void		(*del)(const struct entry *e);
};

extern const struct peer peer_tripmap, peer_tripmap_sized, peer_ipset, peer_bpf, peer_bpf_alloc;

/* printf() to stderr, and the end. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void command(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* TRIPMAP_BENCH_PEER_H */
