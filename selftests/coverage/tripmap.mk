# SPDX-License-Identifier: GPL-2.0
#
# Included by the Kbuild at the top: tripmap.ko, with a counter for each branch. There
# is nothing in the kernel that this needs: begin.c keeps the counters.

coverage_flags := -fprofile-arcs -ftest-coverage -fprofile-update=prefer-atomic \
	-fprofile-info-section=tm_coverage -fno-tree-loop-im
$(foreach o,$(tripmap-y),$(eval CFLAGS_$(o) += $(coverage_flags)))
CFLAGS_kmod/main.o += -include $(src)/selftests/coverage/main.h

# The order of a section's parts is that of the objects.
tripmap-y := selftests/coverage/begin.o $(tripmap-y) selftests/coverage/end.o
