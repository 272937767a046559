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

@test "w3c: where date or time is missing, or is none, what there is stays" {
	printf '%s\n' '#Fields: date time c-ip' '2026-01-01 - 1' '- 10:00:00 2' '- - 3' \
		"2026-01-01 10:00:00$(printf '%060d' 7) 4" '#Date: 2026-02-02 00:00:00' \
		'- 10:00:01 5' '2026-03-03 10:00:02 6' >log
	lam-query -f w3c --no-header "select ip, ts from 'log'" | diff - <(printf '%s\n' 1,2026-01-01 \
		2,10:00:00 3, "4,2026-01-01T10:00:00$(printf '%060d' 7)Z" 5,2026-02-02T10:00:01Z \
		6,2026-03-03T10:00:02Z)
}

@test "w3c: names that come later, or twice, go to the rest; hostile heads are bounded" {
	{ echo "#Fields: a cs-host cs(Host)"; for i in {1..10001}; do echo "$i h1 h2"; done; echo "#Fields: a late"; echo "0 x"; } >log
	run -0 lam-query -f w3c --no-header "select a, host, _rest from 'log' where a in (1, 0)"
	[ "$output" = $'1,h1,cs(Host)=h2\n0,,late=x' ]
	printf '%s\n' '#Fields: date time time c-ip date' '2026-01-01 00:00:00 11:11:11 1 2026-02-02' >log
	run -0 lam-query -f w3c --no-header "select ts, ip, _rest from 'log'"
	[ "$output" = "2026-01-01T00:00:00Z,1,time=11:11:11 date=2026-02-02" ]
	python3 - >log <<'EOP'
for i in range(300):
    print("#Fields: " + " ".join("f%d" % (i * 10000 + j) for j in range(9000)))
print("1 2")
EOP
	run -3 lam-query -f w3c "select * from 'log'"
	[[ $output == *"more than 16 MiB of #Fields lines"* ]]
}

@test "syslog: the examples of RFC 5424 and RFC 3164; structured data are fields" {
	printf '%s\n' "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - "$'\xef\xbb\xbf'"'su root' failed for lonvick on /dev/pts/8" \
		"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts." \
		"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"] "$'\xef\xbb\xbf'"An application event log entry..." \
		"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"][examplePriority@32473 class=\"high\"]" >log
	for f in "" "-f syslog" "-f syslog:1999"; do
		run -0 lam-query $f -o jsonl 'select ts, app, id, "exampleSDID@32473.iut" i, "exampleSDID@32473.eventSource" s, "examplePriority@32473.class" c, message m from '"'log'"
		[ "${lines[0]}" = '{"ts":"2003-10-11T22:14:15.003Z","app":"su","id":"ID47","i":null,"s":null,"c":null,"m":"'"'su root' failed for lonvick on /dev/pts/8"'"}' ]
		[ "${lines[1]}" = '{"ts":"2003-08-24T05:14:15.000003-07:00","app":"myproc","id":null,"i":null,"s":null,"c":null,"m":"%% It'"'"'s time to make the do-nuts."}' ]
		[ "${lines[2]}" = '{"ts":"2003-10-11T22:14:15.003Z","app":"evntslog","id":"ID47","i":3,"s":"Application","c":null,"m":"An application event log entry..."}' ]
		[ "${lines[3]}" = '{"ts":"2003-10-11T22:14:15.003Z","app":"evntslog","id":"ID47","i":3,"s":"Application","c":"high","m":null}' ]
	done
	# escapes, a parameter twice, none, what is no grammar; data keeps all of it
	printf '%s\n' '<1>1 - h a - - [x p="a\"b\\c\]d\q"][y][x p="last" q=""][z n="\"]"] m' '<1>1 - h a - - [x p=1 q="2"] bad' \
		'<1>1 - h a - - [w other="late"]' >log
	run -0 lam-query -o jsonl "select \"x.p\", \"x.q\", \"z.n\", \"w.other\" o, message m, data from 'log'"
	[ "${lines[0]}" = '{"x.p":"last","x.q":"","z.n":"\"]","o":null,"m":"m","data":"[x p=\"a\\\"b\\\\c\\]d\\q\"][y][x p=\"last\" q=\"\"][z n=\"\\\"]\"]"}' ]
	[ "${lines[1]}" = '{"x.p":null,"x.q":null,"z.n":null,"o":null,"m":"bad","data":"[x p=1 q=\"2\"]"}' ]
	sed -i 's/\[x p="last" q=""\]//' log
	run -0 lam-query --no-header -o tsv "select \"x.p\" from 'log' where \"x.p\" is not null"
	[ "$output" = 'a"b\\c]d\\q' ]
	# a stream knows them, although the next file begins with other lines
	lam-ingest -q -s s log
	printf '%s\n' 'Oct 11 22:14:15 mymachine su: x' '<1>1 - h a - - [w other="now"] m' >more
	lam-ingest -q -s s -f syslog:2003 more
	run -0 lam-query --no-header 'select "w.other", message from s'
	[ "${lines[-1]}" = now,m ]
	# RFC 3164, section 5.4
	printf '%s\n' "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8" >log
	run -0 lam-query --no-header -f syslog:1987 "select facility, severity, ts, host, app, message from 'log'"
	[ "$output" = "4,2,1987-10-11T22:14:15,mymachine,su,'su root' failed for lonvick on /dev/pts/8" ]
}

@test "syslog: February 29 without a year is of a year that has it, or told" {
	printf 'Feb 29 12:00:00 h a: x\nMar  1 00:00:00 h a: y\n' >log
	touch -d 2027-02-01 log
	run -0 lam-query --no-header "select ts from 'log'"
	[ "$output" = $'2024-02-29T12:00:00\n2024-03-01T00:00:00' ]
	touch -d 2024-03-02 log
	run -0 lam-query --no-header "select ts from 'log'"
	[ "${lines[0]}" = 2024-02-29T12:00:00 ]
	touch -d 2024-02-28T12:00:00Z log # written in the west, a day ahead of UTC at most
	run -0 lam-query --no-header "select ts from 'log'"
	[ "${lines[0]}" = 2024-02-29T12:00:00 ]
	touch -d 2024-02-27T12:00:00Z log
	run -0 lam-query --no-header "select ts from 'log'"
	[ "${lines[0]}" = 2020-02-29T12:00:00 ]
	run -0 lam-query --no-header -f syslog:2000 "select ts from 'log'"
	[ "${lines[0]}" = 2000-02-29T12:00:00 ]
	for year in 1900 2023; do
		run -0 --separate-stderr lam-query --no-header -f syslog:$year "select ts from 'log'"
		[ "$output" = $year-03-01T00:00:00 ]
		[[ $stderr == *"log:1: $year has no Feb 29: -f syslog:YEAR"* ]]
	done
	printf 'Dec 31 23:59:59 h a: x\nFeb 29 00:00:00 h a: y\nFeb 30 00:00:00 h a: z\n' >log
	run -0 --separate-stderr lam-query --no-header -f syslog:2027 "select ts from 'log'"
	[ "$output" = $'2027-12-31T23:59:59\n2028-02-29T00:00:00' ]
	[[ $stderr == *"log:3: 2028 has no Feb 30"* ]]
}

@test "JSON of programs: the examples of Docker, Caddy and Traefik, with the types that they have" {
	printf '%s\n' '{"log":"Log line is here\n","stream":"stdout","time":"2019-01-01T11:11:11.111111111Z"}' >log
	for f in "" "-f docker"; do
		run -0 lam-query $f -o jsonl "select time + interval '1 second' t, stream, log from 'log'"
		[ "$output" = '{"t":"2019-01-01T11:11:12.111111111Z","stream":"stdout","log":"Log line is here\n"}' ]
	done
	printf '%s\n' '{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]},"tls":{"resumed":false,"version":772,"cipher_suite":4865,"proto":"h2","server_name":"example.com"}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"],"Content-Encoding":["gzip"],"Content-Type":["text/html; charset=utf-8"],"Vary":["Accept-Encoding"]}}' >log
	for f in "" "-f caddy"; do
		run -0 lam-query $f -o jsonl "select date_trunc('second', ts) t, \"request.remote_port\" + 1 p, \"request.uri\" u, duration, size, status from 'log'"
		[ "$output" = '{"t":"2022-03-09T21:30:01Z","p":41343,"u":"/","duration":0.000929675,"size":10900,"status":200}' ]
	done
	sed -i 's/1646861401.5241024/"2022-03-09T21:30:01.524Z"/' log # time_format iso8601
	run -0 lam-query --no-header "select date_trunc('second', ts) from 'log'"
	[ "$output" = 2022-03-09T21:30:01Z ]
	printf '%s\n' '{"ClientAddr":"192.0.2.7:53260","ClientHost":"192.0.2.7","ClientPort":"53260","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":62890,"RequestCount":5,"RequestMethod":"GET","RequestPath":"/x","RequestPort":"-","StartLocal":"2026-01-31T23:59:59.123Z","StartUTC":"2026-01-31T23:59:59.123Z","level":"info","msg":"","time":"2026-01-31T23:59:59Z"}' >log
	for f in "" "-f traefik_json"; do
		run -0 lam-query $f --no-header "select date_trunc('minute', \"StartUTC\"), \"Duration\" / 10, \"ClientPort\" + 0, \"RetryAttempts\" from 'log'"
		[ "${lines[-1]}" = 2026-01-31T23:59:00Z,6289,53260, ]
	done
	run -0 lam-query -f jsonl --no-header "select \"RequestPath\" from 'log'"
	[ "$output" = /x ]
	lam-ingest -q -s t log
	grep -qx "Duration number" data/master/t/schema
}

@test "journalctl -o json: times, numbers in quotes, arrays of bytes" {
	python3 - <<'EOP'
import json
base = {"__CURSOR": "s=bcce4fb8ffcb40e9a6e05eee8b7831bf;i=5ef603", "__REALTIME_TIMESTAMP": "1423944916375353",
        "__MONOTONIC_TIMESTAMP": "27763915", "_BOOT_ID": "ec25d6795f0645619ddac9afdef453ee", "PRIORITY": "6",
        "_UID": "1001", "_PID": "13894", "SYSLOG_IDENTIFIER": "python3"}
messages = ["plain", "esc\x1b[31m", b"\x00\xff\xfe [1,2]".decode("latin-1"), "z" * 300]
with open("log", "w") as log, open("want", "w") as want:
    for i, m in enumerate(messages):
        raw = m.encode("latin-1")
        v = dict(base, MESSAGE=m if i in (0, 3) else list(raw))
        print(json.dumps(v, separators=(",", ":")) if i else json.dumps(v), file=log)
        print(raw.hex(), file=want)
    for odd in ([], [256], [1, "a"], ["a", "b"], [-1], [[1]], [1.5]):
        print(json.dumps(dict(base, MESSAGE=odd), separators=(",", ":")), file=log)
        print(json.dumps(odd, separators=(",", ":")).encode().hex(), file=want)
EOP
	for f in "" "-f journald"; do
		lam-query $f --no-header -o tsv "select \"MESSAGE\" from 'log'" >got
		python3 -c 'import re, sys
e = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"\\": b"\\"}
for l in open("got", "rb").read().split(b"\n")[:-1]:
    print(re.sub(rb"\\(.)", lambda m: e[m[1]], l).hex())' | diff - want
	done
	run -0 lam-query --no-header "select date_trunc('second', max(\"__REALTIME_TIMESTAMP\")), sum(\"PRIORITY\"), max(\"_PID\") from 'log'"
	[ "$output" = 2015-02-14T20:15:16Z,66,13894 ]
	lam-ingest -q -s j log
	lam-query --no-header -o tsv 'select "MESSAGE" from j' | cmp - got
}

@test "web logs: the examples of Amazon, HAProxy and Traefik, and what later versions add" {
	# docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
	cat >s3 <<-'EOL'
	79a5 amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a5 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes us-east-1
	EOL
	run -0 lam-query --no-header "select key, status, bytes, object_bytes, total_ms, tls, access_point, acl_required, source_region, more from 's3'"
	[ "$output" = ",200,113,,7,TLSV1.2,arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP,Yes,us-east-1," ]
	# docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
	cat >alb <<-'EOL'
	http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-"
	http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - - "Root=1" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "-" "-" "-" "-" "-" TID_1 "-" "-" "-"
	EOL
	run -0 lam-query --no-header "select target, status, target_status, error_reason, conn_trace_id, transformed_host, more from 'alb'"
	[ "$output" = ',502,,LambdaInvalidResponse,,,
,200,200,,TID_1,,' ] || { echo "$output"; return 1; }
	# the same pages as they were in 2014, 2016 and 2018: what was added later is NULL
	cat >older <<-'EOL'
	http 2016-08-10T22:08:42.945958Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:x "Root=1-58337262-36d228ad5d99923122bbe354"
	http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:x "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-"
	EOL
	run -0 lam-query --no-header "select trace_id, actions, targets from 'older'"
	[ "$output" = $'Root=1-58337262-36d228ad5d99923122bbe354,,\nRoot=1-58337262-36d228ad5d99923122bbe354,forward,' ]
	head -1 older | tr -d '\n' | head -c -5 >cut
	run -1 lam-query --no-header -f alb "select * from 'cut'"
	[[ $output == *"not a record"* ]]
	cat >older <<-'EOL'
	79a5 mybucket [06/Feb/2014:00:01:57 +0000] 192.0.2.3 79a5 DD6CC733AEXAMPLE REST.PUT.OBJECT s3-dg.pdf "PUT /mybucket/s3-dg.pdf HTTP/1.1" 200 - - 4406583 41754 28 "-" "S3Console/0.4" -
	79a5 bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a5 891CE47D2EXAMPLE REST.GET.LOGGING_STATUS - "GET /bucket1?logging HTTP/1.1" 200 - 242 - 11 - "-" "S3Console/0.4" - 9vKBE6v= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader bucket1.s3.us-west-1.amazonaws.com TLSV1.2
	EOL
	run -0 lam-query --no-header "select key, object_bytes, agent, host_id, tls, more from 'older'"
	[ "$output" = $'s3-dg.pdf,4406583,S3Console/0.4,,,\n,,S3Console/0.4,9vKBE6v=,TLSV1.2,' ]
	echo '2014-02-15T23:39:43.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1"' >older
	run -0 lam-query --no-header -f elb "select path, agent from 'older'"
	[ "$output" = http://www.example.com:80/, ]
	# docs.haproxy.org/2.8/configuration.html#8.2.3, and a bad request, which captures nothing
	cat >haproxy <<-'EOL'
	Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"
	Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in http-in/<NOSRV> -1/-1/-1/-1/109 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"
	EOL
	run -0 lam-query --no-header "select server, request_ms, total_ms, termination, captured, path from 'haproxy'"
	[ "$output" = "srv1,10,109,----,{1wt.eu} {},/index.html
<NOSRV>,-1,109,PR--,,<BADREQ>" ] || { echo "$output"; return 1; }
	run -0 lam-query --no-header --zone Europe/Berlin "select date_trunc('minute', accepted) as m, count(*) as n from 'haproxy' group by m"
	[ "$output" = 2009-02-06T11:14:00Z,2 ]
	# doc.traefik.io/traefik/observability/access-logs, "Common Log Format"
	echo '10.0.0.9 - bob [31/Jan/2026:23:59:59 +0000] "GET /x HTTP/2.0" 404 19 "-" "curl/8" 42 "web@docker" "http://10.0.0.2:80" 3ms' >traefik
	run -0 lam-query --no-header "select user, status, requests, router, server_url, duration_ms from 'traefik'"
	[ "$output" = "bob,404,42,web@docker,http://10.0.0.2:80,3" ]
}

@test "AWS, HAProxy, Squid and Traefik: the lines of their own pages, as Python reads them" {
	python3 "$BATS_TEST_DIRNAME/vendors_model.py"
	for f in alb elb s3 haproxy squid traefik; do
		for how in auto $f; do
			lam-query -f $how -o jsonl "select * from '$f'" >got
			diff $f.want got
		done
		# each of its lines alone is known for what it is
		while read -r line; do
			echo "$line" >one
			lam-query -v "select 1 as x from 'one'" 2>&1 | grep -q "one: read as $f, " || { echo "$f: $line"; return 1; }
		done <$f
	done
}

@test "HAProxy: behind the head of RFC 5424; a client is one word" {
	rest='10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"'
	echo "<134>1 2009-02-06T12:14:14.765+00:00 lb1 haproxy 14389 - - $rest" >log
	run -0 lam-query -f haproxy --no-header "select logged, pid, client, status from 'log'"
	[ "$output" = "<134>1 2009-02-06T12:14:14.765+00:00 lb1,14389,10.0.1.2:33317,200" ]
	echo "lb1 other: $rest" >log
	run -1 lam-query -f haproxy "select client from 'log'"
	[[ $output == *"log:1: "*": not a record"* && $output != *10.0.1.2* ]]
}

@test "nginx_error: the ends of lines that streams and mail have" {
	# ngx_stream_log_error, ngx_stream_proxy_log_error, ngx_mail_log_error
	cat >log <<'EOL'
2026/01/31 23:59:59 [crit] 4073#4073: *15 connect() to 127.0.0.1:3306 failed (13: Permission denied) while connecting to upstream, client: 127.0.0.1, server: 0.0.0.0:8009, upstream: "127.0.0.1:3306", bytes from/to client:1/2, bytes from/to upstream:3/4
2026/01/31 23:59:59 [alert] 22#22: *268159 socket() failed (24: Too many open files) while connecting to upstream, udp client: ::1, server: 0.0.0.0:53, upstream: "172.18.0.3:53", bytes from/to client:30/0, bytes from/to upstream:0/0
2026/01/31 23:59:59 [error] 7#7: *9 upstream timed out, client: 192.0.2.1, server: 0.0.0.0:143, login: "bob", upstream: 127.0.0.1:143
2026/01/31 23:59:59 [info] 7#7: *9 client logged in, client: 192.0.2.1, server: 0.0.0.0:143, login: "a b"
2026/01/31 23:59:59 [error] 7#7: *9 x, client: 192.0.2.1, server: s, request: "GET /, upstream: a HTTP/1.1"
2026/01/31 23:59:59 [error] 7#7: *9 x, client: 192.0.2.1, server: s, request: "GET /, bytes from/to client:1/2", host: "h"
2026/01/31 23:59:59 [info] 7#7: *9 client disconnected, bytes from/to client:0/5, bytes from/to upstream:x
EOL
	run -0 lam-query -f nginx_error --no-header "select message like '%from%', client, server, path, upstream, login, host,
		bytes_received, bytes_sent, upstream_bytes_received, upstream_bytes_sent from 'log'"
	diff - <<<"$output" <(cat <<'EOL'
false,127.0.0.1,0.0.0.0:8009,,127.0.0.1:3306,,,1,2,3,4
false,::1,0.0.0.0:53,,172.18.0.3:53,,,30,0,0,0
false,192.0.2.1,0.0.0.0:143,,127.0.0.1:143,bob,,,,,
false,192.0.2.1,0.0.0.0:143,,,a b,,,,,
false,192.0.2.1,s,"/, upstream: a",,,,,,,
false,192.0.2.1,s,"GET /, bytes from/to client:1/2",,,h,,,,
true,,,,,,,,,,
EOL
	)
}

@test "apache_error: the place of a debugging line, the other end of a proxy, what is no failure" {
	# httpd, server/log.c: do_errorlog_default, log_apr_status
	cat >log <<'EOL'
[Thu May 12 08:28:57.652118 2011] [proxy:debug] [pid 1:tid 2] proxy_util.c(1936): (2)No such file or directory: [client ::1:58619] AH00925: init
[Thu May 12 08:28:57.652118 2011] [proxy:trace1] [pid 1:tid 2] mod_proxy.c(7): [remote 192.0.2.1:80] AH02942: x
[Thu May 12 08:28:57.652118 2011] [ssl:error] [pid 1:tid 2] (EAI 2)Name or service not known: AH01941: y
[Thu May 12 08:28:57.652118 2011] [core:error] [pid 1:tid 2] (see above) in a.c(b): z
[Thu May 12 08:28:57.652118 2011] [:error] [pid 1] [client 192.0.2.1:1] script not found
[Thu May 12 08:28:57.652118 2011] [-:error] [pid 1] none
EOL
	run -0 lam-query --no-header "select module, source, error, client, remote, code, message from 'log'"
	diff - <<<"$output" <(cat <<'EOL'
proxy,proxy_util.c(1936),(2)No such file or directory,::1:58619,,AH00925,init
proxy,mod_proxy.c(7),,,192.0.2.1:80,AH02942,x
ssl,,(EAI 2)Name or service not known,,,AH01941,y
core,,,,,,(see above) in a.c(b): z
,,,192.0.2.1:1,,,script not found
,,,,,,none
EOL
	)
}

@test "squid: blanks in the address of a request, as uri_whitespace allow has them" {
	printf '%s\n' '1066036250.603 5 192.0.2.1 TCP_MISS/200 10 GET http://example.com/ - HIER_NONE/- text/html' \
		'1066036250.603 5 192.0.2.1 TCP_MISS/200 10 GET http://example.com/a b/c d - HIER_DIRECT/2001:db8::1 text/html; charset=utf-8' >log
	run -0 lam-query --no-header "select url, user, hierarchy, peer, type from 'log'"
	[ "$output" = 'http://example.com/,,HIER_NONE,,text/html
http://example.com/a b/c d,,HIER_DIRECT,2001:db8::1,text/html; charset=utf-8' ] || { echo "$output"; return 1; }
}

@test "Zeek: the example of its manual, with the types that it names, gone on with, and pieces of it" {
	# docs.zeek.org/en/master/log-formats.html
	printf '%s\n' '#separator \x09' $'#set_separator\t,' $'#empty_field\t(empty)' $'#unset_field\t-' $'#path\tconn' \
		$'#fields\tts\tuid\tid.orig_h\tid.orig_p\tservice\tduration\tlocal_orig\ttunnel_parents' \
		$'#types\ttime\tstring\taddr\tport\tstring\tinterval\tbool\tset[string]' \
		$'1591367999.305988\tCMdzit1AMNsmfAIiQc\t192.168.4.76\t36844\tdns\t0.066852\t-\t(empty)' \
		$'1591367999.430166\tC5bLoe2Mvxqhawzqqd\t192.168.4.76\t46378\t-\t-\tT\ta b,c\\x09d' >log
	run -0 lam-query -o jsonl "select * from 'log'"
	[ "$output" = '{"ts":"1591367999.305988","uid":"CMdzit1AMNsmfAIiQc","id.orig_h":"192.168.4.76","id.orig_p":36844,"service":"dns","duration":0.066852,"local_orig":null,"tunnel_parents":"(empty)"}
{"ts":"1591367999.430166","uid":"C5bLoe2Mvxqhawzqqd","id.orig_h":"192.168.4.76","id.orig_p":46378,"service":null,"duration":null,"local_orig":"T","tunnel_parents":"a b,c\\x09d"}' ] || { echo "$output"; return 1; }
	run -0 lam-query --no-header "select date_trunc('day', ts), sum(duration) from 'log' group by 1"
	[ "$output" = 2020-06-05T00:00:00Z,0.066852 ]
	lam-ingest -q -s z --resume log
	printf '1591368000.5\tC6\t192.168.4.77\t1\t-\t2\tF\t-\n#close\t2020-06-05\nbad\tline\n' >>log
	lam-ingest -q -s z --resume log
	run -0 lam-query --no-header "select count(*), count(service), sum(duration), max(date_trunc('second', ts)) from z"
	[ "$output" = 3,1,2.066852,2020-06-05T14:40:00Z ]
	run -0 lam-query --no-header "select count(*) from '$LAM_DATA/reject/z.csv'"
	[ "$output" = 1 ]
	grep -v '^#fields' log >piece
	run -3 lam-query "select * from 'piece'"
	run -3 lam-query -f zeek "select * from 'piece'"
	[[ $output == *"#fields"*"-f tsv" ]]
	lam-query -q -f tsv --comment '#' --no-input-header "select c1 from 'piece'"
	head -7 log >head
	run -1 lam-query "select * from 'head'"
}

@test "Zeek: a log behind another, with the same fields or with others" {
	h='#separator \x09'
	printf '%s\n' "$h" $'#fields\tts\ta\tb' $'#types\ttime\tstring\tstring' $'1.5\ta1\tb1' >one
	cat one one >same
	run -0 --separate-stderr lam-query --no-header "select a, b from 'same'"
	[ "$output" = $'a1,b1\na1,b1' ]
	# the fields of the second in another order
	awk -F'\t' -v OFS='\t' 'NF == 3 { print $1, $3, $2; next } NF == 4 { print $1, $2, $4, $3; next } { print }' one >turned
	cat one turned >both
	run -3 lam-query "select a, b from 'both'"
	[[ $output == *"another line #fields says something else"* ]]
	run -3 lam-ingest -q -s whole both
	cp one grown
	lam-ingest -q -s g --resume grown
	cat turned >>grown
	run -5 lam-ingest -q -s g --resume grown
	[[ $output == *"grown: another line #fields"* ]]
	run -5 lam-ingest -q -s g --resume grown
	run -0 lam-query --no-header "select a, b from g"
	[ "$output" = a1,b1 ]
	# what the message says
	csplit -sz both '/^#separator/' '{*}'
	run -0 --separate-stderr lam-query --no-header "select a, b from 'xx0*'"
	[ "$output" = $'a1,b1\na1,b1' ]
}

@test "syslog: a program that names no host has none" {
	# doc.dovecot.org: what it writes to log_path
	printf '%s\n' 'Jan 31 23:59:59 imap-login: Info: Login: user=<bob>, rip=203.0.113.5' \
		'Jan 31 23:59:59 imap(bob)<123><abc>: Info: Logged out in=50 out=500' \
		'Jan 31 23:59:59 sshd[12]: Failed' 'Jan 31 23:59:59 fe80::1 sshd[12]: Failed' >log
	run -0 lam-query -f syslog:2026 -o jsonl "select host, app, pid, message from 'log'"
	[ "$output" = '{"host":null,"app":"imap-login","pid":null,"message":"Info: Login: user=<bob>, rip=203.0.113.5"}
{"host":null,"app":"imap(bob)<123><abc>","pid":null,"message":"Info: Logged out in=50 out=500"}
{"host":null,"app":"sshd","pid":"12","message":"Failed"}
{"host":"fe80::1","app":"sshd","pid":"12","message":"Failed"}' ] || { echo "$output"; return 1; }
}
