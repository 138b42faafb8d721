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
static const struct sigaction ask = { .sa_handler = on_signal };

/* Who has it ignored, as nohup does, means to go on. */
static void unless_ignored(int signal)
{
	struct sigaction old;

	if (!sigaction(signal, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(signal, &ask, NULL);
}

void stop_on_signals(void)
{
	sigaction(SIGINT, &ask, NULL);
	sigaction(SIGTERM, &ask, NULL);
	unless_ignored(SIGHUP);
	unless_ignored(SIGQUIT);
}
