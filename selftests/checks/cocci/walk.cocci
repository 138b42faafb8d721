// SPDX-License-Identifier: GPL-2.0
/// A walk that is opened in a read section or under a spinlock (to open one may
/// sleep), one that is gone on with after it was closed, and one that is never closed.
// Options: --no-includes
virtual report

@atomic@
expression list args;
position p;
@@
(
  rcu_read_lock();
|
  spin_lock(...);
|
  spin_lock_bh(...);
|
  spin_lock_irq(...);
|
  spin_lock_irqsave(...);
)
  ... when != rcu_read_unlock()
      when != spin_unlock(...)
      when != spin_unlock_bh(...)
      when != spin_unlock_irq(...)
      when != spin_unlock_irqrestore(...)
  tripmap_iter_open@p(args)

@script:python depends on report@
p << atomic.p;
@@
coccilib.report.print_report(p[0], "tripmap_iter_open() may sleep, in a read section or under a lock")

@closed@
expression it, E;
position p;
@@
  tripmap_iter_close(it);
  ... when != it = E
(
  tripmap_iter_next@p(it, ...)
|
  tripmap_iter_close@p(it)
)

@script:python depends on report@
p << closed.p;
@@
coccilib.report.print_report(p[0], "the walk is closed by then")

@open exists@
identifier it;
expression E;
position p;
@@
(
  it = tripmap_iter_open@p(...);
|
  struct tripmap_iter *it = tripmap_iter_open@p(...);
)
  ... when != tripmap_iter_close(it)
      when != E = it
      when any
  tripmap_iter_next(it, ...)
  ... when != tripmap_iter_close(it)
      when != E = it
      when any
  return ...;

@script:python depends on report@
p << open.p;
@@
coccilib.report.print_report(p[0], "the walk is not closed on every way out")
