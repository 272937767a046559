/*
 * report.js - lam-report's page comes to life: charts, tables that sort and search
 *
 * A panel holds its data as TSV in hidden <pre> elements: columns (of lam-stat),
 * rows, points (of a time series), totals and sums (the names that add up).  Values
 * come from strangers: they only ever become text nodes, and what could steer the
 * direction of text is spelled out.  Panels are built when they come into sight.
 */
"use strict";
(function () {
	const PAGE = 20, SERIES = 8;
	const GAP = 3;		/* usual steps without a row: the line is broken */
	const NARROW = 640;	/* px */
	const root = document.documentElement;
	const steers = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

	function store(area, key, value) {
		try { /* a page from a file may have no storage */
			if (value === undefined)
				return JSON.parse(area().getItem("lam:" + key));
			area().setItem("lam:" + key, JSON.stringify(value));
		} catch (e) { /* nothing is remembered */ }
		return null;
	}
	const session = () => window.sessionStorage;
	const local = () => window.localStorage;

	function make(tag, attributes, ...children) {
		const e = document.createElement(tag);
		for (const k in attributes || {})
			if (k === "on")
				for (const event in attributes.on)
					e.addEventListener(event, attributes.on[event]);
			else if (attributes[k] !== null)
				e.setAttribute(k, attributes[k]);
		e.append(...children);
		return e;
	}

	/* ------------------------------------------------------------------ values */

	function unescape(s) {
		if (s === "\\N")
			return null;
		return s.indexOf("\\") < 0 ? s : s.replace(/\\([tnr\\])/g, (m, c) =>
			c === "t" ? "\t" : c === "n" ? "\n" : c === "r" ? "\r" : "\\");
	}

	function parse(pre) {
		const text = pre ? pre.textContent : "";
		const lines = text.split("\n");
		if (lines[lines.length - 1] === "")
			lines.pop();
		const all = lines.map((l) => l.split("\t").map(unescape));
		return { names: all[0] || [], rows: all.slice(1) };
	}

	function shown(s) {
		return s === "" ? "\"\"" : s.replace(steers, (c) =>
			"\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
	}

	/* Thousands apart; of decimals three, the rest is in the title. */
	function number(s) {
		const m = /^(-?)(\d+)(\.\d+)?$/.exec(s);
		if (!m)
			return s;
		let part = m[3] || "";
		if (part.length > 4)
			part = part.slice(0, Number(m[2]) >= 1000 ? 0 : 4);
		return m[1] + m[2].replace(/\B(?=(\d{3})+$)/g, "\u202f") + part;
	}

	const isNumber = (s) => s !== null && /^-?\d+(\.\d+)?$/.test(s);

	/* --------------------------------------------------------------- a panel */

	function Panel(section) {
		const get = (name) => section.querySelector("pre." + name);
		const rows = parse(get("rows"));
		const keys = parse(get("columns")).rows.filter((r) => r[3] === "key");
		this.section = section;
		this.name = section.dataset.view;
		this.names = rows.names;
		this.rows = rows.rows;
		this.groups = Number(get("rows").dataset.groups);
		this.key = this.names.map((n) => keys.some((k) => k[1] === n));
		this.isNumber = this.names.map((n, c) => this.rows.some((r) => r[c] !== null) &&
			this.rows.every((r) => r[c] === null || isNumber(r[c])));
		this.measures = this.names.map((n, c) => c).filter((c) =>
			!this.key[c] && this.isNumber[c]);
		this.sums = parse(get("sums")).names.concat(parse(get("sums")).rows.map((r) => r[0]));
		this.totals = parse(get("totals"));
		this.points = get("points") ? parse(get("points")) : null;
		this.unit = get("points") ? get("points").dataset.unit : "";
		this.split = get("points") ? get("points").dataset.split === "1" : false;
		const before = store(session, this.name) || {};
		this.state = Object.assign({ measure: this.names[this.measures[0]],
			sort: -1, down: true, page: 0, search: "" }, before);
		if (!this.names.includes(this.state.measure))
			this.state.measure = this.names[this.measures[0]];
		this.build();
	}

	Panel.prototype.keep = function () {
		store(session, this.name, this.state);
	};

	Panel.prototype.total = function (name) {
		const c = this.totals.names.indexOf(name);
		return c < 0 || !this.totals.rows.length ? null : this.totals.rows[0][c];
	};

	Panel.prototype.build = function () {
		const body = make("div", {});
		this.section.querySelectorAll("noscript").forEach((n) => n.remove());
		this.section.append(body);
		this.buildTotals(body);
		this.buildTools(body);
		if (this.points && this.measures.length) {
			this.legend = make("div", { class: "legend", "aria-live": "off" });
			this.chart = make("div", { class: "chart", role: "img",
				"aria-label": "Time series of " + this.name +
				"; the table below has its values" });
			body.append(this.legend, this.chart);
			this.draw();
		}
		this.box = make("div", { class: "scroll", tabindex: "0", role: "region",
			"aria-label": "Table of " + this.name });
		this.pager = make("div", { class: "tools" });
		body.append(this.box, this.pager);
		this.table();
	};

	Panel.prototype.buildTotals = function (body) {
		const list = make("dl", { class: "totals" });
		for (const c of this.measures) {
			const t = this.total(this.names[c]);
			if (t !== null)
				list.append(make("div", {}, make("dt", {}, shown(this.names[c])),
					make("dd", { title: t }, number(t))));
		}
		list.append(make("div", {}, make("dt", {}, "rows"),
			make("dd", {}, number(String(this.groups)))));
		body.append(list);
	};

	Panel.prototype.buildTools = function (body) {
		const tools = make("div", { class: "tools" });
		if (this.measures.length > 1) {
			const select = make("select", { name: "measure", "aria-label": "What to show of " + this.name,
				on: { change: () => {
					this.state.measure = select.value;
					this.keep();
					this.draw();
					this.table();
				} } });
			for (const c of this.measures)
				select.append(make("option", { value: this.names[c] },
					shown(this.names[c])));
			select.value = this.state.measure;
			tools.append(select);
		}
		const search = make("input", { type: "search", name: "search", placeholder: "search",
			"aria-label": "Search in " + this.name, on: { input: () => {
				this.state.search = search.value;
				this.state.page = 0;
				this.keep();
				this.table();
			} } });
		search.value = this.state.search;
		tools.append(search);
		if (this.points && this.measures.length)
			tools.append(make("button", { type: "button", on: { click: () => {
				this.graph.resetZoom();
			} } }, "whole time"));
		body.append(tools);
	};

	/* ---------------------------------------------------------------- charts */

	/* dygraphs breaks a line at NaN; it would draw it across null. */
	function broken(data, lines) {
		const steps = data.slice(1).map((r, i) => r[0] - data[i][0]).sort((a, b) => a - b);
		const usual = steps[steps.length >> 1];
		return data.flatMap((r, i) => i && r[0] - data[i - 1][0] > GAP * usual ?
			[[new Date(Number(data[i - 1][0]) + usual)].concat(Array(lines).fill(NaN)), r] :
			[r]);
	}

	/* One line for the measure, or one for each of the second key's values. */
	Panel.prototype.series = function () {
		const names = this.points.names;
		const m = names.indexOf(this.state.measure);
		const lines = new Map(), at = new Map();
		/* Of what adds up, no row is nothing; of a mean nobody knows. */
		const none = this.sums.includes(this.state.measure) ? 0 : null;
		for (const r of this.points.rows) {
			const t = Date.parse(r[0]);
			const line = this.split ? (r[1] === null ? "NULL" : shown(r[1])) :
				shown(this.state.measure);
			if (isNaN(t) || (!lines.has(line) && lines.size >= SERIES))
				continue;
			if (!lines.has(line))
				lines.set(line, lines.size);
			if (!at.has(t))
				at.set(t, []);
			at.get(t)[lines.get(line)] = isNumber(r[m]) ? Number(r[m]) : null;
		}
		const data = [...at.keys()].sort((a, b) => a - b).map((t) => {
			const row = [new Date(t)];
			for (let i = 0; i < lines.size; i++)
				row.push(at.get(t)[i] === undefined ? none : at.get(t)[i]);
			return row;
		});
		return { labels: [...lines.keys()], data: broken(data, lines.size) };
	};

	/* Names are text from outside, and dygraphs makes HTML of labels: it gets
	 * numbers for names. */
	Panel.prototype.draw = function () {
		if (!this.points || !this.measures.length)
			return;
		const s = this.series(), style = getComputedStyle(root);
		const colour = (n) => style.getPropertyValue(n).trim();
		if (this.graph)
			this.graph.destroy();
		if (!s.data.length)
			return;
		this.labels = s.labels;
		this.graph = new Dygraph(this.chart, s.data, {
			labels: ["t"].concat(s.labels.map((l, i) => "s" + i)),
			colors: s.labels.map((l, i) => colour("--c" + i)),
			labelsUTC: true, legend: "never", strokeWidth: 1.6,
			drawPoints: s.data.length < 60, pointSize: 2.5,
			highlightCircleSize: 4, includeZero: true, connectSeparatedPoints: true,
			showRangeSelector: s.data.length > 2, rangeSelectorHeight: 26,
			rangeSelectorPlotFillColor: colour("--bar"),
			rangeSelectorPlotStrokeColor: colour("--dim"),
			gridLineColor: colour("--line"), axisLineColor: colour("--dim"),
			dateWindow: this.state.zoom || null, fillGraph: s.labels.length === 1,
			axes: { y: { axisLabelWidth: 62, axisLabelFormatter: short },
				x: { axisLabelWidth: 76 } },
			/* Else dragging would pan where there is a range selector. */
			interactionModel: Dygraph.defaultInteractionModel,
			drawCallback: (graph, first) => {
				if (first)
					return;
				this.state.zoom = graph.isZoomed("x") ? graph.xAxisRange() : undefined;
				this.keep();
			},
			highlightCallback: (event, t, points) => this.tell(t, points),
			unhighlightCallback: () => this.tell(null, [])
		});
		this.tell(null, []);
	};

	function short(v) {
		const units = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
		for (const [n, u] of units)
			if (Math.abs(v) >= n)
				return String(Math.round(v / n * 100) / 100) + u;
		return String(Math.round(v * 1000) / 1000);
	}

	Panel.prototype.tell = function (t, points) {
		const style = getComputedStyle(root);
		this.legend.textContent = t === null ? "" : time(t, this.unit) + " ";
		this.labels.forEach((label, i) => {
			const p = points.find((x) => x.name === "s" + i);
			const e = make("span", {}, label + (p && p.yval !== null && !isNaN(p.yval) ?
				": " + number(String(p.yval)) : ""));
			e.style.setProperty("--key", style.getPropertyValue("--c" + i));
			this.legend.append(e);
		});
	};

	function time(t, unit) {
		const text = new Date(t).toISOString();
		return unit === "day" || unit === "month" ? text.slice(0, 10) :
			text.slice(0, 19).replace("T", " ");
	}

	/* ---------------------------------------------------------------- tables */

	Panel.prototype.matching = function () {
		const want = this.state.search.toLowerCase();
		let rows = this.rows;
		if (want)
			rows = rows.filter((r) => r.some((v) => v !== null &&
				v.toLowerCase().includes(want)));
		const c = this.state.sort;
		if (c < 0)
			return rows;
		const sign = this.state.down ? -1 : 1, n = this.isNumber[c];
		return rows.slice().sort((a, b) => {
			if (a[c] === null || b[c] === null) /* behind all, either way */
				return (a[c] === null) - (b[c] === null);
			return sign * (n ? Number(a[c]) - Number(b[c]) :
				a[c] < b[c] ? -1 : a[c] > b[c]);
		});
	};

	Panel.prototype.head = function (share) {
		const row = make("tr", {});
		this.names.forEach((name, c) => {
			const on = this.state.sort === c;
			const button = make("button", { type: "button", on: { click: () => {
				this.state.down = on ? !this.state.down : this.isNumber[c];
				this.state.sort = c;
				this.state.page = 0;
				this.keep();
				this.table();
				this.box.querySelectorAll("th button")[c].focus();
			} } }, shown(name) + (on ? this.state.down ? " \u25bc" : " \u25b2" : ""));
			row.append(make("th", { scope: "col", class: this.isNumber[c] ? "number" : null,
				"aria-sort": on ? this.state.down ? "descending" : "ascending" : "none" },
				button));
			if (c === share)
				row.append(make("th", { scope: "col", class: "number" }, "share"));
		});
		return make("thead", {}, row);
	};

	function cell(v, isNum) {
		if (v === null)
			return make("td", { class: isNum ? "null number" : "null",
				"aria-label": "NULL" });
		if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(v))
			return make("td", { class: "time", title: v },
				v.replace("T", " ").replace(/( 00:00:00)?Z$/, ""));
		return isNum ? make("td", { class: "number", title: v }, number(v)) :
			make("td", { class: v.length > 14 ? "long" : null }, shown(v));
	}

	/* Exact only to 16 digits, which is enough for a bar and a tenth of a percent. */
	function shareCell(v, total, most) {
		const part = Number(v) / Number(total) * 100, width = Number(v) / most * 100;
		const td = make("td", { class: "share" });
		if (v !== null && isFinite(part)) {
			const bar = make("i", { "aria-hidden": "true" });
			bar.style.width = Math.max(0, Math.min(100, width)) + "%";
			td.append(bar, make("b", {}, part.toFixed(1) + " %"));
		}
		return td;
	}

	/* On a phone the rows of a table that is too wide become a few lines each, values
	 * behind their names.  It stays a table to who hears it. */
	function fit(box) {
		const table = box.querySelector("table"), names = [];
		box.classList.remove("cards");
		if (window.innerWidth >= NARROW || table.scrollWidth <= box.clientWidth)
			return;
		box.classList.add("cards");
		table.setAttribute("role", "table");
		for (const th of table.querySelectorAll("th")) {
			th.setAttribute("role", "columnheader");
			names.push(th.textContent);
		}
		for (const tr of table.rows) {
			tr.setAttribute("role", "row");
			tr.querySelectorAll("td").forEach((td, c) => {
				td.setAttribute("role", "cell");
				td.dataset.name = names[c];
			});
		}
	}

	Panel.prototype.table = function () {
		const rows = this.matching();
		const pages = Math.max(1, Math.ceil(rows.length / PAGE));
		this.state.page = Math.min(this.state.page, pages - 1);
		const from = this.state.page * PAGE;
		const adds = !this.points && this.sums.includes(this.state.measure);
		const share = adds ? this.names.indexOf(this.state.measure) : -1;
		const total = share < 0 ? null : this.total(this.state.measure);
		const most = share < 0 ? 0 : this.rows.reduce((m, r) => Math.max(m, Number(r[share])), 0);
		const body = make("tbody", {});
		for (const r of rows.slice(from, from + PAGE)) {
			const tr = make("tr", {});
			r.forEach((v, c) => {
				tr.append(cell(v, this.isNumber[c]));
				if (c === share)
					tr.append(shareCell(v, total, most));
			});
			body.append(tr);
		}
		const held = this.rows.length < this.groups ? " of the " +
			number(String(this.rows.length)) + " kept here of " +
			number(String(this.groups)) : " of " + number(String(this.groups));
		const caption = make("caption", {}, rows.length ? "rows " + (from + 1) + " to " +
			Math.min(from + PAGE, rows.length) + (this.state.search ? " of " +
			rows.length + " found" : "") + held : "nothing found");
		this.box.replaceChildren(make("table", {}, caption, this.head(share), body));
		fit(this.box);
		this.buildPager(pages);
	};

	Panel.prototype.buildPager = function (pages) {
		const go = (page, text) => {
			const b = make("button", { type: "button", on: { click: () => {
				this.state.page = page;
				this.keep();
				this.table();
			} } }, text);
			b.disabled = page < 0 || page >= pages;
			return b;
		};
		this.pager.replaceChildren();
		if (pages > 1)
			this.pager.append(go(this.state.page - 1, "previous"),
				go(this.state.page + 1, "next"),
				"page " + (this.state.page + 1) + " of " + pages);
	};

	/* ------------------------------------------------------------- the page */

	const panels = new Map();

	function build(section) {
		if (!panels.has(section) && section.querySelector("pre.rows"))
			panels.set(section, new Panel(section));
	}

	function theme() {
		const button = document.getElementById("theme");
		const order = ["", "light", "dark"], names = ["as the system", "light", "dark"];
		const set = (t) => {
			root.dataset.theme = t;
			button.textContent = "colours: " + names[order.indexOf(t)];
			for (const p of panels.values())
				p.draw();
		};
		button.hidden = false;
		button.addEventListener("click", () => {
			const t = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
			store(local, "theme", t);
			set(t);
		});
		set(order.includes(store(local, "theme")) ? store(local, "theme") : "");
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
			set(root.dataset.theme));
	}

	/* A page made again each minute is loaded again, but not under a reader's
	 * fingers: search, order, page and zoom are remembered. */
	function refresh() {
		const seconds = Number(document.body.dataset.refresh);
		if (!seconds)
			return;
		setInterval(() => {
			if (document.visibilityState !== "visible" ||
				document.activeElement instanceof HTMLInputElement)
				return;
			store(session, "scroll", window.scrollY);
			location.reload();
		}, seconds * 1000);
		const y = store(session, "scroll");
		if (y) {
			window.scrollTo(0, y);
			store(session, "scroll", 0);
		}
	}

	/* Its legend makes HTML of names, and styles that the policy of the page forbids. */
	Dygraph.PLUGINS = Dygraph.PLUGINS.filter((p) => p !== Dygraph.Plugins.Legend);
	theme();
	const sections = document.querySelectorAll("section.panel");
	const eye = new IntersectionObserver((seen) => seen.forEach((s) => {
		if (s.isIntersecting)
			build(s.target);
	}), { rootMargin: "400px" });
	sections.forEach((s) => eye.observe(s));
	const fitAll = () => document.querySelectorAll(".scroll").forEach(fit);
	window.addEventListener("resize", fitAll);
	fitAll();
	window.addEventListener("beforeprint", () => sections.forEach(build));
	refresh();
})();
