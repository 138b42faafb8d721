// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that exit with writes still to be done: by works that were queued when
 * the file was closed, and by the file's release.
 *
 * The processes are real ones. They open /dev/tripmap_exit and end, one way or
 * another; the kernel closes the file for them.
 *
 *	exit: close --flush()--> queues WORKS works --fput()--> queues the release
 *	exit: runs all that is queued, last in first out: release, works 7 .. 0
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kmod.h>
#include <linux/miscdevice.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/umh.h>

#include "../../kmod/core/hook.h"
#include "scenario.h"

#define WORKS	8
#define WRITES	(WORKS + 1)	/* of one exit: with the release */
#define OPENERS	2
#define WDW	TRIPMAP_CLASS_WRITE_DURING_WRITE
#define EXITING	TRIPMAP_CLASS_EXITING_WRITER

struct opener;

struct deferred {
	struct callback_head	head;
	struct tripmap_origin	origin;
	struct opener		*opener;
	unsigned int		n;
};

/* What one open file did. By its own task, in the order of its writes. */
struct opener {
	struct deferred		work[WORKS];
	unsigned int		n;
	unsigned int		ran;		/* writes so far */
	unsigned int		order[WRITES];	/* n of each write; WORKS is the release */
	int			err[WRITES];	/* by n */
	unsigned int		exiting;	/* writes by a task that was exiting */
	bool			released;	/* release/acquire */
};

static struct {
	struct tripmap	*t;
	struct opener	opener[OPENERS];
	unsigned int	together;	/* openers that wait for each other; 0: none do */
	atomic_t	opened;
	atomic_t	closing;
	atomic_t	clashes;
} exits;

static u64 key_of(const struct opener *o, unsigned int n)
{
	return o->n * 100 + n;
}

static void note_write(struct opener *o, unsigned int n, int err)
{
	if (TM_EXPECT(o->ran < WRITES))
		o->order[o->ran++] = n;
	o->err[n] = err;
	o->exiting += !!(current->flags & PF_EXITING);
}

static noinline int deferred_store(struct opener *o, unsigned int n)
{
	u64 key = key_of(o, n);
	int err = tripmap_store(exits.t, &key, &key, GFP_KERNEL);

	note_write(o, n, err);
	return err;
}

static noinline int release_store(struct opener *o)
{
	u64 key = key_of(o, WORKS);
	int err = tripmap_store(exits.t, &key, &key, GFP_KERNEL);

	note_write(o, WORKS, err);
	return err;
}

static void deferred_fn(struct callback_head *head)
{
	struct deferred *d = container_of(head, struct deferred, head);

	tripmap_origin_begin(&d->origin);
	deferred_store(d->opener, d->n);
	tripmap_origin_end(&d->origin);
}

/*
 * /dev/tripmap_exit
 */

static int exit_open(struct inode *inode, struct file *file)
{
	unsigned int n = atomic_inc_return(&exits.opened) - 1;

	if (n >= OPENERS)
		return -EBUSY;
	file->private_data = &exits.opener[n];
	return 0;
}

static noinline void queue_writes(struct opener *o)
{
	unsigned int n;

	for (n = 0; n < WORKS; n++) {
		struct deferred *d = &o->work[n];

		d->opener = o;
		d->n = n;
		init_task_work(&d->head, deferred_fn);
		tripmap_origin_note(&d->origin);
		TM_EXPECT_EQ(task_work_add(current, &d->head, TWA_NONE), 0);
	}
}

/* Each close: a kernel thread's has nothing that it could defer. */
static int exit_flush(struct file *file, fl_owner_t id)
{
	if (!(current->flags & PF_EXITING))
		return 0;
	queue_writes(file->private_data);
	atomic_inc(&exits.closing);
	TM_WAIT_FOR(atomic_read(&exits.closing) >= exits.together);
	return 0;
}

static int exit_release(struct inode *inode, struct file *file)
{
	struct opener *o = file->private_data;

	release_store(o);
	/* Pairs with the acquire in thread_closes(). */
	smp_store_release(&o->released, true);
	return 0;
}

static const struct file_operations exit_fops = {
	.owner = THIS_MODULE,
	.open = exit_open,
	.flush = exit_flush,
	.release = exit_release,
};

static struct miscdevice exit_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tripmap_exit",
	.fops = &exit_fops,
};

/*
 * Who exits
 */

static bool exits_begin(unsigned int together)
{
	unsigned int n;

	memset(&exits, 0, sizeof(exits));
	exits.together = together;
	for (n = 0; n < OPENERS; n++)
		exits.opener[n].n = n;
	exits.t = table_under(TRIPMAP_CONTRACT_SINGLE_WRITER);
	return exits.t && TM_EXPECT_EQ(misc_register(&exit_device), 0);
}

static void exits_end(void)
{
	misc_deregister(&exit_device);
	table_end(exits.t);
}

/* Waits until it has exited; what it has deferred is done by then. */
static int run_shell(char *script)
{
	char *argv[4] = { "/bin/bash", "-c", script, NULL };
	char *envp[2] = { "PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL };

	return call_usermodehelper(argv[0], argv, envp, UMH_WAIT_PROC);
}

static void shell_main(void *arg)
{
	TM_EXPECT_EQ(run_shell("exec 9<>/dev/tripmap_exit"), 0);
}

/* Each write ran once, last in first out; what it came to is what is there. */
static unsigned int judge_opener(const struct opener *o)
{
	unsigned int n, refused = 0;

	if (!TM_EXPECT_EQ(o->ran, WRITES))
		return 0;
	for (n = 0; n < WRITES; n++) {
		TM_EXPECT_EQ(o->order[n], WORKS - n);
		TM_EXPECT(!o->err[n] || o->err[n] == -EBUSY);
		TM_EXPECT_EQ(second_lookup(exits.t, key_of(o, n)), o->err[n] ? -ENOENT : 0);
		refused += !!o->err[n];
	}
	return refused;
}

static void expect_origin(void)
{
	const struct tm_report *r = expect_report(table_id(exits.t), EXITING, "deferred_store",
						  "deferred_store");
	char name[64];

	if (!r)
		return;
	TM_EXPECT(r->v.victim.flags & TRIPMAP_PARTY_FLAG_EXITING);
	TM_EXPECT_EQ(r->v.victim.origin.pid, r->v.victim.pid);
	snprintf(name, sizeof(name), "%ps", (void *)r->v.victim.origin.caller);
	TM_EXPECT(strstr(name, "queue_writes"));
}

static void one_exit(char *script, int status)
{
	if (!exits_begin(0))
		return;
	TM_EXPECT_EQ(run_shell(script), status);
	TM_EXPECT_EQ(judge_opener(&exits.opener[0]), 0);
	TM_EXPECT_EQ(exits.opener[0].exiting, WRITES);
	TM_EXPECT_EQ(tripmap_count(exits.t), WRITES);
	expect_only(exits.t, EXITING, WRITES);
	expect_origin();
	exits_end();
}

/*
 * exit2: the first one inside stays there until the other one has come.
 */

static void meet_hook(struct tripmap *t, enum tripmap_step step, void *arg)
{
	if (step == TRIPMAP_STEP_CLASHED)
		atomic_inc(&exits.clashes);
	else if (step == TRIPMAP_STEP_ENTERED)
		TM_WAIT_FOR(atomic_read(&exits.clashes));
}

static void judge_two(void)
{
	unsigned int refused;

	refused = judge_opener(&exits.opener[0]) + judge_opener(&exits.opener[1]);
	TM_EXPECT(refused > 0);
	TM_EXPECT_EQ(tripmap_count(exits.t), 2 * WRITES - refused);
	TM_EXPECT_EQ(table_violations(exits.t, EXITING), 2 * WRITES);
	TM_EXPECT_EQ(table_violations(exits.t, WDW) +
		     table_violations(exits.t, TRIPMAP_CLASS_WRITE_DURING_RESIZE), refused);
	TM_EXPECT_EQ(table_all_violations(exits.t), 2 * WRITES + refused);
	expect_report(table_id(exits.t), WDW, "_store", "_store");
	expect_origin();
	tm_test_note("%u of %u writes refused", refused, 2 * WRITES);
}

TM_TEST(two_exits)
{
	struct tm_thread shell[OPENERS];
	unsigned int n;

	if (!exits_begin(OPENERS))
		return;
	TM_EXPECT_EQ(tripmap_set_hook(exits.t, meet_hook, NULL), 0);
	for (n = 0; n < OPENERS; n++)
		tm_thread_start(&shell[n], shell_main, NULL, "shell");
	for (n = 0; n < OPENERS; n++)
		tm_thread_join(&shell[n]);
	tripmap_set_hook(exits.t, NULL, NULL);
	judge_two();
	exits_end();
}

TM_TEST(one_after_the_other)
{
	unsigned int n;

	if (!exits_begin(0))
		return;
	for (n = 0; n < OPENERS; n++)
		shell_main(NULL);
	for (n = 0; n < OPENERS; n++)
		TM_EXPECT_EQ(judge_opener(&exits.opener[n]), 0);
	TM_EXPECT_EQ(tripmap_count(exits.t), 2 * WRITES);
	expect_only(exits.t, EXITING, 2 * WRITES);
	exits_end();
}

SCENARIO(exit2, "exit2",
	 "two processes exit together, each with eight deferred writes and one in a release",
	 "exiting-writer with who queued the work, write-during-write where they overlap",
	 "a lost or doubled write, another order than last in first out",
	 TM_CASE(two_exits), TM_CASE(one_after_the_other));

/*
 * exit-kinds
 */

TM_TEST(normal_exit)
{
	one_exit("exec 9<>/dev/tripmap_exit", 0);
}

TM_TEST(sigkill)
{
	one_exit("exec 9<>/dev/tripmap_exit; kill -9 $$", 9);
}

static void close_by_thread(void *arg)
{
	struct file *file = filp_open("/dev/tripmap_exit", O_RDWR, 0);

	if (!TM_EXPECT(!IS_ERR(file)))
		return;
	filp_close(file, NULL);
}

/* It has no way back to user space: its release is done by a worker, later. */
TM_TEST(thread_closes)
{
	struct opener *o = &exits.opener[0];
	struct tm_thread thread;

	if (!exits_begin(0))
		return;
	tm_thread_start(&thread, close_by_thread, NULL, "closer");
	tm_thread_join(&thread);
	/* Pairs with the release in exit_release(). */
	TM_WAIT_FOR(smp_load_acquire(&o->released));
	TM_EXPECT_EQ(o->ran, 1);
	TM_EXPECT_EQ(o->order[0], WORKS);
	TM_EXPECT_EQ(o->exiting, 0);
	TM_EXPECT_EQ(tripmap_count(exits.t), 1);
	expect_silence(exits.t);
	exits_end();
}

SCENARIO(exit_kinds, "exit-kinds",
	 "a process ends by itself, one is killed, a kernel thread closes its file",
	 "exiting-writer for each write of the processes, with who queued it",
	 "a word for the kernel thread, whose release a worker does",
	 TM_CASE(normal_exit), TM_CASE(sigkill), TM_CASE(thread_closes));
