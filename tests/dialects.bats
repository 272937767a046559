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
	printf 'a\tb\nx\\ty\t\\N\n"\t\n' >t
	for o in "" "--quote none" "--delimiter tab --quote none --escape \\"; do # what is said is what was meant
		# shellcheck disable=SC2086
		run -0 lam-query -f tsv $o -o jsonl "select * from 't'"
		[ "$output" = '{"a":"x\ty","b":null}
{"a":"\"","b":""}' ] || { echo "$o: $output"; return 1; }
	done
	run -0 lam-query -f tsv --quote none --escape none -o jsonl "select a from 't' where b = '\N'"
	[ "$output" = '{"a":"x\\ty"}' ]
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
	[[ $output == *"go with -f csv and tsv only, and this is jsonl"* ]]
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

@test "dialects: without a word the delimiter is that of the first two records, or in doubt, and never another" {
	python3 - <<-'EOF'
	import csv, itertools, json
	words = ["Müller; Hans", "a|b", 'he said "hi"', "two\nlines", "1,50", "plain", "", "x\ty"]
	for i, (d, bom, end, sep) in enumerate(itertools.product(";\t|", ("", "\ufeff"), ("\n", "\r\n"), (False, True))):
	    rows = [["Name %d" % k for k in range(3)]] + [[words[(r + k * i) % 8] for k in range(3)] for r in range(1, 100)]
	    rows[1] = ["first", "1,50", "31.12.2026"]
	    with open("t%d.csv" % i, "w", newline="") as f:
	        f.write(bom + ("sep=%s%s" % (d, end) if sep else ""))
	        csv.writer(f, delimiter=d, lineterminator=end, quoting=csv.QUOTE_ALL if i % 5 == 0 else csv.QUOTE_MINIMAL).writerows(rows)
	    with open("t%d.want" % i, "w") as f:
	        for r in rows[1:]:
	            f.write(json.dumps({k: v or ("" if i % 5 == 0 else None) for k, v in zip(rows[0], r)}, ensure_ascii=False, separators=(",", ":")) + "\n")
	EOF
	[ "$(ls t*.want | wc -l)" -eq 24 ]
	for f in t*.csv; do
		run -0 --separate-stderr lam-query -v -o jsonl "select * from '$f'"
		diff "${f%.csv}.want" - <<<"$output"
		[[ $stderr == *"read as csv, with a "*" between its fields, as its first lines look"* ]]
		lam-query -q -o jsonl -f csv "select * from stdin" <"$f" | cmp - "${f%.csv}.want"
	done
	# one column, whatever its text
	printf 'note\na; b\nc\n' >one.csv
	printf 'a; b\nc\nd; e; f\n' >none.csv
	printf '"a;b"\n"c;d"\n' >quoted.csv
	printf 'tags\na;b\nc;d\n' >lists.csv
	for f in one none quoted lists; do
		run -0 lam-query -o tsv "select * from '$f.csv'"
		[ "$output" = "$(tr -d '"' <$f.csv)" ]
	done
	# a stream of one column has no other
	lam-ingest -q -s notes one.csv
	printf 'x;y\nz;w\n' | lam-ingest -q -s notes -f csv
	run -0 lam-query --no-header "select note from notes offset 2"
	[ "$output" = $'x;y\nz;w' ]
}

@test "dialects: a delimiter in doubt, and lines before a header, are refused; what the message says works" {
	printf 'a; b\nc; d; e\nf\n' >two.csv
	printf '1,5;2\n2,5;3\n' >decimals.csv
	printf 'Preis, netto;Stück\n1,50;3\n2;4\n' >header.csv
	printf 'Name, first\tage\nSmith, J\t5\n' >tabs.csv
	printf 'a;b\n1;2\n3\n4\n5\n' >torn.csv
	printf 'id;name, first;qty\n1;Smith, J;5\n2;Doe, A;6\n' >more.csv
	for f in two decimals header tabs torn more; do
		run -3 lam-query "select * from '$f.csv'"
		[[ $output == "lam-query: $f.csv: its first line"*"say --delimiter "*" or --delimiter ," ]]
		run -3 lam-ingest -s s -f csv $f.csv
		[ ! -e data/master/s ]
		lam-query -q --delimiter , "select count(*) from '$f.csv'"
	done
	run -0 lam-query --no-header --delimiter ';' "select * from 'decimals.csv'"
	[ "$output" = $'"1,5",2\n"2,5",3' ]
	printf 'a,b\n1,2\n' >commas.tsv
	run -3 lam-query "select * from 'commas.tsv'"
	[[ $output == *"say --delimiter , or -f tsv" ]]
	run -0 lam-query --no-header --delimiter , "select * from 'commas.tsv'"
	[ "$output" = 1,2 ]
	lam-query -q -f tsv "select * from 'commas.tsv'"
	printf '# one\n# two\na;b\n1;2\n' >semi.csv
	printf '# one\na,b\n1,2\n' >comma.csv
	for f in semi comma; do
		run -3 lam-query "select * from '$f.csv'"
		[[ $output == *"say --comment '#'" ]]
		run -0 lam-query --no-header --comment '#' "select * from '$f.csv'"
		[ "$output" = 1,2 ]
	done
	printf 'Sales of 2026\n\na;b\n1;2\n3;4\n' >semi.csv
	printf 'Sales,,\na,b,c\n1,2,\n3,4,5\n' >padded.csv
	printf 'Sales\nof 2026\na,b\n1,2\n3,4\n' >comma.csv
	for f in semi padded comma; do
		run -3 lam-query "select * from '$f.csv'"
		[[ $output =~ pipe\ it\ in\ through\ \"(tail -n \+[0-9])\"$ ]]
		run -0 lam-query --no-header "select a, b from stdin" < <(${BASH_REMATCH[1]} $f.csv)
		[ "$output" = $'1,2\n3,4' ]
	done
}

@test "dialects: a delimiter that was found is kept with the place of a log, and of a pipe" {
	printf 'sep=;\r\nname;n\r\na;1\r\n' >log
	lam-ingest -q -s s --resume log
	printf 'b;2\r\n' >>log
	lam-ingest -q -s s --resume log
	printf 'name;n\r\nc,;3\r\n' >>log # the header again
	lam-ingest -q -s s --resume log
	run -0 lam-query --no-header "select name, n from s"
	[ "$output" = $'a,1\nb,2\n"c,",3' ]
	printf 'name|n\na|1\n' | lam-ingest -q -s t --ack --source x >/dev/null
	printf 'b,|2\n' | lam-ingest -q -s t --ack --source x >/dev/null
	run -0 lam-query --no-header "select name, n from t"
	[ "$output" = $'a,1\n"b,",2' ]
	# first lines of a pipe that come one by one
	mkfifo p
	run -0 lam-query -q --no-header "select * from stdin" < <(printf 'a;'; cat p | head -c 1 >/dev/null; printf 'b\n1;2\n') &
	echo x >p
	wait $!
}

@test "dialects: a byte that is none is told where the definition has it, before anything runs" {
	mkdir -p data/functions/f data/formats
	printf 'on stream s\nrun touch ran\ninto t\ndelimiter ;;\n' >data/functions/f/function
	printf 'format csv\nquote ""\n' >data/formats/mine
	printf 'a\n1\n' >log
	lam-ingest -q -s s log
	run -2 lam-trigger f
	[[ $output == *"functions/f/function:4: delimiter \";;\": expected one byte"* ]] || { echo "$output"; return 1; }
	run -2 lam-query -f mine "select * from 'log'"
	[[ $output == *"formats/mine:2: quote "*": expected one byte"* ]]
}

@test "names of fields before records that have fewer, or decimal commas, are not told to be dropped as a title" {
	python3 -c 'print("day\tname\tprice\tn\tnote"); [print("20.11.2026\tx\t0,%d\t1" % i) for i in range(9)]' >log
	run -3 lam-query "select * from 'log'"
	[[ $output == *"line 2 is none of it (4 fields, expected 5)"* && $output != *title* ]] || { echo "$output"; return 1; }
	python3 -c 'print("price"); [print("0,%d\t1" % i) for i in range(9)]' >log
	run -3 lam-query "select * from 'log'"
	[[ $output == *"its commas are decimal ones: say --delimiter tab"* && $output != *title* ]] || { echo "$output"; return 1; }
	python3 -c 'print("Report of May"); print("a,b"); [print("0,%d" % i) for i in range(9)]' >log
	run -3 lam-query "select * from 'log'"
	[[ $output == *"first line is a title"* ]] || { echo "$output"; return 1; }
}

@test "a first line that is a title, padded to as many fields as the table has, is refused; what the message says reads it" {
	table=$'day;n;m\n2026-05-01;1;2\n2026-05-02;3;4\n' # in front of four more columns, two values may be a title, too
	wide=$'day;n;m;d;e\n2026-05-01;1;2;x;y\n2026-05-02;3;4;x;y\n'
	titles=($'Report of May;;\n' $'Report of May;;\n;;\n' $'Report\n' $'\n\nReport;;\nfrom;2026-05-01;\n\n;;\n'
		$'Report;May 2026;;;\n' $'Report;;May 2026;;\n;;;;\n')
	for title in "${titles[@]}"; do
		for byte in ';' , $'\t' '|'; do
			[ "$title" != $'Report\n' ] || continue # which is no padded one
			[[ $title != *';May'* ]] && rows=$table || rows=$wide
			printf %s "${title//;/$byte}${rows//;/$byte}" >t.csv
			for options in "" "--delimiter=$byte"; do
				run -3 lam-query ${options:+"$options"} "select * from 't.csv'"
				[[ $output == *"first line is a title"*"\"tail -n +"*\" ]]
			done
			tail="${output##*through \"}"
			run -0 --separate-stderr bash -c "${tail%\"} t.csv | lam-query --delimiter '$byte' --no-header 'select sum(n), sum(m), min(day) from stdin'"
			[ "$output" = 4,6,2026-05-01T00:00:00Z ]
			run -3 lam-ingest -s s t.csv
			[[ $output == *"first line is a title"* ]]
			run -0 lam-query --no-header --input-header --delimiter "$byte" "select count(*) from 't.csv'" # who says it is none is believed
		done
	done
	printf 'name,,\na,1,\nb,2,\n' >t.csv # no record is full: the table is as it is
	run -0 lam-query --no-header "select name, column2 from 't.csv'"
	[ "$output" = $'a,1\nb,2' ]
	printf 'id;name;;;\nbob;1;2;3;4\namy;2;3;4;5\n' >t.csv # the first full record has numbers, and is no header
	run -0 lam-query --no-header "select id, name, column3, column5 from 't.csv'"
	[ "$output" = $'bob,1,2,4\namy,2,3,5' ]
	printf 'name,,\na,1,2\n' >t.csv # one line may be the only record
	run -0 lam-query --no-header "select name, column2 from 't.csv'"
	[ "$output" = a,1 ]
}

@test "dialects: names that are given and a header line that gives them exclude each other" {
	printf 'a,b\n1,2\n' >t
	mkdir -p data/formats
	printf 'format csv\nfields x,y\nheader\n' >data/formats/one
	printf 'header\nfields x,y\nformat csv\n' >data/formats/two
	printf 'format csv\nheader\n' >data/formats/named
	for o in "--fields x,y --header" "-f csv --header --fields x,y" "-f one" "-f two" "-f named --fields x,y"; do
		# shellcheck disable=SC2086
		run -2 lam-ingest -s s $o t
		[[ $output == *"t: names of its fields are given"* ]] || { echo "$o: $output"; return 1; }
		[ ! -e data/master/s/schema ]
	done
	for p in lam-query "lam-batch -e" "lam-speed -e"; do
		# shellcheck disable=SC2086
		run -2 $p "select x from stdin" --fields x,y --input-header <t
		[[ $output == *"names of its fields are given"* ]] || { echo "$p: $output"; return 1; }
	done
	lam-ingest -q -s s -f named --fields x,y --no-header t # who says it is none is believed
	lam-query --no-header "select * from s" | cmp - t
	run -0 lam-plot --fields x,y <<<$'1,2\n3,4' # which else takes the first line for names
	[[ ${lines[0]} == "1 "*" 2" ]]
}
