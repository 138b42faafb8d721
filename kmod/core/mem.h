/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of tables: zeroed, counted, limited, never one large piece. */
#ifndef TRIPMAP_CORE_MEM_H
#define TRIPMAP_CORE_MEM_H

#include <linux/gfp.h>
#include <linux/types.h>

size_t tm_mem_size(size_t size);
void *tm_mem_alloc(size_t size, gfp_t gfp);
void tm_mem_free(void *p, size_t size);

void tm_mem_set_limit(u64 bytes);
u64 tm_mem_used(void);

#endif /* TRIPMAP_CORE_MEM_H */
