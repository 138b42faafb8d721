/* SPDX-License-Identifier: GPL-2.0 */
/* Module parameters: /sys/module/tripmap/parameters, checked when written. */
#ifndef TRIPMAP_PARAMS_H
#define TRIPMAP_PARAMS_H

#include <linux/types.h>
#include <linux/tripmap.h>

/* Values may change at any time, where sysfs lets them: each call reads anew. */
enum tripmap_action tm_param_on_violation(void);
u32 tm_param_max_reports(void);
u32 tm_param_report_once_ms(void);
u32 tm_param_max_tables(void);
u64 tm_param_max_entries(void);
u64 tm_param_max_memory(void);
u32 tm_param_stale_ms(void);
bool tm_param_allow_inject(void);

u32 tm_param_recorder_events(void);
u32 tm_param_window_ms(void);
u32 tm_param_panic_events(void);

/* Turns "0, by the size of the machine" into numbers; before anyone reads them. */
void tm_params_init(void);

/*
 * recorder and pause_stats: as they were given at load, and from then on at once
 * as they are written. Ends with both off. May sleep.
 */
int tm_params_begin(void);
void tm_params_end(void);

#endif /* TRIPMAP_PARAMS_H */
