/* SPDX-License-Identifier: GPL-2.0 */
/* Lookups that take every bucket for unchanged: included before lookup.c. */
#include "../../kmod/core/read.h"

#define tm_read_begin(_head)		((void)(_head), 0)
#define tm_read_stands(_head, _version)	((void)(_head), (void)(_version), true)
