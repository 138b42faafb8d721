/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where tests step into an operation. The places are tripmap_step; nothing is
 * paid for them while no table has a hook (static branch).
 */
#ifndef TRIPMAP_CORE_HOOK_H
#define TRIPMAP_CORE_HOOK_H

#include "tripmap.h"

/*
 * One hook a table; NULL ends it and waits for calls under way, as destroying the
 * table does. May sleep.
 */
int tripmap_set_hook(struct tripmap *t, tripmap_hook_t hook, void *arg);

#endif /* TRIPMAP_CORE_HOOK_H */
