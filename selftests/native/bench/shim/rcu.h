/* SPDX-License-Identifier: GPL-2.0 */
/* For threads that use the core. */
#ifndef BENCH_SHIM_RCU_H
#define BENCH_SHIM_RCU_H

struct rcu_head;

void shim_rcu_register(void);
void shim_rcu_unregister(void);
/* The thread that runs callbacks. */
void shim_rcu_helper_begin(void);
void shim_kfree_rcu(struct rcu_head *head, void *obj);

#endif /* BENCH_SHIM_RCU_H */
