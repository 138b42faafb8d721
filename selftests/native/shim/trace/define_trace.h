/* SPDX-License-Identifier: GPL-2.0 */
/* The shim's tracepoints are whole after the first reading: linux/tracepoint.h. */
