// SPDX-License-Identifier: GPL-2.0
/* Messages that brought the kernel where none had been before, to be changed and sent again. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzz.h"

#define KEPT		512
#define KEPT_BYTES	2048	/* larger ones are not kept */

/* A worker's: its episodes come one after the other, and share it. */
struct corpus {
	uint64_t	n;
	struct kept {
		struct lineage	lineage;
		size_t		len;
		uint8_t		data[KEPT_BYTES];
	} kept[KEPT];
};

struct corpus *corpus_new(void)
{
	struct corpus *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		die("no memory: %m");
	return c;
}

void corpus_keep(struct corpus *c, const struct message *m, const struct lineage *l)
{
	struct kept *k = &c->kept[c->n % KEPT];

	if (m->len > KEPT_BYTES || m->len < HEADERS || l->n == LINEAGE_MAX)
		return;
	c->n++;
	k->lineage = *l;
	k->len = m->len;
	memcpy(k->data, m->data, m->len);
}

bool corpus_change(struct corpus *c, const struct maker *mk, uint64_t number, struct message *m,
		   struct lineage *l)
{
	const struct kept *k;
	struct rng r;

	if (!c->n)
		return false;
	rng_init(&r, mk->seed, number, STREAM_CHOOSE);
	k = &c->kept[below(&r, c->n < KEPT ? c->n : KEPT)];
	m->len = k->len;
	memcpy(m->data, k->data, k->len);
	*l = k->lineage;
	l->number[l->n++] = number;
	change_message(mk, number, m);
	return true;
}

void lineage_print(const struct lineage *l, char *to, size_t size)
{
	size_t len = 0;

	for (unsigned int i = 0; i < l->n && len < size; i++)
		len += snprintf(to + len, size - len, "%s%llu", i ? "/" : "",
				(unsigned long long)l->number[i]);
}
