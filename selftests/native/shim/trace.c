// SPDX-License-Identifier: GPL-2.0
/* Tracepoints: their lists of probes. */
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

static DEFINE_MUTEX(lock);	/* all lists */

/* What the last record held, so that the compiler cannot leave it out. */
static _Thread_local volatile unsigned char last_record;

static unsigned int count(const struct tracepoint_func *f)
{
	unsigned int n = 0;

	while (f && f[n].func)
		n++;
	return n;
}

/* Publishes the list, and frees the old one when nobody walks it any more. */
static void publish(struct tracepoint *tp, struct tracepoint_func *f)
{
	struct tracepoint_func *old = tp->funcs;

	rcu_assign_pointer(tp->funcs, f);
	synchronize_rcu();
	kfree(old);
}

int tracepoint_probe_register_prio(struct tracepoint *tp, void *probe, void *data, int prio)
{
	unsigned int n, at = 0;
	struct tracepoint_func *f;

	mutex_lock(&lock);
	n = count(tp->funcs);
	f = kcalloc(n + 2, sizeof(*f), GFP_KERNEL);
	if (!f) {
		mutex_unlock(&lock);
		return -ENOMEM;
	}
	while (at < n && tp->funcs[at].prio >= prio)
		at++;
	if (n) {
		memcpy(f, tp->funcs, at * sizeof(*f));
		memcpy(f + at + 1, tp->funcs + at, (n - at) * sizeof(*f));
	}
	f[at] = (struct tracepoint_func){ probe, data, prio };
	if (!n && tp->regfunc)
		tp->regfunc();
	publish(tp, f);
	atomic_set(&tp->key.key.enabled, 1);
	mutex_unlock(&lock);
	return 0;
}

int tracepoint_probe_register(struct tracepoint *tp, void *probe, void *data)
{
	return tracepoint_probe_register_prio(tp, probe, data, 10);
}

int tracepoint_probe_unregister(struct tracepoint *tp, void *probe, void *data)
{
	struct tracepoint_func *f = NULL;
	unsigned int n, at = 0;

	mutex_lock(&lock);
	n = count(tp->funcs);
	while (at < n && (tp->funcs[at].func != probe || tp->funcs[at].data != data))
		at++;
	if (at == n) {
		mutex_unlock(&lock);
		return -ENOENT;
	}
	if (n > 1) {
		f = kcalloc(n, sizeof(*f), GFP_KERNEL);
		memcpy(f, tp->funcs, at * sizeof(*f));
		memcpy(f + at, tp->funcs + at + 1, (n - at - 1) * sizeof(*f));
	} else {
		atomic_set(&tp->key.key.enabled, 0);
		if (tp->unregfunc)
			tp->unregfunc();
	}
	publish(tp, f);
	mutex_unlock(&lock);
	return 0;
}

void shim_trace(struct tracepoint *tp, const void *arg, const void *record, unsigned long size)
{
	const unsigned char *bytes = record;
	struct tracepoint_func *f;
	unsigned long i;

	for (i = 0; i < size; i++)
		last_record = bytes[i];
	preempt_disable();
	rcu_read_lock();
	for (f = rcu_dereference(tp->funcs); f && f->func; f++)
		((void (*)(void *, const void *))f->func)(f->data, arg);
	rcu_read_unlock();
	preempt_enable();
}
