// SPDX-License-Identifier: GPL-2.0
/* Abseil's Swiss table: no concurrency at all, hence what one thread can have. */
#include <absl/container/flat_hash_map.h>

#include "bench.h"

#define PEER_THREADS	0

static const char peer_name[] = "absl";

using map = absl::flat_hash_map<word, word>;

static map *map_of(void *t)
{
	return static_cast<map *>(t);
}

static void *peer_new(void)
{
	return new map;
}

static void peer_free(void *t)
{
	delete map_of(t);
}

static inline bool peer_insert(void *t, word k, word v)
{
	return map_of(t)->try_emplace(k, v).second;
}

static inline bool peer_get(void *t, word k, word *v)
{
	auto at = map_of(t)->find(k);

	if (at == map_of(t)->end())
		return false;
	*v = at->second;
	return true;
}

static inline bool peer_update(void *t, word k, word v)
{
	auto at = map_of(t)->find(k);

	if (at == map_of(t)->end())
		return false;
	at->second = v;
	return true;
}

static inline bool peer_delete(void *t, word k)
{
	return map_of(t)->erase(k);
}

static word peer_iterate(void *t, word *sum)
{
	word n = 0;

	for (const auto &entry : *map_of(t)) {
		*sum += entry.second;
		n++;
	}
	return n;
}

static void peer_more(void *) {}
static void peer_thread_begin(void) {}
static void peer_thread_end(void) {}

#include "one_by_one.h"
#include "loop.h"
