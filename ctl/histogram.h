/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The histogram of pauses. Its cells are 1 ns wide below 16 ns, and above that
 * there are 8 to each power of two, so that a cell is never wider than 1/8 of
 * where it begins; the last one is open.
 */
#ifndef TRIPCTL_HISTOGRAM_H
#define TRIPCTL_HISTOGRAM_H

#include "model.h"

uint64_t cell_begin(unsigned int cell);
/* Where the next one begins; of the last cell too. */
uint64_t cell_end(unsigned int cell);
/* How many pauses the cells hold. */
uint64_t cells_sum(const struct pause *p);

/*
 * Of so many thousandths of the pauses none was longer: the middle of the cell,
 * within what is known of the shortest and the longest one, so at most 1/16 off.
 * 0 where there was no pause.
 */
uint64_t pause_quantile(const struct pause *p, unsigned int thousandths);
uint64_t pause_mean(const struct pause *p);

/*
 * What came between two readings of one kind. The shortest and the longest are
 * bounds. When it was begun anew meanwhile, all that came since.
 */
void pause_between(const struct pause *before, const struct pause *after, struct pause *between);

/* Quantiles as they are shown: of a name and in thousandths. */
struct quantile {
	const char	*name;
	unsigned int	thousandths;
};

#define NQUANTILES	7
extern const struct quantile quantiles[NQUANTILES];

#endif /* TRIPCTL_HISTOGRAM_H */
