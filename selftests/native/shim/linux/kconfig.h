/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_KCONFIG_H
#define SHIM_LINUX_KCONFIG_H

/* Options are undefined (off) or 1, as the build says with -D. */
#define __SHIM_ARG_1		0,
#define __shim_second(a, b, ...) b
#define __shim_enabled(x)	__shim_second(x 1, 0, 0)
#define __shim_paste(x)		__shim_enabled(__SHIM_ARG_##x)
#define IS_ENABLED(option)	__shim_paste(option)

#endif /* SHIM_LINUX_KCONFIG_H */
