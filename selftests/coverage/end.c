// SPDX-License-Identifier: GPL-2.0
/* The end of the counters: linked last. */
#include "coverage.h"

const struct tm_gcov_object *const tm_coverage_end __section("tm_coverage");
