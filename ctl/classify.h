/* SPDX-License-Identifier: GPL-2.0 */
/* What a kernel log tells: a report of tripmap's, or a bare call trace. */
#ifndef TRIPCTL_CLASSIFY_H
#define TRIPCTL_CLASSIFY_H

#include "klog.h"
#include "model.h"

#define EVIDENCE_MAX	16
#define FUNCTIONS_MAX	2

struct finding {
	uint8_t		class;		/* enum tripmap_class */
	const char	*confidence;	/* in a word or two */
	const char	*why;
	bool		report;		/* from a report, not from a bare trace */
	char		function[FUNCTIONS_MAX][KLOG_SYMBOL];	/* those at fault, or empty */
	char		table[NAME_SIZE];	/* empty: not told */
	const struct klog_line *evidence[EVIDENCE_MAX];	/* lines of the log */
	unsigned int	nevidence;
};

/* Calls each for what is found, in the order of the log; returns how many. */
unsigned int classify(const struct klog *log, void (*each)(void *arg, const struct finding *f),
		      void *arg);

#endif /* TRIPCTL_CLASSIFY_H */
