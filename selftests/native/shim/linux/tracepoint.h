/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints that run: when one is on, its record is filled as the kernel would
 * fill it, and then its probes are called, the ones of higher priority first.
 */
#ifndef SHIM_LINUX_TRACEPOINT_H
#define SHIM_LINUX_TRACEPOINT_H

#include <linux/jump_label.h>
#include <linux/rcupdate.h>

struct tracepoint_func {
	void *func;
	void *data;
	int prio;
};

struct tracepoint {
	struct static_key_false key;
	int (*regfunc)(void);
	void (*unregfunc)(void);
	struct tracepoint_func *funcs;	/* ended by one without func; RCU */
};

int tracepoint_probe_register_prio(struct tracepoint *tp, void *probe, void *data, int prio);
int tracepoint_probe_register(struct tracepoint *tp, void *probe, void *data);
int tracepoint_probe_unregister(struct tracepoint *tp, void *probe, void *data);
/* Calls the probes; record is what the tracing of the kernel would keep. */
void shim_trace(struct tracepoint *tp, const void *arg, const void *record, unsigned long size);

#define tracepoint_synchronize_unregister()	synchronize_rcu()

#define TP_PROTO(args...)		args
#define TP_ARGS(args...)		args
#define TP_STRUCT__entry(args...)	args
#define TP_fast_assign(args...)		args
#define TP_printk(args...)
#define __field(type, name)		type name;
#define __array(type, name, n)		type name[n];

/* All events here take one argument. */
#define DECLARE_EVENT_CLASS(class, proto, args, tstruct, assign, print)		\
	struct trace_event_raw_##class { tstruct };				\
	static inline void shim_trace_##class(struct tracepoint *tp, proto)	\
	{									\
		struct trace_event_raw_##class record, *__entry = &record;	\
										\
		assign								\
		shim_trace(tp, args, &record, sizeof(record));			\
	}

#define DEFINE_EVENT_FN(class, name, proto, args, reg, unreg)			\
	struct tracepoint __tracepoint_##name __attribute__((weak)) = {		\
		.regfunc = reg, .unregfunc = unreg,				\
	};									\
	static inline void trace_##name(proto)					\
	{									\
		if (static_key_enabled(&__tracepoint_##name.key))		\
			shim_trace_##class(&__tracepoint_##name, args);		\
	}									\
	static inline int register_trace_##name(void (*probe)(void *, proto),	\
						void *data)			\
	{									\
		return tracepoint_probe_register(&__tracepoint_##name, probe, data); \
	}									\
	static inline int unregister_trace_##name(void (*probe)(void *, proto),	\
						  void *data)			\
	{									\
		return tracepoint_probe_unregister(&__tracepoint_##name, probe, data); \
	}

#define DEFINE_EVENT(class, name, proto, args)	\
	DEFINE_EVENT_FN(class, name, PARAMS(proto), PARAMS(args), NULL, NULL)

#define TRACE_EVENT_FN(name, proto, args, tstruct, assign, print, reg, unreg)	\
	DECLARE_EVENT_CLASS(name, PARAMS(proto), PARAMS(args), PARAMS(tstruct),	\
			    PARAMS(assign), PARAMS(print))			\
	DEFINE_EVENT_FN(name, name, PARAMS(proto), PARAMS(args), reg, unreg)

#define TRACE_EVENT(name, proto, args, tstruct, assign, print)			\
	TRACE_EVENT_FN(name, PARAMS(proto), PARAMS(args), PARAMS(tstruct),	\
		       PARAMS(assign), PARAMS(print), NULL, NULL)

#define PARAMS(args...)	args

#endif /* SHIM_LINUX_TRACEPOINT_H */
