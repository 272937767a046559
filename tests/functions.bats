#!/usr/bin/env bats
# Scalar functions, against Python's library: functions_model.py.
load helper

@test "text, URLs and addresses: what Python makes of them" {
	for seed in 1 2 3; do
		"$BATS_TEST_DIRNAME/functions_model.py" $seed 2000
	done
}

@test "numbers: logarithms, powers and roots to 17 digits, as Python's decimal has them" {
	for seed in 1 2; do
		"$BATS_TEST_DIRNAME/math_model.py" $seed 3000
	done
}

@test "times made, read, cut and subtracted, as Python has them" {
	for seed in 1 2; do
		"$BATS_TEST_DIRNAME/calendar_model.py" $seed 2000
	done
}

@test "what cannot be computed is NULL and told, in its row alone" {
	run -0 --separate-stderr lam-query --no-header "select repeat('ab', 999999999), chr(55296), chr(0),
		from_base64('a'), ip_in('::1', '::/129'), ip_network('10.0.0.1', 33), lpad('a', 9, ''), 1"
	[ "$output" = ,,,,,,,1 ]
	[[ $stderr == *"7 values could not be computed"* ]]
	run -2 --separate-stderr lam-query "select url_param('a')"
	[[ $stderr == *"url_param takes 2 arguments, found 1"* ]]
}

@test "a value that cannot be computed leaves the others of its row: a cast gives the rows of try_cast" {
	printf 't,u\nx,"b,a"\n1,"c,d"\ny,\nz,"q,r,a"\n2,"a"\n' >f.csv
	for v in 'L[if(N is null, 1, 2)]' 'list_append(L, coalesce(N::varchar, u))' 'list_prepend(N::varchar, L)' \
			'list_position(L, coalesce(N::varchar, right(u, 1)))' "list_concat(L, ['x', N::varchar])" \
			'list_slice(L, coalesce(N, 1), -1)' 'list_contains(L, coalesce(N::varchar, left(u, 1)))' \
			"array_to_string(L, coalesce(N::varchar, '+'))" 'list_sort(list_append(L, N::varchar))' \
			'list_has_any(L, [N::varchar, left(u, 1)])' 'coalesce(N::varchar, left(u, 1)) = any (L)'; do
		v=${v//L/"string_split(u, ',')"}
		for cast in cast try_cast; do
			run -0 --separate-stderr lam-query "select ${v//N/"$cast(t as bigint)"} as v from 'f.csv'"
			[ $cast = cast ] && want=$output || [ "$output" = "$want" ]
		done
		[ -z "$stderr" ]
	done
}

@test "fdiv, fmod, even and ~ are exact, of numbers of 38 digits, too" {
	python3 -c '
import random
r = random.Random(11)
def text(m, k):
    s = str(abs(m)).rjust(k + 1, "0")
    s = (s[:-k] + "." + s[-k:]).rstrip("0").rstrip(".") if k else s
    return "-" * (m < 0 and s != "0") + s
def draw():
    return r.choice([1, -1]) * r.choice([r.randrange(10 ** r.randrange(1, 39)), 10**38 - 1 - r.randrange(9), r.randrange(9)])
print("a,b,fdiv,fmod,even,inverse")
for i in range(3000):
    k = r.choice([0, 0, r.randrange(38)])
    a, b = draw(), draw() or 1
    one = 10 ** k
    even = -(-abs(a) // (2 * one)) * 2
    quotient = a // b
    whole = a % one == 0 and -2**63 <= a // one < 2**63
    print(text(a, k), text(b, k), "" if abs(quotient) >= 10**38 else quotient, text(a % b, k),
        "" if even >= 10**38 else even if a > 0 else -even, -1 - a // one if whole else "", sep=",")' >f.csv
	run -1 lam-query -q "select * from (select *, fdiv(a, b) as d, fmod(a, b) as m, even(a) as e, ~a as i from 'f.csv')
		where d is distinct from fdiv or m is distinct from fmod or e is distinct from even or i is distinct from inverse"
}

@test "JSON: a step of a path that names a member leads to no element, and one in brackets to no member" {
	run -0 lam-query --no-header "select j -> '0', j -> 0, j -> '/0', j -> '\$[0]', j -> '\$.0', j -> '\$.\"0\"', j -> '/a/0',
		j -> '\$.a[0]', j -> '\$.a.0' from (values ('[7]'), ('{\"0\": 8}'), ('{\"a\": [9]}'), ('{\"a\": {\"0\": 6}}')) t(j)"
	[ "$output" = $'7,7,7,7,,,,,\n8,,8,,8,8,,,\n,,,,,,9,9,\n,,,,,,6,,6' ]
}

@test "a shift is a product with a power of two, or cannot be computed: below 0, and from 2^63" {
	python3 -c '
import random
r = random.Random(7)
print("a,n,want")
for i in range(4000):
    a = r.choice([r.getrandbits(r.randrange(64)), 2 ** r.randrange(64), 2 ** r.randrange(63) + 1, 0, -1])
    n = r.choice([r.randrange(66), 63 - a.bit_length(), 64 - a.bit_length(), -1])
    a = min(a, 2 ** 63 - 1)
    right = "" if a < 0 or n < 0 or a << n >= 2 ** 63 else a << n
    print(a, n, right, sep=",")' >f.csv
	run -1 lam-query -q "select a, n, want, a << n as got from 'f.csv' where a << n is distinct from want"
}

@test "printf and format: what is not theirs is refused with its place, and what does not fit is NULL" {
	while IFS='~' read -r call at why; do
		run -2 --separate-stderr lam-query "select $call"
		[[ $stderr == *"query:1:8: ${call%%(*}: at byte $at of the format: $why"* ]]
	done <<-'END'
		printf('a %e', 1)~3~a conversion is as %8.2f
		printf('%d %d', 1)~4~there is no value for it
		printf('%.2d', 1)~1~decimals go with f
		printf('%d', 'x')~1~d, x and f take a number
		printf('%05s', 'x')~1~signs, zeros and separators
		printf('%-05d', 1)~1~0 does not go
		printf('%1001d', 1)~1~a width is at most 1000
		printf('%.39f', 1)~1~0 to 38 decimals
		format('{', 1)~1~a conversion is {}
		format('{x}', 1)~1~a conversion is {}
		format('{0} }', 1)~5~a brace that is meant
		format('{} {0}', 1)~4~{} does not go with {0}
		format('{1}', 1)~1~there is no value for it
	END
	run -2 --separate-stderr lam-query "select printf(x, 1) from (values ('%d')) t(x)"
	[[ $stderr == *"printf: argument 1 must be a constant"* ]]
	run -0 --separate-stderr lam-query -o jsonl "select printf('%d', 1.5) as a, printf('%x', -1) as b,
		printf('%s', null) as c, printf('%1000s%s', 'x', repeat('x', 1048576)) as d, printf('%d', 7.0) as e"
	[ "$output" = '{"a":null,"b":null,"c":null,"d":null,"e":"7"}' ]
	[[ $stderr == *"3 values could not be computed"* ]]
}

@test "now() is when the query began, the same in all of it, and in no view" {
	before=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
	run -0 lam-query --no-header "select now(), current_timestamp = now() and localtimestamp = get_current_timestamp()
		and (select now()) = now(), today() = current_date, date_trunc('day', now()) = today()"
	after=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
	[[ $output == *",true,true,true" ]]
	now=${output%%,*}
	[[ ! $now < $before && ! $now > $after ]]
	run -0 lam-query "select now() as a, today(), current_date"
	[ "${lines[0]}" = "a,today(),current_date" ]
	printf 'ts\n%s\n2020-01-01\n' "$before" >a.csv
	run -0 lam-query --no-header "select count(*) from 'a.csv' where ts > now() - interval '1 minute'"
	[ "$output" = 1 ]
	# --fill up to now
	run -0 lam-query --fill --no-header "select date_trunc('hour', ts) as h, count(*) from 'a.csv'
		where ts > now() - interval '3 hours' and ts <= now() group by h"
	[ "${#lines[@]}" = 4 ]
	lam-ingest -q -s s a.csv
	view v <<<"select count(*) as n from s where ts > now()"
	run -2 --separate-stderr lam-batch
	[[ $stderr == *'no function "now": an answer depends on the records alone; write the value'* ]]
}

@test "regexp_extract_all finds what Python's re.findall does, empty matches too" {
	python3 - >t.csv 2>want <<-'E'
	import random, re, sys, json
	rnd = random.Random(11)
	print("s")
	for _ in range(300):
	    s = "".join(rnd.choice("aab,é") for _ in range(rnd.randrange(1, 9)))
	    print('"%s"' % s)
	    for p in ("a*", "[^,]*", "b|a*", "a+", "x?", "(?=a)", "é*"):
	        print(json.dumps(re.findall(p, s), ensure_ascii=False), end="|", file=sys.stderr)
	    print(file=sys.stderr)
	E
	all=""
	for p in 'a*' '[^,]*' 'b|a*' 'a+' 'x?' '(?=a)' 'é*'; do all+="regexp_extract_all(s, '$p')::varchar || '|' || "; done
	lam-query --no-header -o tsv "select ${all% || } from 't.csv'" | cmp - want
}

@test "regular expressions: a group that the pattern does not have is an error, not an empty text" {
	for f in "regexp_extract('ab', '(a)b', 2)" "regexp_extract_all('ab', 'ab', 1)" \
		"regexp_replace('ab', '(a)b', '\\2')"; do
		run -2 lam-query "select $f"
	done
	[ "$(lam-query --no-header "select regexp_extract('ab', '(a)|(b)', 2)")" = '""' ]
}

@test "regular expressions: what is looked for before the matcher is called never decides otherwise than it" {
	# what may stand between a byte and its quantifier, and what a match may lack
	printf '%s\n' '^ab\E*c' '^ab\Q\E*c' '^ab(?#x)*c' '^ab(?#x)(?#y)?c' '^ab\E\E{0,2}c' '^ab\Qc\E' \
		'^ab*c' '^ab?c' '^ab{0}c' '^ab{0,1}c' '^abc' '^ab+c' '^ab(*ACCEPT)c' '^a(*ACCEPT)bc' \
		'^a\Kbc' '^ab(?=c)' '^ab(?!c)' '^(?:ab|ac)' '^ab(?i)C' 'a(?i:B)c' '(?x)^a b' '^a(?x) b c' \
		'^(?(?=a)ab|c)' '^ab(?<!c)' 'c$(?<=bc)' 'a(?:b1|)' '(?:1|)c' '^ab\b' '^ab(?:1)?+' \
		'a(?R)?c' '(?(DEFINE)(1))abc' '^ab\x63' '^ab\143' '^ab\o{143}' '^ab[c]' '^ab(?|c|1)' \
		'^ab(*SKIP)c' '^ab\Bc' >patterns
	printf '%s\n' ac abc ab abbc a c ABC 'a b' abC abd abc1 ab1 xabc acab '' aac >texts
	{ echo text; cat texts; } >texts.csv
	while IFS= read -r p; do
		grep -P -- "$p" texts >want || true
		lam-query --delimiter , --input-header --no-header "select text from 'texts.csv'
			where regexp_matches(coalesce(text, ''), '$p')" | sed 's/^""$//' >got
		cmp want got || { echo "$p"; diff want got; return 1; }
	done <patterns
}

@test "the whole text matches a pattern as Python's fullmatch has it, and one that is none by itself is refused at its place" {
	python3 - <<'EOF'
import random, re
random.seed(5)
texts = sorted({"".join(random.choice("ab") for _ in range(n % 5)) for n in range(60)} - {""})
open("t.csv", "w").write("t\n" + "".join(t + "\n" for t in texts))
good, bad = [], ["a)|(b", "a)(b"]
while len(good) < 40:
    p = "".join(random.choice("ab()|") for _ in range(random.randrange(2, 8)))
    try:
        good.append((p, re.compile(p)))
    except re.error as e:
        bad += [p] * (p.count(")") > p.count("(") and len(bad) < 8)
with open("sql", "w") as f:
    f.write("select t, " + ", ".join("%s" % form.format(p) for p, _ in good for form in (
        "t ~ '{}'", "t similar to '{}'", "not t !~ '{}'", "regexp_full_match(t, '{}')")) + " from 't.csv'")
with open("want", "w") as f:
    for t in texts:
        f.write(",".join([t] + [str(bool(c.fullmatch(t))).lower() for _, c in good for _ in range(4)]) + "\n")
with open("bad", "w") as f:
    for p in bad:  # where the first parenthesis closes that none opened
        depth = [p[:i + 1].count("(") - p[:i + 1].count(")") for i in range(len(p))]
        f.write("%d %s\n" % (depth.index(-1) + 1, p))
EOF
	lam-query --no-header "$(cat sql)" | diff want -
	while read -r at p; do
		for sql in "t ~ '$p'" "t similar to '$p'" "regexp_full_match(t, '$p')"; do
			run -2 lam-query "select $sql from 't.csv'"
			[[ $output == *"regular expression '$p': at character $at: unmatched closing parenthesis"* ]]
		done
	done <bad
	[ "$(wc -l <bad)" -eq 8 ]
}

@test "GLOB is what Python's fnmatch finds, and a backslash before any character is that character" {
	python3 - <<'EOF'
import fnmatch, random
random.seed(3)
letters = list("abcdnrstwDWSQE059*?[]!^-$.\\|(){}+#_/")
texts = [t for t in ("".join(random.choice(letters) for _ in range(random.randrange(1, 5)))
                     for _ in range(300))]
with open("texts.csv", "w") as f:
    f.write("t\n" + "".join('"%s"\n' % t for t in texts))
atoms = letters[:8] + ["*", "?", "*", "[a-d]", "[!a-d]", "[]a]", "[!]a]", "[a!]", "[!!]", "[^a]",
                       "[!]*?]", "[0-59]", "[*]", "[?a]", "-", "."]
with open("queries.sql", "w") as sql, open("want", "w") as want:
    for _ in range(300):
        glob = "".join(random.choice(atoms) for _ in range(random.randrange(1, 5)))
        hits = sorted(t for t in texts if fnmatch.fnmatchcase(t, glob))
        sql.write("select t from 'texts.csv' where t glob '%s' order by t;\n" % glob)
        want.write("".join(t + "\n" for t in hits) + "\n")
    for text in texts:
        glob = "".join("\\" + c for c in text)
        sql.write("select t from 'texts.csv' where t glob '%s' order by t;\n" % glob)
        want.write((text + "\n") * texts.count(text) + "\n")
EOF
	echo "t text" >schema
	lam-query -f csv --input-header --schema schema --no-header -o tsv @queries.sql |
		sed 's/\\\\/\\/g' >got || true
	diff want <(cat got; echo)
}
