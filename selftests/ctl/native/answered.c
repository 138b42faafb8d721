// SPDX-License-Identifier: GPL-2.0
/*
 * answered FILE WORD...: tripctl, with a kernel that answers what is in the file, in that
 * order, and then is silent (see fuzz/kernel.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"

#define ANSWERS_MAX	(1 << 20)

int tripctl_main(int argc, char **argv);

int main(int argc, char **argv)
{
	static uint8_t answers[ANSWERS_MAX];
	FILE *f = argc > 2 ? fopen(argv[1], "r") : NULL;

	if (!f) {
		fputs("usage: answered FILE WORD...\n", stderr);
		return EXIT_FAILURE;
	}
	kernel_answers(answers, fread(answers, 1, sizeof(answers), f));
	fclose(f);
	return tripctl_main(argc - 1, argv + 1);
}
