// SPDX-License-Identifier: GPL-2.0
#include "stop.h"

#include <stddef.h>

volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Without SA_RESTART, so that waiting ends. */
void stop_on_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}
