/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#include <linux/compiler.h>

#define __shim_static_assert(expr, msg, ...)	_Static_assert(expr, msg)
#define static_assert(expr, ...)	__shim_static_assert(expr, ##__VA_ARGS__, #expr)
#define BUILD_BUG_ON_MSG(c, msg)	_Static_assert(!(c), msg)
#define BUILD_BUG_ON(c)			BUILD_BUG_ON_MSG(c, #c)
#define BUILD_BUG_ON_ZERO(e)		((int)sizeof(struct { int : (-!!(e)); }))

#endif /* SHIM_LINUX_BUILD_BUG_H */
