#!/usr/bin/env bash
# demo.sh - the main job on a real log, each step said and shown
#
# The log is /var/log/dpkg.log, which every Debian machine has; where it is
# missing or tiny, a generated web log stands in.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C PATH=$PWD/bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LAM_DATA=$work/data

bold=$(tput bold 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true)
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
run() { printf '$ %s\n' "$*"; eval "$*"; }

log=$work/log.csv
if [ "$(wc -l 2>/dev/null </var/log/dpkg.log || echo 0)" -ge 500 ]; then
	say "1. The log: /var/log/dpkg.log, what this machine installed and when, as CSV"
	{
		echo ts,action,package,version
		awk '$3 ~ /^(install|upgrade|configure|trigproc|remove|purge)$/ {
			print $1 "T" $2 "Z," $3 "," $4 "," $NF }
		     $3 == "status" {
			print $1 "T" $2 "Z," $4 "," $5 "," $NF }' /var/log/dpkg.log
	} >"$log"
	stream=packages key=action
else
	say "1. The log: no dpkg.log worth reading here, so a generated web log"
	make -s build/release/bench/gen
	build/release/bench/gen 200000 | sed '1s/^time/ts/' >"$log"
	stream=requests key=status
fi
run "head -4 $log"
lines=$(wc -l <"$log")
half=$((lines / 2))

say "2. lam-ingest appends the first half to the master log; acknowledged means on disk"
run "head -n $half $log | lam-ingest -s $stream"

say "3. A view is one SQL aggregation in a file"
mkdir -p "$LAM_DATA/views"
cat >"$LAM_DATA/views/traffic.sql" <<SQL
select date_trunc('hour', ts) as hour, $key,
       count(*) as hits
from $stream
group by hour, $key
SQL
run "cat \$LAM_DATA/views/traffic.sql"

say "4. The cron line: lam-batch recomputes every view from the whole log, lam-serve publishes"
run "lam-batch | lam-serve"

say "5. More log arrives; lam-speed keeps up with what the batch has not reached"
run "{ head -1 $log; tail -n +$((half + 1)) $log | head -n $((lines / 4)); } | lam-ingest -s $stream"
run "lam-speed"
run "{ head -1 $log; tail -n +$((half + 1 + lines / 4)) $log; } | lam-ingest -s $stream"

say "6. lam-query merges batch, speed and the tail of the log: one exact answer"
run "lam-query --explain -o table 'select $key, hits from traffic group by $key order by hits desc limit 8'"

say "7. The proof: merged, recomputed from the log, and counted by awk: the same bytes"
lam-query "select $key, hits from traffic group by $key" >"$work/merged"
lam-query "select $key, count(*) as hits from $stream group by $key" >"$work/scan"
run "cmp $work/merged $work/scan && echo merged = recomputed"
col=$(head -1 "$log" | tr , '\n' | grep -nx "$key" | cut -d: -f1)
{ echo "$key,hits"; tail -n +2 "$log" | awk -F, -v c="$col" '{ n[$c]++ }
	END { for (k in n) print k "," n[k] }' | sort; } >"$work/awk"
sort "$work/merged" >"$work/a"; sort "$work/awk" >"$work/b"
run "cmp $work/a $work/b && echo merged = awk"

say "8. Raw records come back from the master log, byte for byte"
lam-query "select * from $stream" >"$work/back.csv"
run "cmp $log $work/back.csv && echo the log came back whole"

say "9. No dataset at all: SQL over a file or a pipe"
run "gzip -c $log | lam-query -o table 'select $key, count(*) as n from stdin group by $key order by n desc limit 3'"

say "What is on disk ($(wc -c <"$log") bytes of text went in)"
run "cd \$LAM_DATA && find . -type f | sort | xargs ls -l | awk '{ print \$5, \$NF }'"
