"""sqlview.py - random views, queries on them, and what those mean on the raw table

A roll-up of a view's measures must give what the view's own definitions give when
they are put in place of the names and asked of the table.
"""
import re

from sqlrel import RelGen


class ViewGen(RelGen):
    def view(self, deep=2):
        """A definition: ({name: (expression, kind)}, keys, WHERE)."""
        cols, nkeys = {}, self.pick(1, 2, 2, 3)
        for i in range(nkeys):
            kind = self.pick(*("int", "text") if self.common else (
                "int", "text", "time", "time", "bool", "big"))
            cols["k%d" % i] = self.key(kind, deep - 1), kind
        for i in range(self.rng.randrange(1, 5)):
            cols["a%d" % i] = self.measure(deep)
        return cols, ["k%d" % i for i in range(nkeys)], (
            " where " + self.bool(1) if self.chance(.3) else "")

    def measure(self, deep):
        while True:
            text, kind = self.agg(deep)
            if re.match(r"[a-z_]+\((.*)\)$|.*\(.*\) filter \(", text) and (
                    not text.startswith(("coalesce(", "cast("))) and not re.search(
                    r"\) (/|\*|\+|-) (2|sum\(n\)|nullif\(count\(n\), 0\))$", text):
                return text, kind

    def looked_up(self, view):
        """The view with columns of a look-up file, hs and hw, in place of some of its own,
        and how it joins the file; as it is, and nothing."""
        if self.chance(.5):
            return view, ""
        cols, keys, where = view
        name = {c: h for c, h in (("s", "hs"), ("m", "hw")) if self.chance(.8)}
        part = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|\b([sm])\b(?!\()")
        put = lambda e: part.sub(lambda m: m[1] or name.get(m[2], m[2]), e)
        on = self.pick("H.hk = n", "n = H.hk", "H.ht = s", "H.hk = n and s = H.ht",
                       "H.hk = n + 1")
        return ({n: (put(e), k) for n, (e, k) in cols.items()}, keys, put(where)), (
            "%s join 'look.csv' H on %s" % (self.pick(" left", " left outer", ""), on))

    @staticmethod
    def definition(view, look=""):
        cols, keys, where = view
        return "select %s from T%s%s group by %s" % (", ".join("%s as %s" % (
            e, n) for n, (e, k) in cols.items()), look, where, ", ".join(keys))

    def on_rows(self, view):
        """A query on the rows of a view: no grouping, or aggregates over them."""
        cols, keys, _ = view
        some = [n for n in cols if n in keys or self.chance(.7)]
        sql = "select %s from V" % ", ".join(some)
        if self.chance(.5):
            sql += " order by %s%s" % (", ".join(k + " nulls last" for k in keys), self.tail())
        return sql, [cols[n][1] for n in some]

    def rollup(self, view):
        """A query on a view, and the same with its definitions in place."""
        cols, keys, where = view
        keep = [k for k in keys if self.chance(.5)]
        sel, kinds, by = [], [], []
        for k in keep:
            e, kind = "{%s}" % k, cols[k][1]
            if kind == "time" and self.chance(.5):
                e = "date_trunc('%s', %s)" % (self.unit(), e)
            elif kind == "int" and self.chance(.3):
                e = "%s %% 3" % e
            elif kind == "text" and self.chance(.3):
                e = "substr(%s, 1, 2) || 'x'" % e
            by.append("g%d" % len(by))
            sel.append("%s as %s" % (e, by[-1]))
            kinds.append(kind)
        measures = [n for n in cols if n not in keys]
        for n in measures:
            kind = cols[n][1]
            if kind in ("int", "dec") and self.chance(.3):
                sel.append("{%s} * 2 + {%s} as m%d" % (
                    n, self.pick(*[x for x in measures if cols[x][1] in ("int", "dec")]),
                    len(sel)))
            else:
                sel.append("{%s} as m%d" % (n, len(sel)))
            kinds.append(kind)
        if not measures or not by and (self.common or self.chance(.8)):
            by.append("g0")
            sel.append("{%s} as g0" % keys[0])
            kinds.append(cols[keys[0]][1])
        text, cond = "select %s from V" % ", ".join(sel), ""
        if self.chance(.5):
            k = self.rng.choice(keys)
            cond = self.pick("{%s} is not null", "not ({%s} is null)", {
                "int": "{%s} > 1", "dec": "{%s} > 1", "text": "{%s} >= 'a'",
                "bool": "{%s}", "big": "{%s} > cast('1e-20' as decimal)", "time": "{%s} >= '2000-01-01'"}[cols[k][1]]) % k
        tail = " group by " + ", ".join(by) if by else "" if self.common else " group by all"
        sets = by and not self.common and self.chance(.2)
        if sets:
            tail = " group by %s (%s)" % (self.pick("rollup", "cube"), ", ".join(by))
        counts = [n for n in measures if cols[n][1] == "int"]
        if counts and self.chance(.3):
            tail += " having {%s} > %d" % (counts[0], self.rng.randrange(5))
        if by and not sets and self.chance(.5):
            tail += self.order(by) + self.tail()
        ours = (text + (" where " + cond if cond else "") + tail).format(
            **{n: n for n in cols})
        theirs = text.replace("from V", "from T") + (
            where + " and (" + cond + ")" if where and cond else
            " where " + cond if cond else where) + tail
        # WHERE of a view may hold "or"
        if where and cond:
            theirs = theirs.replace(where, " where (" + where[7:] + ")", 1)
        theirs = re.sub(r"\{([a-z]\w*)\}", lambda m: "(" + cols[m.group(1)][0] + ")", theirs)
        return ours, theirs, kinds

    def approximate(self):
        """An approximate query, and an exact one to hold it to."""
        q = self.pick("0", "0.5", "0.9", "0.99", "1", "0.25")
        by = self.pick("m", "s", "n", "date_trunc('day', t2)")
        x, y = self.pick("n", "u", "x", "ts", "q"), self.pick("n", "d", "b", "id", "d * 7")
        return ("select %s as k, approx_count_distinct(%s) as a, approx_quantile(%s, %s) as b "
                "from T group by k order by k" % (by, x, y, q),
                "select %s as k, count(distinct %s) as a, list(%s order by %s) filter (where "
                "(%s) is not null) as b from T group by k order by k" % (by, x, y, y, y),
                ["text" if by == "s" else "time" if "date" in by else "int", "about",
                 "rank " + q])
