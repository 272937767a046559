#!/usr/bin/env bats
# Options and modes: none is taken without effect.
load helper

@test "every option of every program, in every mode: it means something there, or is refused with status 2" {
	unset LAM_DATA
	run -0 python3 "$BATS_TEST_DIRNAME/modes.py"
	[[ $output == *" options in 25 modes" ]]
}

# The formats that take an option about text, as the manual has it; "all" are not refused by
# any.  An option that a program has and this table has not fails the walk.
takes() {
	case $1 in
	fields) echo csv tsv jsonl w3c iis cloudfront docker journald caddy \
		traefik_json zeek logfmt ltsv ;;
	delimiter | quote | escape | comment | *header) echo csv tsv ;;
	start) echo lines regex: ;;
	format | schema | time-format | origin | zone | strict | rejects) echo all ;;
	esac
}

# walk MARK COMMAND...: with each option whose line of help has MARK, in each format: it is
# refused, with what takes it, exactly where the table has it so.
walk() {
	local mark=$1 option format taken given walked=0
	shift
	for option in $("$1" --help | grep -E -- "$mark" | grep -o -- '^      --[a-z-]*'); do
		taken=$(takes "${option#--}")
		[ -n "$taken" ]
		[ "$taken" != all ] || continue
		given=("$option")
		[[ $option == *header ]] || given+=(,)
		for format in $formats; do
			walked=$((walked + 1))
			run "$@" -f "${format/%:/:\$a}" "${given[@]}" </dev/null
			echo "${given[*]} -f $format: $status: $output"
			if [[ " $taken " == *" $format "* ]]; then
				[[ $output != *"only, and this is"* ]]
			else
				[ "$status" = 2 ]
				[[ $output == *" with -f ${taken%% *}"*"only, and this is $format" ]]
			fi
		done
	done
	[ "$walked" -ge 240 ]
}

@test "modes: each format takes an option about text, or refuses it and says which do" {
	formats=$(lam-query -f no 'select * from stdin' </dev/null 2>&1 |
		sed 's/.*there are \([^;]*\).*/\1/; s/,//g')
	[ "$(wc -w <<<"$formats")" -gt 30 ]
	walk ' of a file: ' lam-query 'select * from stdin'
	walk '--(fields|header|no-header|delimiter|quote|escape|comment|start) ' lam-ingest -s new
}

@test "modes: all programs that read text refuse what a format does not take" {
	for command in "lam-batch -e" "lam-speed -e"; do
		for option in --input-header --no-input-header "--delimiter ;" "--start ^a"; do
			run -2 $command 'select count(*) from stdin' -f jsonl $option </dev/null
			[[ $output == *"only, and this is jsonl" ]]
		done
	done
	for option in --header --no-header "--delimiter ;" "--start ^a"; do
		run -2 lam-trigger -f jsonl $option -- cat </dev/null
		[[ $output == *"only, and this is jsonl" ]]
	done
	printf '%s\n' "on stream x" "run cat" "into y" "format jsonl" header | function_file f
	run -2 lam-trigger
	[[ $output == *"f: "*"only, and this is jsonl" ]]
	# lam-plot says it of its own accord, and so of CSV alone
	[ "$(printf '{"a":"x","b":1}\n' | lam-plot -f jsonl)" = \
		"$(printf 'a,b\nx,1\n' | lam-plot -f csv)" ]
}
