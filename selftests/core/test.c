// SPDX-License-Identifier: GPL-2.0
/* Runs tests, prints TAP. */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>

#include "env.h"
#include "test.h"

#define SHOWN		10	/* failures of one test that are printed */
#define PATIENCE_NS	(60 * 1000000000ULL)

static atomic_t failures;	/* of the running test; any thread */
static const char *skipped;	/* reason; the running test's own thread */

static bool failed(void)
{
	return atomic_inc_return(&failures) <= SHOWN;
}

bool tm_test_expect(bool ok, const char *file, int line, const char *what)
{
	if (!ok && failed())
		pr_info("# %s:%d: %s\n", file, line, what);
	return ok;
}

bool tm_test_expect_eq(long long a, long long b, const char *file, int line, const char *what)
{
	if (a != b && failed())
		pr_info("# %s:%d: %s: %lld, %lld\n", file, line, what, a, b);
	return a == b;
}

bool tm_test_expect_str(const char *a, const char *b, const char *file, int line,
			const char *what)
{
	bool same = a && b && !strcmp(a, b);

	if (!same && failed())
		pr_info("# %s:%d: %s: \"%s\", not \"%s\"\n", file, line, what,
			a ? a : "(null)", b ? b : "(null)");
	return same;
}

void tm_test_skip(const char *reason)
{
	skipped = reason;
}

unsigned int tm_test_failures(void)
{
	return atomic_read(&failures);
}

void tm_test_note(const char *fmt, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	pr_info("# %s\n", line);
}

bool tm_test_patient(struct tm_patience *p)
{
	u64 now = ktime_get_ns();

	if (!p->since)
		p->since = now;
	return now - p->since < PATIENCE_NS;
}

/* Stays until it is stopped, so that the join finds it. */
static int thread_main(void *arg)
{
	struct tm_thread *t = arg;

	t->fn(t->arg);
	complete(&t->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

bool tm_thread_start(struct tm_thread *t, void (*fn)(void *arg), void *arg, const char *name)
{
	t->fn = fn;
	t->arg = arg;
	init_completion(&t->done);
	t->task = kthread_run(thread_main, t, "%s", name);
	return TM_EXPECT(!IS_ERR(t->task));
}

void tm_thread_join(struct tm_thread *t)
{
	/* A thread that is stopped before it has begun never does. */
	if (!IS_ERR_OR_NULL(t->task)) {
		wait_for_completion(&t->done);
		kthread_stop(t->task);
	}
	t->task = NULL;
}

/* Is "suite" or "suite.test", the first len bytes of word, this one? */
static bool names(const char *word, size_t len, const struct tm_suite *s, const struct tm_test *t)
{
	size_t n = strlen(s->name);

	if (len < n || strncmp(word, s->name, n))
		return false;
	if (len == n)
		return true;
	return word[n] == '.' && len - n - 1 == strlen(t->name) &&
	       !strncmp(word + n + 1, t->name, strlen(t->name));
}

/* The last word that names it decides; the first one says what is so by itself. */
static bool wanted(const struct tm_suite *s, const struct tm_test *t, const char *only)
{
	bool yes = !only || *only == '-';
	const char *end;
	bool minus;

	for (; only && *only; only = *end ? end + 1 : end) {
		minus = *only == '-';
		only += minus;
		end = strchr(only, ',');
		if (!end)
			end = only + strlen(only);
		if (names(only, end - only, s, t))
			yes = !minus;
	}
	return yes;
}

static bool run_test(unsigned int number, const struct tm_suite *s, const struct tm_test *t)
{
	u64 begin = ktime_get_ns();
	bool ok;

	atomic_set(&failures, 0);
	skipped = NULL;
	t->run();
	ok = !atomic_read(&failures);
	if (skipped && ok)
		pr_info("ok %u %s.%s # SKIP %s\n", number, s->name, t->name, skipped);
	else
		pr_info("%s %u %s.%s # %llu ms\n", ok ? "ok" : "not ok", number, s->name, t->name,
			(unsigned long long)(ktime_get_ns() - begin) / 1000000);
	return ok;
}

static unsigned int count(const struct tm_suite * const *suites, unsigned int n, const char *only)
{
	unsigned int i, k, total = 0;

	for (i = 0; i < n; i++)
		for (k = 0; k < suites[i]->n; k++)
			total += wanted(suites[i], &suites[i]->tests[k], only);
	return total;
}

int tm_test_main(const struct tm_suite * const *suites, unsigned int n, const char *only)
{
	unsigned int total = count(suites, n, only), number = 0, i, k;
	int bad = 0;

	pr_info("KTAP version 1\n");
	pr_info("1..%u\n", total);
	pr_info("# seed 0x%llx\n", (unsigned long long)tm_env_seed());
	for (i = 0; i < n; i++)
		for (k = 0; k < suites[i]->n; k++)
			if (wanted(suites[i], &suites[i]->tests[k], only))
				bad += !run_test(++number, suites[i], &suites[i]->tests[k]);
	return total ? bad : -1;
}
