// SPDX-License-Identifier: GPL-2.0
/*
 * A hash map of bpf(2): as it is by default, all memory taken when it is made, and
 * one that takes memory for each entry as it comes.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "peer.h"

static int map;
static uint32_t *keys, *values;		/* bpf(2) wants them apart */

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void must(int got, const char *what)
{
	if (got < 0)
		die("bpf: %s: %s", what, strerror(errno));
}

static void open_map(uint32_t entries, uint32_t flags)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4,
		.max_entries = entries, .map_flags = flags,
	};

	map = bpf(BPF_MAP_CREATE, &attr);
	must(map, "create");
	keys = malloc(entries * sizeof(*keys));
	values = malloc(entries * sizeof(*values));
	if (!keys || !values)
		die("out of memory");
}

static void open_default(uint32_t entries)
{
	open_map(entries, 0);
}

static void open_alloc(uint32_t entries)
{
	open_map(entries, BPF_F_NO_PREALLOC);
}

static void close_map(void)
{
	close(map);
	free(keys);
	free(values);
}

static void put_many(const struct entry *e, uint32_t n)
{
	union bpf_attr attr = { .batch = {
		.keys = (uintptr_t)keys, .values = (uintptr_t)values, .count = n, .map_fd = map,
	} };

	for (uint32_t i = 0; i < n; i++) {
		keys[i] = e[i].key;
		values[i] = e[i].value;
	}
	must(bpf(BPF_MAP_UPDATE_BATCH, &attr), "update batch");
	if (attr.batch.count != n)
		die("bpf did not do all");
}

static uint32_t get_all(struct entry *e, uint32_t room)
{
	union bpf_attr attr = { .batch.map_fd = map };
	uint64_t cursor;
	uint32_t n = 0;
	int got = 0;

	while (got >= 0) {
		attr.batch.keys = (uintptr_t)keys;
		attr.batch.values = (uintptr_t)values;
		attr.batch.in_batch = n ? (uintptr_t)&cursor : 0;
		attr.batch.out_batch = (uintptr_t)&cursor;
		attr.batch.count = BATCH;
		got = bpf(BPF_MAP_LOOKUP_BATCH, &attr);
		if (got < 0 && errno != ENOENT)
			must(got, "lookup batch");
		if (n + attr.batch.count > room)
			die("more entries than were stored");
		for (uint32_t i = 0; i < attr.batch.count; i++)
			e[n++] = (struct entry){ keys[i], values[i] };
	}
	return n;
}

static union bpf_attr about(const struct entry *e, void *value)
{
	return (union bpf_attr){
		.map_fd = map, .key = (uintptr_t)&e->key, .value = (uintptr_t)value,
	};
}

static void put_one(const struct entry *e)
{
	union bpf_attr attr = about(e, (void *)&e->value);

	must(bpf(BPF_MAP_UPDATE_ELEM, &attr), "update");
}

static void get_one(const struct entry *e)
{
	uint32_t value = 0;
	union bpf_attr attr = about(e, &value);

	must(bpf(BPF_MAP_LOOKUP_ELEM, &attr), "lookup");
	if (value != e->value)
		die("bpf has another value");
}

static void del_one(const struct entry *e)
{
	union bpf_attr attr = about(e, NULL);

	must(bpf(BPF_MAP_DELETE_ELEM, &attr), "delete");
}

const struct peer peer_bpf = {
	.name = "bpf", .open = open_default, .close = close_map, .put_many = put_many,
	.get_all = get_all, .put = put_one, .get = get_one, .del = del_one,
};

const struct peer peer_bpf_alloc = {
	.name = "bpf-alloc", .open = open_alloc, .close = close_map, .put_many = put_many,
	.get_all = get_all,
};
