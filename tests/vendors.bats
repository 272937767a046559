#!/usr/bin/env bats
# Logs as their makers' own documentation shows them, read by the formats of their names.
load helper

@test "w3c: #Fields changes in the middle: any threads, chunks, runs that go on" {
	for seed in 1 2 3; do
		read -r n bad < <(python3 "$ROOT/tests/w3c_model.py" $seed log want)
		[ "$n" -gt 20000 ]
		head -1 want | python3 -c 'import json, sys; print(",".join(chr(34) + n + chr(34) for n in json.load(sys.stdin)))' >names
		for threads in 1 3; do
			lam-query -f w3c --threads $threads -o jsonl "select $(<names) from 'log'" >got 2>err
			cmp got want || { diff got want | head -4; return 1; }
			[[ $(<err) == *"$bad lines are no records"* ]]
		done
		lam-ingest -q -s s$seed log
		lam-query -o jsonl "select $(<names) from s$seed" | cmp - want
		# in four runs: what #Fields and #Date said is known to the next
		for part in 4 3 2 1; do
			head -n $((30000 / part)) log >grown
			[ $part -gt 1 ] || cat log >grown
			lam-ingest -q -s r$seed --resume grown
		done
		lam-query -o jsonl "select $(<names) from r$seed" | cmp - want
	done
}

@test "w3c: the examples of the W3C's draft, Microsoft and Amazon" {
	cat >draft <<'EOF'
#Version: 1.0
#Date: 12-Jan-1996 00:00:00
#Fields: time cs-method cs-uri
00:34:23 GET /foo/bar.html
12:21:16 GET /foo/bar.html
12:45:52 GET /foo/bar.html
12:57:34 GET /foo/bar.html
EOF
	run -0 lam-query --no-header "select min(ts), max(ts), min(cs_uri), count(*) from 'draft'"
	[ "$output" = 1996-01-12T00:34:23Z,1996-01-12T12:57:34Z,/foo/bar.html,4 ]
	cat >iis <<'EOF'
#Software: Internet Information Services 6.0
#Version: 1.0
#Date: 2001-05-02 17:42:15
#Fields: time c-ip cs-method cs-uri-stem sc-status cs-version
17:42:15 172.16.255.255 GET /default.htm 200 HTTP/1.0
EOF
	for f in "" "-f iis" "-f w3c"; do
		run -0 lam-query $f --no-header "select ts, ip, method, path, status, protocol from 'iis'"
		[ "$output" = 2001-05-02T17:42:15Z,172.16.255.255,GET,/default.htm,200,HTTP/1.0 ]
	done
	{
		echo "#Version: 1.0"
		echo "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end"
		tr ' ' '\t' <<'EOF'
2019-12-04 21:02:31 LAX1 392 192.0.2.100 GET d111111abcdef8.cloudfront.net /index.html 200 - Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/78.0.3904.108%20Safari/537.36 - - Hit SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ== d111111abcdef8.cloudfront.net https 23 0.001 - TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 Hit HTTP/2.0 - - 11040 0.001 Hit text/html 78 - -
EOF
	} >cf
	for f in "" "-f cloudfront" "-f w3c"; do
		run -0 lam-query $f --no-header "select ts, ip, status, bytes, host, x_edge_location, time_taken, remote_port, sc_content_len, query from 'cf'"
		[ "$output" = 2019-12-04T21:02:31Z,192.0.2.100,200,392,d111111abcdef8.cloudfront.net,LAX1,0.001,11040,78, ]
	done
	tail -n 1 cf >piece # of a log, without its head
	run -0 lam-query -f cloudfront --no-header "select ts, status, sc_content_type from 'piece'"
	[ "$output" = 2019-12-04T21:02:31Z,200,text/html ]
	run -3 lam-query -f w3c "select * from 'piece'"
	[[ $output == *"no #Fields line stands before it"* ]]
}

@test "w3c: names that come later, or twice, go to the rest; hostile heads are bounded" {
	{ echo "#Fields: a cs-host cs(Host)"; for i in {1..10001}; do echo "$i h1 h2"; done; echo "#Fields: a late"; echo "0 x"; } >log
	run -0 lam-query -f w3c --no-header "select a, host, _rest from 'log' where a in (1, 0)"
	[ "$output" = $'1,h1,cs(Host)=h2\n0,,late=x' ]
	python3 - >log <<'EOP'
for i in range(300):
    print("#Fields: " + " ".join("f%d" % (i * 10000 + j) for j in range(9000)))
print("1 2")
EOP
	run -3 lam-query -f w3c "select * from 'log'"
	[[ $output == *"more than 16 MiB of #Fields lines"* ]]
}
