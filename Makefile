# lam: build, test, install.  "make help" lists what there is.
#
# Yours to set:   CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR VARIANT; V=1 shows
# the commands
# Objects go to build/$(VARIANT)/, so that variants (release, asan, clang, ...)
# never mix; the executables of the release variant go to bin/.

VERSION = 1.0.0
PREFIX ?= /usr/local
VARIANT ?= release
CFLAGS ?= -O2 -g1
O = build/$(VARIANT)
BIN = $(if $(filter release,$(VARIANT)),bin,$(O)/bin)

PROGS = lam-ingest lam-batch lam-serve lam-speed lam-query lam-fsck lam-stat lam-trigger lam-plot
SCRIPTS = lam-cluster lam-report lam
LIBSRC := $(sort $(wildcard src/*/*.c))
LIBOBJ = $(LIBSRC:src/%.c=$O/%.o)
UNITS := $(sort $(wildcard tests/unit/test_*.c))
UNITBIN = $(UNITS:tests/unit/%.c=$O/unit/%)
FUZZ := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SAN = -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-sanitize-coverage=trace-cmp \
	-DLAM_READ_BYTES=61 -DLAM_PIECE_BYTES=24 '-DLAM_HUGE_PAGE=((size_t)32<<10)'
REPLAYBIN = $(FUZZ:tests/fuzz/%.c=$O/replay/%)
FUZZBIN = $(FUZZ:tests/fuzz/%.c=$O/target/%)
EXAMPLES := $(sort $(wildcard src/*/examples/*))
MAN := $(sort $(wildcard man/*.[157]))

# Debian packages: to build, and to test.  gcc and make come with the first.  What is
# looked for: headers, and commands or files (col comes with bsdextrautils; tzdata has
# the zones of --zone).  MORE can be done without: gzip is read three times as slowly then.
DEPS_BUILD = build-essential zlib1g-dev libdeflate-dev libcsv-dev libxxhash-dev libpcre2-dev \
	libyaml-dev libmaxminddb-dev
DEPS_MORE = libisal-dev
DEPS_TEST = bats sqlite3 mandoc clang python3 bsdextrautils tzdata libjs-dygraphs \
	shellcheck zsh fish uap-core mmdb-bin python3-yaml
HEADERS = zlib.h libdeflate.h csv.h xxhash.h pcre2.h yaml.h maxminddb.h
COMMANDS = cc make bats sqlite3 mandoc clang python3 col shellcheck zsh fish \
	/usr/share/zoneinfo/UTC /usr/share/javascript/dygraphs/dygraph.min.js \
	/usr/share/uap-core/regexes.yaml mmdblookup

# "make check DEPS=no" installs nothing: it names what is missing, and fails.
DEPS ?=

# Libraries other than the system's are linked in where their archives are: finding
# and relocating them is a quarter of what a program needs to start.  "make
# SHARED=yes" leaves them to the loader, for a system that replaces them under
# its programs, or whose archives are not position independent.
SHARED ?=

# "make STATIC=yes" links the system's in too: another quarter of a start less, for
# programs that are run for every question.  Nothing can be preloaded then, as
# some tests do.
STATIC ?=
archive = $(findstring /,$(shell $(CC) -print-file-name=lib$1.a 2>/dev/null))
library = $(if $(if $(SHARED),,$(call archive,$1)),-l:lib$1.a,-l$1)

# ISA-L inflates gzip input three times as fast as zlib alone, which does it where there
# is none.  It is loaded when such input comes (src/input/gunzip.c), which needs the
# dynamic loader.  "make ISAL=" does without.
ifeq ($(origin ISAL),undefined)
ISAL := $(if $(STATIC),,$(shell $(CC) -E -x c -include \
	isa-l/igzip_lib.h /dev/null >/dev/null 2>&1 && echo yes))
endif

LAM_C = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wwrite-strings -Wformat=2 -Wundef \
	-Wcast-qual -fPIE -fstack-protector-strong -fno-math-errno
LAM_CPP = -D_GNU_SOURCE -DLAM_VERSION='"$(VERSION)"' -Isrc
LAM_LD = $(if $(STATIC),-static-pie,-pie) -Wl,-z,relro,-z,now -Wl,--as-needed
LAM_LIBS := $(foreach l,csv pcre2-8 yaml maxminddb z deflate,$(call library,$l)) -lpthread -lm
ifneq ($(ISAL),)
LAM_CPP += -DLAM_ISAL
LAM_LIBS += -ldl
endif
# What installs the archives cannot miss them yet.
ifneq ($(and $(STATIC),$(if $(filter deps demo check,$(MAKECMDGOALS)),,yes)),)
$(if $(SHARED),$(error STATIC=yes and SHARED=yes exclude each other))
$(foreach l,csv pcre2-8 yaml maxminddb z deflate c,$(if $(call archive,$l),,$(error \
	STATIC=yes: lib$l.a is missing)))
endif
ifeq ($(filter asan tsan fuzz,$(VARIANT)),)
LAM_CPP += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
COMPILE = $(CC) $(LAM_C) $(LAM_CPP) $(CPPFLAGS) $(CFLAGS) -MMD -MP
LINK = $(LAM_LD) $(LDFLAGS)

# What is built otherwise than this time is built again; -Werror builds nothing otherwise.
HOW = $(filter-out -Werror,$(COMPILE) $(LINK) $(LAM_LIBS))
ifneq ($(strip $(file <$O/how)),$(strip $(HOW)))
$(shell mkdir -p $O)
$(file >$O/how,$(HOW))
endif

all: $(PROGS:%=$(BIN)/%) $(SCRIPTS:%=$(BIN)/%) ## build the programs

Q = $(if $(V),,@echo "  $(@:build/%=%)";)

$(BIN)/%: $O/%.o $O/liblam.a
	@mkdir -p $(@D)
	$Q$(CC) $(CFLAGS) $(LINK) -o $@ $^ $(LAM_LIBS)

$(SCRIPTS:%=$(BIN)/%): $(BIN)/%: src/%
	@mkdir -p $(@D)
	@sed 's/^VERSION=unknown$$/VERSION=$(VERSION)/' $< >$@.new && chmod 755 $@.new
	@mv $@.new $@

$O/liblam.a: $(LIBOBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

$O/%.o: src/%.c $O/how
	@mkdir -p $(@D)
	$Q$(COMPILE) -c -o $@ $<

$O/unit/%: tests/unit/%.c $O/liblam.a
	@mkdir -p $(@D)
	$Q$(COMPILE) $(LINK) -o $@ $< $O/liblam.a $(LAM_LIBS)

# Of two sources in one command the compiler notes the headers of one.
$O/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $O/liblam.a $(wildcard tests/*/*.h)
	@mkdir -p $(@D)
	$Q$(COMPILE) $(LINK) -o $@ $< tests/fuzz/replay.c $O/liblam.a $(LAM_LIBS)

$O/bench/%: tests/bench/%.c $O/liblam.a
	@mkdir -p $(@D)
	$Q$(COMPILE) $(LINK) -o $@ $< $O/liblam.a $(LAM_LIBS)

units: $(UNITBIN) $(REPLAYBIN)

# ------------------------------------------------------------------ for users

deps: ## install the Debian packages that are missing (needs root)
	@tests/deps.sh "$(DEPS_MORE)" $(DEPS_BUILD) $(DEPS_TEST)

have-deps:
	@DEPS=$(DEPS) tests/deps.sh --if-missing "$(HEADERS)" "$(COMMANDS)" \
		"$(DEPS_MORE)" $(DEPS_BUILD) $(DEPS_TEST)

demo: have-deps ## install what is missing, build, run the main job
	@$(MAKE) --no-print-directory -s all
	@tests/demo.sh

# Where shells look for the completion of a command, by its name.
BASH_D = share/bash-completion/completions
FISH_D = share/fish/vendor_completions.d

install: all ## copy programs and man pages to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGS:%=bin/%) $(SCRIPTS:%=bin/%) $(DESTDIR)$(PREFIX)/bin
	for f in $$(find src/blueprints -type f) src/report/*.* src/report/*/*; do install -D -m $$([ -x $$f ] && echo 755 || echo 644) \
		$$f $(DESTDIR)$(PREFIX)/share/lam/$${f#src/} || exit 1; done
	install -D -m 755 src/completions/complete $(DESTDIR)$(PREFIX)/share/lam/completions/complete
	install -D -m 644 src/completions/_lam $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_lam
	install -D -m 644 src/completions/lam.bash $(DESTDIR)$(PREFIX)/$(BASH_D)/lam
	install -D -m 644 src/completions/lam.fish $(DESTDIR)$(PREFIX)/$(FISH_D)/lam.fish
	for p in $(PROGS) $(filter lam-%,$(SCRIPTS)); do ln -sf lam $(DESTDIR)$(PREFIX)/$(BASH_D)/$$p && \
		ln -sf lam.fish $(DESTDIR)$(PREFIX)/$(FISH_D)/$$p.fish || exit 1; done
	for p in $(MAN); do d=$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}; \
		install -d $$d && install -m 644 $$p $$d || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/share/doc/lam/examples
	install -m 644 $(EXAMPLES) $(DESTDIR)$(PREFIX)/share/doc/lam/examples

uninstall: ## remove what install copied
	cd $(DESTDIR)$(PREFIX)/bin && rm -f $(PROGS) $(SCRIPTS)
	rm -rf $(DESTDIR)$(PREFIX)/share/lam
	cd $(DESTDIR)$(PREFIX)/share && rm -f zsh/site-functions/_lam $(foreach p,lam $(PROGS) \
		$(filter lam-%,$(SCRIPTS)),$(BASH_D:share/%=%)/$p $(FISH_D:share/%=%)/$p.fish)
	for p in $(MAN); do rm -f \
		$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$${p##*/}; done
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/lam/examples

# ------------------------------------------------------------- for developers

check: have-deps ## build and pass the tests; last line: N passed, M failed
	@tests/check.sh

check-asan: ## the tests again, under AddressSanitizer and UBSan
	@$(MAKE) check VARIANT=asan CFLAGS="-O1 -g1 -fno-omit-frame-pointer \
		-fsanitize=address,undefined -fno-sanitize-recover=all"

check-tsan: ## the threaded tests under ThreadSanitizer
	@SUITES="$(TSAN:%=tests/%.bats)" $(MAKE) check VARIANT=tsan \
		CFLAGS="-O1 -g -fsanitize=thread"
TSAN = pipeline live real speed oracle serve

bench: all ## speed, as ratios against peers in the same run
	@tests/bench/run.py
	@tests/bench/clickbench.py

bench-trigger: all $O/bench/bench_sandbox ## invocations a second, alerts, deadlines
	@tests/bench/trigger.py --keep

bench-peers: ## fetch the peers of the benchmark into build/peers
	@tests/bench/peers.sh

$O/target/%: tests/fuzz/%.c $O/liblam.a
	@mkdir -p $(@D)
	$Q$(COMPILE) -fsanitize=fuzzer $(LINK) -o $@ $< $O/liblam.a $(LAM_LIBS)

fuzzers: $(if $(TARGETS),$(TARGETS:%=$O/target/fuzz_%),$(FUZZBIN))

fuzz: ## run fuzz TARGETS (all) for FUZZ_SECONDS (60) or FUZZ_RUNS each
	@$(MAKE) --no-print-directory -s fuzzers VARIANT=fuzz CC=clang \
		CFLAGS="-O2 -g -fno-omit-frame-pointer $(FUZZ_SAN)"
	@tests/fuzz/run.sh $(TARGETS)

faults: all ## fail each durable call of each program with each error
	@FAULTS="EIO ENOSPC EDQUOT EMFILE ENOMEM EINTR short kill \
		EIO+ ENOSPC+ short+" bats tests/faults.bats

suites: all ## MgBench, TSBS, SSB, TPC-H, GoAccess's panels and what people ask, by DuckDB
	@mkdir -p $O/suites && cd $O/suites && rm -rf * && for log in "" \
		$(wildcard $(CURDIR)/../shared/real/apache_logs); do \
		$(CURDIR)/tests/suites/suites.py --peer duckdb $${log:+--log $$log} \
		$$([ -n "$$log" ] || echo mgbench tsbs star tpch) goaccess people || exit; \
	done

differential: all ## random SQL, answered by lam and by DuckDB and sqlite3
	@tests/sql/differential.py --peer sqlite3 --tables 40 --seed $(or $(SEED),1)
	@tests/sql/differential.py --queries 400 --tables $(or $(TABLES),100) \
		--seed $(or $(SEED),1) || [ $$? -eq 77 ]

laws: all ## numbers of unlike scale in every layout: LAWS_ROUNDS (1000), SEED
	@tests/laws/laws.py --seed $(or $(SEED),1) --rounds $(or $(LAWS_ROUNDS),1000)
	@tests/laws/laws.py --seed $(or $(SEED),1) --rounds 20 --rows 65537
	@tests/laws/columns.py --apart --sizes 1,2,3,100,1000,65536,65537

cluster-check: all ## root: lam-cluster on Hadoop, Spark, ssh and Slurm, disturbed
	@tests/cluster/check.sh

bitrot: all ## damage a dataset in every way for BITROT_SECONDS (300)
	@tests/bitrot.py --seconds $(or $(BITROT_SECONDS),300)

check-servers: all ## nginx, Apache, rsyslog, HAProxy, Squid, Caddy: unpacked, run apart, read
	@tests/servers/check.sh

check-browser: all ## lam-report's page in Chromium (Debian: chromium), looked at
	@tests/report/browser.py build/browser

check-rotate: export PATH := $(CURDIR)/bin:$(PATH)
check-rotate: all ## 10,000 rotations by the real logrotate, with every pair of its options, and more
	@tests/rotate.py --rounds 62 --jobs 12 --seed $(or $(SEED),1) --keep rotate.md || [ $$? -eq 77 ]
	@for n in 3 4 5; do \
		tests/rotate.py --options $$n --pairs 60 --rounds 13 --jobs 12 --seed $(or $(SEED),1) || \
		[ $$? -eq 77 ] || exit; \
	done
	@tests/moves.py --cases 300 --jobs 4 --seed $(or $(SEED),1)

soak: all ## everything at once, killed at random, SOAK_SECONDS (300), SOAK_SEED
	@tests/soak/soak.py --seconds $(or $(SOAK_SECONDS),300) \
		$(SOAK_SEED:%=--seed %)

endurance: all ## 10,000 segments, a million appends, 100,000 publishes
	@tests/soak/endurance.py $(ENDURANCE)

check-denials: all ## functions with every product of tiers denied, also as nobody
	@tests/trigger/denials.sh

check-suites: all ## the suites of functions with isolation denied, also as nobody
	@tests/trigger/suites.sh

kills: all ## thousands of kills of lam-trigger at random: the bytes of one clean run
	@RECORDS=$(or $(RECORDS),20000) KILL_MS=$(or $(KILL_MS),50) bats -f "kill -9 at random" tests/trigger.bats

check-runtimes: all ## AWS's own runtime clients, where they can be installed
	@tests/trigger/runtimes.sh $(RUNTIMES)

latency: all $O/bench/gen ## from a line of log to an answer, while batches run
	@tests/bench/latency.py --keep

lint: ## the style of sources, scripts and man pages
	@tests/gates.sh style
	@mandoc -T lint -W warning $(MAN)

check-fresh: ## root, minutes: make demo and make check in a minimal Debian
	@tests/fresh/fresh.sh

check-arch: ## root, minutes: the same answers in an emulated big-endian Debian
	@tests/fresh/arch.sh

clean: ## remove what was built
	rm -rf build bin

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

.PHONY: all units fuzzers deps have-deps demo install uninstall check check-asan \
	check-tsan bench bench-trigger bench-peers fuzz faults suites differential laws bitrot soak \
	cluster-check check-runtimes check-denials check-suites kills endurance latency lint check-fresh check-arch \
	check-rotate check-browser check-servers clean help
.SECONDARY:
export VARIANT CC O BIN
-include $(shell find $O -name '*.d' 2>/dev/null)
