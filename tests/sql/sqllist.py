"""sqllist.py - random lists: literals, elements, slices, functions, unnest

The elements are leaves of one type, as DuckDB's functions take no two widths of numbers.
What has no order there, as list_distinct, is sorted.
"""
from sqlgen import Gen
from sqldata import literal


class ListGen(Gen):
    def leaf(self, kind):
        return self.pick(*{"int": ("n", "m", "id % 5", "n", "3", "null::bigint"),
                           "dec": ("d", "d", "-d"),
                           "text": ("s", "u", "q", "x", "'a'", "null::varchar")}[kind])

    def list(self, kind, deep):
        l = lambda: self.list(kind, deep - 1)
        k = lambda: self.rng.randrange(-4, 5)
        if deep <= 0 or self.chance(.4):
            made = "[" + ", ".join(self.leaf(kind) for _ in range(self.rng.randrange(1, 5))) + "]"
            if kind != "text":
                return made
            return self.pick(made, "string_split(%s, %s)" % (self.pick("s", "q", "x"), literal(
                self.pick("a", ",", " ", "b", "", "zz"))),
                "regexp_extract_all(%s, '[a-z]')" % self.pick("s", "q", "x"),
                "regexp_extract_all(s, '([a-z])([a-z])', 2)")
        return self.pick(
            lambda: "%s[%d:%d]" % (l(), k(), k()), lambda: "%s[%d:]" % (l(), k()),
            lambda: "%s[:%s]" % (l(), self.pick("n", str(k()))),
            lambda: "list_sort(%s)" % l(), lambda: "list_sort(%s, 'DESC', 'NULLS FIRST')" % l(),
            lambda: "list_reverse_sort(%s)" % l(), lambda: "list_reverse(%s)" % l(),
            lambda: "list_sort(list_distinct(%s))" % l(),
            lambda: "(%s || %s)" % (l(), l()), lambda: "list_concat(%s, %s)" % (l(), l()),
            lambda: "list_append(%s, %s)" % (l(), self.leaf(kind)),
            lambda: "list_prepend(%s, %s)" % (self.leaf(kind), l()),
            lambda: "case when n > 2 then %s else %s end" % (l(), l()),
            lambda: "coalesce(case when n > 2 then %s end, %s)" % (l(), l()))()

    def of_list(self, deep):
        """(text, kind) of what a list is asked for."""
        kind = self.pick("int", "dec", "text")
        l, e = self.list(kind, deep), self.leaf(kind)
        return self.pick(
            lambda: ("(%s)[%s]" % (l, self.pick("1", "2", "-1", "n", "0")), kind),
            lambda: ("list_%s(%s)" % (self.pick("min", "max"), l), kind),
            lambda: ("len(%s)" % l, "int"), lambda: ("array_length(%s)" % l, "int"),
            lambda: ("list_unique(%s)" % l, "int"), lambda: (l, "list"),
            *(() if kind == "dec" else (
                lambda: ("list_contains(%s, %s)" % (l, e), "bool"),
                lambda: ("list_position(%s, %s)" % (l, e), "int"),
                lambda: ("%s = any(%s)" % (e, l), "bool"),
                lambda: ("%s <> all(%s)" % (e, l), "bool"),
                lambda: ("array_to_string(%s, '-')" % l, "text"))),
            *(() if kind == "text" else (
                lambda: ("list_sum(%s)" % l, kind), lambda: ("list_avg(%s)" % l, "flo"))))()

    def lists(self, deep):
        deep = min(deep, 2)
        where = " where " + self.bool(1) if self.chance(.3) else ""
        return self.pick(self.asked, self.asked, self.unnested, self.elements,
                         self.gathered)(deep, where)

    def asked(self, deep, where):
        got = [self.of_list(deep) for _ in range(self.rng.randrange(1, 4))]
        sql = "select id, %s from T%s" % (", ".join(
            "%s as e%d" % (t, i) for i, (t, _) in enumerate(got)), where)
        return sql + (" order by id" + self.tail() if self.chance(.5) else ""), [
            "int", *(k for _, k in got)]

    def unnested(self, deep, where):
        kind, other = self.pick("int", "dec", "text"), self.pick("int", "text")
        sql = "select id, unnest(%s) as e" % self.list(kind, deep)
        kinds = ["int", kind]
        if self.chance(.3):
            sql, kinds = sql + ", unnest(%s) as f" % self.list(other, 1), kinds + [other]
        return sql + " from T" + where, kinds

    def elements(self, deep, where):
        kind = self.pick("int", "text")
        of = " from T%s unnest(%s) as u(e)" % (self.pick(
            ",", " cross join", " left join"), self.list(kind, deep))
        if "left join" in of:
            return "select id, e%s on true%s" % (of, where), ["int", kind]
        also = "e is not null" if self.chance(.5) else "e > " + (
            "2" if kind == "int" else "'a'")
        if self.chance(.5):
            where += (" and " if where else " where ") + also
        if self.chance(.3):
            return "select id, e%s%s" % (of, where), ["int", kind]
        return "select e, count(*) as c, min(id) as i%s%s group by e" % (of, where), [
            kind, "int", "int"]

    def gathered(self, deep, where):
        """Lists that aggregates make."""
        kind = self.pick("int", "text")
        x, by = self.leaf(kind), self.pick("id", "id desc", "n nulls last, id")
        l = "array_agg(%s order by %s)" % (x, by)
        once = "array_agg(distinct %s order by %s%s)" % (x, x, self.pick(
            "", " desc", " nulls first"))
        if self.chance(.2):
            return "select m, %s as a, count(distinct (%s, n)) as c from T%s group by m" % (
                once if "null" not in x else l, self.leaf(kind), where), ["int", "list", "int"]
        what, k = self.pick((l, "list"), (l + "[2]", kind), (l + "[-1]", kind),
                            ("len(%s)" % l, "int"), (l + "[2:3]", "list"))
        if self.chance(.2):
            return "select %s as k, unnest(%s) as e from T%s group by %s" % (
                "m", l, where, "m"), ["int", kind]
        return "select m, %s as a from T%s group by m" % (what, where), ["int", k]
