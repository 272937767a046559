#!/usr/bin/env bats
# --origin: each record says the file, the line and the time that it came with.
load helper

@test "origin: of every format the line at which a record begins is told, by all threads" {
	python3 "$BATS_TEST_DIRNAME/origin_model.py" 1 40000
	while read -r name id options; do
		read -ra options <<<"$options"
		for threads in 1 3; do
			lam-query -q --origin --threads $threads "${options[@]}" --no-header "select cast($id as bigint) as id, _line from '$name.log' order by id" >got
			cmp got "$name.want" || { echo "$name $threads: $(diff got "$name.want" | head -3)"; return 1; }
		done
		run -0 lam-query -q --origin "${options[@]}" --no-header "select distinct _file from '$name.log'"
		[ "$output" = "$name.log" ]
	done <formats
	[ "$(wc -l <formats)" -ge 19 ]
}

@test "origin: the log keeps it: gzip, standard input, several files, and what is read again" {
	python3 "$BATS_TEST_DIRNAME/origin_model.py" 2 3000
	gzip -k csv.log
	before=$(date -u +%FT%T)
	lam-ingest -q -s s --origin csv.log csv.log.gz 2>err || [ $? -eq 1 ]
	lam-ingest -q -s s <csv.log
	after=$(date -u -d '1 second' +%FT%T)
	for f in csv.log csv.log.gz stdin; do
		lam-query --no-header "select id, _line from s where _file = '$f' order by id" | cmp - csv.want
	done
	run -0 lam-query --no-header "select count(*), min(_ingested) >= '${before}Z' and max(_ingested) <= '${after}Z' from s"
	[ "$output" = 9000,true ]
	run -0 lam-query -o jsonl "select * from s limit 1"
	[[ $output == *',"_file":"csv.log","_line":2,"_ingested":"'*'Z"}' ]]
}

@test "origin: lines are counted on by --resume, through rotation, and by pipes that go on" {
	printf 'id,v\n1,"a\nb"\n' >log
	lam-ingest -q -s s --origin --resume log
	printf 'bad\n\n2,c\n' >>log
	lam-ingest -q -s s --resume log
	printf '3,d\n4,"e' >>log
	lam-ingest -q -s s --resume log
	mv log log.1
	printf '\nf"\n5,g\n' >>log.1
	printf 'id,v\n6,h\n' >log
	lam-ingest -q -s s --resume log
	run -0 lam-query --no-header "select id, _line, regexp_extract(_file, '[^/]*\$') from s order by id"
	want=$'1,2,log\n2,6,log\n3,7,log\n4,8,log.1\n5,10,log.1\n6,2,log'
	[ "$output" = "$want" ] || { echo "$output"; return 1; }

	printf 'id,v\n1,a\n2,b\n' >p
	lam-ingest -q -s p --origin --ack --source sender <p >acks
	at=$(tail -n 1 acks | cut -d' ' -f1)
	printf 'bad\n3,c\n' >>p
	tail -c +$((at + 1)) p | lam-ingest -q -s p --ack --source sender >/dev/null
	run -0 lam-query --no-header "select id, _line, _file from p"
	[ "$output" = $'1,2,sender\n2,3,sender\n3,5,sender' ] || { echo "$output"; return 1; }
	# Rejected lines have the same name.
	lam-query --no-header "select source, line from 'data/reject/p.csv'" | cmp - <(echo sender,4)
	printf 'id,v\n1,a\nbad\n' | lam-ingest -q -s q --origin
	[ "$(lam-query --no-header "select source from 'data/reject/q.csv' union select _file from q")" = stdin ]
}

@test "origin: a stream remembers it; names of its fields are none of the text's" {
	printf '1,a\n2,b\n' >h
	lam-ingest -q -s s --origin --fields k,v h
	lam-ingest -q -s s h # as many names as the stream has, without these
	run -0 lam-query --no-header "select k, v, _line from s"
	[ "$output" = $'1,a,1\n2,b,2\n1,a,1\n2,b,2' ]
	printf '{"a":1,"_line":"x"}\n{"a":2}\n' >j
	lam-ingest -q -s j --origin j
	run -0 lam-query --no-header -o csv "select a, _line, _rest from j"
	[ "$output" = $'1,1,"{""_line"":""x""}"\n2,2,' ] || { echo "$output"; return 1; }
	printf 'a,_file\n1,2\n' >c
	run -3 lam-ingest -q -s c --origin c
	[[ $output == *"c: has a field \"_file\" of its own: "* ]]
	lam-ingest -q -s n c # without it, it is a name like others
	run -0 lam-query --no-header "select _file from n"
	[ "$output" = 2 ]
}

@test "origin: what a function writes into such a stream is from the function" {
	printf 'a\n1\n' | lam-ingest -q -s out --origin
	printf 'x\n7\n' | lam-ingest -q -s in
	function_file f <<<$'on stream in\nrun printf \'a\\n2\\n3\\n\'\nformat csv\nfrom start\ninto out'
	lam-trigger f
	run -0 lam-query --no-header "select a, _line, _file from out"
	[ "$output" = $'1,2,stdin\n2,2,function f\n3,3,function f' ] || { echo "$output"; return 1; }
}
