"""sqlgen.py - random queries of lam-view(5), for differential.py

Texts follow the grammar of the manual, so they must mean the same elsewhere.
An expression comes as (text, kind); its kinds are

    int   whole number, exact in every system
    dec   decimal number, exact where there are decimals
    flo   number that others compute in binary: near enough, never decided on
    big   number of a scale of its own, exact where it is compared
    far   sum of such, exact but rounded to 38 digits: never decided on
    text, time, bool

"common" texts are those sqlite3 shares too.
"""
import re

from sqldata import HOSTILE, NUMTEXT, WIDE, WORDS, literal, stamp


class Gen:
    def __init__(self, rng, common=False):
        self.rng, self.common, self.bare = rng, common, .25

    def pick(self, *options):
        return self.rng.choice(options)

    def chance(self, p):
        return self.rng.random() < p

    def expr(self, kind, deep):
        return getattr(self, kind)(deep)

    def paren(self, text):
        """Mostly in parentheses; precedence decides where they are missing."""
        return text if self.chance(self.bare) else "(" + text + ")"

    # ------------------------------------------------------------- numbers

    def num(self, deep):
        """An exact number."""
        return self.int(deep) if self.common or self.chance(.6) else self.dec(deep)

    def int(self, deep):
        r = self.rng
        if deep <= 0 or self.chance(.2):
            return self.pick("n", "n", "m", "id", '"Odd ""name"', "N", '"n"',
                             str(r.randrange(10)), str(r.randrange(-5, 1000)))
        d = deep - 1
        a, b = self.int(d), self.int(d)
        if self.chance(.45):
            return self.paren("%s %s %s" % (a, self.pick("+", "-", "*", "%"),
                                            b)).replace("--", "- -")
        if self.chance(.2):
            return self.case("int", d)
        if self.common:
            return self.pick(
                lambda: "abs(%s)" % a, lambda: "length(%s)" % self.text(d),
                lambda: "- (%s)" % a, lambda: "coalesce(%s, %s)" % (a, b),
                lambda: "nullif(%s, %s)" % (a, b),
                lambda: "sign(%s)" % a)()
        return self.pick(
            lambda: "abs(%s)" % a, lambda: "- (%s)" % a, lambda: "+ (%s)" % a,
            lambda: "sign(%s)" % self.num(d), lambda: "length(%s)" % self.text(d),
            lambda: "strlen(%s)" % self.text(d),
            lambda: "strpos(%s, %s)" % (self.text(d), self.text(d)),
            lambda: "ascii(%s)" % self.text(d),
            lambda: "levenshtein(%s, %s)" % (self.text(d), self.text(0)),
            lambda: "coalesce(%s, %s)" % (a, b), lambda: "nullif(%s, %s)" % (a, b),
            lambda: "%s(%s, %s)" % (self.pick("greatest", "least"), a, b),
            lambda: "(%s) // nullif(%s, 0)" % (a, b),
            lambda: "cast(%s as bigint)" % self.num(d),
            lambda: "(%s)::%s" % (self.dec(d), self.pick("integer", "int", "bigint")),
            lambda: "try_cast(%s as %s)" % (self.text(0), self.pick("bigint", "integer")),
            lambda: "extract(%s from %s)" % (self.part(), self.time(d)),
            lambda: "date_part('%s', %s)" % (self.part(), self.time(d)),
            lambda: "%s(%s)" % (self.part(True), self.time(d)),
            lambda: "date_diff('%s', %s, %s)" % (self.unit(), self.time(d), self.time(d)),
            lambda: "epoch_ms(%s)" % self.time(d),
            lambda: "date_sub('%s', (%s)::timestamp, (%s)::timestamp)" % (self.unit(), self.time(d), self.time(d)),
            lambda: "date_part('%s', %s)" % (self.pick("year", "month", "day", "hour", "minute", "second", "decade",
                                                       "millisecond", "quarter", "century"), self.span(d)),
            lambda: "days_in_month(%s)" % self.time(d),
            lambda: "xor((%s) %% 1000, m %% 100)" % a,
            lambda: "(((%s) %% 1000) %s (m %% 100))" % (a, self.pick("&", "|")),
            lambda: "(abs(n % 50) << 3 >> 1)", lambda: "(~ (n % 100))",
            lambda: "%s((%s) %% 1000, (m %% 100))" % (self.pick("gcd", "lcm"), a),
            lambda: "(%s)::int" % self.bool(d))()

    def dec(self, deep):
        r = self.rng
        if deep <= 0 or self.chance(.25):
            return self.pick("d", "d", "d", "%.1f" % (r.randrange(-50, 50) / 10),
                             "%.2f" % (r.randrange(500) / 100), ".5", "2.5")
        d = deep - 1
        a, b = self.dec(d), self.num(d)
        return self.pick(
            lambda: self.paren("%s %s %s" % (a, self.pick("+", "-"), b)).replace(
                "--", "- -"),
            lambda: self.paren("%s * %s" % ("d", self.num(0))),
            lambda: self.paren("%s %% nullif(%s, 0)" % (a, b)),
            lambda: "abs(%s)" % a, lambda: "- (%s)" % a,
            lambda: "%s(%s)" % (self.pick("floor", "ceil", "round", "trunc"), a),
            lambda: "round(%s, %d)" % (a, r.randrange(3)),
            lambda: "trunc(%s, %d)" % (a, r.randrange(3)),
            lambda: "round(d, -1)",  # of narrow decimals DuckDB's is 0
            lambda: "cast(%s as decimal(%d, %d))" % (
                b, r.randrange(15, 18), r.randrange(4)),
            lambda: "try_cast(%s as decimal(12, %d))" % (self.text(0), r.randrange(4)),
            lambda: "coalesce(%s, %s)" % (a, b), lambda: "nullif(%s, %s)" % (a, b),
            lambda: "%s(%s, %s)" % (self.pick("greatest", "least"), a, b),
            lambda: self.case("dec", d))()

    def flo(self, deep):
        d = deep - 1
        return self.pick(
            lambda: "%s / nullif(%s, 0)" % (self.num(d), self.num(d)),
            lambda: "(%s) / %s" % (self.num(d), self.pick("2", "3", "1000", "0.7")),
            lambda: "cast(%s as double) + %s" % (self.num(d), self.num(d)),
            lambda: "epoch(%s)" % self.time(d),
            lambda: "epoch(%s - %s)" % (self.time(d), self.time(0)),
            lambda: "epoch(%s)" % self.span(d),
            lambda: "%s(%s)" % (self.pick("degrees", "radians", "cbrt"), self.num(d)),
            lambda: "log(%s, abs(%s) + 1)" % (self.pick("2", "10", "1.5"), self.num(d)),
            lambda: "(abs(n % 9) + 0.5) ^ 2",
            lambda: "%s(abs(%s) + 1)" % (self.pick("ln", "log10", "log", "log2", "sqrt"),
                                         self.num(d)),
            lambda: "exp(%s)" % self.pick("n % 7", "d % 5", "n / 9.0"),
            lambda: "%s(abs(n %% 9) + 0.5, %s)" % (self.pick("power", "pow"), self.pick(
                "2", "-1", "0.5", "m % 5", "d % 3")),
            lambda: "extract(epoch from %s)" % self.time(d),
            lambda: "try_cast(%s as double)" % self.text(d))()

    def big(self, deep):
        if deep <= 0 or self.chance(.5):
            if self.chance(.2):
                return "cast('%s' as decimal)" % self.pick(
                    "0", "1", "1e30", "-1e-30", "1e-38", "12345678901234567890.5", "-7",
                    "9e36", "0.00000000000000000001")
            return self.pick("y", "y", "z")
        d = deep - 1
        a, b = self.big(d), self.big(d)
        return self.pick(
            lambda: "coalesce(%s, %s)" % (a, b), lambda: "nullif(%s, %s)" % (a, b),
            lambda: "%s(%s, %s)" % (self.pick("greatest", "least"), a, b),
            lambda: self.case("big", d))()

    def far(self, deep):
        return self.paren("%s %s %s" % (
            self.pick("y", "z"), "+", self.pick("y", "z")))

    # ---------------------------------------------------------------- text

    def key(self, kind, deep):
        """Of some column: DuckDB's GROUP BY ALL leaves constants out."""
        for _ in range(99):
            e = self.expr(kind, deep)
            if re.search(r"\b([nNmdsuqxyz]|id|ts|t2)\b|Odd", re.sub(r"'[^']*'", "", e)):
                return e
        return {"text": "s", "time": "ts", "bool": "n > 2", "big": "y"}.get(kind, "n")

    def constant(self):
        return literal(self.rng.choice(WORDS + WIDE + HOSTILE))

    def text(self, deep):
        r = self.rng
        if deep <= 0 or self.chance(.2):
            return self.pick("s", "s", "u", "q", "x", self.constant())
        d = deep - 1
        a, b = self.text(d), self.text(d)
        if self.common:
            return self.pick(
                lambda: self.paren("%s || %s" % (a, b)), lambda: "lower(%s)" % a,
                lambda: "upper(%s)" % a, lambda: "trim(%s)" % a,
                lambda: "substr(%s, %d, %d)" % (a, r.randrange(1, 4), r.randrange(4)),
                lambda: "replace(%s, %s, %s)" % (a, self.filled(), b),
                lambda: "coalesce(%s, %s)" % (a, b), lambda: self.case("text", d),
                lambda: "nullif(%s, %s)" % (a, b),
                lambda: "cast(%s as varchar)" % self.int(d))()
        return self.pick(
            lambda: self.paren("%s || %s" % (a, b)),
            lambda: "%s(%s)" % (self.pick("lower", "upper"), self.pick("s", "q", "x")),
            lambda: "%s(%s)" % (self.pick("trim", "ltrim", "rtrim"), a),
            lambda: "%s(%s, %s)" % (self.pick("trim", "ltrim", "rtrim"), a,
                                    self.pick("'a'", "'ab'", "' '", "'é'", "''")),
            lambda: "substr(%s, %d, %d)" % (a, r.randrange(5), r.randrange(4)),
            lambda: "substr(%s, %d)" % (a, r.randrange(-3, 5)),
            # a start outside the text is another matter to DuckDB for ASCII
            lambda: "substr(%s || 'é', %s, %s)" % (a, self.int(0), self.int(0)),
            lambda: "%s(%s, %d)" % (self.pick("left", "right"), a, r.randrange(-3, 5)),
            lambda: "replace(%s, %s, %s)" % (a, self.constant(), b),
            lambda: "split_part(%s, %s, %d)" % (a, self.constant(), r.randrange(-2, 4)),
            lambda: "reverse(%s)" % self.pick("s", "u", "x"), lambda: "concat(%s, %s)" % (a, b),
            lambda: "concat(%s, %s, %s)" % (a, self.int(d), b),
            lambda: "%s(%s, %d, %s)" % (self.pick("lpad", "rpad"), a, r.randrange(9),
                                        self.filled()),
            lambda: "repeat(%s, %d)" % (a, r.randrange(-1, 4)),
            lambda: "translate(%s, 'abé', %s)" % (a, self.pick("'xyz'", "'b'", "''")),
            lambda: "%s(%s)" % (self.pick("md5", "sha256"), a),
            lambda: "printf('%%d|%%5s|%%-4s|%%06d|%%,d|%%%%', %s, %s, %s, %s, %s)" % (
                self.int(d), a, b, self.int(0), self.int(0)),
            lambda: "format('{}{{}}{:>5}{:*^6}{:+}{:,}', %s, %s, %s, %s, %s)" % (
                a, self.int(d), b, self.int(0), self.int(0)),
            lambda: "concat_ws(%s, %s, %s, %s)" % (self.constant(), a, self.int(d), b),
            lambda: "('{\"a\": [\"x\", 7, null], \"b c\": \"é\"}' ->> %s)" % self.pick(
                "'$.a[0]'", "'a'", "'b c'", "'/a/1'", "'$.\"b c\"'", "'$.a[#-2]'", "'$.a[2]'", "'z'"),
            lambda: "json_type('{\"a\": [-1, 2.5, 7, \"x\", null, {}], \"b\": true}', %s)" % self.pick(
                "'$'", "'$.a'", "'$.a[0]'", "'$.a[1]'", "'$.a[2]'", "'$.a[3]'", "'$.a[5]'", "'b'", "'z'"),
            lambda: "array_to_string(json_keys('{\"a\": {\"c d\": 1, \"e\": 2}, \"é\": []}'%s), '/')" % self.pick(
                "", ", '$.a'", ", '$.z'"),
            lambda: "array_to_string('{\"a\": [{\"b\": 1}, {\"b\": \"x\"}, [2, null]], \"c\": {\"b\": null}}'"
                    " ->> %s, '/')" % self.pick("'$.a[*].b'", "'$.a[*]'", "'$.*'", "'$.*[*].b'", "'$.*.b'",
                                                "'$.a[*][*]'", "'$.c.*'"),
            lambda: "cast(('[{\"k\": \"x y\"},  2]' -> %s) as varchar)" % self.pick("0", "1", "-1", "5"),
            lambda: "url_encode(%s)" % a, lambda: "url_decode(url_encode(%s))" % a,
            lambda: "coalesce(%s, %s)" % (a, b), lambda: "nullif(%s, %s)" % (a, b),
            lambda: "%s(%s, %s)" % (self.pick("greatest", "least"), a, b),
            lambda: "cast(%s as varchar)" % self.int(d),
            lambda: "(%s)::text" % self.bool(d),
            lambda: "regexp_extract(%s, %s%s)" % (a, self.pattern(), self.pick("", ", 0, 'i'")),
            lambda: "regexp_extract(%s, '(.)(.?)', %d)" % (a, r.randrange(3)),
            lambda: "regexp_replace(%s, %s, %s%s)" % (
                a, self.pattern(), self.pick("''", "'<>'", "'\\0'", "'[\\0]'"),
                self.pick("", ", 'g'")),
            lambda: "regexp_replace(%s, '(.)(b?)', '\\2\\1', 'g')" % a,
            lambda: "strftime(%s, %s)" % (self.time(d), self.pick(
                "'%Y-%m'", "'%Y-%m-%d %H:%M:%S'", "'%H:%M'", "'%j'", "'%d.%m.%y'",
                "'%a %b %A %B'", "'%I %p'", "'100%%'", "'%f'")),
            lambda: "%s(%s)" % (self.pick("dayname", "monthname"), self.time(d)),
            lambda: "cast(%s as varchar)" % self.span(d),
            lambda: "cast(%s as varchar)" % self.span(d),
            lambda: "(%s || %s)" % (self.span(d), a),
            lambda: "%s(%s)" % (self.pick("hex", "to_binary"), self.pick("n % 1000", "5", "length(s)")),
            lambda: "format_bytes(%s)" % self.pick("abs(n)", "abs(n) * 1048576", "n % 4096"),
            lambda: "sha1(%s)" % a,
            lambda: "trim(%s '%s' from %s)" % (self.pick("both", "leading", "trailing"), self.pick("a", "ab", " "), a),
            lambda: "substring(%s from %d for %d)" % (a, r.randrange(1, 4), r.randrange(4)),
            lambda: "parse_filename(%s)" % a,
            lambda: "array_to_string(string_split_regex(%s, %s), '|')" % (a, self.pick(
                "'a'", "'[ab]+'", "'\\s'", "','", "'x?'", "'/'")),
            lambda: "if(%s, %s, %s)" % (self.bool(d), a, b),
            lambda: self.case("text", d))()

    def filled(self):
        return literal(self.rng.choice([w for w in WORDS + WIDE + HOSTILE if w]))

    def pattern(self):
        return self.pick("'a'", "'^a'", "'b$'", "'[a-c]+'", "'a.b'", "'(a|b)*'", "'\\d+'",
                         "'日'", "'.'", "'(?i)AB'", "'^$'", "'\\s'", "'a{2}|x'", "'[^a]'",
                         "'x?'", "'\\.'", "'\\w+'", "'\\bab'", "'^.*$'",
                         "'(?i)É'", "'[[:alpha:]]+'", "'a|b|'", "'(?s)a.b'", "'(?m)^l'",
                         "'\\Aa'", "'b\\z'", "'\\S+'", "'\\D'", "'\\W'", "'[é日]'",
                         "'\\x61'", "'\\pL+'", "'a+?'", "'(a)(b)?'", "'\\n'", "'(?i)SS'",
                         "'\\.html$'", "'^/[^?]*'", "'[0-9]{1,3}(\\.[0-9]{1,3}){3}'")

    # ---------------------------------------------------------------- time

    def unit(self):
        return self.pick("microsecond", "millisecond", "second", "minute", "hour", "day",
                         "week", "month", "quarter", "year", "decade", "century")

    def part(self, function=False):
        return self.pick("second", "minute", "hour", "day", "month", "quarter", "year",
                         "week", "microsecond", "millisecond", "decade", "century",
                         "dayofweek", "dayofyear", "isodow", "isoyear", "yearweek", "millennium", *(
                             () if function else ("dow", "doy")))

    def interval(self):
        k = self.rng.randrange(-40, 400) or 1
        unit = self.pick("second", "minute", "hour", "day", "week", "month", "year")
        return self.pick(
            "interval '%d %ss'" % (k if unit != "year" else k // 20, unit),
            "interval '1 %s'" % unit, "interval '1 day 2 hours'", "interval 3 day",
            "interval '1 month 1 day'", "interval '90 minutes'", "interval '1 year'",
            "interval '1500 milliseconds'", "interval '-1 month'")

    def span(self, deep):
        """An interval that is computed; its parts are whole microseconds."""
        if deep <= 0 or self.chance(.3):
            return self.pick(self.interval(), "(ts - t2)", "(n % 40 * interval '1 day')",
                             "to_months((n % 30)::int)", "to_hours((n % 99)::int)",
                             "(interval '1 month' * (n % 9))", "to_seconds(n % 5000)",
                             "interval '1 year 2 months -3 days 04:05:06.5'")
        d = deep - 1
        a, b = self.span(d), self.span(d)
        return self.pick(
            lambda: "(%s %s %s)" % (a, self.pick("+", "-"), b), lambda: "(- %s)" % a,
            lambda: "(%s * %s)" % (a, self.pick("2", "-3", "(n % 5)")),
            lambda: "age((%s)::timestamp, (%s)::timestamp)" % (self.time(d), self.time(d)),
            lambda: "((%s)::timestamp - (%s)::timestamp)" % (self.time(d), self.time(d)),
            lambda: "coalesce(%s, %s)" % (a, b),
            lambda: "(case when %s then %s else %s end)" % (self.bool(d), a, b))()

    def bucket(self):
        return self.pick("5 minutes", "1 hour", "10 seconds", "1 day", "7 days", "1 week",
                         "1 month", "3 months", "1 year", "90 seconds", "500 milliseconds",
                         "2 weeks", "5 days", "5 months", "12 hours", "1 quarter")

    def when(self):
        t = self.rng.choice([1767225600, 951782400, 1709164800, 0, 1767225600 + 86399])
        return self.pick("'%s'" % stamp(t * 10**6), "timestamp '%s'" % stamp(t * 10**6),
                         "cast('%s' as timestamp)" % stamp(t * 10**6 + 5))

    def time(self, deep):
        if deep <= 0 or self.chance(.3):
            return self.pick("ts", "ts", "ts", "t2")
        d = deep - 1
        a, b = self.time(d), self.time(d)
        return self.pick(
            lambda: "date_trunc('%s', %s)" % (self.unit(), a),
            lambda: "date_trunc('%s', %s)" % (self.unit(), a),
            lambda: "time_bucket(interval '%s', %s)" % (self.bucket(), a),
            lambda: "time_bucket(interval '%s', %s)" % (self.bucket(), a),
            lambda: "(%s %s %s)" % (a, self.pick("+", "-"), self.interval()),
            lambda: "(%s + %s)" % (self.interval(), a),
            lambda: "(%s - %d * interval '90 seconds')" % (a, self.rng.randrange(-99, 99)),
            lambda: "(%s + (interval '1 day 1 hour' - interval '3 hours') * 2)" % a,
            lambda: "(%s + (%s - %s))" % (a, b, self.pick("ts", "t2")),
            lambda: "((%s)::timestamp %s %s)" % (a, self.pick("+", "-"), self.span(d)),
            lambda: "(%s + to_%s(%s))" % (a, self.pick("seconds", "minutes", "hours", "days"),
                                          self.pick("hour(%s)" % b, "day(%s)" % b, "7")),
            lambda: "(%s::date + %s)" % (a, self.pick("3", "hour(%s)::int" % b)),
            # a DATE would be in a bucket of whole days
            lambda: "time_bucket(interval '%s', (%s)::timestamp, %s)" % (self.bucket(), a, self.pick(
                "timestamp '2026-01-01 05:00:00'", "interval '7 hours'",
                "timestamp '1999-12-31 00:00:01'", "interval '-3 days'")),
            lambda: "cast(last_day(%s) as timestamp)" % a,
            lambda: "make_timestamp(year(%s), 1 + abs(n) %% 12, 28, 23, 59, 1.5)" % a,
            lambda: "strptime(strftime(%s, '%%d/%%m/%%Y %%H'), '%%d/%%m/%%Y %%H')" % a,
            lambda: "cast(%s as date)" % a, lambda: "(%s)::timestamp" % a,
            lambda: "coalesce(%s, %s)" % (a, b), lambda: "nullif(%s, %s)" % (a, b),
            lambda: "%s(%s, %s)" % (self.pick("greatest", "least"), a, b),
            lambda: self.case("time", d))()

    # ---------------------------------------------------------------- bool

    def case(self, kind, d):
        e = lambda: "null" if self.chance(.1) else self.expr(kind, d)
        if self.chance(.3):
            k = self.pick("int", "text")
            return "case %s when %s then %s when %s then %s else %s end" % (
                self.expr(k, d), self.expr(k, 0), self.expr(kind, d), self.expr(k, 0), e(),
                e())
        return "case when %s then %s%s end" % (
            self.bool(d), self.expr(kind, d), self.pick("", " else " + e()))

    def compare(self, d):
        kind = self.pick("num", "text") if self.common else self.pick(
            "num", "num", "text", "text", "time", "big", "big")
        a, b = self.expr(kind, d), self.expr(kind, d)
        if kind == "time" and self.chance(.5):
            b = self.when()
        c = self.expr(kind, 0)
        return self.pick(
            lambda: "%s %s %s" % (a, self.pick("=", "<>", "<", "<=", ">", ">=", "!="), b),
            lambda: "%s %s %s" % (a, self.pick("=", "<>", "<", "<=", ">", ">="), b),
            lambda: "%s is %sdistinct from %s" % (a, self.pick("", "not "), b),
            lambda: "%s is %snull" % (a, self.pick("", "not ")),
            lambda: "%s %sin (%s, %s%s)" % (a, self.pick("", "not "), b, c,
                                            self.pick("", "", ", null")),
            lambda: "%s %sbetween %s and %s" % (a, self.pick("", "not "), c, b))()

    def like(self, d):
        p = "".join(self.pick("%", "_", "a", "b", "A", "x", "é", "\\", "=") for _ in range(
            self.rng.randrange(5)))
        if self.common:
            return "%s %slike %s" % (self.text(d), self.pick("", "not "), literal(p))
        if self.chance(.2):
            return "%s like 'a=%%%%' escape '='" % self.text(d)
        op = self.pick("like", "ilike")
        return "%s %s%s %s" % (self.pick("s", "q", "x") if op == "ilike" else self.text(d),
                               self.pick("", "not "), op, literal(p))

    def bool(self, deep):
        if deep <= 0:
            return self.pick("n > 2", "n is null", "s = 'a'", "n between 1 and 5", "m <> 7",
                             "s in ('a', 'ab')", "n < id")
        d = deep - 1
        if self.chance(.35):
            return self.paren("%s %s %s" % (self.bool(d), self.pick("and", "or"),
                                            self.bool(d)))
        if self.chance(.15):
            return self.paren("not %s" % self.paren(self.bool(d)))
        if self.common or self.chance(.5):
            return self.paren(self.compare(d))
        a, r = self.text(d), self.rng
        return self.pick(
            lambda: self.paren(self.like(d)),
            lambda: "(%s %s %s)" % (a, self.pick("~", "!~", "similar to", "not similar to"),
                                    self.pattern()),
            lambda: "(%s glob %s)" % (a, self.pick("'a*'", "'*b'", "'[a-c]*'", "'*.*'", "'*日*'",
                                                   "''", "'*'")),
            lambda: "(%s glob %s)" % (self.pick("s", "x"), self.pick("'?'", "'a?*'", "'??'")),
            lambda: "%s(%s, %s)" % (self.pick("starts_with", "ends_with", "contains"), a,
                                    self.text(d)),
            lambda: "regexp_matches(%s, %s%s)" % (a, self.pattern(), self.pick(
                "", ", 'i'", ", 's'", ", 'c'")),
            lambda: "((%s) = (%s))" % (self.bool(d), self.bool(d)),
            lambda: "coalesce(%s, %s)" % (self.bool(d), self.pick("true", "false")),
            lambda: self.pick("true", "false"),
            lambda: "(%s) is %s" % (self.bool(d), self.pick(
                "null", "not null", "true", "not true", "false", "not false")),
            lambda: "(try_cast(%s as boolean) is not null)" % self.text(0),
            lambda: "(%s - %s %s %s)" % (self.time(d), self.time(0), self.pick("<", ">", "<="),
                                         self.interval()),
            lambda: "(%s %s %s)" % (self.span(d), self.pick("<", ">", "<=", "=", "<>", "is distinct from"),
                                    self.span(d)),
            lambda: "(%s in (%s, %s))" % (self.span(d), self.span(0), self.interval()),
            lambda: "(%s %s '%d')" % (self.int(d), self.pick("=", "<", ">="), r.randrange(9)),
            lambda: self.case("bool", d))()

    # ---------------------------------------------------------- aggregates

    def agg(self, deep):
        """(text, kind) of an aggregate."""
        r, d = self.rng, deep - 1
        v = lambda: self.num(d)
        text, kind = self.pick(
            lambda: ("count(*)", "int"),
            lambda: ("count(%s)" % self.expr(self.pick("num", "text"), d), "int"),
            lambda: ("count(distinct %s)" % self.expr(self.pick("num", "text"), d), "int"),
            lambda: ("sum(%s)" % self.int(d), "int"),
            lambda: ("sum(%s)" % v(), "int" if self.common else "dec"),
            lambda: ("avg(%s)" % v(), "flo"),
            lambda: ("min(%s)" % v(), "dec"), lambda: ("max(%s)" % v(), "dec"),
            lambda: ("%s(%s)" % (self.pick("min", "max"), self.text(d)), "text"),
            *(() if self.common else (
                lambda: ("%s(%s)" % (self.pick("min", "max"), self.time(d)), "time"),
                lambda: ("count(distinct %s)" % self.time(d), "int"),
                lambda: self.moment(), lambda: self.moment(),
                lambda: self.placed(d), lambda: self.placed(d),
                lambda: ("sum(b)", "int"), lambda: ("max(b)", "int"),
                lambda: ("sum(%s)" % self.big(1), "far"),
                lambda: ("sum(%s)" % self.big(0), "far"),
                lambda: ("count(distinct %s)" % self.big(d), "int"),
                lambda: ("%s(%s)" % (self.pick("min", "max", "first", "last", "any_value"),
                                     self.big(d)), "big"),
                lambda: ("%s(%s, id)" % (self.pick("arg_min", "arg_max"), self.big(d)), "big"),
                lambda: ("count_if(%s)" % self.bool(d), "int"),
                lambda: ("%s(%s, id)" % (self.pick("arg_min", "arg_max", "min_by"),
                                         self.text(0)), "text"),
                lambda: ("%s(%s)" % (self.pick("bool_or", "bool_and", "min", "max"),
                                     self.bool(d)), "bool"),
                lambda: ("any_value(%s)" % self.text(d), "text"),
                lambda: ("%s(n, id + n - n)" % self.pick("arg_min", "max_by"), "int"),
                lambda: ("%s(%s)" % (self.pick("first", "last"), self.text(d)), "text"),
                lambda: ("%s(%s)" % (self.pick("first", "last"), self.int(d)), "int"),
                lambda: ("%s(%s)" % (self.pick("first", "last"), self.time(0)), "time"))))()
        if not text.startswith(("count_if", "cast(")) and self.chance(.25):
            text += " filter (where %s)" % self.bool(d)
        if kind in ("int", "dec") and self.chance(.2):
            text = "%s %s %s" % (text, self.pick("+", "-", "*"), self.pick("2", "sum(n)"))
        elif kind in ("int", "dec") and not self.common and self.chance(.2):
            text, kind = "%s / nullif(count(n), 0)" % text, "flo"
        elif self.chance(.1) and kind not in ("flo", "far"):
            text = "coalesce(%s, %s)" % (text, text)
        return text, kind

    def placed(self, d):
        """What is read off the values in order."""
        q, r = self.pick("0", "0.25", "0.5", "0.75", "1"), self.rng
        return self.pick(
            lambda: ("quantile_disc(%s, %s)" % (self.int(d), q), "int"),
            lambda: ("quantile(%s, %s)" % (self.text(d), q), "text"),
            # of 0 DESC DuckDB gives the least: it takes -0 for 0
            lambda: ("percentile_disc(%s) within group (order by %s%s)" % (
                q, self.int(d), self.pick("", " desc" if q != "0" else "")), "int"),
            lambda: ("percentile_cont(%s) within group (order by cast(%s as double)%s)" % (
                q, self.int(d), self.pick("", " desc" if q != "0" else "")), "flo"),
            lambda: ("cast(quantile_disc(%s, [%s, 0.5]) as varchar)" % (self.int(d), q), "text"),
            lambda: ("string_agg(%s, %s order by id%s)" % (
                self.text(d), self.pick("','", "''"), self.pick("", " desc")), "text"),
            lambda: ("string_agg(distinct %s, '-' order by %s)" % (("s",) * 2), "text"),
            lambda: ("cast(%s(%s, id, %d) as varchar)" % (
                self.pick("arg_min", "max_by"), self.pick("n", "m"), r.randrange(1, 4)), "text"),
            lambda: ("%s(cast(%s as bigint))" % (
                self.pick("bit_and", "bit_or", "bit_xor"), self.int(d)), "int"),
            lambda: ("quantile_disc(%s, %s)" % (self.time(d), q), "time"),
            lambda: ("median(%s)" % self.int(d), "flo"),
            lambda: ("quantile_cont(cast(%s as double), %s)" % (self.int(d), q), "flo"),
            lambda: ("median(%s)" % self.text(d), "text"),
            lambda: ("sum(distinct %s)" % self.int(d), "int"),
            lambda: ("sum(distinct %s)" % self.dec(d), "dec"),
            lambda: ("avg(distinct %s)" % self.int(d), "flo"),
            lambda: ("%s(distinct n)" % self.pick("min", "max"), "int"))()

    def moment(self):
        """Of whole numbers: beside fractions DuckDB takes what is 0 for something."""
        x, y = self.pick("n", "m", "id", "n + m", "b"), self.pick("n", "m", "id", "-m")
        return self.pick(
            lambda: ("%s(%s)" % (self.pick(
                "var_samp", "var_pop", "variance", "stddev", "stddev_samp", "stddev_pop",
                "sem"), x), "flo"),
            lambda: ("%s(%s, %s)" % (self.pick(
                "covar_samp", "covar_pop", "corr", "regr_slope", "regr_avgx", "regr_avgy",
                "regr_sxx", "regr_syy", "regr_sxy", "regr_r2", "regr_intercept"), y, x),
                     "flo"),
            lambda: ("regr_count(%s, %s)" % (y, self.pick(x, "d", "y")), "int"))()

    # -------------------------------------------------------------- queries

    def kinds(self):
        return ["int", "text"] if self.common else [
            "int", "int", "dec", "text", "text", "time", "bool", "flo", "big", "far"]

    def keykinds(self):
        return ["int", "text"] if self.common else ["int", "dec", "text", "time", "bool", "big"]

    def name(self, i):
        return self.pick("c%d" % i, "C%d" % i, '"c%d"' % i)

    def tail(self):
        if self.chance(.4):
            return ""
        return " limit %d%s" % (self.rng.randrange(12), self.pick(
            "", " offset %d" % self.rng.randrange(6)))

    def order(self, keys):
        """ORDER BY some of it, then all of KEYS, so that no ties are left."""
        # where nulls go when the query does not say differs in sqlite3
        way = lambda: self.pick("", " asc", " desc") + self.pick(
            "" if not self.common else " nulls last", " nulls first", " nulls last")
        some = [k for k in keys if self.chance(.6)]
        self.rng.shuffle(some)
        return " order by " + ", ".join([k + way() for k in some + keys])

    def raw(self, deep):
        cols = [self.pick(*self.kinds()) for _ in range(self.rng.randrange(1, 4))]
        sel = ["%s %s" % (self.expr(k, deep), self.pick("as ", "") + self.name(i))
               for i, k in enumerate(cols)]
        sql = "select %s from T" % ", ".join(sel)
        if self.chance(.6):
            sql += " where " + self.bool(deep)
        if self.chance(.6):
            keys = ["c%d" % i for i, k in enumerate(cols) if k not in ("flo", "far")] + [
                self.expr(self.pick(*self.keykinds()), 1)]
            sql += self.order([k for k in keys if k.strip("-() +").isdigit() is False]
                              + ["id"]) + self.tail()
        return sql, cols

    def distinct(self, deep):
        cols = [self.pick(*self.keykinds()) for _ in range(self.rng.randrange(1, 3))]
        sql = "select distinct %s from T" % ", ".join(
            "%s as c%d" % (self.expr(k, deep), i) for i, k in enumerate(cols))
        if self.chance(.4):
            sql += " where " + self.bool(deep)
        if self.chance(.5):
            sql += self.order(["c%d" % i for i in range(len(cols))]) + self.tail()
        return sql, cols

    def grouped(self, deep):
        nkeys = self.pick(0, 1, 1, 2, 3)
        kinds = [self.pick(*self.keykinds()) for _ in range(nkeys)]
        exprs = [self.key(k, deep - 1) for k in kinds]
        for i in range(1, nkeys):  # one that follows from another
            if kinds[i] == kinds[0] == "int" and self.chance(.5):
                exprs[i] = self.paren("%s %s %d" % (
                    exprs[0], self.pick("+", "-", "*"), self.rng.randrange(3)))
        aggs = [self.agg(deep) for _ in range(self.rng.randrange(1, 4))]
        sel = [(e, k, "k%d" % i) for i, (e, k) in enumerate(zip(exprs, kinds))]
        sel += [(e, k, "a%d" % i) for i, (e, k) in enumerate(aggs)]
        keys = list(sel[:nkeys])
        self.rng.shuffle(sel)
        sql = "select %s from T" % ", ".join("%s as %s" % (e, n) for e, k, n in sel)
        if self.chance(.4):
            sql += " where " + self.bool(deep - 1)
        if nkeys:
            sql += " group by " + self.pick(
                lambda: "all" if not self.common else ", ".join(k[2] for k in keys),
                lambda: ", ".join(n for e, k, n in keys),
                lambda: ", ".join(str(sel.index(k) + 1) for k in keys),
                lambda: ", ".join(k[0] if not k[0].lstrip("-").replace(".", "").isdigit()
                                  else k[2] for k in keys))()
        if self.chance(.3):
            a = [x for x in aggs if x[1] in ("int", "dec")]
            sql += " having %s" % (
                "%s %s %d" % (a[0][0], self.pick(">", "<", "<>"), self.rng.randrange(20))
                if a else "count(*) > 2 or min(n) is null")
        if nkeys and self.chance(.6):
            by = [n for e, k, n in keys]
            extra = [str(i + 1) for i, (e, k, n) in enumerate(sel)
                     if k not in ("flo", "far") and self.chance(.4)]
            extra += ["count(*)", "max(n) - min(m)"][:self.pick(0, 0, 1, 2)]
            sql += self.order(extra + by) + self.tail()
        return sql, [k for e, k, n in sel]

    def query(self):
        deep = self.pick(1, 2, 2, 3)
        self.bare = self.pick(.25, .25, .25, .9)
        sql, kinds = self.shape(deep)
        if self.chance(.15):
            sql, kinds = self.within(sql, kinds)
        return self.dressed(sql) if self.chance(.1) else sql, kinds

    def within(self, sql, kinds):
        """The query as one within another."""
        return self.pick(
            lambda: ("select * from (%s) as r" % sql, kinds),
            lambda: ("select r.* from (%s) r" % sql, kinds),
            lambda: ("with r as (%s) select * from r" % sql, kinds),
            lambda: ("with q as (%s), r as (select * from q) select x.* from r x" % sql, kinds),
            lambda: ("select count(*) as c from (%s) r" % sql, ["int"]),
            lambda: ("select distinct * from (select * from (%s) q) r" % sql,
                     kinds) if not {"flo", "far"} & set(kinds) else (
                         "select * from (%s) as r" % sql, kinds))()

    def dressed(self, sql):
        """Comments, white space and capitals, where they say nothing."""
        parts = re.split(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")", sql)
        for i in range(0, len(parts), 2):
            p = re.sub(r"\b(select|as|and|or|not|is|null|case|when|then|else|end|group|"
                       r"order|by|having|limit|in|between|desc|filter)\b",
                       lambda m: m.group().upper(), parts[i])
            parts[i] = re.sub(r" (?!T\b)(?!from\b)(?!where\b)(?!order by)", lambda m: self.pick(
                " ", " ", " ", "  ", "\n", "\t", " /* ' */ ", " -- it's\n"), p)
        return "".join(parts)

    def shape(self, deep):
        return self.pick(self.raw, self.raw, self.distinct, self.grouped, self.grouped,
                         self.grouped, self.windowed, self.windowed,
                         self.related, self.related,
                         self.raw if self.common else self.lists)(deep)
