/* SPDX-License-Identifier: GPL-2.0 */
/* Writers that do not leave are found and reported. */
#ifndef TRIPMAP_WATCH_H
#define TRIPMAP_WATCH_H

#include <linux/types.h>

void tm_watch_init(void);
void tm_watch_exit(void);
void tm_watch_settle(u32 ms);

#endif /* TRIPMAP_WATCH_H */
