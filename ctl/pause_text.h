/* SPDX-License-Identifier: GPL-2.0 */
/* Pauses as text or JSON. */
#ifndef TRIPCTL_PAUSE_TEXT_H
#define TRIPCTL_PAUSE_TEXT_H

#include "model.h"

/* What each kind (and CPU) amounts to; hist: as bars. */
void pause_figures(const struct pause_query *q, const struct pause *p, size_t n, bool hist);
/* One by one, most recent first; sorts them. limit 0: all. */
void pause_recents(struct pause_recent *p, size_t n, uint64_t limit);

#endif /* TRIPCTL_PAUSE_TEXT_H */
