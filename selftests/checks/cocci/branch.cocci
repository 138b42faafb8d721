// SPDX-License-Identifier: GPL-2.0
/// A write before which a lock is taken on one branch only: on the other one nothing
/// keeps writers apart.
// Options: --no-includes
virtual report

@branch@
expression E, lock;
identifier write =~ "^tripmap_(store|insert|replace|compare_swap|delete|take|clear|resize_hint)$";
identifier take =~ "^(raw_)?(spin|mutex|write)_lock(_bh|_irq)?$";
position p;
@@
  if (E)
    take(lock);
  ... when != take(lock)
  write@p(...)

@script:python depends on report@
p << branch.p;
write << branch.write;
@@
coccilib.report.print_report(p[0], "%s() is under the lock on one branch only" % write)
