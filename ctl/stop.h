/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For what goes on until somebody ends it: SIGINT, SIGTERM, SIGHUP and SIGQUIT are asked
 * for, not died of.
 */
#ifndef TRIPCTL_STOP_H
#define TRIPCTL_STOP_H

#include <signal.h>

extern volatile sig_atomic_t stopped;	/* one of them came */

/* From now on. System calls that wait end with EINTR. */
void stop_on_signals(void);

#endif /* TRIPCTL_STOP_H */
