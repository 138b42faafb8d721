// SPDX-License-Identifier: GPL-2.0
/* Logs that somebody pasted. */
#include <stdio.h>
#include <stdlib.h>

#include "classify.h"
#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What a finding points to is of the log. */
static void check(void *arg, const struct finding *f)
{
	const struct klog *log = arg;

	if (f->class >= NCLASSES || !f->nevidence || f->nevidence > EVIDENCE_MAX ||
	    !f->confidence || !f->why)
		abort();
	for (unsigned int i = 0; i < f->nevidence; i++)
		if (f->evidence[i] < log->line || f->evidence[i] >= log->line + log->n)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char * const text[] = { "classify", NULL };
	static const char * const json[] = { "-j", "classify", NULL };
	FILE *f = n ? fmemopen((void *)data, n, "r") : NULL;
	struct klog log;

	if (!f)
		return 0;
	if (klog_read(&log, f))
		classify(&log, check, &log);
	klog_free(&log);
	fclose(f);
	run_tripctl(n % 2 ? text : json, data, n);
	return 0;
}
