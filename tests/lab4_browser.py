"""A real headless Chromium that a test steers, over pipes: pages, pointers, sizes, and everything that it asks for."""

import json
import os
import select
import subprocess
from base64 import b64decode
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from time import monotonic

from lab4.javascript.page import _without_sandbox, chromium

#: How long a page may take to answer, on a busy machine.
LIMIT_S = 300
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-pipe",
    # What a page asks for all the same is refused by a proxy that is not there.
    "--proxy-server=127.0.0.1:9",
)


class Browser:
    """A page in a browser. ``said`` is what its console said, ``asked`` every address that it asked for."""

    def __init__(self, reading, writing):
        self._reading, self._writing = reading, writing
        self._number, self._left, self._session = 0, b"", None
        self.said, self.asked = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, *, checked=True, **parameters):
        """The answer to a command of the browser's own protocol; an error of one that is not ``checked`` as well."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        answer = self._until(lambda each: each.get("id") == self._number, method)
        assert not checked or "result" in answer, (method, answer)
        return answer.get("result", answer)

    def _until(self, wanted, what):
        deadline = monotonic() + LIMIT_S
        while monotonic() < deadline:
            message = self._next(deadline)
            if message is None:
                break
            self._note(message)
            if wanted(message):
                return message
        raise AssertionError(f"the browser has not answered: {what}")

    def _next(self, deadline):
        while b"\0" not in self._left:
            if not select.select([self._reading], [], [], max(0, deadline - monotonic()))[0]:
                return None
            data = os.read(self._reading, 1 << 20)
            assert data, "the browser has ended"
            self._left += data
        message, _, self._left = self._left.partition(b"\0")
        return json.loads(message)

    def _note(self, message):
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled":
            self.said.append((parameters["type"], [each.get("value") for each in parameters["args"]]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(("exception", parameters["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.said.append((parameters["entry"]["level"], parameters["entry"]["text"]))
        elif method == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])

    def size(self, width, height, *, phone=False):
        """The size of the window; of a phone also its way to lay out pages."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def media(self, *, dark=False, printed=False):
        """What style sheets ask for."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media="print" if printed else "", features=[scheme])

    def start_afresh(self, width=1200):
        """Forget what was said and asked for; a window of that width, of a phone where it is narrow."""
        self.said.clear()
        self.asked.clear()
        self.media()
        self.size(width, 900, phone=width < 500)

    def open(self, url):
        """Open a page, until it and its charts are drawn."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")
        self.wait_for_charts()

    def wait_for_charts(self):
        """Until every visible chart is drawn."""
        drawn = "every((each) => each.hidden || each.querySelector('svg'))"
        self.wait(f"[...document.querySelectorAll('figure.chart')].{drawn}")

    def value(self, expression):
        """The value of an expression in the page."""
        found = self._evaluated(expression)
        assert "exceptionDetails" not in found, found
        assert "result" in found, found
        return found["result"].get("value")

    def _evaluated(self, expression):
        """What came of an expression; an error where the page has gone to another one meanwhile."""
        return self.call(
            "Runtime.evaluate", checked=False, expression=expression, returnByValue=True, awaitPromise=True
        )

    def back(self):
        """Go to the page before; the page that is left may be gone before it answers."""
        self._evaluated("history.back()")

    def wait(self, expression):
        """Until an expression is true in the page."""
        deadline = monotonic() + LIMIT_S
        asked = f"new Promise((done) => requestAnimationFrame(() => done(!!({expression}))))"
        while not self._evaluated(asked).get("result", {}).get("value"):
            assert monotonic() < deadline, f"it has not become true: {expression}"

    def _middle(self, element):
        return self.value(
            f"(() => {{ const each = {element}; each.scrollIntoView({{ block: 'center' }});"
            "const { x, y, width, height } = each.getBoundingClientRect(); return [x + width / 2, y + height / 2]; })()"
        )

    def hover(self, element):
        """Move the pointer onto an element."""
        x, y = self._middle(element)
        for step in (3, 0):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + step, y=y + step)

    def click(self, element):
        """Press the pointer on an element."""
        x, y = self._middle(element)
        for what in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=what, x=x, y=y, button="left", clickCount=1)

    def choose(self, name, value):
        """Choose a value of a filter, as a reader does."""
        self.value(
            f"(() => {{ const each = document.querySelector('form.filters [name={name}]');"
            f"each.value = {json.dumps(value)}; each.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
        )
        self.wait_for_charts()

    def picture(self, path):
        """Save the whole page as a picture."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(b64decode(data))


@contextmanager
def browser():
    """Start a browser of the test's own, which is gone afterwards."""
    to_child, writing = os.pipe()
    reading, from_child = os.pipe()
    with TemporaryDirectory(prefix="lab4-chromium-", ignore_cleanup_errors=True) as profile:
        command = [chromium(), *_without_sandbox(), *_FLAGS, f"--user-data-dir={profile}"]
        # The browser reads commands from descriptor 3 and writes to 4.
        moves = f'exec 3<&{to_child} 4>&{from_child}; exec "$@"'
        process = subprocess.Popen(
            ["bash", "-c", moves, "bash", *command],
            pass_fds=(to_child, from_child),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        try:
            yield Browser(reading, writing)
        finally:
            os.close(writing)  # it ends when its pipe is closed
            try:
                process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(reading)
