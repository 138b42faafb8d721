/* SPDX-License-Identifier: GPL-2.0 */
/* What of this machine tripctl is kept from while a fuzzer has its hands on it. */
#ifndef TRIPCTL_FUZZ_WALLS_H
#define TRIPCTL_FUZZ_WALLS_H

#include <stdbool.h>

/* Is there a message that was not asked for? */
bool kernel_has_news(void);

/* The second of two runs sees the clock as the first one did. */
void walls_reset(void);

#endif /* TRIPCTL_FUZZ_WALLS_H */
