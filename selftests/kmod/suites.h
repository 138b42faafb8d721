/* SPDX-License-Identifier: GPL-2.0 */
/* All suites of tripmap_scenario.ko, once: SUITE(name) for tm_suite_name. */
SUITE(ww2)
SUITE(writers)
SUITE(contexts)
