// SPDX-License-Identifier: GPL-2.0
/*
 * While it is loaded: of the allocations that tripmap.ko's init makes, the one whose
 * number is in the parameter "nth" fails. The loader's own, before and after, do not,
 * nor do those of sysfs_slab_add(): where one fails there, 6.1 leaks the cache's name.
 */
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

static uint nth;
module_param(nth, uint, 0644);
MODULE_PARM_DESC(nth, "Which allocation fails, 0 for none (default 0)");

/* Each written by who loads tripmap.ko, before that is over. */
static uint left;
module_param(left, uint, 0444);
MODULE_PARM_DESC(left, "Out: what was left of nth, 0: it has failed");

static int result;
module_param(result, int, 0644);
MODULE_PARM_DESC(result, "Out: what tripmap.ko's init returned; not written where it is not called");

static struct tracepoint *start, *finish;

static bool is_ours(initcall_t fn)
{
	char name[KSYM_NAME_LEN];

	snprintf(name, sizeof(name), "%ps", fn);
	return strstr(name, "[tripmap]");
}

static void on_start(void *unused, initcall_t fn)
{
	if (is_ours(fn))
		current->fail_nth = nth;
}

static void on_finish(void *unused, initcall_t fn, int ret)
{
	if (!is_ours(fn))
		return;
	left = current->fail_nth;
	current->fail_nth = 0;
	result = ret;
}

/* Saves how far the count is. */
static int on_leaky(struct kretprobe_instance *ri, struct pt_regs *unused)
{
	*(unsigned int *)ri->data = current->fail_nth;
	current->fail_nth = 0;
	return 0;
}

static int on_leaky_return(struct kretprobe_instance *ri, struct pt_regs *unused)
{
	current->fail_nth = *(unsigned int *)ri->data;
	return 0;
}

static struct kretprobe leaky = {
	.kp.symbol_name = "sysfs_slab_add",
	.entry_handler = on_leaky,
	.handler = on_leaky_return,
	.data_size = sizeof(unsigned int),
};

static void find(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "initcall_start"))
		start = tp;
	if (!strcmp(tp->name, "initcall_finish"))
		finish = tp;
}

static int __init failing_init(void)
{
	int err;

	for_each_kernel_tracepoint(find, NULL);
	if (!start || !finish)
		return -ENOENT;
	err = register_kretprobe(&leaky);
	if (err)
		return err;
	err = tracepoint_probe_register(start, on_start, NULL);
	if (err)
		goto leaky;
	err = tracepoint_probe_register(finish, on_finish, NULL);
	if (!err)
		return 0;
	tracepoint_probe_unregister(start, on_start, NULL);
	tracepoint_synchronize_unregister();
leaky:
	unregister_kretprobe(&leaky);
	return err;
}

static void __exit failing_exit(void)
{
	tracepoint_probe_unregister(finish, on_finish, NULL);
	tracepoint_probe_unregister(start, on_start, NULL);
	tracepoint_synchronize_unregister();
	unregister_kretprobe(&leaky);
}

module_init(failing_init);
module_exit(failing_exit);

MODULE_DESCRIPTION("tripmap: allocations of its init that fail");
MODULE_AUTHOR("The tripmap authors");
MODULE_LICENSE("GPL");
