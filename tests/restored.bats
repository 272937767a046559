#!/usr/bin/env bats
# functions and a log that was restored from an older copy and has grown again
load helper

append() { # FIRST LAST: records of the stream s
	{ echo id,v; seq "$1" "$2" | sed 's/.*/&,1/'; } | lam-ingest -q -s s
}

# A dataset in which the function f has come to position 20 of s, and s was then
# restored from a copy of its first 10 records and has been given others.
restored() { # ON
	append 1 10
	cp -r "$LAM_DATA/master" copy
	printf '%s\n' "on $1" 'from start' "into $PWD/out" 'run cat' | function_file f
	append 11 20
	lam-trigger
	lam-fsck >/dev/null
	rm -r "$LAM_DATA/master"
	cp -r copy "$LAM_DATA/master"
}

@test "a stream that is shorter than what a function has seen has lost records" {
	restored 'stream s'
	run -3 lam-trigger
	[[ $output == *"f: it has seen s up to position 20, but that ends at 10"* ]]
	run -3 lam-fsck
	[[ $output == *"f: it has seen s up to position 20, but that ends at 10"* ]]
	[ "$(wc -l <out)" -eq 20 ]
}

@test "a stream that has grown again with other records is not read on silently, nor by -F" {
	restored 'stream s'
	append 101 115
	run -3 lam-trigger
	[[ $output == *"f: the records of s before position 20 are not those that it has seen"* ]]
	run -3 lam-fsck
	[[ $output == *"records of s before position 20 are not those"* ]]
	[ "$(wc -l <out)" -eq 20 ]
	# Begun anew, as the message says: all records that there are now.
	rm -r "$LAM_DATA/trigger/f"
	rm out
	lam-trigger
	lam-fsck >/dev/null
	[ "$(wc -l <out)" -eq 25 ]
	# The same under a program that runs.
	lam-trigger -F 2>err 4>&- &
	append 201 201
	await grep -q 201 out
	rm -r "$LAM_DATA/master"
	cp -r copy "$LAM_DATA/master"
	append 301 320
	await grep -q "position 26 are not those that it has seen.*; it rests for" err
	kill $!
	wait $! || true
	run -1 grep -c '"id":"*3[0-9][0-9]' out
}

@test "a view of a stream that has grown again with other records" {
	echo 'select id, count(*) as n from s group by id' | view by_id
	restored 'view by_id'
	append 101 115
	run -3 lam-trigger
	[[ $output == *"f: the records of s before position 20 are not those that it has seen"* ]]
	run -3 lam-fsck
	[[ $output == *"records of s before position 20 are not those"* ]]
}

@test "the same records in other blocks, or restored whole, are the same" {
	restored 'stream s'
	append 11 20
	append 21 30
	lam-trigger
	# Packed into one segment, and into one block.
	for i in $(seq 31 45); do append $i $i; done
	lam-trigger
	lam-batch >/dev/null 2>&1 || true
	append 46 46
	lam-trigger
	lam-fsck >/dev/null
	[ "$(wc -l <out)" -eq 46 ]
}

@test "kill -9: what was given to a function was seen" {
	append 1 10
	cp -r "$LAM_DATA/master" copy
	printf '%s\n' 'on stream s' 'from start' 'batch 10' 'isolate none' \
		"run sh -c 'cat; [ \$LAM_FIRST -eq 0 ] || { echo >>$PWD/second; sleep 100; }'" \
		"into $PWD/out" 'timeout none' | function_file f
	append 11 20
	lam-trigger -F 2>err 4>&- &
	await test -s second
	kill -9 $!
	wait $! || true
	rm -r "$LAM_DATA/master"
	cp -r copy "$LAM_DATA/master"
	append 101 115
	run -3 lam-trigger
	[[ $output == *"records of s before position 20 are not those"* ]]
}
