"""sqlover.py - random window functions

Where rows may be told apart, the order ends in the unique id; ranks and frames of peers
are left with ties.
"""
from sqllist import ListGen


class OverGen(ListGen):
    def over(self):
        """(text, kind) of a window function over T."""
        kind = self.pick("int", "text") if self.common else self.pick(
            "int", "text", "time", "dec", "bool")
        v, r = self.expr(kind, 1), self.rng
        if self.common and kind == "bool":
            kind, v = "int", "n"
        k = r.randrange(1, 5)
        return self.pick(
            lambda: ("row_number() over (%s)" % self.spec(True), "int"),
            lambda: ("%s() over (%s)" % (self.pick("rank", "dense_rank"), self.spec()), "int"),
            lambda: ("%s() over (%s)" % (self.pick("percent_rank", "cume_dist"),
                                         self.spec()), "flo"),
            lambda: ("ntile(%d) over (%s)" % (k, self.spec(True)), "int"),
            lambda: ("%s(%s%s) over (%s)" % (self.pick("lag", "lead"), v, self.pick(
                "", ", %d" % k, ", 0"), self.spec(True)), kind),
            lambda: ("%s(n, %d, %d) over (%s)" % (self.pick("lag", "lead"), k, -k,
                                                  self.spec(True)), "int"),
            lambda: ("first_value(%s) over (%s)" % (v, self.framed(True)), kind),
            lambda: ("last_value(%s) over (%s)" % (v, self.framed(True)), kind),
            lambda: ("nth_value(%s, %d) over (%s)" % (v, k, self.framed(True)), kind),
            *(() if self.common else (
                lambda: ("%s(%s ignore nulls) over (%s)" % (self.pick(
                    "first_value", "last_value"), v, self.framed(True)), kind),
                lambda: ("nth_value(%s, %d ignore nulls) over (%s)" % (
                    v, k, self.framed(True)), kind),
                lambda: ("%s(%s%s ignore nulls) over (%s)" % (self.pick("lag", "lead"), v, self.pick(
                    "", ", %d" % k, ", -1"), self.spec(True)), kind))),
            self.summed, self.summed, self.summed, self.summed)()

    def summed(self):
        v = lambda: self.num(1)
        text, kind = self.pick(
            lambda: ("count(*)", "int"), lambda: ("count(%s)" % self.text(1), "int"),
            lambda: ("sum(%s)" % self.int(1), "int"), lambda: ("avg(%s)" % v(), "flo"),
            lambda: ("%s(%s)" % (self.pick("min", "max"), v()), "dec"),
            lambda: ("%s(%s)" % (self.pick("min", "max"), self.text(1)), "text"),
            *(() if self.common else (
                lambda: ("sum(%s)" % self.dec(1), "dec"),
                lambda: ("count(distinct %s)" % self.expr(self.pick("int", "text"), 1), "int"),
                lambda: ("%s(%s)" % (self.pick("min", "max"), self.time(1)), "time"),
                lambda: ("%s(s, id)" % self.pick("arg_min", "arg_max"), "text"),
                lambda: ("%s(n, id, 2)" % self.pick("arg_min", "arg_max"), "list"),
                lambda: ("array_agg(%s order by %s)" % (self.pick("n", "s"), self.pick(
                    "id desc", "n desc nulls last, id", "s nulls first, id")), "list"),
                lambda: ("string_agg(s, '-' order by n nulls last, id)", "text"),
                lambda: ("quantile_disc(n, [0.25, 0.5])", "list"),
                lambda: ("array_agg(distinct %s)" % self.pick("n", "s"), "list"),
                lambda: ("%s(distinct %s)" % (self.pick("sum", "min", "max"), self.int(1)), "int"),
                lambda: ("%s(n, 2)" % self.pick("min", "max"), "list"),
                lambda: ("%s(%s)" % (self.pick("bool_or", "bool_and"), self.bool(1)), "bool"),
                lambda: ("%s(cast(%s as bigint))" % (self.pick(
                    "bit_and", "bit_or", "bit_xor"), self.int(1)), "int"),
                lambda: ("median(%s)" % self.int(1), "flo"),
                lambda: ("quantile_disc(%s, 0.75)" % self.time(1), "time"),
                lambda: ("%s(n)" % self.pick("var_pop", "stddev_samp", "var_samp"), "flo"),
                lambda: ("covar_pop(n, m)", "flo"))))()
        # sqlite3 3.46 counts rows that FILTER left out in min and max of such frames
        if self.chance(.2) and not (self.common and text[0] == "m"):
            text += " filter (where %s)" % self.bool(1)
        text = "%s over (%s)" % (text, self.framed())
        # over a window DuckDB does not sort distinct values
        return "list_sort(%s)" % text if text.startswith("array_agg(distinct") else text, kind

    def partition(self):
        return self.pick("", "", "partition by s ", "partition by n % 3 ", "partition by m ",
                         *(() if self.common else (
                             "partition by date_trunc('day', ts) ", "partition by n > 2, s ")))

    def spec(self, total=False):
        way = self.pick("", " desc") + (" nulls last" if self.common else self.pick(
            "", " nulls first", " nulls last"))
        by = self.pick("n", "m", "s", "id", *(() if self.common else ("ts", "d"))) + way
        return self.partition() + "order by " + by + (", id" if total else "")

    def framed(self, total=False):
        """A specification with a frame, and an order that decides what it holds;
        TOTAL: and in which order."""
        unit, k = self.pick("rows", "rows", "range", "groups", "", ""), self.rng.randrange(4)
        if unit in ("", "range") and self.chance(.4):
            return self.partition() + self.pick(
                "order by id desc" if total else "", "order by n nulls last, id", "order by id")
        if unit == "":
            return self.spec(True)
        lower = ["unbounded preceding", "%s preceding" % k, "current row", "1 following"]
        upper = ["1 preceding", "current row", "%s following" % k, "unbounded following"]
        by = "n nulls last, id" if unit == "rows" else "id" if self.common else self.pick(
            "id", "id desc", *(() if total else ("n + id",)))
        if unit == "range" and not self.common and not total and self.chance(.3):
            by, span = "ts", self.pick("1 hour", "10 minutes", "1 day", "1 month", "1 month 1 day")
            lower[1], upper[2] = "interval '%s' preceding" % span, "interval '%s' following" % span
            lower[3] = upper[0] = "current row"
        i = self.rng.randrange(4)
        j = self.rng.randrange(max(0, i - 1), 4)
        if i == 3 and j < 2 or i == 2 and j == 0:
            j = 3
        less = " exclude " + self.pick("current row", "group", "ties", "no others")
        return "%sorder by %s %s between %s and %s%s" % (
            self.partition(), by, unit, lower[i], upper[j], less if self.chance(.3) else "")

    def windowed(self, deep):
        """Window functions over raw rows, or over groups."""
        if self.chance(.3):
            return self.over_groups()
        if not self.common and self.chance(.15):
            return self.first_rows()
        if self.chance(.15):
            return self.named()
        overs = [self.over() for _ in range(self.rng.randrange(1, 4))]
        sel = ["id"] + ["%s as w%d" % (t, i) for i, (t, k) in enumerate(overs)]
        kinds = ["int"] + [k for t, k in overs]
        ints = [i for i, (t, k) in enumerate(overs) if k == "int"]
        sql = "select %s from T" % ", ".join(sel)
        if self.chance(.3):
            sql += " where " + self.bool(1)
        if ints and not self.common and self.chance(.3):
            sql += " qualify w%d %s %d" % (ints[0], self.pick("<=", ">", "="),
                                           self.rng.randrange(5))
        if self.chance(.5):
            sql += " order by id" + self.tail()
        return sql, kinds

    def named(self):
        """Windows with names, which others extend."""
        return "select id, row_number() over w, %s as a, %s as b from T window v as (%s), " \
            "w as (v order by %s, id)%s" % (
                self.pick("count(*) over v", "count(n) over (v)", "sum(n) over w",
                          "lag(n) over w", "max(n) over (v order by id desc)"),
                # DuckDB forgets the order of a window that extends one and is extended
                self.pick(*(("sum(n) over (w rows between 1 preceding and 1 following)",
                             "first_value(n) over (w groups 1 preceding)") if self.common else (
                    "sum(n) over (v order by id rows between 1 preceding and 1 following)",
                    "first_value(n) over (v order by id groups 1 preceding)")),
                    "count(*) over w"),
                self.partition(), self.pick("n nulls last", "m desc nulls last", "s nulls last"),
                self.pick("", ", u as (w)")), ["int"] * 4

    def first_rows(self):
        key = self.pick("s", "m", "n % 3", "date_trunc('day', ts)", "1")
        by = self.pick("", "n%s, " % self.pick("", " desc", " nulls first"), "ts, ")
        where = " where " + self.bool(1) if self.chance(.4) else ""
        return "select distinct on (%s) %s as k, id, n from T%s order by %s%sid%s" % (
            key, "s" if key == "1" else key, where, by, "" if by else "n, ",
            self.tail()), ["time" if "ts" in key else "text" if key in "s1" else "int",
                           "int", "int"]

    def over_groups(self):
        sql = ("select s, count(*) as a, %s as w from T group by s" % self.pick(
            "sum(count(*)) over ()", "rank() over (order by count(*) desc)",
            "row_number() over (order by s nulls last)",
            "count(*) * 2 - max(count(*)) over ()",
            "sum(sum(n)) over (order by s nulls last rows unbounded preceding)",
            "lag(count(*)) over (order by s nulls last)"))
        if self.chance(.4):
            sql += " order by s nulls last" + self.tail()
        return sql, ["text", "int", "int"]
