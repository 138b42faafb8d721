/* SPDX-License-Identifier: GPL-2.0 */
/* Orders as in Documentation/atomic_t.txt; a failed cmpxchg orders nothing. */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>
#include <linux/instruction_pointer.h>
#include <asm/barrier.h>

#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC64_INIT(i)	{ (i) }

/* cmpxchg on a plain word: the value found, which is old on success. */
#define __shim_cmpxchg(p, old, new, order)				\
({									\
	typeof(*(p)) __found = (old);					\
	shim_perturb();							\
	__atomic_compare_exchange_n(p, &__found, new, false, order,	\
				    __ATOMIC_RELAXED);			\
	__found;							\
})
#define cmpxchg(p, o, n)		__shim_cmpxchg(p, o, n, __ATOMIC_SEQ_CST)
#define cmpxchg_acquire(p, o, n)	__shim_cmpxchg(p, o, n, __ATOMIC_ACQUIRE)
#define cmpxchg_release(p, o, n)	__shim_cmpxchg(p, o, n, __ATOMIC_RELEASE)
#define cmpxchg_relaxed(p, o, n)	__shim_cmpxchg(p, o, n, __ATOMIC_RELAXED)
#define cmpxchg64			cmpxchg
#define cmpxchg64_local			cmpxchg_relaxed

#define __shim_try_cmpxchg(p, oldp, new, order)				\
({									\
	shim_perturb();							\
	__atomic_compare_exchange_n(p, oldp, new, false, order,		\
				    __ATOMIC_RELAXED);			\
})
#define try_cmpxchg(p, o, n)		__shim_try_cmpxchg(p, o, n, __ATOMIC_SEQ_CST)
#define try_cmpxchg_acquire(p, o, n)	__shim_try_cmpxchg(p, o, n, __ATOMIC_ACQUIRE)
#define try_cmpxchg_release(p, o, n)	__shim_try_cmpxchg(p, o, n, __ATOMIC_RELEASE)
#define try_cmpxchg_relaxed(p, o, n)	__shim_try_cmpxchg(p, o, n, __ATOMIC_RELAXED)

#define xchg(p, v)			__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define xchg_acquire(p, v)		__atomic_exchange_n(p, v, __ATOMIC_ACQUIRE)
#define xchg_release(p, v)		__atomic_exchange_n(p, v, __ATOMIC_RELEASE)
#define xchg_relaxed(p, v)		__atomic_exchange_n(p, v, __ATOMIC_RELAXED)

/* One family: prefix, type of the structure, type of the number. */
#define __SHIM_ATOMIC_ORDER(pfx, T, N, sfx, order)			\
static inline N pfx##_add_return##sfx(N i, T *v)			\
{ return __atomic_add_fetch(&v->counter, i, order); }			\
static inline N pfx##_sub_return##sfx(N i, T *v)			\
{ return __atomic_sub_fetch(&v->counter, i, order); }			\
static inline N pfx##_inc_return##sfx(T *v)				\
{ return __atomic_add_fetch(&v->counter, 1, order); }			\
static inline N pfx##_dec_return##sfx(T *v)				\
{ return __atomic_sub_fetch(&v->counter, 1, order); }			\
static inline N pfx##_fetch_add##sfx(N i, T *v)				\
{ return __atomic_fetch_add(&v->counter, i, order); }			\
static inline N pfx##_fetch_sub##sfx(N i, T *v)				\
{ return __atomic_fetch_sub(&v->counter, i, order); }			\
static inline N pfx##_fetch_inc##sfx(T *v)				\
{ return __atomic_fetch_add(&v->counter, 1, order); }			\
static inline N pfx##_fetch_or##sfx(N i, T *v)				\
{ return __atomic_fetch_or(&v->counter, i, order); }			\
static inline N pfx##_fetch_and##sfx(N i, T *v)				\
{ return __atomic_fetch_and(&v->counter, i, order); }			\
static inline N pfx##_fetch_andnot##sfx(N i, T *v)			\
{ return __atomic_fetch_and(&v->counter, ~i, order); }			\
static inline N pfx##_xchg##sfx(T *v, N i)				\
{ return __atomic_exchange_n(&v->counter, i, order); }			\
static inline N pfx##_cmpxchg##sfx(T *v, N old, N new)			\
{ return __shim_cmpxchg(&v->counter, old, new, order); }		\
static inline bool pfx##_try_cmpxchg##sfx(T *v, N *old, N new)		\
{ return __shim_try_cmpxchg(&v->counter, old, new, order); }

#define __SHIM_ATOMIC(pfx, T, N)					\
static inline N pfx##_read(const T *v)					\
{ return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); }		\
static inline N pfx##_read_acquire(const T *v)				\
{ return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE); }		\
static inline void pfx##_set(T *v, N i)					\
{ __atomic_store_n(&v->counter, i, __ATOMIC_RELAXED); }			\
static inline void pfx##_set_release(T *v, N i)				\
{ __atomic_store_n(&v->counter, i, __ATOMIC_RELEASE); }			\
static inline void pfx##_add(N i, T *v)					\
{ __atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED); }		\
static inline void pfx##_sub(N i, T *v)					\
{ __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED); }		\
static inline void pfx##_inc(T *v)					\
{ __atomic_fetch_add(&v->counter, 1, __ATOMIC_RELAXED); }		\
static inline void pfx##_dec(T *v)					\
{ __atomic_fetch_sub(&v->counter, 1, __ATOMIC_RELAXED); }		\
static inline void pfx##_or(N i, T *v)					\
{ __atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED); }		\
static inline void pfx##_and(N i, T *v)					\
{ __atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED); }		\
static inline void pfx##_andnot(N i, T *v)				\
{ __atomic_fetch_and(&v->counter, ~i, __ATOMIC_RELAXED); }		\
__SHIM_ATOMIC_ORDER(pfx, T, N, , __ATOMIC_SEQ_CST)			\
__SHIM_ATOMIC_ORDER(pfx, T, N, _acquire, __ATOMIC_ACQUIRE)		\
__SHIM_ATOMIC_ORDER(pfx, T, N, _release, __ATOMIC_RELEASE)		\
__SHIM_ATOMIC_ORDER(pfx, T, N, _relaxed, __ATOMIC_RELAXED)		\
static inline bool pfx##_dec_and_test(T *v)				\
{ return !pfx##_dec_return(v); }					\
static inline bool pfx##_sub_and_test(N i, T *v)			\
{ return !pfx##_sub_return(i, v); }					\
static inline bool pfx##_add_unless(T *v, N a, N u)			\
{									\
	N old = pfx##_read(v);						\
									\
	while (old != u)						\
		if (pfx##_try_cmpxchg(v, &old, old + a))		\
			return true;					\
	return false;							\
}									\
static inline bool pfx##_inc_not_zero(T *v)				\
{ return pfx##_add_unless(v, 1, 0); }					\
static inline N pfx##_dec_if_positive(T *v)				\
{									\
	N old = pfx##_read(v);						\
									\
	while (old > 0)							\
		if (pfx##_try_cmpxchg(v, &old, old - 1))		\
			break;						\
	return old - 1;							\
}

__SHIM_ATOMIC(atomic, atomic_t, int)
__SHIM_ATOMIC(atomic64, atomic64_t, s64)

#endif /* SHIM_LINUX_ATOMIC_H */
