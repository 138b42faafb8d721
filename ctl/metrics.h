/* SPDX-License-Identifier: GPL-2.0 */
/* A snapshot as text for Prometheus. */
#ifndef TRIPCTL_METRICS_H
#define TRIPCTL_METRICS_H

#include <stdio.h>

#include "snapshot.h"

/*
 * OpenMetrics 1.0, or the older text format 0.0.4. They differ in what a
 * counter's family is called, and the older one knows no units and no end.
 */
void metrics_print(FILE *f, const struct snapshot *s, bool openmetrics);

#endif /* TRIPCTL_METRICS_H */
