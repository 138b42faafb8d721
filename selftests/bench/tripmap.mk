# SPDX-License-Identifier: GPL-2.0
#
# What the kernel bench (TRIPMAP_BENCH=y) changes in the build of tripmap.ko: how
# atomics are compiled, and with TRIPMAP_WITHOUT what is left out, to see what it
# costs. Only names are changed, on the compiler's command line.
#
#   guard     nobody looks who else writes
#   version   lookups do not notice that a bucket changed

obj-m += selftests/bench/

bench := $(src)/selftests/bench

$(obj)/kmod/core/%.o $(obj)/kmod/observe/%.o: ccflags-y += -include $(bench)/as_smp.h

ifeq ($(TRIPMAP_WITHOUT),guard)
tripmap-y += selftests/bench/without_guard.o
CFLAGS_kmod/core/guard.o := -Dtm_guard_enter=tm_guard_enter_left_out \
	-Dtm_guard_leave=tm_guard_leave_left_out
else ifeq ($(TRIPMAP_WITHOUT),version)
CFLAGS_kmod/core/lookup.o := -include $(bench)/without_version.h
else ifneq ($(TRIPMAP_WITHOUT),)
$(error TRIPMAP_WITHOUT=$(TRIPMAP_WITHOUT): guard or version)
endif
