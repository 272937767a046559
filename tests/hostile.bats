#!/usr/bin/env bats
# Log lines, file names and files written by an attacker: nothing leaves the
# dataset, nothing steers a terminal, nothing takes all the memory.
load helper

small() { # a dataset with a view, served, in speed, and with rejects
	sample 50 >app.csv
	view v <<<"select status, count(*) as n, sum(bytes) as b from app group by status"
	lam-ingest -q -s app app.csv
	lam-batch | lam-serve
	run -1 lam-ingest -q -s app <<<$'ts,user,status,bytes,latency,note\nshort\n2026-01-01T00:00:00Z,u1,200,5,1.5,x'
	lam-speed
}

# everything: every program that writes, on the dataset as it is
everything() {
	local n=0
	{ head -1 app.csv; echo short; tail -n 2 app.csv; } | lam-ingest -q -s app || n=$?
	echo "lam-ingest $n"
	n=0; lam-batch >part || n=$?
	echo "lam-batch $n"
	n=0; [ ! -s part ] || lam-serve part || n=$?
	echo "lam-serve $n"
	n=0; lam-speed || n=$?
	echo "lam-speed $n"
	n=0; lam-query "select * from v" >answer || n=$?
	echo "lam-query $n"
}

# outside: what the links lead to, as bytes and names
outside() { find "$PWD/away" -type f -exec md5sum {} + | sort; find "$PWD/away" | sort; }

@test "a directory of the dataset that is a symbolic link: nothing is written through it" {
	small
	cp -r data good
	for d in master master/app serving serving/v speed speed/v reject; do
		for target in full empty; do
			rm -rf data away
			cp -r good data
			mkdir away
			cp -r data/$d away/x # what is there, or, for a planted one, nothing
			[ $target = full ] || { rm -rf away/x && mkdir away/x; }
			rm -rf "data/$d"
			ln -s "$PWD/away/x" "data/$d"
			outside >before
			everything >codes 2>err
			outside | cmp - before || { echo "$d ($target): written through"; cat codes err; return 1; }
			[ $target = empty ] || [[ $d != master* ]] || grep -q "$d: is a symbolic link" err
			[[ $d == master* ]] || grep -q "$d: is a symbolic link.*remove it" err ||
				{ echo "$d ($target): no word"; cat codes err; return 1; }
			# the remedy: after it all is well again
			rm "data/$d"
			[[ $d != master* ]] || cp -r "good/$d" "data/$d"
			everything >codes 2>err
			grep -q 'lam-ingest 1' codes && [ "$(grep -c ' 0$' codes)" -eq 4 ] ||
				{ echo "$d ($target): after the remedy"; cat codes err; return 1; }
			lam-query "$(sed 's/ from app/ from app/' data/views/v.sql)" | cmp - answer
		done
	done
}

@test "a file of the dataset that is a symbolic link: its target stays as it was" {
	small
	lam-ingest -q -s app app.csv
	cp -r data good
	for f in $(cd good && find . -type f); do
		rm -rf data away
		cp -r good data
		mkdir away
		cp "data/$f" away/x
		ln -sf "$PWD/away/x" "data/$f"
		outside >before
		everything >codes 2>err
		outside | cmp - before || { echo "$f: written through"; cat codes err; return 1; }
		# derived files are passed over or replaced, everything else is refused by name
		case $f in
		*.idx) grep -q 'lam-query 0' codes ;;
		*) grep -q "${f#./}: is a symbolic link.*put in its place" err ;;
		esac || { echo "$f:"; cat codes err; return 1; }
		# a link to nowhere makes no file there
		mkdir -p "$(dirname "data/$f")" # an empty one of speed/ goes
		ln -sf "$PWD/away/none" "data/$f"
		everything >codes 2>err
		[ ! -e away/none ] || { echo "$f: made through a link"; return 1; }
		# the remedy of the message
		rm -f "data/$f"
		[[ $f == *.idx ]] || cp away/x "data/$f"
		everything >codes 2>err
		grep -q 'lam-ingest 1' codes && [ "$(grep -c ' 0$' codes)" -eq 4 ] ||
			{ echo "$f: after the remedy"; cat codes err; return 1; }
	done
}

@test "a served index that is a link is passed over: the answer comes from the log" {
	small
	lam-query "select * from v" >want
	for f in data/serving/v/*.idx data/speed/v/*.idx; do
		mv "$f" away
		ln -s "$PWD/away" "$f"
		run -0 --separate-stderr lam-query "select * from v"
		[[ $stderr == *"symbolic link"*"passed over"* || $f == *speed* ]]
		[ "$output" = "$(cat want)" ]
		rm "$f" && mv away "$f"
	done
}

@test "temporary names that are planted are not opened" {
	small
	mkdir away
	plant() ( # plant FILE COMMAND: links where the command is about to make temporaries
		for f in $1; do ln -s "$PWD/away/x" "$f.tmp.$BASHPID-0"; done
		shift
		exec "$@"
	)
	plant "data/serving/v/$(basename data/serving/v/*.idx)" lam-serve <(lam-batch --as-of 50 | tee part)
	plant data/master/app/schema lam-ingest -q -s app <<<$'ts,user,status,bytes,latency,note,more\n,,200,,,,1'
	for f in data/speed/v/*.idx; do # the file that the next one is going to be
		to=$(($(lam-query --no-header "select count(*) from app")))
		plant "${f%/*}/$(printf '%020d-%020d' 50 $to)-${f##*-}" lam-speed
	done
	last=$(ls data/master/app/*.seg | tail -1)
	plant "$last $(dirname $last)/$(printf %020d $to).seg" lam-batch >part
	lam-serve part
	[ -z "$(ls away)" ]
	[ "$(find data -type l | wc -l)" -ge 4 ]
	run -0 --separate-stderr lam-query --no-header "select sum(n) from v"
	[ "$output" = 52 ]
}
