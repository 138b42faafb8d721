/* SPDX-License-Identifier: GPL-2.0 */
/* All suites of this folder, once: SUITE(name) for tm_suite_name. */
SUITE(hash)
SUITE(guard)
SUITE(model)
SUITE(fault)
SUITE(misc)
SUITE(walk)
SUITE(concurrent)
SUITE(contract)
SUITE(report)
SUITE(report_text)
SUITE(audit)
