"""sqlrel.py - random joins and queries made of queries

The right side of a join has columns of its own names, so that any expression over T
stands on the left.
"""
from sqlover import OverGen


class RelGen(OverGen):
    def right(self, limited=False):
        """A relation for the right side: id2, n2, m2, s2, d2, t3."""
        where = self.pick("", "", " where " + self.bool(1))
        if limited:
            where = " where id < %d" % self.rng.randrange(1, 30)
        cols = "id as id2, n as n2, m as m2, s as s2"
        if not self.common:
            cols += ", d as d2, ts as t3"
        return "(select %s from T%s) %s" % (cols, where, self.pick("r", "as r"))

    def equality(self):
        pairs = ["n = n2", "s = s2", "n2 = m", "id = id2", "n %% 7 = m2", "lower(s) = s2",
                 "id = n2 + 1"]
        if not self.common:
            pairs += ["ts = t3", "d = d2", "n = d2", "d = n2", "s2 = u", "b = n2",
                      "date_trunc('day', ts) = date_trunc('day', t3)"]
        text = self.pick(*pairs)
        if self.chance(.25):
            text += " and " + self.pick(*pairs)
        return text.replace("%%", "%")

    def more(self):
        """A condition beside the keys."""
        return self.pick("", "", "", " and m < m2", " and n > 1", " and m2 > 0",
                         " and s <> s2", " and (n2 is null or n > n2)", " and id <> id2",
                         " and 1 = 1", " and s2 is not null")

    def joined(self):
        """(text behind FROM, names and kinds of columns of the right)."""
        kind = self.pick("join", "inner join", "left join", "left outer join", "right join",
                         "full join", "left join")
        if self.chance(.15):
            return "T %s %s on %s" % (
                kind if "full" not in kind and "right" not in kind else "join",
                self.right(True), self.pick("n < n2", "s > s2", "m between n2 and m2",
                                            "n <> n2 and id > id2"))
        if self.chance(.15):
            return "T, %s where %s" % (self.right(), self.equality() + self.more())
        if self.chance(.1):
            return "T cross join %s where %s" % (self.right(True), self.equality())
        if self.chance(.15):
            return "T %s (select s, id as id2, n as n2, m as m2 from T) r using (s)" % (
                self.pick("join", "left join", "right join", "full join"))
        text = "T %s %s on %s" % (kind, self.right(), self.equality() + self.more())
        if kind in ("join", "inner join") and self.chance(.3):
            text += self.pick(" and exists (select 1 from (select id as z1, n as zn from T) z where z1 = id2 and zn > 0)",
                              " and n in (select m from T)", " and (id, s) in (select id, s from T)",
                              " and id2 > (select min(n) from T)")
        elif self.common and self.chance(.3):  # DuckDB has none of these
            text += self.pick(
                " and n in (select m from (select id, n, m, s from T) z)", " and n2 not in (select m from (select id, n, m, s from T) z where m > 0)",
                " and exists (select 1 from (select id, n, m, s from T) z where z.id = id2 + 1 and z.n > 0)",
                " and not exists (select 1 from (select id, n, m, s from T) z where z.n = T.m and z.id < T.id)",
                " and n <= (select count(*) from (select id, n, m, s from T) z where z.s = T.s)",
                " and m2 < (select max(z.n) - 1 from (select id, n, m, s from T) z where z.s = s2)")
        if self.chance(.2):
            text += " %s (select id as i4, n as n4 from T where %s) q on i4 = id2%s" % (
                self.pick("join", "left join"), self.bool(1), self.pick("", " and n4 = n"))
        return text

    def join(self):
        frm = self.joined()
        if self.chance(.2):
            return "select n %% 3, count(*), count(id2), sum(m2) from %s group by 1" % frm, [
                "int"] * 4
        where = " where " + self.pick(self.bool(1), "id2 is null", "n2 > 0 or m2 is null",
                                      "id is not null and n2 < 5")
        where = "" if self.chance(.5) else where if " where " not in frm.split(") r")[-1] \
            else where.replace(" where ", " and (", 1) + ")"
        using = "using" in frm
        if self.chance(.3):
            key = self.pick("s", "n2", "m2")
            if key == "s" and using and self.common:
                key = "n2"
            return "select %s, count(*), count(id2), sum(n) from %s%s group by %s" % (
                key, frm, where, key), ["text" if key == "s" else "int", "int", "int", "int"]
        sel = [("id", "int"), ("id2", "int")]
        if self.chance(.5):
            sel.append((self.expr(self.pick("int", "text"), 1), "int"))
            sel[-1] = (self.int(1), "int")
        sel.append(self.pick(("n2", "int"), ("n + m2", "int"), ("coalesce(n2, m)", "int"),
                             ("case when id2 is null then 'none' else 'some' end", "text")))
        if using:
            sel.append(("s", "text"))
        sql = "select %s from %s%s" % (", ".join(t for t, k in sel), frm, where)
        if self.chance(.4):
            sql += " order by id nulls last, id2 nulls last, %d nulls last" % len(sel)
            if "i4" not in frm:
                sql += self.tail()
        return sql, [k for t, k in sel]

    def lateral(self):
        """A query about each row of the left; sqlite3 has none of them."""
        if self.common:
            return self.join()
        bound = self.pick("i.k = T.n", "i.c = T.s", "i.k = T.m and i.c = T.s", "i.j = T.id",
                          "i.k = T.n + 1", "T.id = i.j")
        inner = "(select id as j, n as k, m as l, s as c from T%s) i" % self.pick(
            "", " where " + self.bool(1))
        more = self.pick("", "", " and i.l > 1", " and i.j is not null")
        kind, on = self.pick((" join", " on true"), (" left join", " on true"), (",", ""),
                             (" cross join", ""), (" left join", " on r.x > T.m"),
                             (" join", " on r.x > T.m"))
        what = "select i.l as x, i.j as y from %s where %s%s" % (inner, bound, more)
        if self.chance(.4):
            what += " order by i.j%s limit %d%s" % (
                self.pick("", " desc"), self.rng.randrange(4), self.pick("", "", " offset 1"))
        elif self.chance(.3):
            what = "select i.k as x, count(*) as y from %s where %s%s group by i.k" % (
                inner, bound, more)
            if self.chance(.3):
                what += " having count(*) > 1"
        elif self.chance(.4) and "T.m" not in on:
            what = "select %s as x, %s as y from %s where %s%s" % (
                self.pick("max(i.l)", "count(*)", "count(i.l) * 2 - 1", "coalesce(min(i.l), -1)"),
                self.pick("sum(i.j)", "count(*)", "max(i.j) - min(i.j) + count(*)"), inner, bound,
                more)
        elif self.chance(.2):
            what = what.replace("select", "select distinct")
        elif self.chance(.2):
            what = what.replace("i.k = T.n and", "i.k > T.n and").replace(
                "where i.k = T.n", "where i.k > T.n and i.j < 9")
        return "select id, r.x, r.y from T%s lateral (%s) r%s%s" % (
            kind, what, on, self.pick("", " where id > 2", " where r.y is not null" if on else
                                      " where r.y > 1")), ["int", "int", "int"]

    def sets(self):
        kinds = [self.pick("int", "text", "int") for _ in range(self.rng.randrange(1, 3))]
        half = lambda: "select %s from T%s" % (
            ", ".join(self.pick("n", "m", "n % 3", "id % 5") if k == "int" else
                      self.pick("s", "s", "lower(s)") for k in kinds),
            self.pick("", " where " + self.bool(1)))
        op = lambda: self.pick("union", "union all", "intersect", "except", *(
            () if self.common else ("intersect all", "except all")))
        sql = "%s %s %s" % (half(), op(), half())
        if self.chance(.3):
            sql += " %s %s" % (op(), half()) if not self.common else " union " + half()
        if self.chance(.3):
            sql = "select count(*), count(c0) from (%s) x" % sql.replace(
                " from", " as c0%s from" % "", 1) if len(kinds) == 1 else sql
            if sql.startswith("select count(*)"):
                return sql, ["int", "int"]
        if self.chance(.5):
            sql += " order by %s%s" % (", ".join("%d nulls last" % (i + 1) for i in range(
                len(kinds))), self.tail())
        return sql, kinds

    def sub(self):
        """A condition, or a value, that is a query: (text, kind)."""
        where = lambda: self.pick("", " where " + self.bool(1), " where n > 2", " where id < 4")
        col = self.pick("n", "m", "s", "id")
        kind = "text" if col == "s" else "int"
        left = self.text(1) if kind == "text" else self.int(1)
        bound = lambda: self.pick("i.k = T.n", "i.c = T.s", "i.k = T.m", "i.j = T.id",
                                  "i.c = lower(T.s)", "i.k = T.m and i.c = T.s")
        inner = "(select id as j, n as k, m as l, s as c from T%s) i" % where()
        more = lambda: self.pick("", "", " and i.l > T.n", " and i.k > 1", " and i.j <> T.id")
        agg = self.pick("max(i.k)", "count(*)", "min(i.l)", "count(i.k)", "sum(i.k)", "count(*) + 1",
                        "coalesce(sum(i.k), -1)", "max(i.l) - min(i.k) + count(*)",
                        "case when count(*) > 1 then max(i.k) when count(*) = 1 then -1 else 0 end",
                        "2 * sum(i.l) + T.id", "max(i.k) + max(i.l) * 2")
        fit = lambda: self.pick(*(["", ""] if self.common else [""] + [
            " having count(*) > 1", " having max(i.k) > 1"]))
        return self.pick(
            lambda: ("(%s) %sin (select %s from T%s)" % (
                left, self.pick("", "not "), col, where()), "bool"),
            lambda: ("coalesce((%s, %s) in (select l, c from %s), false)" % (
                self.int(1), self.text(1), inner), "bool"),
            lambda: ("coalesce((n, s) %s, false)" % self.pick(
                "= (2, 'b')", "in ((1, 'a'), (2, 'b'), (n, 'ab'))", "= (n + 0, lower(s))"), "bool")
            if self.common else ("coalesce((n, s) in (select l, c from %s), false)" % inner, "bool"),
            lambda: ("(%s) %sin (select %s from %s where %s%s)" % (
                self.int(1), self.pick("", "not "), self.pick("i.l", "i.k"), inner, bound(),
                more()), "bool"),
            lambda: ("%sexists (select 1 from %s where %s%s)" % (
                self.pick("", "not "), inner, bound(), more()), "bool"),
            lambda: ("exists (select 1 from T%s)" % where(), "bool"),
            lambda: ("(select %s from %s where %s%s)" % (agg, inner, bound(), more() + fit()), "int"),
            lambda: ("(select %s from %s where %s%s)" % (agg, inner, bound(), fit()), "int"),
            lambda: ("(select i.l from %s where %s%s order by %s limit 1%s)" % (
                inner, bound(), more(), self.pick("i.j", "i.j desc", "i.k nulls last, i.j",
                                                  "i.l nulls last, i.j desc"),
                self.pick("", "", " offset 1")), "int"),
            lambda: ("%s %sin (select %s from %s where %s)" % (
                self.pick("n", "m", "id"), self.pick("", "not "), agg, inner, bound()), "bool"),
            lambda: ("(select count(*) from %s where %s) > 0" % (inner, bound()), "bool")
            if self.common else ("%sexists (select count(*) from %s where %s%s)" % (
                self.pick("", "not "), inner, bound(), fit()), "bool"),
            lambda: ("(select %s(%s) from T%s)" % (self.pick("max", "min", "sum", "count"),
                                                   self.int(1), where()), "int"),
            lambda: ("(select n from (select * from T) x order by id limit 1)", "int"))()

    def subs(self):
        text, kind = self.sub()
        where = self.pick(text if kind == "bool" else "n >= " + text,
                          "%s or n > 3" % text if kind == "bool" else "%s > n + 1" % text)
        if self.chance(.2):
            return "select s, count(*), sum(n) from T where %s group by s" % where, [
                "text", "int", "int"]
        if self.chance(.5):
            return "select id, n from T where %s" % where, ["int", "int"]
        if kind == "bool":
            text = "case when %s then 1 when not %s then 0 end" % (text, text)
        return "select id, %s from T%s" % (text, self.pick("", " where n > 0")), ["int", "int"]

    def ends(self):
        """first and last in an order, and lists of what a query gives; sqlite3 has neither."""
        if self.common:
            return self.subs()
        order = self.pick("id", "n nulls last, id", "m desc nulls first, id desc", "s nulls first, id")
        if self.chance(.6):
            return "select s, first(%s order by %s), last(%s order by %s)%s from T group by s" % (
                self.pick("n", "m", "id % 5"), order, self.pick("n", "id"), order,
                self.pick("", " filter (where n > 0)")), ["text", "int", "int"]
        kind = self.pick("n", "m", "id % 3")
        if self.chance(.3):
            return "select array(select %s from T order by %s)" % (kind, order), ["list"]
        return "select id, array(select %s from (select id, n, m, s from T) i where %s order by %s) from T" % (
            kind.replace("n", "i.n").replace("m", "i.m").replace("id", "i.id"),
            self.pick("i.s = T.s", "i.n = T.m", "i.id = T.n", "i.n = T.n and i.m > 0"),
            self.pick("i.id", "i.id desc")), ["int", "list"]

    def rolled(self):
        """ROLLUP, CUBE, GROUPING SETS; sqlite3 has none of them."""
        if self.common:
            return self.sets()
        keys = self.pick(("s", "n % 3"), ("m", "s"), ("s", "n > 1", "m % 2"),
                         ("date_trunc('day', ts)", "s"))
        kind = {"s": "text", "m": "int", "n % 3": "int", "m % 2": "int", "n > 1": "bool",
                "date_trunc('day', ts)": "time"}
        some = ", ".join(keys[:self.rng.randrange(len(keys)) + 1])
        by = self.pick("rollup (%s)" % ", ".join(keys), "cube (%s)" % ", ".join(keys),
                       "grouping sets ((%s), (), (%s))" % (some, keys[-1]),
                       "%s, rollup (%s)" % (keys[0], ", ".join(keys[1:])),
                       "grouping sets ((%s), %s)" % (some, keys[0]))
        agg = self.pick("count(*)", "sum(n)", "max(m)", "count(distinct n)", "sum(n) + count(s)")
        named = [k for k in keys if k in by]
        sel = ["%s as k%d" % (k, i) for i, k in enumerate(named)]
        sql = "select %s, %s as a, grouping(%s) as g from T%s group by %s" % (
            ", ".join(sel), agg, ", ".join(named), self.pick("", " where " + self.bool(1)), by)
        if self.chance(.3):
            sql += " having count(*) > %d" % self.rng.randrange(4)
        if self.chance(.5):
            sql += " order by g, %s%s" % (", ".join("k%d nulls last" % i for i in range(
                len(named))), ", a nulls last" + self.tail())
        return sql, [kind[k] for k in named] + ["int", "int"]

    def related(self, deep):
        return self.pick(self.rolled, self.ends, self.lateral, self.join, self.join, self.sets, self.subs, self.subs)()
