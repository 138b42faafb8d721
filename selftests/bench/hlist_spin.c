// SPDX-License-Identifier: GPL-2.0
#define PEER_RCU	0
#define PEER_NAME	"hashtable-spin"
#define PEER		bench_hlist_spin
#include "hlist.h"
