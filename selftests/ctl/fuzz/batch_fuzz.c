// SPDX-License-Identifier: GPL-2.0
/* Batches: words, quotes and escapes, and the arguments of every command. */
#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first letter chooses between text and JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char * const text[] = { "--force", "-b", "-", NULL };
	static const char * const json[] = { "-j", "--force", "-b", "-", NULL };

	kernel_obliges();
	run_tripctl(n && data[0] == '{' ? json : text, data, n);
	return 0;
}
