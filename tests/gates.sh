#!/usr/bin/env bash
# gates.sh GATE - one property of the source tree or of the built programs
set -u
cd "$(dirname "$0")/.." || exit 1
: "${O:=build/release}" "${BIN:=bin}"
status=0

complain() { echo "$*"; status=1; }

case $1 in
headers) # every header compiles alone, as the first thing in a file
	for h in src/*/*.h; do
		${CC:-cc} -std=c11 -Wall -Wextra -Werror -Isrc -D_GNU_SOURCE \
			-fsyntax-only -x c "$h" -Wno-unused-function || status=1
	done ;;
layers) # a folder includes itself and what stands above it in the table
	order=$(sed -n 's/^| `\([a-z]*\)\/` |.*/\1/p' src/README.md)
	[ -n "$order" ] || complain "src/README.md: no table of layers"
	seen=
	for layer in $order; do
		seen="$seen $layer"
		for f in src/"$layer"/*.[ch]; do
			for i in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$f"); do
				case " $seen " in
				*" $i "*) ;;
				*) complain "$f includes $i/, which stands below $layer/" ;;
				esac
			done
		done
	done
	for d in src/*/; do
		compgen -G "$d*.[ch]" >/dev/null || continue # blueprints
		d=${d#src/}
		case " $seen " in
		*" ${d%/} "*) ;;
		*) complain "src/$d is not in the table of src/README.md" ;;
		esac
	done ;;
rooms) # the top level is what it is; no room holds more than 12 % of the lines
	top=$(git ls-files 2>/dev/null | sed 's,/.*,,' | grep -v '^\.' | sort -u | tr '\n' ' ')
	case $top in
	"" | "Makefile README.md man src tests ") ;; # not from a checkout, or these
	*) complain "at the top level: $top" ;;
	esac
	all=$(cat src/*.c src/*/*.[ch] | wc -l)
	for d in src/*/; do
		compgen -G "$d*.[ch]" >/dev/null || continue
		n=$(cat "$d"*.[ch] | wc -l)
		[ $((n * 100)) -le $((all * 12)) ] ||
			complain "$d has $n lines of $all: more than 12 %"
	done ;;
owners) # what x.h and x_internal.h declare is defined in x.c or x_*.c, and one driver
	export LC_ALL=C
	for o in "$O"/[a-z]*/*.o; do
		c=${o#"$O"/}
		c=src/${c%.o}
		[ -f "$c.c" ] && nm "$o" | awk -v c="$c" \
			'$2 ~ /[TDRBi]/ && $3 ~ /^lam_/ { print $3, c }'
	done | sort >"$O/defined"
	for h in src/*/*.h; do
		sed -n 's/^[a-z_][^(]*[ *]\(lam_[a-z0-9_]*\)(.*/\1/p' "$h" |
			sed "s|\$| $h|"
	done | sort |
		join - "$O/defined" |
		awk '{ s = $2; sub(/(_internal)?\.h$/, "", s)
			if ($3 != s && index($3, s "_") != 1)
				print $1 " of " $2 " is in " $3 ".c" }' >"$O/strays"
	[ -s "$O/strays" ] && complain "$(cat "$O/strays")"
	# Two things never share a name.
	twice=$(grep -rhoE '^(struct|union|enum) lam_[a-z0-9_]+ \{' src | sort | uniq -d)
	[ -z "$twice" ] || complain "defined twice: $twice"
	found=$(grep -l 'lam_engine_run(' -r src | grep -v '^src/engine/')
	[ -z "$found" ] || complain "$found: a pass of its own: queries are" \
		"run by engine/drive.h" ;;
third-party) # the files that know a library
	while read -r h files; do
		found=$(grep -l "^#include <$h>" -r src | sort | tr '\n' ' ')
		[ "$found" = "$files " ] || complain "<$h>: included by $found"
	done <<-'EOF'
	zlib.h src/input/crc32.c src/input/gunzip.c
	libdeflate.h src/store/deflate.c
	isa-l/igzip_lib.h src/input/gunzip.c
	csv.h src/format/csv_ref.c
	xxhash.h src/base/hash.c src/base/hash_avx2.c
	pcre2.h src/fn/fn_regex_internal.h src/format/pattern.c src/reference/agents_match.c
	yaml.h src/reference/agents_rules.c
	maxminddb.h src/reference/geo.c
	EOF
	;;
style) # .editorconfig, and what no formatter can be told
	awk '
		function say(line, what) {
			print FILENAME ":" line ": " what
			bad = 1
		}
		FNR == 1 { body = 0 }
		/[ \t]$/ { say(FNR, "blanks at the end") }
		/^        +[^ \\]/ { say(FNR, "indented with blanks") }
		FILENAME ~ /^src/ && length($0) > 60 {
			wide = $0
			while (i = index(wide, "\t"))
				wide = substr(wide, 1, i - 1) \
					substr("        ", 1, 8 - (i - 1) % 8) \
					substr(wide, i + 1)
			if (length(wide) > 88)
				say(FNR, "more than 88 columns")
		}
		/^\{/ { body = FNR }
		/^\}/ {
			if (body && FNR - body > 61 && FILENAME ~ /^src/)
				say(body, "a function of more than 60 lines")
			body = 0
		}
		END { exit bad }' src/*.c src/*/*.[ch] tests/*/*.[ch] || status=1
	long=$(wc -l src/*.c src/*/*.[ch] | awk '$1 > 500 && $2 != "total"')
	[ -z "$long" ] || complain "files of more than 500 lines: $long"
	for f in tests/*.sh tests/*/*.sh; do
		bash -n "$f" || status=1
	done
	python3 -c 'import ast, sys
for f in sys.argv[1:]: ast.parse(open(f).read(), f)' \
		tests/*.py tests/*/*.py || status=1 ;;
seeds) # a hash table's hash takes a seed; what has none is a checksum or a sketch
	bad=$(grep -n 'lam_\(hash\|mix\)(.*, 0)' -r src | grep -v '^src/group/hll.c:\|^src/sql/ast.c:')
	[ -z "$bad" ] || complain "hashed without a seed: $bad"
	for f in src/group/key_codes.c src/group/group_table.c src/group/value_sets.c \
		src/store/column_dict.c src/input/input_header.c; do
		grep -q 'lam_hash_seed()' $f || complain "$f: whose seed?"
	done ;;
symbols) # the library leaves output, exit, environment and clock to the mains
	bad=$(for o in "$O"/[a-z]*/*.o; do
		case $o in "$O"/cli/*) continue ;; esac
		nm -u "$o" | awk -v o="$o" '{ print o, $NF }'
	done | grep -v '/sandbox/.* _exit$' | # processes that it forked itself
		grep -E ' (_?exit|abort|printf|__printf_chk|puts|putchar|perror|getenv|secure_getenv|setenv|time|localtime|gmtime|strcpy|strcat|sprintf|__sprintf_chk|strtok|atoi|atol|stdout|stderr|system|popen)$')
	[ -z "$bad" ] || complain "$bad" ;;
unused) # every function of the library is called, by its own file or another
	find "$O" -maxdepth 2 -name '*.o' ! -path '*/unit/*' ! -path '*/replay/*' |
		xargs nm | awk '$1 == "U" { print $2 }' >"$O/used"
	# In its own file: named twice, comments and texts aside.
	python3 -c 'import re, sys
skip = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|\x27(?:\\.|[^\x27\\])+\x27", re.S)
for f in sys.argv[1:]:
    names = re.findall(r"\blam_[a-z0-9_]+", skip.sub(" ", open(f).read()))
    print(*{n for n in names if names.count(n) > 1}, sep="\n")' \
		src/*/*.c >>"$O/used"
	sort -u -o "$O/used" "$O/used"
	bad=$(nm "$O"/liblam.a | awk '$2 == "T" { print $3 }' | sort -u |
		comm -23 - "$O/used")
	# What waits for its first caller: NAME, and why it is there already.
	while read -r name why; do
		grep -qx "$name" <<<"$bad" || complain "$name is used: $why"
		bad=$(grep -vx "$name" <<<"$bad")
	done <<-'EOF'
	EOF
	[ -z "$bad" ] || complain "$bad" ;;
hardening) # position independent, read-only relocations, no executable stack
	for p in "$BIN"/lam-*; do
		[ "$(head -c 2 "$p")" != "#!" ] || continue # a shell program
		readelf -hW "$p" | grep -q 'Type:.*DYN' || complain "$p: not PIE"
		readelf -dW "$p" | grep -q 'BIND_NOW\|FLAGS.*NOW' ||
			complain "$p: no BIND_NOW"
		readelf -lW "$p" | grep -q GNU_RELRO || complain "$p: no RELRO"
		readelf -lW "$p" | grep GNU_STACK | grep -q 'RWE' &&
			complain "$p: executable stack"
		nm -D "$p" | grep -q __stack_chk_fail ||
			complain "$p: no stack protector"
		nm -D "$p" | grep -q '_chk@' || complain "$p: not fortified"
	done ;;
clean) # what git does not ignore and does not track was left by a test
	git rev-parse --git-dir >/dev/null 2>&1 || exit 0
	left=$(git status --porcelain --untracked-files=all | grep '^??')
	[ -z "$left" ] || complain "left behind: $left" ;;
*)
	complain "gates.sh: no gate $1" ;;
esac
exit $status
