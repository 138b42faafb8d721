/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of core and observe, written once: natively over the shim and as TAP,
 * in the kernel as KTAP in the log (test.c runs them in both). They use what
 * the kernel has and the shim mirrors, and env.h for the rest.
 *
 * A file has tests and one suite:
 *
 *	TM_TEST(adds)
 *	{
 *		TM_EXPECT_EQ(1 + 1, 2);
 *	}
 *
 *	TM_SUITE(sums, TM_CASE(adds));
 *
 * and a line in suites.h. An expectation may be used anywhere, in any thread,
 * and says whether it held:  if (!TM_EXPECT(p)) return;
 */
#ifndef TM_SELFTESTS_CORE_TEST_H
#define TM_SELFTESTS_CORE_TEST_H

#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>

struct tm_test {
	const char *name;
	void (*run)(void);
};

struct tm_suite {
	const char *name;
	const struct tm_test *tests;
	unsigned int n;
};

#define TM_TEST(test)	static void test(void)
#define TM_CASE(test)	{ #test, test }

#define TM_SUITE(suite, ...)	TM_SUITE_NAMED(suite, #suite, __VA_ARGS__)

/* One whose name is no identifier. */
#define TM_SUITE_NAMED(suite, name, ...)				\
static const struct tm_test suite##_tests[] = { __VA_ARGS__ };		\
extern const struct tm_suite tm_suite_##suite;				\
const struct tm_suite tm_suite_##suite = {				\
	name, suite##_tests, ARRAY_SIZE(suite##_tests)			\
}

/* The test goes on after a failed expectation. */
#define TM_EXPECT(cond)							\
	tm_test_expect(!!(cond), __FILE__, __LINE__, #cond)

/* Integers, of any two types. */
#define TM_EXPECT_EQ(a, b)						\
({									\
	long long __tm_a = (long long)(a), __tm_b = (long long)(b);	\
									\
	tm_test_expect_eq(__tm_a, __tm_b, __FILE__, __LINE__, #a " == " #b); \
})

#define TM_EXPECT_STREQ(a, b)						\
	tm_test_expect_str(a, b, __FILE__, __LINE__, #a)

/* Ends the test; only in the test function itself. The reason is shown. */
#define TM_SKIP(reason)							\
do {									\
	tm_test_skip(reason);						\
	return;								\
} while (0)

/*
 * Waits for another thread; gives up after a minute, and that is a failure.
 * TM_WAIT_FOR() may sleep, TM_SPIN_FOR() is for read sections and the like.
 */
#define __TM_WAIT(cond, text, how)					\
({									\
	struct tm_patience __tm_p = { 0 };				\
	bool __tm_ok;							\
									\
	while (!(__tm_ok = (cond)) && tm_test_patient(&__tm_p))		\
		how;							\
	tm_test_expect(__tm_ok, __FILE__, __LINE__, "waiting for " text); \
})
#define TM_WAIT_FOR(cond)	__TM_WAIT(cond, #cond, cond_resched())
#define TM_SPIN_FOR(cond)	__TM_WAIT(cond, #cond, cpu_relax())

struct tm_patience {
	u64 since;	/* ns; 0: not yet asked */
};

bool tm_test_expect(bool ok, const char *file, int line, const char *what);
bool tm_test_expect_eq(long long a, long long b, const char *file, int line, const char *what);
bool tm_test_expect_str(const char *a, const char *b, const char *file, int line,
			const char *what);
void tm_test_skip(const char *reason);
bool tm_test_patient(struct tm_patience *p);
/* Expectations of the running test that have failed. */
unsigned int tm_test_failures(void);

/* A line of the running test's own, without the newline. */
void __printf(1, 2) tm_test_note(const char *fmt, ...);

/* Threads that are joined. */
struct tm_thread {
	void (*fn)(void *arg);
	void *arg;
	struct task_struct *task;
	struct completion done;		/* fn has returned */
};

bool tm_thread_start(struct tm_thread *t, void (*fn)(void *arg), void *arg, const char *name);
void tm_thread_join(struct tm_thread *t);

/*
 * Runs what only names: "suite" or "suite.test", several of them with commas
 * between; those with a minus before them are left out; NULL is all. Returns the
 * number of failed tests, negative when none ran.
 */
int tm_test_main(const struct tm_suite * const *suites, unsigned int n, const char *only);

#endif /* TM_SELFTESTS_CORE_TEST_H */
