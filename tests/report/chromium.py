"""Chromium, driven through its debugging pipe: no port, no library."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds


class Chromium:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="lam-chromium.")
        down, self.to = os.pipe()
        self.back, up = os.pipe()

        def wire():  # the browser's descriptors 3 and 4
            os.dup2(down, 103), os.dup2(up, 104)
            os.dup2(103, 3), os.dup2(104, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-background-networking", "--hide-scrollbars",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
             "--user-data-dir=" + self.profile, "about:blank"],
            preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(down)
        os.close(up)
        self.buffer, self.number, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network", "Audits":
            self.call(domain + ".enable")

    def read(self):
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], PATIENCE)[0]:
                raise TimeoutError("chromium says nothing")
            got = os.read(self.back, 1 << 20)
            if not got:
                raise EOFError("chromium is gone")
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if getattr(self, "session", None):
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            got = self.read()
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def js(self, text):
        got = self.call("Runtime.evaluate", expression=text, returnByValue=True,
                        awaitPromise=True)
        if "exceptionDetails" in got:
            raise RuntimeError(json.dumps(got["exceptionDetails"])[:500])
        return got["result"].get("value")

    def until(self, text):
        end = time.monotonic() + PATIENCE
        while not self.js(f"!!({text})"):
            if time.monotonic() > end:
                raise TimeoutError(text)
            self.js("new Promise((f) => requestAnimationFrame(f))")

    def open(self, url, width=1280, height=900, dark=False, phone=False, media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def click(self, x, y, times=1):
        for n in range(1, times + 1):
            for kind in "mousePressed", "mouseReleased":
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                          button="left", clickCount=n)

    def drag(self, x, y, to_x, to_y):
        def at(kind, x, y, buttons):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                      button="left" if kind != "mouseMoved" or buttons else "none",
                      buttons=buttons, clickCount=1)
        at("mouseMoved", x, y, 0)
        at("mousePressed", x, y, 1)
        for i in range(1, 9):
            at("mouseMoved", x + (to_x - x) * i / 8, y + (to_y - y) * i / 8, 1)
        at("mouseReleased", to_x, to_y, 0)

    def screenshot(self, path, whole=False):
        got = self.call("Page.captureScreenshot", format="png",
                        captureBeyondViewport=whole)
        with open(path, "wb") as f:
            f.write(base64.b64decode(got["data"]))

    def complaints(self):
        """Errors of scripts, what the policy refused, and requests that were made."""
        told = []
        for e in self.events:
            m, p = e.get("method"), e.get("params", {})
            if m == "Runtime.exceptionThrown":
                told.append("exception: " + json.dumps(p["exceptionDetails"])[:300])
            elif m == "Log.entryAdded":
                told.append("log: " + p["entry"]["text"][:300])
            elif m == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning"):
                told.append("console: " + json.dumps(p["args"])[:300])
            elif m == "Audits.issueAdded" and "SecurityPolicy" in p["issue"]["code"]:
                told.append("issue: " + json.dumps(p["issue"])[:300])
            elif m == "Page.javascriptDialogOpening":
                told.append("dialog: " + p["message"])
            elif m == "Network.requestWillBeSent" and p["type"] != "Document" and \
                    not p["request"]["url"].startswith("data:"):
                told.append("request: " + p["request"]["url"][:200])
        return told

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (EOFError, OSError):
            pass
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
