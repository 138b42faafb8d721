/* SPDX-License-Identifier: GPL-2.0 */
/* The last words of a machine that panics. Kernel only. */
#ifndef TRIPMAP_OBSERVE_PANIC_EMIT_H
#define TRIPMAP_OBSERVE_PANIC_EMIT_H

#include <linux/types.h>

/* How many events to tell of; 0: only the newest report. */
int tm_panic_init(u32 events);
void tm_panic_exit(void);

#endif /* TRIPMAP_OBSERVE_PANIC_EMIT_H */
