// SPDX-License-Identifier: GPL-2.0
/*
 * What observe/report_emit.c does in the kernel (log, WARN, BUG) ends here:
 * verdicts are counted by action.
 */
#include <linux/atomic.h>

#include "../../kmod/observe/report.h"
#include "../core/env.h"

static atomic64_t acted[TRIPMAP_ACTION_MAX + 1];

void tm_report_act(const struct tm_verdict *verdict)
{
	atomic64_inc(&acted[verdict->action]);
}

u64 tm_env_acted(unsigned int action)
{
	return atomic64_read(&acted[action]);
}
