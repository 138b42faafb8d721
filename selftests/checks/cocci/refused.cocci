// SPDX-License-Identifier: GPL-2.0
/// What becomes of a write is not asked. One that is refused, or that lacks memory,
/// has changed nothing: what follows must not go on as if it had.
// Options: --no-includes
virtual report

@ignored@
identifier write =~ "^tripmap_(store|insert|replace|compare_swap|take|clear|resize_hint)$";
position p;
@@
  write@p(...);

@script:python depends on report@
p << ignored.p;
write << ignored.write;
@@
coccilib.report.print_report(p[0], "the result of %s() is ignored" % write)
