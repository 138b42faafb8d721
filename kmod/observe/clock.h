/* SPDX-License-Identifier: GPL-2.0 */
/* One instant on all the clocks that logs go by. */
#ifndef TRIPMAP_OBSERVE_CLOCK_H
#define TRIPMAP_OBSERVE_CLOCK_H

#include <linux/types.h>

struct tm_clock {
	u64			mono;		/* ns */
	u64			real;		/* ns */
	u64			boot;		/* ns */
	u64			trace;		/* ns, the local clock of tracing */
	u64			error;		/* ns; how far apart the readings may lie */
	s64			step;		/* ns the wall clock moved since the one before */
};

/* Read them; any context. */
void tm_clock_take(struct tm_clock *c);

#endif /* TRIPMAP_OBSERVE_CLOCK_H */
