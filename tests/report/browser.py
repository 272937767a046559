#!/usr/bin/env python3
"""lam-report's page in Chromium: looked at, clicked, searched, zoomed, printed.

    browser.py DIR     screenshots and results.md go to DIR

Values are compared with what lam-query says.  What no program can judge, the looks, is
in the screenshots.
"""
import base64
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from chromium import Chromium  # noqa: E402

root = pathlib.Path(__file__).resolve().parents[2]
os.environ["PATH"] = f"{root}/bin:{os.environ['PATH']}"
shots = pathlib.Path(sys.argv[1])
shots.mkdir(parents=True, exist_ok=True)
passed, failed, notes = 0, 0, []

LINES = 20000


def check(name, true, why=""):
    global passed, failed
    passed, failed = passed + bool(true), failed + (not true)
    line = ("ok " if true else "not ok ") + name + (f": {why}" if why and not true else "")
    print(line, flush=True)
    notes.append("- " + line)


def run(text):
    return subprocess.run(["sh", "-ec", text], check=True, capture_output=True).stdout.decode(
        errors="replace")


def dataset(where):
    """A web log with paths and agents that strangers might send, and some large views."""
    evil = ["/<script>alert(1)</script>", "/%22><img src=x onerror=alert(1)>",
            "/\u202egnp.exe", "/\u2066\u2067\u200f", "/caf\u00e9&amp;&lt;b&gt;", "/a\\x22b"]
    with open(where / "access.log", "w", encoding="utf-8") as f:
        for i in range(LINES):
            path = evil[i % 6] if i % 50 == 0 else f"/page/{i * i % 499}"
            agent = "</pre><script>alert(2)</script>" if i % 97 == 0 else "Mozilla/5.0 (X11; Linux)"
            f.write(f"10.0.{i % 7}.{i % 251} - - [{17 + i // 6000}/May/2026:{i // 250 % 24:02}:"
                    f"{i // 50 % 60:02}:00 +0000] \"GET {path} HTTP/1.1\" "
                    f"{[200, 200, 304, 404, 200, 500][i * i % 251 % 6]} {i % 4000} \"-\" \"{agent}\"\n")
    os.environ["LAM_DATA"] = str(where / "data")
    run(f"lam-ingest -q -s access -f combined {where}/access.log; lam-report -q --new web")
    (where / "data/views/a_traffic.sql").write_text(
        "-- What comes in, by the minute and status\n"
        "select date_trunc('minute', ts) as minute, status, count(*) as hits,\n"
        "       sum(bytes) as bytes, avg(bytes) as mean from access group by minute, status\n")
    with open(where / "gap.csv", "w") as f:
        f.write("ts,v\n")
        for i in [*range(100), *range(300, 400)]:
            f.write(f"2026-01-01T{i // 60:02}:{i % 60:02}:00Z,{i % 17 + 5}\n")
    run(f"lam-ingest -q -s gap {where}/gap.csv")
    (where / "data/views/b_gap.sql").write_text("select ts, avg(v) as mean from gap group by ts\n")
    (where / "data/views/z_broken.sql").write_text("select nosuch, count(*) from access group by 1")
    os.makedirs(where / "geo")
    for name, lines in (
            ("Country-Blocks-IPv4", "network,geoname_id\n10.0.0.0/23,1\n10.0.2.0/24,2\n"),
            ("Country-Locations-en", "geoname_id,continent_name,country_name\n"
             "1,Europe,<b>Germany\n2,North America,United States\n"),
            ("ASN-Blocks-IPv4", "network,autonomous_system_number,autonomous_system_organization\n"
             "10.0.0.0/16,64500,Example\n")):
        (where / f"geo/GeoLite2-{name}.csv").write_text(lines)
    run("lam-batch 2>/dev/null | lam-serve -q || true")


def page(where, *options):
    subprocess.run(["lam-report", "--title", "Report of <test>", "--to", where, *options],
                   check=False, stderr=subprocess.DEVNULL)
    return "file://" + str(where)


TABLE = """[...document.querySelectorAll('#v-%s tbody tr')].map((r) =>
    [...r.cells].map((c) => c.title || c.textContent))"""


def table(b, view):
    return b.js(TABLE % view)


def query(sql):
    text = run(f"lam-query --no-header -o tsv \"{sql}\" | sed 's/\\\\\\\\/\\\\/g'")
    return [l.split("\t") for l in text.splitlines()]


def spelled(v):
    return re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", lambda m: "\\u%04x" % ord(m[0]), v)


def scroll_to(b, view):
    b.js(f"document.getElementById('v-{view}').scrollIntoView()")
    b.until(f"document.querySelector('#v-{view} table tbody')")


def box(b, what):
    return b.js(f"(() => {{ const r = document.querySelector(`{what}`).getBoundingClientRect();"
                "return [r.x, r.y, r.width, r.height]; })()")


def click(b, what):
    b.js(f"document.querySelector(`{what}`).scrollIntoView({{block: 'center'}})")
    x, y, w, h = box(b, what)
    b.click(x + w / 2, y + h / 2)


def looks(b, url):
    for name, width, height, dark in (("wide-light", 1400, 1000, False), ("wide-dark", 1400, 1000, True),
                                      ("phone-light", 390, 844, False), ("phone-dark", 390, 844, True)):
        b.open(url, width, height, dark=dark, phone=width < 500)
        b.until("document.querySelector('#v-a_traffic canvas')")
        b.screenshot(shots / f"{name}.png")
        scroll_to(b, "web_requests")
        b.screenshot(shots / f"{name}-ranked.png")
        scroll_to(b, "web_not_found")
        b.screenshot(shots / f"{name}-keys.png")
        wide = b.js("document.documentElement.scrollWidth - innerWidth")
        check(f"{name}: nothing is wider than the screen", wide <= 0, f"{wide} px")
        wide = b.js("[...document.querySelectorAll('.scroll')].map((e) =>"
                    "e.scrollWidth - e.clientWidth)")
        check(f"{name}: no table is wider than its place", len(wide) and max(wide) <= 0,
              str(wide))
        check(f"{name}: no complaint of the browser, no request", not b.complaints(),
              str(b.complaints()[:2]))
        low = b.js(CONTRAST)
        check(f"{name}: text has a contrast of 4.5 to 1 (WCAG AA)", not low, str(low[:3]))


CONTRAST = r"""(() => {
    const light = (c) => { const v = c.match(/[\d.]+/g).map(Number).slice(0, 3).map((x) => {
        x /= 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
    const back = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        if (!/, 0\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
    const bad = new Set();
    for (const e of document.querySelectorAll('h1, h2, p, a, th, td, dt, dd, button, option, caption, span, li')) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length ||
            e.disabled) continue;
        const a = light(getComputedStyle(e).color), b = light(back(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) bad.add(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2));
    }
    return [...bad]; })()"""


def values(b, url):
    b.open(url)
    scroll_to(b, "web_hosts")
    want = query("select * from web_hosts order by hits desc limit 20")
    got = [[r[0], r[1]] + r[3:] for r in table(b, "web_hosts")]
    check("a table has the rows of the view", got == want, f"{got[:2]} {want[:2]}")
    total = int(query("select sum(hits) from web_hosts")[0][0])
    share = [r[2] for r in table(b, "web_hosts")]
    check("shares are of the total", share == ["%.1f %%" % (int(r[1]) / total * 100) for r in want])
    click(b, "#v-web_hosts th:nth-child(1) button")
    got = [r[0] for r in table(b, "web_hosts")]
    check("a click on a name sorts by it", got == sorted(r[0] for r in query(
        "select ip from web_hosts order by hits desc limit 1000"))[:20], str(got[:3]))
    check("and says so to a screen reader", b.js(
        "document.querySelector('#v-web_hosts th').getAttribute('aria-sort')") == "ascending")
    click(b, "#v-web_hosts .tools:last-child button:nth-child(2)")
    got = [r[0] for r in table(b, "web_hosts")]
    check("next shows the next rows", got == sorted(r[0] for r in query(
        "select ip from web_hosts order by hits desc limit 1000"))[20:40], str(got[:3]))
    click(b, "#v-web_hosts input")
    b.call("Input.insertText", text="10.0.3.2")
    got = {r[0] for r in table(b, "web_hosts")}
    want = {r[0] for r in query("select ip from web_hosts order by hits desc limit 1000")
            if "10.0.3.2" in r[0]}
    check("search finds what there is", got and got == want, f"{got} {want}")


def places(b, url):
    b.open(url)
    scroll_to(b, "web_places")
    got = {tuple(r[:2]): int(r[2]) for r in table(b, "web_places")}
    want = {("Europe", "<b>Germany"): 0, ("North America", "United States"): 0, ("", ""): 0}
    for ip, hits in query("select ip, hits from web_hosts"):
        third = int(ip.split(".")[2])
        want[("Europe", "<b>Germany") if third < 2 else ("North America", "United States")
             if third == 2 else ("", "")] += int(hits)
    check("places are those of the addresses", got == want, f"{got} {want}")
    scroll_to(b, "web_networks")
    check("networks, too", table(b, "web_networks")[0][:3] == ["AS64500", "Example", str(LINES)])
    b.screenshot(shots / "places.png")


def hostile(b, url):
    b.open(url)
    scroll_to(b, "web_requests")
    b.js("(() => { const i = document.querySelector('#v-web_requests input'); i.value = 'script';"
         "i.dispatchEvent(new Event('input')); })()")
    got = [r[0] for r in table(b, "web_requests")]
    check("a path that is a script is text", got == ["/<script>alert(1)</script>"], str(got))
    b.js("(() => { const i = document.querySelector('#v-web_requests input'); i.value = 'gnp';"
         "i.dispatchEvent(new Event('input')); })()")
    got = [r[0] for r in table(b, "web_requests")]
    check("what turns text around is spelled", not got or got == ["/\\u202egnp.exe"], str(got))
    b.js("scrollTo(0, 1e6)")
    b.js("dispatchEvent(new Event('beforeprint'))")
    check("two scripts, none of them from a value", b.js(
        "[document.scripts.length, [...document.images].every((i) => i.src.startsWith('data:'))]")
          == [2, True])
    bad = b.js("document.querySelector('#v-z_broken .bad').textContent")
    check("a broken view says why in its panel", "nosuch" in bad, bad)
    check("nothing was run, loaded or refused", not b.complaints(), str(b.complaints()[:3]))


def zoom(b, url):
    b.open(url)
    b.until("document.querySelector('#v-a_traffic canvas')")
    x, y, w, h = box(b, "#v-a_traffic .chart")
    b.js("scrollTo(0, 0)")
    x, y, w, h = box(b, "#v-a_traffic .chart")
    b.drag(x + w * 0.4, y + h * 0.4, x + w * 0.6, y + h * 0.4)
    kept = b.js("JSON.parse(sessionStorage.getItem('lam:a_traffic') || '{}').zoom")
    check("dragging over a chart zooms into it", kept and kept[0] < kept[1], str(kept))
    b.screenshot(shots / "zoomed.png")
    b.call("Page.reload")
    b.until("document.readyState === 'complete' && document.querySelector('#v-a_traffic canvas')")
    again = b.js("JSON.parse(sessionStorage.getItem('lam:a_traffic')).zoom")
    check("and stays zoomed when the page is loaded again", again == kept)
    b.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + w / 2, y=y + h / 2)
    b.until("/\\d:/.test(document.querySelector('#v-a_traffic .legend').textContent)")
    told = b.js("document.querySelector('#v-a_traffic .legend').textContent")
    check("pointing at a time tells its values", "NaN" not in told, told)
    b.js("(() => { const s = document.querySelector('#v-a_traffic select'); s.value = 'bytes';"
         "s.dispatchEvent(new Event('change')); })()")
    b.screenshot(shots / "bytes.png")
    click(b, "#v-a_traffic .tools button")
    check("whole time zooms out", b.js(
        "JSON.parse(sessionStorage.getItem('lam:a_traffic')).zoom") is None)
    click(b, "#theme")
    click(b, "#theme")
    check("colours can be chosen", b.js("document.documentElement.dataset.theme") == "dark")
    b.js("localStorage.clear(); sessionStorage.clear()")


def gaps(b, url):
    """Of the columns of pixels of a chart: has it a line?"""
    b.open(url)
    scroll_to(b, "b_gap")
    drawn = b.js("""(() => { const c = document.querySelector('#v-b_gap canvas');
        const hex = getComputedStyle(document.documentElement).getPropertyValue('--c0').trim();
        const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
        const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return [...Array(c.width).keys()].map((x) => [...Array(c.height).keys()].some((y) =>
            want.every((v, i) => Math.abs(p[4 * (y * c.width + x) + i] - v) < 40) &&
            p[4 * (y * c.width + x) + 3] > 200)); })()""")
    first = drawn.index(True)
    line = drawn[first:len(drawn) - drawn[::-1].index(True)]
    quarter = len(line) // 4
    check("where times are missing the line is broken", sum(line[:quarter]) > .95 * quarter and
          not any(line[quarter + 9:3 * quarter - 9]) and sum(line[3 * quarter:]) > .95 * quarter,
          "".join(" #"[v] for v in line[::10]))
    b.screenshot(shots / "gap.png")


def keyboard(b, url):
    b.open(url)
    b.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    check("Tab comes to the link past the panels' list first", b.js(
        "document.activeElement.className") == "skip")
    names = b.js("[...document.querySelectorAll('input, select, .chart, .scroll[role]')]"
                 ".filter((e) => e.getClientRects().length && !e.getAttribute('aria-label')).length")
    check("every control, chart and table has a name", names == 0, str(names))
    heads = b.js("[...document.querySelectorAll('h1, h2')].map((e) => e.tagName).join('')")
    check("one heading of the page, one for each panel", re.fullmatch("H1(H2)+", heads), heads)


def printing(b, url):
    b.open(url, media="print")
    b.js("dispatchEvent(new Event('beforeprint'))")
    pdf = b.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)["data"]
    (shots / "a4.pdf").write_bytes(base64.b64decode(pdf))
    check("prints, and all panels are there", len(pdf) > 50000 and b.js(
        "[...document.querySelectorAll('section.panel')].every((s) =>"
        "s.querySelector('table, .bad'))"))
    b.open(url, width=718, height=1000, media="print")  # A4 between its margins, 96 to the inch
    b.js("dispatchEvent(new Event('beforeprint'))")
    wide = b.js("[...document.querySelectorAll('.scroll')].map((e) => e.scrollWidth - e.clientWidth)")
    check("no table is wider than A4", len(wide) and max(wide) <= 0, str(wide))
    b.screenshot(shots / "print.png")


def large(b, where):
    """50 views, one with a series of 100,000 times, one with 100,000 keys."""
    os.environ["LAM_DATA"] = str(where / "large")
    run(f"""seq 0 99999 | awk 'BEGIN {{ print "ts,k,n" }}
        {{ print strftime("%Y-%m-%dT%H:%M:%SZ", 1767225600 + $1 * 60, 1) ",key" $1 "," $1 % 1000 }}' |
        lam-ingest -q -s s
        mkdir -p {where}/large/views
        for i in $(seq 25); do
        echo "select ts, count(*) as hits, avg(n) as mean from s group by ts" >{where}/large/views/t$i.sql
        echo "select k, count(*) as hits, sum(n) as n from s group by k" >{where}/large/views/k$i.sql
        done
        lam-batch | lam-serve -q""")
    start = time.monotonic()
    url = page(where / "large.html", "--rows", "100000")
    made = time.monotonic() - start
    start = time.monotonic()
    b.open(url)
    b.until("document.querySelector('section.panel table tbody')")
    opened = time.monotonic() - start
    start = time.monotonic()
    b.js("(() => { const i = document.querySelector('section.panel input'); i.value = 'key9999';"
         "i.dispatchEvent(new Event('input')); })()")
    b.until("document.querySelectorAll('section.panel:first-of-type tbody tr').length === 11")
    found = time.monotonic() - start
    check("50 views of 100,000 rows each, all of them in the page: search finds 11", True)
    size = (where / "large.html").stat().st_size
    small = page(where / "small.html")
    small_size = (where / "small.html").stat().st_size
    b.open(small)
    b.until("document.querySelector('section.panel table tbody')")
    notes.append(f"- 50 views of 100,000 rows: with --rows 100000 {size >> 20} MiB, made in {made:.1f} s, "
                 f"opened in {opened:.1f} s, searched in {found:.2f} s; as usual {small_size >> 20} MiB")
    print(notes[-1])


def main():
    where = pathlib.Path(tempfile.mkdtemp(prefix="lam-browser."))
    b = Chromium()
    try:
        dataset(where)
        url = page(where / "r.html", "--geo", str(where / "geo"))
        for part in looks, values, places, hostile, zoom, gaps, keyboard, printing:
            part(b, url)
        if os.environ.get("LARGE") != "no":
            large(b, where)
        version = b.call("Browser.getVersion")["product"]
    finally:
        b.close()
        run(f"rm -rf {where}")
    (shots / "results.md").write_text(f"# lam-report's page in {version}\n\n" + "\n".join(notes) + "\n")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if subprocess.run(["sh", "-c", "command -v chromium"], capture_output=True).returncode:
    sys.exit("chromium is not here: apt-get install chromium")
main()
