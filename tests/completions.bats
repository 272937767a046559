#!/usr/bin/env bats
# Completion in bash, zsh and fish: what may come next, and that shells take it.
load helper

COMPLETE=$ROOT/src/completions/complete

setup_dataset() {
	printf 'ts,path,status\n2026-01-01T00:00:00Z,/a,200\n' | lam-ingest -q -s access
	view traffic <<<"select status, count(*) as hits from access group by status"
	view trends <<<"select date_trunc('hour', ts) as hour, count(*) as hits from access group by hour"
	function_file errors <<<$'on stream access\nrun cat'
}

# offers WANT WORD...: candidates, without what they are, sorted, with blanks between
offers() {
	local want=$1
	shift
	"$COMPLETE" "$@" | cut -f 1 | sort -u | tr '\n' ' ' >got
	[ "$(cat got)" = "$want${want:+ }" ] || { echo "$*: $(cat got), not $want"; return 1; }
}

@test "every option of every --help is offered, and no other; every choice that a message tells, too" {
	for p in "$ROOT"/src/lam-*; do
		[ ! -d "$p" ] || continue
		p=${p##*/} p=${p%.c}
		$p --help | sed -n '/^options:/,/^$/p' | grep -oE '^  (-.,|   ) --[a-z-]+' | grep -oE -- '--[a-z-]+' | sort >want
		"$COMPLETE" $p -- | cut -f 1 | sort >got
		diff want got
		"$COMPLETE" $p - | cut -f 1 | grep -E '^-.$' | sort >got
		$p --help | sed -n '/^options:/,/^$/p' | grep -oE '^  -.' | tr -d ' ' | sort | diff - got
		# what is refused with a list is offered as that list
		for o in $(cat want); do
			said=$($p "$o=?" --help 2>&1 >help || true)
			[[ $said == *": expected "*,*" or "* && $said != *"a size"* && $said != *"a duration"* && $said != *"a position"* ]] || continue
			sed 's/.*: expected //; s/: try.*//; s/;.*//; s/,* or /, /g; s/, /\n/g' <<<"$said" | sort >want.values
			"$COMPLETE" $p "$o" '' | sort | diff want.values -
			"$COMPLETE" $p "$o=" | sed "s/^$o=//" | sort | diff want.values -
			echo "$p $o" >>lists
		done
	done
	[ "$(wc -l <lists)" -ge 8 ]
	for f in _lam lam.bash lam.fish; do # they are for all programs
		run bash -c "sed -n 's/.*lam-{\(.*\)}.*/\1/p' '$ROOT/src/completions/$f' | head -1 | tr , '\n' | sort"
		[ "$output" = "$(for p in "$ROOT"/src/lam-*; do [ -d "$p" ] || basename "$p" .c; done | sed 's/lam-//' | sort)" ]
	done
	shellcheck -s sh "$COMPLETE"
}

@test "names of the dataset, columns and words within SQL, files, tools" {
	setup_dataset
	offers "traffic trends" lam-batch ''
	offers "traffic" lam-batch tra
	offers "access" lam-fsck ''
	offers "access" lam-ingest -s ''
	offers "/files" lam-ingest -s access ''
	offers "errors" lam-trigger e
	offers "errors" lam-trigger --failed ''
	offers "access errors traffic trends" lam-stat ''
	offers "select hits" lam-query 'select hit'
	offers "select hits from traffic" lam-query -o csv 'select hits from traf'
	offers "select concat select concat_ws select contains" lam-query 'select con'
	offers "select count(status" lam-query 'select count(stat'
	offers "/files" lam-batch -e 'select 1' ''
	offers "/dirs" lam-query -d ''
	offers "" lam-batch -d elsewhere ''
	(unset LAM_DATA && offers "" lam-batch '' && offers "traffic" lam-batch -d "$BATS_TEST_TMPDIR/data" traf &&
		HOME=$BATS_TEST_TMPDIR offers "traffic" lam-batch '--data=~/data' traf)
	offers "query" lam q
	offers "traffic" lam batch tra
	offers "tutorial" lam help tu
	offers "log-alert" lam-trigger --new log
	offers "slurm spark ssh" lam-cluster --engine s
	offers "web" lam-report --new ''
	offers "Europe/Belfast Europe/Belgrade Europe/Berlin" lam-query --zone Europe/Be
	offers "--zone=Asia/Kolkata" lam-ingest --zone=Asia/Kol
	offers "UTC" lam-batch --zone UT
	rm -r "$LAM_DATA"
	offers "" lam-batch ''
}

@test "bash, zsh and fish take it, on a terminal" {
	setup_dataset
	cat >bashrc <<-EOF
		PS1='\$ '
		bind 'set bell-style none'
		bind 'set enable-bracketed-paste off'
		. $ROOT/src/completions/lam.bash
	EOF
	mkdir zsh && cat >zsh/.zshrc <<-EOF
		PS1='\$ '
		unsetopt beep prompt_sp zle_bracketed_paste
		autoload -Uz compinit && compinit -u -D
		. $ROOT/src/completions/_lam
	EOF
	mkdir -p fish/fish && cat >fish/fish/config.fish <<-EOF
		source $ROOT/src/completions/lam.fish
	EOF
	keys=(--until '$ ' 'lam-query -o tab\t--version >one\n' --until '$ ' 'lam-query --output=vert\t"select 1 as x" >two\n'
		--until '$ ' 'lam-query "select hits from traf\t group by statu\t" >three\n'
		--until '$ ' 'lam-batch tre\t>four\n' --until '$ ' 'exit\n')
	for shell in "bash --rcfile bashrc -i" "zsh -i"; do
		rm -f one two three four
		ZDOTDIR=$PWD/zsh TERM=xterm python3 "$ROOT/tests/terminal.py" 120 24 "${keys[@]}" $shell >shown || { cat -v shown; return 1; }
		[ "$(cat one)" = "$(lam-query --version)" ] || { cat -v shown; return 1; }
		[ "$(cat two)" = 'x  1' ] || { cat -v shown; return 1; }
		[ "$(cat three)" = $'hits\n1' ] || { cat -v shown; return 1; }
		grep -q trends four || { cat -v shown; return 1; }
	done
	# fish tells what it would offer
	export XDG_CONFIG_HOME=$PWD/fish XDG_DATA_HOME=$PWD/fish.data
	run -0 fish -c 'complete -C "lam-query -o tab"; complete -C "lam-query --output=vert"; complete -C "lam-batch tre"; complete -C "lam-query \"select hits from traf"; complete -C "lam-fsck -d da"'
	[ "$output" = $'table\n--output=vertical\ntrends\tview\nselect hits from traffic\tview\ndata/\tDirectory' ]
}

@test "make install puts them where shells look" {
	setup_dataset
	[ -x "$ROOT/bin/lam-query" ] || skip "no release build"
	make -s -C "$ROOT" install PREFIX=/p DESTDIR="$PWD/root" VARIANT=release CC="$(sed '1s/ -std.*//; q' "$ROOT/build/release/how")"
	p=$PWD/root/p
	for f in zsh/site-functions/_lam bash-completion/completions/lam-query bash-completion/completions/lam \
		fish/vendor_completions.d/lam-report.fish lam/completions/complete; do
		[ -s "$p/share/$f" ] || { echo "$f"; return 1; }
	done
	PATH=$p/bin:$PATH XDG_CONFIG_HOME=$PWD/none XDG_DATA_HOME=$PWD/none run -0 fish -c \
		"source $p/share/fish/vendor_completions.d/lam-batch.fish; complete -C 'lam-batch tre'"
	[ "$output" = $'trends\tview' ]
	make -s -C "$ROOT" uninstall VARIANT=release PREFIX=/p DESTDIR="$PWD/root"
	[ -z "$(find root -type f -o -type l)" ]
}
