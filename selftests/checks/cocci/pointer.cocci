// SPDX-License-Identifier: GPL-2.0
/// A pointer that was a value in a table is followed after the read section in which
/// it was looked up. The table copies the pointer out; what it points to is kept there
/// by the read section only, or by a reference that was taken in it.
// Options: --no-includes
virtual report

@after@
expression t, key;
identifier v, member, counter;
position p;
identifier get =~ "get";
@@
  rcu_read_lock();
  ... when != rcu_read_unlock()
  tripmap_lookup(t, key, &v)
  ... when != get(v, ...)
      when != get(&v->counter, ...)
  rcu_read_unlock();
  ... when != v = ...
      when != tripmap_lookup(..., &v)
  v@p->member

@script:python depends on report@
p << after.p;
v << after.v;
@@
coccilib.report.print_report(p[0], "%s is followed after the read section in which it was looked up" % v)

@without@
expression t, key;
identifier f, v, member;
type T;
position p;
@@
  f(...) {
  ... when != rcu_read_lock()
      when != rcu_read_lock_bh()
  T *v;
  ... when != rcu_read_lock()
      when != rcu_read_lock_bh()
      when != spin_lock(...)
      when != mutex_lock(...)
  tripmap_lookup(t, key, &v)
  ... when != v = ...
  v@p->member
  ... when any
  }

@script:python depends on report@
p << without.p;
v << without.v;
@@
coccilib.report.print_report(p[0], "%s was looked up outside of a read section, and is followed" % v)
