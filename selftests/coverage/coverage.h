/* SPDX-License-Identifier: GPL-2.0 */
/* What gcc 12 makes of counters, an object file each: as its libgcov has it. */
#ifndef TRIPMAP_COVERAGE_H
#define TRIPMAP_COVERAGE_H

#include <linux/build_bug.h>
#include <linux/types.h>

#define TM_GCOV_COUNTERS	8

static_assert(__GNUC__ == 12 || __GNUC__ == 13, "of other versions the layout differs");

struct tm_gcov_function {
	const void	*key;
	u32		ident;
	u32		lineno_checksum;
	u32		cfg_checksum;
	struct {			/* of the only kind that there is: arcs */
		u32	n;
		s64	*value;
	} arcs;
};

struct tm_gcov_object {
	u32		version;
	const void	*next;
	u32		stamp;
	u32		checksum;
	const char	*filename;
	void		(*merge[TM_GCOV_COUNTERS])(s64 *value, u32 n);
	u32		n_functions;
	const struct tm_gcov_function *const *function;
};

/* The section's first and last entries; both are NULL. */
extern const struct tm_gcov_object *const tm_coverage_begin;
extern const struct tm_gcov_object *const tm_coverage_end;

#endif /* TRIPMAP_COVERAGE_H */
