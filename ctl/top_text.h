/* SPDX-License-Identifier: GPL-2.0 */
/* tripctl top without a screen. */
#ifndef TRIPCTL_TOP_TEXT_H
#define TRIPCTL_TOP_TEXT_H

#include "top.h"

void top_text_begin(void);
/* What is known now: a line for each table, or one object of JSON. */
void top_text(const struct top *t);

#endif /* TRIPCTL_TOP_TEXT_H */
