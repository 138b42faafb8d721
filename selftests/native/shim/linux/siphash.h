/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SIPHASH_H
#define SHIM_LINUX_SIPHASH_H

#include <linux/kernel.h>

/* "somepseudorandomlygeneratedbytes", and the round, as the paper has them. */
#define SIPHASH_CONST_0		0x736f6d6570736575ULL
#define SIPHASH_CONST_1		0x646f72616e646f6dULL
#define SIPHASH_CONST_2		0x6c7967656e657261ULL
#define SIPHASH_CONST_3		0x7465646279746573ULL

#define __SHIM_SIP_HALF(a, b, c, d, r, s)				\
	((a) += (b), (c) += (d), (b) = rol64(b, r) ^ (a),		\
	 (d) = rol64(d, s) ^ (c), (a) = rol64(a, 32))
#define SIPHASH_PERMUTATION(a, b, c, d)					\
	(__SHIM_SIP_HALF(a, b, c, d, 13, 16),				\
	 __SHIM_SIP_HALF(c, b, a, d, 17, 21))

#endif /* SHIM_LINUX_SIPHASH_H */
