# SPDX-License-Identifier: GPL-2.0
#
# The top of the build, for people: "make help".  Kernel modules are built by
# Kbuild; what this file adds is packages, kernels and the virtual machine.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all

top	:= $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
vm	:= $(top)selftests/vm
BUILD	?= $(or $(TRIPMAP_BUILD),$(top)build)
export TRIPMAP_BUILD := $(abspath $(BUILD))

KERNEL	?= 6.1
RUN	?=
FILES	?=
PARAMS	?=
MODULES	?=
VMFLAGS	?=
NAME	?=
ROUNDS	?= 1
FOR	?= 2
MINUTES	?= 1
STAGES	?=
WHAT	?=
SECONDS	?= 60

COUNT	?= 1000000
SEED	?=
ONLY	?=
TESTS	?=
REPLAY	?=

SIZES	?=
CASES	?=
PEERS	?=
REPS	?= 5
JSON	?= $(TRIPMAP_BUILD)/bench.json
PAGE	?= $(TRIPMAP_BUILD)/bench.html
PICTURES ?= $(TRIPMAP_BUILD)/bench-pictures

DESTDIR	?=
PREFIX	?= /usr/local
KDIR	?= /lib/modules/$(shell uname -r)/build
INSTALL	?= install

help:
	@echo 'See it work:'
	@echo '  make demo                  build, boot a virtual machine, load the module there, show it'
	@echo '  make scenario NAME=ww2     a violation made to order: what must be seen, and what was'
	@echo '                             (ROUNDS=50 FOR=SECONDS; without NAME, their names)'
	@echo '  make vm                    a shell in that machine (tripctl, python3; exit with ctrl-D)'
	@echo '  make vm RUN=SCRIPT         run a script in it; only the script prints, and its failure,'
	@echo '                             or a complaint of the kernel, makes this one fail'
	@echo '       KERNEL=$(KERNEL)           6.1, 6.12, 6.12-rt; 6.1-debug, 6.1-kcsan (built first: ten minutes, once)'
	@echo '       FILES="a b"           files and directories to have in /root'
	@echo '       PARAMS="a=1 b=2"      module parameters (modinfo tripmap)'
	@echo '       MODULES="ip_set"      modules of the kernel itself to load first'
	@echo '       VMFLAGS="--cpus 4"    more options: selftests/vm/vm.sh --help'
	@echo
	@echo 'Build and test:'
	@echo '  make                       module (for KERNEL) and tool, below build/'
	@echo '  make modules tool          one of them'
	@echo '  make check                 the tests; STAGES="native kselftest-6.1" for some of them,'
	@echo '                             STAGES=turn for one of the slow ones besides, each day another'
	@echo '  make check-all             all of them, for hours: every kernel, long torture and fuzzing'
	@echo '  make model                 the models of the protocol, all of their states, and their mutants'
	@echo '  make torture               everything at once on tables of each kind, for MINUTES=1, on KERNEL;'
	@echo '                             PARAMS="tables=raced nillegal=4" (modinfo tripmap_torture)'
	@echo '  make mutants               break the code on purpose, and see that something notices;'
	@echo '                             WHAT="grow_flipped" for some of them'
	@echo '  make fuzz-tool             fuzz what of tripctl reads files, words, logs and answers of the'
	@echo '                             kernel, each for SECONDS=$(SECONDS); what fails is in build/fuzz/found'
	@echo '  make fuzz                  COUNT=$(COUNT) netlink messages, right and wrong. With KERNEL=6.1-debug,'
	@echo '                             or 6.1-uml-debug (much faster, but of one processor), each builds'
	@echo '                             on what earlier ones reached; SEED=, ONLY=entry-set;'
	@echo '                             SEED=1 REPLAY=77 prints message 77 of that seed'
	@echo '  make coverage              lines and branches that the tests run: of the core in userspace, of'
	@echo '                             the module in the virtual machine; WHAT="native module" for one,'
	@echo '                             "module faults" also by the tests that need 6.1-debug,'
	@echo '                             TESTS="test_fuzz.sh" for some of the tests'
	@echo '  make bench-kernel          speed inside the kernel, beside rhashtable, hashtable.h and XArray,'
	@echo '                             and part by part, in User-Mode Linux (built first: five minutes,'
	@echo '                             once); WHAT="tables parts locks cost" for some of it'
	@echo '  make bench-netlink         restore, save and single requests, beside ipset and bpf(2), in the'
	@echo '                             virtual machine; WHAT="time count" for some of it'
	@echo '  make bench                 the core beside other tables, in userspace (ten minutes): table, and'
	@echo '                             pictures and JSON below build/; SIZES="1000 around:1000000",'
	@echo '                             CASES="hit miss", PEERS="tripmap lfht", REPS=5: parts of it, or more'
	@echo '  make bench-sync            ways to keep writers apart, in userspace (a minute):'
	@echo '                             WHAT="sweep storm snapshot shards" for some of it, or --json'
	@echo '  make clean                 remove build/'
	@echo
	@echo 'Use it on this host:'
	@echo '  make install               module for KDIR=$(KDIR),'
	@echo '                             tool, manual page and header below PREFIX=$(PREFIX) (DESTDIR is honoured)'
	@echo
	@echo 'Missing Debian packages are installed; kernels, QEMU and the guest are unpacked below'
	@echo '~/.cache/tripmap (TRIPMAP_CACHE), not installed.'

all: modules tool

deps-build deps-vm deps-check deps-bench deps-model:
	@$(vm)/deps.sh $(@:deps-%=%)

modules: deps-build
	@$(vm)/modules.sh $(KERNEL) >&2

# Two makes at once would tread on each other's objects (modules.sh has its lock).
tool: deps-build
	@mkdir -p $(TRIPMAP_BUILD)
	@flock $(TRIPMAP_BUILD)/.tool.lock $(MAKE) -s -C $(top)ctl O=$(TRIPMAP_BUILD) >&2

# Nothing but the script may print on stdout.  make turns every failure into
# status 2; vm.sh itself passes the script's.
vm: deps-vm modules tool
ifeq ($(strip $(RUN)),)
	@$(vm)/vm.sh shell --kernel $(KERNEL) --params '$(PARAMS)' --files '$(FILES)' \
		--modules '$(MODULES)' $(VMFLAGS)
else
	@$(vm)/vm.sh run --kernel $(KERNEL) --params '$(PARAMS)' --files '$(FILES)' \
		--modules '$(MODULES)' $(VMFLAGS) $(RUN)
endif

demo: deps-vm modules tool
	@$(vm)/demo.sh

# Every violation is reported.
scenario: deps-vm modules tool
	@$(vm)/vm.sh run --kernel $(KERNEL) --timeout 3000 --files '$(top)selftests/kmod/kmod.sh' \
		--params 'on_violation=report report_once_ms=0 recorder_share=1 $(PARAMS)' \
		$(VMFLAGS) $(top)selftests/kmod/scenario.sh $(if $(NAME),$(NAME) $(ROUNDS) $(FOR))

# Each of its reports is a line of the log, and the log is searched when all is over.
torture: deps-vm modules tool
	@$(vm)/vm.sh run --kernel $(KERNEL) --timeout $$(($(MINUTES) * 90 + 1200)) --mem 2048 \
		--append 'log_buf_len=16M slub_debug=FZPU,tripmap*;P,kmalloc*' \
		--files '$(top)selftests/kmod/kmod.sh $(top)selftests/ctl/lib.sh' \
		$(VMFLAGS) $(top)selftests/kmod/torture.sh $$(($(MINUTES) * 60)) $(PARAMS)

check: deps-check
	@$(vm)/check.sh $(STAGES)

check-all: deps-check
	@$(vm)/check.sh all

model: deps-model
	@$(top)selftests/model/run.sh

mutants: deps-check
	@$(top)selftests/mutants/run.sh $(WHAT)

fuzz-tool: deps-check
	@$(top)selftests/ctl/fuzz/run.sh $(SECONDS)

fuzz: deps-vm modules tool
	@$(top)selftests/fuzz/run.sh $(KERNEL) --count $(COUNT) \
		--seed $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom)) \
		$(if $(ONLY),--only $(ONLY)) $(if $(REPLAY),--replay $(REPLAY))

coverage: deps-check
	@TESTS='$(TESTS)' $(top)selftests/coverage/run.sh $(KERNEL) $(WHAT)

bench-kernel: deps-vm
	@$(top)selftests/bench/run.sh $(WHAT)

bench-netlink: deps-vm modules tool
	@$(top)selftests/ctl/bench/run.sh $(WHAT)

bench: deps-bench
	@$(MAKE) -s -C $(top)selftests/native/bench O=$(TRIPMAP_BUILD)
	@$(top)selftests/native/bench/run.py --dir $(TRIPMAP_BUILD)/bench --sizes '$(SIZES)' \
		--cases '$(CASES)' --peers '$(PEERS)' --reps $(REPS) --json $(JSON) --page $(PAGE) \
		--pictures $(PICTURES)

bench-sync: deps-bench
	@$(MAKE) -s -C $(top)selftests/native/bench O=$(TRIPMAP_BUILD) sync
	@$(TRIPMAP_BUILD)/bench/sync $(WHAT)

install: deps-build tool
	@KDIR=$(KDIR) $(vm)/modules.sh host >&2
	$(MAKE) -C $(KDIR) M=$(TRIPMAP_BUILD)/host INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=updates INSTALL_MOD_STRIP=1 CONFIG_MODULE_SIG_ALL= modules_install
	$(INSTALL) -D -m 755 $(TRIPMAP_BUILD)/tripctl $(DESTDIR)$(PREFIX)/sbin/tripctl
	for header in $(wildcard $(top)uapi/linux/*.h); do \
		$(INSTALL) -D -m 644 "$$header" "$(DESTDIR)$(PREFIX)/include/linux/$${header##*/}" || exit 1; \
	done
	for page in $(wildcard $(top)Documentation/*.8 $(top)Documentation/man/*.8); do \
		$(INSTALL) -D -m 644 "$$page" "$(DESTDIR)$(PREFIX)/share/man/man8/$${page##*/}" || exit 1; \
	done
	@[ -n "$(DESTDIR)" ] || depmod -a

clean:
	rm -rf $(TRIPMAP_BUILD)

.PHONY: help all deps-build deps-vm deps-check deps-bench deps-model model mutants modules tool vm \
	demo scenario torture check check-all fuzz fuzz-tool coverage bench bench-kernel bench-netlink \
	bench-sync install clean
