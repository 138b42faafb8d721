/* SPDX-License-Identifier: GPL-2.0 */
/* Stricter than the kernel: see alloc.c. */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/types.h>
#include <linux/gfp.h>
#include <linux/overflow.h>

#define SLAB_HWCACHE_ALIGN	0x00002000U
#define SLAB_PANIC		0x00040000U
#define SLAB_TYPESAFE_BY_RCU	0x00080000U
#define SLAB_ACCOUNT		0x04000000U
#define KMALLOC_MAX_SIZE	(1UL << 22)
#define ARCH_KMALLOC_MINALIGN	8
#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(p)	((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
#define NUMA_NO_NODE		(-1)

typedef unsigned int slab_flags_t;
struct kmem_cache;

void *kmalloc(size_t size, gfp_t gfp) __must_check;
void kfree(const void *p);
void *kvmalloc(size_t size, gfp_t gfp) __must_check;
void kvfree(const void *p);

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *p));
void kmem_cache_destroy(struct kmem_cache *c);
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp) __must_check;
void kmem_cache_free(struct kmem_cache *c, void *p);

#define KMEM_CACHE(T, flags)						\
	kmem_cache_create(#T, sizeof(struct T), _Alignof(struct T), flags, NULL)

/* Up to a page: classes are powers of two, 96 and 192. */
static inline size_t kmalloc_size_roundup(size_t size)
{
	size_t class = 8;

	if (size > 64 && size <= 96)
		return 96;
	if (size > 128 && size <= 192)
		return 192;
	while (class < size)
		class *= 2;
	return class;
}

static inline void *kmem_cache_zalloc(struct kmem_cache *c, gfp_t gfp)
{
	return kmem_cache_alloc(c, gfp | __GFP_ZERO);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(size_mul(n, size), gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc(size_mul(n, size), gfp | __GFP_ZERO);
}

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

#define kzalloc_node(size, gfp, node)	((void)(node), kzalloc(size, gfp))
#define kvzalloc_node(size, gfp, node)	((void)(node), kvzalloc(size, gfp))

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc(size_mul(n, size), gfp);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc(size_mul(n, size), gfp | __GFP_ZERO);
}

#endif /* SHIM_LINUX_SLAB_H */
