// SPDX-License-Identifier: GPL-2.0
/*
 * Memory, kernel style and stricter.
 *
 * - Each piece is of its own for AddressSanitizer, its header is poisoned.
 * - kmalloc() aligns no better than the kernel promises: 8 bytes, and powers
 *   of two by their size.
 * - Memory comes filled with garbage unless zeroed, and goes back filled.
 * - What was allocated one way must be freed that way, and with its size.
 * - Blocking allocations die in atomic context and in read sections, all of them
 *   and frees under raw spinlocks.
 * - SLAB_TYPESAFE_BY_RCU: the object freed last is the first to be used again,
 *   at once; what is not used again goes a grace period later.
 * - Allocation n of a thread fails on command.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "shim.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)		((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n)	((void)(p), (void)(n))
#endif

#define LIVE	0x6c697665u
#define FREE	0x66726565u
#define LARGEST	(4UL << 20)	/* of kmalloc() and alloc_pages_exact() */

enum kind { KMALLOC, KVMALLOC, PAGES, CACHE };

static const char * const kind_name[] = { "kmalloc", "kvmalloc", "pages", "kmem_cache" };

/* Just below what the user gets. */
struct header {
	void *raw;		/* from libc */
	size_t size;		/* as asked for */
	struct kmem_cache *cache;
	struct header *next;	/* in cache->free, under cache->lock */
	unsigned int kind;
	unsigned int state;	/* LIVE or FREE */
	unsigned long stay;	/* how often it was freed, under cache->lock */
};

struct kmem_cache {
	const char *name;
	unsigned int size, align;
	slab_flags_t flags;
	void (*ctor)(void *p);
	pthread_mutex_t lock;
	struct header *free;	/* last freed first */
	long live;		/* atomic */
};

static long live;		/* atomic */

long shim_live_allocs(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

unsigned int shim_fail_alloc(long nth, bool onwards)
{
	struct shim_thread *t = shim_self();
	unsigned int failed = t->failed;

	t->fail_in = nth;
	t->fail_onwards = onwards;
	t->failed = 0;
	return failed;
}

static bool fails(gfp_t gfp)
{
	struct shim_thread *t = shim_self();

	shim_might_lock("allocation");
	if (gfpflags_allow_blocking(gfp))
		shim_might_sleep("allocation");
	if (t->fail_in < 0 || (gfp & __GFP_NOFAIL))
		return false;
	if (t->fail_in) {
		t->fail_in--;
		return false;
	}
	t->failed++;
	if (!t->fail_onwards)
		t->fail_in = -1;
	return true;
}

static struct header *open_header(const void *p)
{
	struct header *h = (struct header *)p - 1;

	ASAN_UNPOISON_MEMORY_REGION(h, sizeof(*h));
	return h;
}

/* Those on a cache's list of free ones stay readable for the list's sake. */
static void close_header(struct header *h)
{
	if (!h->cache)
		ASAN_POISON_MEMORY_REGION(h, sizeof(*h));
}

/* At an address that is a multiple of align and, below 16, not of twice that. */
static void *piece(size_t size, size_t align, enum kind kind, struct kmem_cache *cache)
{
	size_t room = align < 16 ? 16 : align;
	size_t lead = ((sizeof(struct header) + room - 1) & ~(room - 1)) + (align < 16 ? 8 : 0);
	struct header *h;
	void *raw;

	if (posix_memalign(&raw, room, lead + size))
		return NULL;
	h = (struct header *)((char *)raw + lead) - 1;
	*h = (struct header){ .raw = raw, .size = size, .cache = cache, .kind = kind,
			      .state = LIVE };
	close_header(h);
	__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	return h + 1;
}

static void drop(struct header *h)
{
	memset(h + 1, 0x6b, h->size);
	h->state = FREE;
	__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	free(h->raw);
}

static void *fill(void *p, size_t size, gfp_t gfp)
{
	if (p)
		memset(p, gfp & __GFP_ZERO ? 0 : 0x5a, size);
	return p;
}

static size_t natural(size_t size)
{
	if (size & (size - 1))
		return ARCH_KMALLOC_MINALIGN;
	return size > PAGE_SIZE ? PAGE_SIZE : size < 8 ? 8 : size;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	if (!size)
		return ZERO_SIZE_PTR;
	if (size > LARGEST || fails(gfp))
		return NULL;
	return fill(piece(size, natural(size), KMALLOC, NULL), size, gfp);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	if (!size)
		return ZERO_SIZE_PTR;
	if (size > INT_MAX || (size > LARGEST && !gfpflags_allow_blocking(gfp)) || fails(gfp))
		return NULL;
	return fill(piece(size, natural(size), KVMALLOC, NULL), size, gfp);
}

void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	BUG_ON(!size);
	if (size > LARGEST || fails(gfp))
		return NULL;
	return fill(piece(PAGE_ALIGN(size), PAGE_SIZE, PAGES, NULL), PAGE_ALIGN(size), gfp);
}

static void check_kind(struct header *h, unsigned int kinds, const char *by)
{
	shim_might_lock(by);
	if (h->state != LIVE)
		shim_die("double free", __FILE__, __LINE__, "by %s", by);
	if (!(kinds & 1U << h->kind))
		shim_die("bad free", __FILE__, __LINE__, "of %s memory by %s",
			 kind_name[h->kind], by);
}

void kfree(const void *p)
{
	struct header *h;

	if (ZERO_OR_NULL_PTR(p))
		return;
	h = open_header(p);
	check_kind(h, 1U << KMALLOC, "kfree");
	drop(h);
}

void kvfree(const void *p)
{
	struct header *h;

	if (ZERO_OR_NULL_PTR(p))
		return;
	h = open_header(p);
	check_kind(h, 1U << KMALLOC | 1U << KVMALLOC, "kvfree");
	if (h->kind == KVMALLOC && h->size > PAGE_SIZE && in_task())
		shim_might_sleep("kvfree");
	drop(h);
}

void free_pages_exact(void *p, size_t size)
{
	struct header *h;

	if (!p)
		return;
	h = open_header(p);
	check_kind(h, 1U << PAGES, "free_pages_exact");
	if (h->size != PAGE_ALIGN(size))
		shim_die("bad free", __FILE__, __LINE__, "%zu of %zu bytes", size, h->size);
	drop(h);
}

void *kmemdup(const void *src, size_t n, gfp_t gfp)
{
	void *p = kmalloc(n, gfp);

	return p ? memcpy(p, src, n) : NULL;
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*ctor)(void *p))
{
	struct kmem_cache *c;

	shim_might_sleep("kmem_cache_create");
	if (fails(GFP_KERNEL))
		return NULL;
	c = calloc(1, sizeof(*c));
	BUG_ON(!c);
	if (flags & SLAB_HWCACHE_ALIGN)
		align = align < 64 ? 64 : align;
	*c = (struct kmem_cache){ .name = name, .size = size, .flags = flags, .ctor = ctor,
				  .align = align < 8 ? 8 : align };
	pthread_mutex_init(&c->lock, NULL);
	__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	return c;
}

void kmem_cache_destroy(struct kmem_cache *c)
{
	if (!c)
		return;
	rcu_barrier();
	if (__atomic_load_n(&c->live, __ATOMIC_RELAXED))
		shim_die("kmem_cache_destroy", __FILE__, __LINE__, "%s: %ld objects remain",
			 c->name, c->live);
	__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	free(c);
}

static void *reuse(struct kmem_cache *c)
{
	struct header *h;

	pthread_mutex_lock(&c->lock);
	h = c->free;
	if (h) {
		c->free = h->next;
		h->state = LIVE;
	}
	pthread_mutex_unlock(&c->lock);
	return h ? h + 1 : NULL;
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	void *p;

	if ((gfp & __GFP_ZERO) && c->ctor)
		shim_die("kmem_cache_alloc", __FILE__, __LINE__, "%s: zero and ctor", c->name);
	if (fails(gfp))
		return NULL;
	p = reuse(c);
	if (!p) {
		p = fill(piece(c->size, c->align, CACHE, c), c->size, gfp);
		if (p && c->ctor)
			c->ctor(p);
	} else if (gfp & __GFP_ZERO) {
		memset(p, 0, c->size);
	}
	if (p)
		__atomic_fetch_add(&c->live, 1, __ATOMIC_RELAXED);
	return p;
}

/* What a type-safe object that was freed is to do a grace period later. */
struct parting {
	struct header *h;
	unsigned long stay;
	struct kmem_cache *cache;
};

static bool unlink_free(struct kmem_cache *c, struct header *gone)
{
	struct header **at = &c->free;

	while (*at && *at != gone)
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = gone->next;
	return true;
}

static void part(void *arg)
{
	struct parting *p = arg;
	struct kmem_cache *c = p->cache;
	bool gone = false;

	pthread_mutex_lock(&c->lock);
	if (unlink_free(c, p->h)) {
		gone = p->h->stay == p->stay;
		if (!gone) {
			p->h->next = c->free;
			c->free = p->h;
		}
	}
	pthread_mutex_unlock(&c->lock);
	if (gone)
		drop(p->h);
	free(p);
}

static void free_typesafe(struct kmem_cache *c, struct header *h)
{
	struct parting *p = malloc(sizeof(*p));

	BUG_ON(!p);
	pthread_mutex_lock(&c->lock);
	h->state = FREE;
	h->next = c->free;
	c->free = h;
	*p = (struct parting){ .h = h, .stay = ++h->stay, .cache = c };
	pthread_mutex_unlock(&c->lock);
	shim_rcu_defer(part, p);
}

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	struct header *h;

	if (!obj)
		return;
	h = open_header(obj);
	check_kind(h, 1U << CACHE, "kmem_cache_free");
	if (h->cache != c)
		shim_die("bad free", __FILE__, __LINE__, "cache %s", c->name);
	__atomic_fetch_sub(&c->live, 1, __ATOMIC_RELAXED);
	if (c->flags & SLAB_TYPESAFE_BY_RCU)
		free_typesafe(c, h);
	else
		drop(h);
}
