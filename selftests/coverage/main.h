/* SPDX-License-Identifier: GPL-2.0 */
/* Comes before kmod/main.c: the counters are saved when the module ends. */
#ifndef TRIPMAP_COVERAGE_MAIN_H
#define TRIPMAP_COVERAGE_MAIN_H

#include <linux/module.h>

void tm_coverage_save(void);

#undef module_init
#define module_init(fn)							\
	static int __init coverage_init(void)				\
	{								\
		int err = fn();						\
									\
		if (err)						\
			tm_coverage_save();				\
		return err;						\
	}								\
	int init_module(void)						\
		__copy(coverage_init) __alias(coverage_init);		\
	___ADDRESSABLE(init_module, __initdata)

#undef module_exit
#define module_exit(fn)							\
	static void __exit coverage_exit(void)				\
	{								\
		fn();							\
		tm_coverage_save();					\
	}								\
	void cleanup_module(void)					\
		__copy(coverage_exit) __alias(coverage_exit);		\
	___ADDRESSABLE(cleanup_module, __exitdata)

#endif /* TRIPMAP_COVERAGE_MAIN_H */
