/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_STACKTRACE_H
#define SHIM_LINUX_STACKTRACE_H

#include <linux/types.h>

unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skip);

#endif /* SHIM_LINUX_STACKTRACE_H */
