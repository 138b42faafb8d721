/* SPDX-License-Identifier: GPL-2.0 */
/* Many at once, for peers that have no call for it. */
#ifndef BENCH_ONE_BY_ONE_H
#define BENCH_ONE_BY_ONE_H

static inline word peer_many(void *t, const word *keys, word *sum)
{
	word i, v = 0, found = 0;

	for (i = 0; i < 32; i++) {
		if (peer_get(t, keys[i], &v)) {
			found++;
			*sum += v;
		}
	}
	return found;
}

#endif /* BENCH_ONE_BY_ONE_H */
