# input.awk - records of every kind of value, the same on every machine
#
#	awk -v n=N -v seed=S -f input.awk	CSV with a header line
function draw(m) {
	x = (x * 16807) % 2147483647
	return x % m
}
BEGIN {
	x = seed + 1
	print "ts,user,status,bytes,price,note"
	for (i = 0; i < n; i++) {
		t = int(i / 3) + draw(500)
		ts = sprintf("2026-01-%02dT%02d:%02d:%02dZ", 1 + int(t / 86400) % 28,
			int(t / 3600) % 24, int(t / 60) % 60, t % 60)
		bytes = draw(10) ? draw(100000) - 2000 : ""
		price = sprintf("%d.%0*d", draw(1000) - 100, 1 + i % 6, draw(10))
		note = draw(5) ? "n" draw(9) : "\"a, \"\"b\"\" \303\244" draw(4) "\""
		print ts ",u" draw(1000) "," 200 + draw(4) * 100 "," bytes "," \
			price "," note
	}
}
