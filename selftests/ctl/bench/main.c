// SPDX-License-Identifier: GPL-2.0
/*
 * bench_wire ENTRIES SINGLES [PEER...]: tripmap's netlink requests beside those of ipset and
 * beside bpf(2), each from a program that keeps its socket, its map and its
 * buffers, and reads and writes no text. A line for each operation:
 *
 *	OPERATION PEER ENTRIES NANOSECONDS
 *
 * Many at once: ENTRIES go in, BATCH a request, and all come back into one array.
 * One at once: SINGLES go in, are read (tested) and are deleted, in a table of its
 * own, a request each.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

static const struct peer *const peers[] = {
	&peer_tripmap, &peer_bpf, &peer_tripmap_sized, &peer_bpf_alloc, &peer_ipset,
};

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("bench_wire: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void command(const char *format, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (system(line))
		die("failed: %s", line);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void tell(const char *what, const struct peer *p, uint32_t n, uint64_t since)
{
	printf("%s %s %u %llu\n", what, p->name, n, (unsigned long long)(now() - since));
}

/* All of it came back, each once: those that were found are put in their order. */
static void check(const struct peer *p, struct entry *got, uint32_t found, const struct entry *e,
		  uint32_t n)
{
	struct entry *sorted = calloc(n, sizeof(*sorted));

	if (!sorted)
		die("out of memory");
	for (uint32_t i = 0; i < found; i++)
		if (got[i].value < n)
			sorted[got[i].value] = got[i];
	if (found != n || memcmp(sorted, e, n * sizeof(*e)))
		die("%s: %u entries came back, and not the %u that went in", p->name, found, n);
	free(sorted);
}

/* What a table leaves behind is freed later, by a worker: not in the next one's turn. */
static void end(const struct peer *p)
{
	p->close();
	sleep(2);
}

static void many(const struct peer *p, const struct entry *e, uint32_t n, struct entry *got)
{
	uint32_t i, found;
	uint64_t begin;

	p->open(n);
	begin = now();
	for (i = 0; i < n; i += BATCH)
		p->put_many(e + i, n - i < BATCH ? n - i : BATCH);
	tell("store-many", p, n, begin);
	memset(got, 0, n * sizeof(*got));	/* its pages are there: that is nobody's work */
	begin = now();
	found = p->get_all(got, n);
	tell("read-all", p, n, begin);
	check(p, got, found, e, n);
	end(p);
}

static void each(const char *what, const struct peer *p, void (*act)(const struct entry *e),
		 const struct entry *e, uint32_t n)
{
	uint64_t begin = now();

	for (uint32_t i = 0; i < n; i++)
		act(e + i);
	tell(what, p, n, begin);
}

static void single(const struct peer *p, const struct entry *e, uint32_t n)
{
	p->open(n);
	each("store-one", p, p->put, e, n);
	each("read-one", p, p->get, e, n);
	each("delete-one", p, p->del, e, n);
	end(p);
}

static void measure(const struct peer *p, const struct entry *e, uint32_t n, uint32_t singles,
		    struct entry *got)
{
	if (p->put_many)
		many(p, e, n, got);
	if (p->put)
		single(p, e, singles);
}

/* All of them, where none is named. */
static bool wanted(const struct peer *p, char **names)
{
	bool all = !*names;

	for (; *names; names++)
		all |= !strcmp(*names, p->name);
	return all;
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 2 ? (uint32_t)atoi(argv[1]) : 0;
	uint32_t singles = n ? (uint32_t)atoi(argv[2]) : 0;
	struct entry *e = calloc(n + 1, sizeof(*e)), *got = calloc(n + 1, sizeof(*e));

	if (!n || singles > n)
		die("usage: bench_wire ENTRIES SINGLES [PEER...] (SINGLES no more than ENTRIES)");
	if (!e || !got)
		die("out of memory");
	for (uint32_t i = 0; i < n; i++)
		e[i] = (struct entry){ htonl(0x0a000000 + i), i };
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++)
		if (wanted(peers[i], argv + 3))
			measure(peers[i], e, n, singles, got);
	return 0;
}
