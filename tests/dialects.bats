#!/usr/bin/env bats
# Delimited text in every dialect: what Python's csv module wrote, and what streams keep.
load helper

# write DELIMITER QUOTE ESCAPE COMMENT SEED: log, by Python's csv; want, as JSON lines
write() {
	python3 - "$@" <<'EOP'
import csv, json, random, sys
delimiter, quote, escape, comment, seed = sys.argv[1:]
r = random.Random(seed)
letters = [delimiter, quote, escape or "~", comment or "#", "a", "b", " ", "\n", "\r\n", ",", ";", '"', "\\"]
with open("log", "w", newline="") as f, open("want", "w") as want:
    w = csv.writer(f, delimiter=delimiter, quotechar=quote, escapechar=escape or None, doublequote=not escape,
                   lineterminator="\n", quoting=csv.QUOTE_ALL if escape else csv.QUOTE_MINIMAL)
    w.writerow(["k", "x", "y"])
    for i in range(4000):
        if comment and r.random() < .1:
            f.write(comment + "".join(r.choice(letters) for _ in range(9)).replace("\n", "") + "\n")
        # libcsv, and the manual, have \r before a closing quote as it stands
        row = ["".join(r.choice(letters) for _ in range(r.randrange(1, 9))) for _ in range(2)]
        w.writerow(["k%d" % i] + row)
        print(json.dumps({"k": "k%d" % i, "x": row[0], "y": row[1]}, separators=(",", ":")), file=want)
EOP
}

@test "dialects: what Python's csv module writes is read, whatever its bytes" {
	n=0
	for d in ", \" - -" "; \" - -" "tab ' - #" "| ' \\ -" ", \" \\ #" "; ' ~ %"; do
		read -r delimiter quote escape comment <<<"$d"
		byte=${delimiter/tab/$'\t'}
		write "$byte" "$quote" "${escape#-}" "${comment#-}" $((n += 1))
		o=(--delimiter "$delimiter" --quote "$quote" --threads $((n % 3 + 1)))
		[ "$escape" = - ] || o+=(--escape "$escape")
		[ "$comment" = - ] || o+=(--comment "$comment")
		lam-query "${o[@]}" -o jsonl "select * from 'log'" >got 2>err
		cmp got want || { echo "$d"; diff got want | head; return 1; }
		[ ! -s err ]
		lam-ingest -q -s "s$n" "${o[@]}" log
		lam-ingest -q -s "s$n" log # it remembers
		lam-query -o jsonl "select * from s$n" | cmp - <(cat want want)
		[ ! -e "data/reject/s$n.csv" ] || [ "$(wc -l <"data/reject/s$n.csv")" -le 1 ]
	done
	[ "$n" = 6 ]
}

@test "dialects: text without quotes; a quote for TSV; a decimal comma is text" {
	printf 'a,b\n1,x\\,y\n"2",\\N\n' >t
	run -0 --separate-stderr lam-query --quote none -o jsonl "select * from 't'" # the escape is to be said
	[ "$output" = '{"a":"\"2\"","b":"\\N"}' ]
	[[ $stderr == *"t:2: 3 fields, expected 2"* ]]
	printf 'a|b\n1|x~ty\n"2"|~N\n3|~~\n' >t
	run -0 lam-query --delimiter '|' --quote none --escape '~' -o jsonl "select * from 't'"
	[ "$output" = '{"a":"1","b":"x\ty"}
{"a":"\"2\"","b":null}
{"a":"3","b":"~"}' ]
	printf 'a\tb\n"1\t2"\tx\\ty\n' >t
	run -0 lam-query -f tsv --quote '"' -o jsonl "select * from 't'"
	[ "$output" = '{"a":"1\t2","b":"x\\ty"}' ]
	printf 'n;p\na;1,50\nb;-0,25\n' >t
	run -0 lam-query --no-header --delimiter ';' "select min(p), sum(cast(replace(p, ',', '.') as double)) from 't'"
	[ "$output" = '"-0,25",1.25' ]
}

@test "dialects: a comment before the header, between records, at the end; headers met again" {
	printf '# one "\n\n#two\na;b\n1;2\n#"x\n3;4\na;b\n# end' >c
	for n in 1 2; do
		run -0 --separate-stderr lam-query --threads $n --no-header --delimiter ';' --comment '#' "select * from 'c'"
		[ "$output" = $'1,2\n3,4' ]
		[ "$stderr" = "lam-query: 1 line more is the header: skipped" ]
	done
	tr ';' '\t' <c >c.tsv
	run -0 --separate-stderr lam-query --no-header -f tsv --comment '#' "select * from 'c.tsv'"
	[ "$output" = $'1,2\n3,4' ]
	mkdir -p data/formats
	printf 'format csv\ndelimiter ;\ncomment #\n' >data/formats/semi
	run -0 lam-query -q --no-header -f semi "select * from 'c'"
	[ "$output" = $'1,2\n3,4' ]
	lam-ingest -q -s s -f semi --resume c
	printf '\n5;6\n# more\n7;8\n' >>c
	lam-ingest -q -s s --resume c
	run -0 lam-query --no-header "select a, b from s"
	[ "$output" = $'1,2\n3,4\n5,6\n7,8' ]
}

@test "dialects: what cannot be is refused, with what to say" {
	printf 'a b\n1 2\n' >t
	for o in "--delimiter ab" "--delimiter none" "--delimiter \"" "--comment \"" "--comment ," "--escape ," "--quote none --escape # --comment #"; do
		run -2 lam-query $o "select * from 't'"
		[[ $output == *"${o%% *}"* ]]
	done
	run -2 lam-query -f jsonl --delimiter , "select * from 't'"
	[[ $output == *"go with -f csv and -f tsv only, and this is jsonl"* ]]
	run -2 lam-query --delimiter , "values (1)"
	lam-ingest -q -s s --delimiter ' ' t
	lam-ingest -q -s s t
	run -0 lam-query --no-header "select * from s"
	[ "$output" = $'1,2\n1,2' ]
	[ "$(<data/master/s/input)" = $'format csv\ndelimiter space' ]
	echo "a,b
1,\"x" >bad # an open quote is told where it is
	printf '1,y\n' >>bad
	run -0 lam-query --quote '"' --escape '\' "select * from 'bad'"
	[[ $output == *"bad:2: a quote is never closed"* ]]
}
