// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of a kernel that means no good: what is read from them, and what is printed
 * of that. The first byte chooses the command, the rest is answers (kernel.h).
 */
#include "kernel.h"
#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* New ones go to the end: the seeds tell them by their place. */
static const char * const commands[][8] = {
	{ "table", "show" },
	{ "-j", "table", "show", "t" },
	{ "get", "t", "1" },
	{ "-j", "take", "t", "01:02:03:04:05:06" },
	{ "dump", "t" },
	{ "-j", "dump", "t", "snapshot", "limit", "9" },
	{ "save", "t", "-" },
	{ "bucket", "show", "t", "0" },
	{ "-j", "bucket", "show", "t", "0" },
	{ "bucket", "show", "t", "map" },
	{ "-j", "bucket", "show", "t", "map" },
	{ "stats" },
	{ "stats", "prometheus" },
	{ "features" },
	{ "report", "list" },
	{ "-j", "report", "list" },
	{ "report", "show", "1", "events" },
	{ "-j", "report", "show", "1" },
	{ "report", "export", "1", "html", "-" },
	{ "report", "export", "1", "perfetto", "-" },
	{ "report", "export", "1", "dot", "-" },
	{ "pause", "show" },
	{ "pause", "hist" },
	{ "-j", "pause", "recent" },
	{ "audit" },
	{ "monitor" },
	{ "-j", "monitor", "count", "9" },
	{ "top", "plain", "count", "2" },
	{ "set", "t", "1", "2", "expect", "3" },
	{ "repair", "t" },
	{ "-j", "features" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (!n)
		return 0;
	kernel_answers(data + 1, n - 1);
	run_tripctl(commands[data[0] % ARRAY_SIZE(commands)], NULL, 0);
	return 0;
}
