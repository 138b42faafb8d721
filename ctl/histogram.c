// SPDX-License-Identifier: GPL-2.0
#include "histogram.h"

#define SUB	8	/* cells to each power of two */

const struct quantile quantiles[NQUANTILES] = {
	{ "min", 0 }, { "p25", 250 }, { "p50", 500 }, { "p75", 750 }, { "p99", 990 },
	{ "p99.9", 999 }, { "max", 1000 },
};

uint64_t cell_begin(unsigned int cell)
{
	return cell < SUB ? cell : (uint64_t)(SUB + cell % SUB) << (cell / SUB - 1);
}

uint64_t cell_end(unsigned int cell)
{
	return cell_begin(cell + 1);
}

uint64_t cells_sum(const struct pause *p)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < TRIPMAP_PAUSE_CELLS; i++)
		sum += p->cell[i];
	return sum;
}

static uint64_t within(uint64_t ns, uint64_t low, uint64_t high)
{
	return ns < low ? low : ns > high ? high : ns;
}

/* Of the last cell, which is open, only what is in it is known. */
static uint64_t cell_middle(const struct pause *p, unsigned int cell)
{
	uint64_t begin = cell_begin(cell), end = cell_end(cell);

	if (cell == TRIPMAP_PAUSE_CELLS - 1 && p->longest > end)
		end = p->longest;
	return within(begin + (end - begin) / 2, p->shortest, p->longest);
}

/* The place of a quantile among n, from 1: the smallest with enough of them up to it. */
static uint64_t rank(uint64_t n, unsigned int thousandths)
{
	uint64_t r = n / 1000 * thousandths + (n % 1000 * thousandths + 999) / 1000;

	return r ? r : 1;
}

/* By the cells' own sum: counters are read while they count. */
uint64_t pause_quantile(const struct pause *p, unsigned int thousandths)
{
	uint64_t n = cells_sum(p), r = rank(n, thousandths), seen = 0;

	if (!n || !thousandths)
		return n ? p->shortest : 0;
	if (thousandths == 1000)
		return p->longest;
	for (unsigned int i = 0; i < TRIPMAP_PAUSE_CELLS; i++) {
		seen += p->cell[i];
		if (seen >= r)
			return cell_middle(p, i);
	}
	return p->longest;
}

uint64_t pause_mean(const struct pause *p)
{
	return p->count ? p->total / p->count : 0;
}

/* Bounds from the cells: what the kernel knows is of the whole time. */
static void set_bounds(struct pause *p)
{
	uint64_t shortest = p->shortest, longest = p->longest;
	unsigned int first = 0, last = TRIPMAP_PAUSE_CELLS - 1;

	while (first < last && !p->cell[first])
		first++;
	while (last > first && !p->cell[last])
		last--;
	p->shortest = within(cell_begin(first), shortest, longest);
	p->longest = last == TRIPMAP_PAUSE_CELLS - 1 ? longest :
		     within(cell_end(last) - 1, shortest, longest);
}

void pause_between(const struct pause *before, const struct pause *after, struct pause *between)
{
	*between = *after;
	if (before->since != after->since || before->count > after->count)
		return;
	between->since = before->time;
	between->count -= before->count;
	between->total -= before->total;
	for (unsigned int i = 0; i < TRIPMAP_PAUSE_CELLS; i++)
		between->cell[i] -= within(before->cell[i], 0, after->cell[i]);
	set_bounds(between);
}
