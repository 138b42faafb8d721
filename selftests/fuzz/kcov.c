// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel went for a message: KCOV notes the places of instrumented code that
 * the calling task passes.  Here only the module is instrumented, and only on kernels
 * with KCOV.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kcov.h>

#include "fuzz.h"

#define PLACES		(64 << 10)	/* of one message */
#define REACHED		(1 << 16)	/* places of the module: some ten thousand */

struct reached {
	uint32_t	n;
	uint32_t	place[REACHED];	/* by hash; 0: free */
};

static int fd = -1;
static uint64_t *trace;

struct reached *reached_new(void)
{
	struct reached *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (r == MAP_FAILED)
		die("no memory: %m");
	return r;
}

unsigned int reached_count(const struct reached *r)
{
	return __atomic_load_n(&r->n, __ATOMIC_RELAXED);
}

bool kcov_open(void)
{
	fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (ioctl(fd, KCOV_INIT_TRACE, PLACES))
		die("KCOV_INIT_TRACE: %m");
	trace = mmap(NULL, PLACES * sizeof(*trace), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (trace == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		die("KCOV_ENABLE: %m");
	return true;
}

void kcov_begin(void)
{
	if (fd >= 0)
		__atomic_store_n(&trace[0], 0, __ATOMIC_RELAXED);
}

/* Modules lie within two gigabytes: half of the address tells them apart. */
static bool is_new(struct reached *r, uint32_t place)
{
	uint32_t at = place * 0x9e3779b1U >> 16, was;

	for (;; at = (at + 1) % REACHED) {
		was = __atomic_load_n(&r->place[at], __ATOMIC_RELAXED);
		if (was == place || reached_count(r) >= REACHED - REACHED / 8)
			return false;
		if (!was && __atomic_compare_exchange_n(&r->place[at], &was, place, false,
							__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
		if (was == place)
			return false;
	}
	__atomic_fetch_add(&r->n, 1, __ATOMIC_RELAXED);
	return true;
}

unsigned int kcov_end(struct reached *r)
{
	uint64_t n, i;
	unsigned int found = 0;

	if (fd < 0)
		return 0;
	n = __atomic_load_n(&trace[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n && i < PLACES; i++)
		found += is_new(r, trace[i]);
	return found;
}
