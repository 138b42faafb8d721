// SPDX-License-Identifier: GPL-2.0
#define PEER_RCU	1
#define PEER_NAME	"hashtable-rcu"
#define PEER		bench_hlist_rcu
#include "hlist.h"
