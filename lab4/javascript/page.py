"""An engine in a page of headless Chromium, served on loopback to that page alone."""

import json
import mimetypes
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import mkdtemp
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote

import psutil

from lab4.dependencies import BROWSERS
from lab4.domain.errors import CrashError, TimeLimitError, UnavailableError, in_words
from lab4.domain.text import shortened
from lab4.environment import child_environment
from lab4.javascript.channel import Channel
from lab4.javascript.packages import ENGINE, installed
from lab4.launch.guard import guarded

#: Chromium may need a new profile and a cold disk; later answers have the channel's own limit.
_START_S = 60.0
_GRACE_S = 5.0
#: How long a page waits for a request before it has to ask again: no thread waits for ever for a page that has ended.
_ASK_AGAIN_S = 20.0
#: How often a page that does not answer is looked after.
_GLANCE_S = 0.25
#: How long a page works so that its process is found, as the system counts in hundredths of a second, and how often:
#: another one, which the browser opened before it, may work meanwhile, and a busy machine may let neither work.
_WORK_S, _TRIES = 0.1, 20
_SETTINGS = (
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small for wasm of several threads
    # Else Chromium slows down a page that is not visible.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=SpareRendererForSitePerProcess,OptimizationHints,MediaRouter",
    "--enable-unsafe-webgpu",
    "--js-flags=--expose-gc",  # garbage is collected before memory is measured
    "--password-store=basic",
    "--use-mock-keychain",
)
#: What draws by the host's own processor, and by a GPU. WebGPU has no use in software: calls take seconds.
_IN_SOFTWARE = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
_BY_GPU = ("--ignore-gpu-blocklist",)


def chromium() -> str:
    """The path of Chromium or Chrome.

    Raises:
        UnavailableError: where there is none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise UnavailableError("Chromium is not installed; install it (Debian and Ubuntu: apt install chromium)")
    return found


def _without_sandbox() -> tuple[str, ...]:
    """Chromium starts as root only without its sandbox."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


class PageChannel(Channel):
    """A page that asks a server of ours for what to do, and posts what it found.

    The server listens on loopback, at a free port and below a secret address; what it may read are the engine, the
    packages, and the files that it was given an address for. The page is isolated from other origins, as threads need.
    ``is_software``: WebGL is computed by the host's own processor. Chromium runs under a guard, which ends it when this
    process is gone. Raises `UnavailableError` where Chromium or the packages are missing, or it does not open the page.
    """

    def __init__(self, name: str, folder: Path, limit_s: float, *, is_software: bool = True) -> None:
        super().__init__(name, limit_s)
        browser, packages = chromium(), installed()
        self._requests: SimpleQueue[dict[str, object] | None] = SimpleQueue()
        self._answers: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._secret = secrets.token_urlsafe(16)
        self._shared = {"engine": ENGINE, "packages": packages}
        handler = partial(_Handler, self)
        try:
            self._server = _Server(("127.0.0.1", 0), handler)
        except OSError as error:
            raise UnavailableError(
                f"no page can be served on loopback: {in_words(error)}; see whether a firewall or container forbids it"
            ) from None
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        self._profile: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._renderer: psutil.Process | None = None
        try:
            self._profile = Path(mkdtemp(prefix="page-", dir=folder))
            self._log = self._profile.with_suffix(".log")
            self._process = self._started(browser, self._profile, _IN_SOFTWARE if is_software else _BY_GPU)
            self._renderer = self._found_renderer(self._process.pid)
        except (CrashError, TimeLimitError):
            self.close()
            trial = " ".join((browser, "--headless=new", *_without_sandbox(), "--dump-dom", "about:blank"))
            raise UnavailableError(
                f"{browser} does not open the page{self._last_words()}; see what {trial} says, and install it anew if "
                "that prints no page"
            ) from None
        except OSError as error:
            self.close()
            raise UnavailableError(f"{browser} has no folder for its profile: {in_words(error)}") from None
        except BaseException:
            self.close()
            raise

    def _started(self, browser: str, profile: Path, drawing: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        where = f"--user-data-dir={profile}", f"{self._root}engine/page.html"
        command = [browser, *_SETTINGS, *drawing, *_without_sandbox(), *where]
        try:
            with self._log.open("ab") as target:
                return subprocess.Popen(  # noqa: S603  # Chromium, found on the user's path
                    guarded(command, _GRACE_S),
                    env=child_environment(),
                    stdin=subprocess.PIPE,
                    stdout=target,
                    stderr=target,
                    start_new_session=True,
                )
        except OSError as error:
            raise CrashError(f"{self.name} does not start: {in_words(error)}") from None

    def _found_renderer(self, pid: int) -> psutil.Process | None:
        """The process that has the page: of Chromium's renderers, the one that works while the page does."""
        self._requests.put({"method": "work", "seconds": 0})
        self._wait(_START_S)
        earlier = None
        for _ in range(_TRIES):
            before = {each: _used_s(each) for each in _renderers(pid)}
            self._requests.put({"method": "work", "seconds": _WORK_S})
            self._wait(_START_S)
            worked = sorted(((_used_s(each) - used_s, each.pid, each) for each, used_s in before.items()), reverse=True)
            # On a busy machine it gets a part of the time only, and another one may just be starting: twice in a row.
            is_clear = all(4 * used_s < worked[0][0] for used_s, *_ in worked[1:])
            leading = worked[0][2] if worked and worked[0][0] > _WORK_S / 10 and is_clear else None
            if leading is not None and leading == earlier:
                return leading
            earlier = leading
        return None

    def _last_words(self) -> str:
        """What Chromium said of its end, or else last, after a colon; empty where it printed nothing."""
        with suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            said = [line for line in lines if "FATAL" in line] or [line for line in lines if line.strip()]
            if said:
                return f": {shortened(said[-1].rpartition('] ')[2])}"
        return ""

    @property
    def _root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{self._secret}/"

    @property
    def is_alive(self) -> bool:
        """Whether Chromium and the page's process run."""
        is_open = self._process is not None and self._process.poll() is None
        return is_open and (self._renderer is None or _runs(self._renderer))

    @property
    def process_id(self) -> int | None:
        """The renderer's process, where it was found."""
        return None if self._renderer is None else self._renderer.pid

    def address(self, path: Path) -> str:
        """A URL under which the page may read the file, or what is in the folder."""
        name = f"{len(self._shared)}-{path.name}"
        name = next((each for each, shared in self._shared.items() if shared == path), name)
        self._shared[name] = path
        return self._root + quote(name)

    def _exchanged(self, request: dict[str, object]) -> dict[str, Any]:
        if not self.is_alive:
            raise self._crashed()
        self._requests.put(request)
        return self._wait(self._limit_s)

    def _wait(self, limit_s: float) -> dict[str, Any]:
        stop = time.monotonic() + limit_s
        while time.monotonic() < stop:
            with suppress(Empty):
                return self._answers.get(timeout=_GLANCE_S)
            if not self.is_alive:
                raise self._crashed()
        raise self._too_slow()

    def _crashed(self) -> CrashError:
        self.close()
        return CrashError(
            f"{self.name} ended (a crash of the browser or of the runtime in it, or the system out of memory); "
            "end other programs, or time the model in another runtime"
        )

    def close(self) -> None:
        """End Chromium, stop serving, and remove the profile."""
        if self._process is not None:
            with suppress(OSError):
                if self._process.stdin is not None:
                    self._process.stdin.close()  # the guard ends Chromium
            try:
                self._process.wait(2 * _GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._requests.put(None)
        self._server.shutdown()
        self._server.server_close()
        if self._profile is not None:
            shutil.rmtree(self._profile, ignore_errors=True)

    def next_request(self) -> dict[str, object] | None:
        """What the page is to do next; ``None`` where there is nothing for a while, and after the end."""
        with suppress(Empty):
            request = self._requests.get(timeout=_ASK_AGAIN_S)
            if request is None:
                self._requests.put(None)  # for whatever else waits
            return request
        return None

    def take(self, answer: dict[str, Any]) -> None:
        """Take an answer of the page's."""
        self._answers.put(answer)

    def file(self, address: str) -> Path | None:
        """The file of an address below the secret one, if there is such, and it lies in what is shared."""
        first, _, rest = unquote(address).partition("/")
        shared = self._shared.get(first)
        if shared is None:
            return None
        path = (shared / rest).resolve() if rest else shared.resolve()
        return path if path.is_relative_to(shared.resolve()) and path.is_file() else None

    def is_secret(self, secret: str) -> bool:
        """Whether a request came from the page."""
        return secrets.compare_digest(secret, self._secret)


class _Server(ThreadingHTTPServer):
    """Keeps quiet about pages that end while they are answered."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # as the server gives them
        """Print what is not of a connection."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Serves one page: files, the next request, and where answers go."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, channel: PageChannel, *arguments: Any) -> None:  # noqa: ANN401  # as the server gives them
        self._channel = channel
        super().__init__(*arguments)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    @property
    def _address(self) -> str | None:
        secret, _, rest = self.path.removeprefix("/").partition("/")
        return rest.partition("?")[0] if self._channel.is_secret(secret) else None

    def do_GET(self) -> None:
        """Answer with a file, or the next request."""
        address = self._address
        if address == "next":
            request = self._channel.next_request()
            if request is None:  # the page asks again
                self._answer(b"", "text/plain", HTTPStatus.NO_CONTENT)
            else:
                self._answer(json.dumps(request).encode(), "application/json")
            return
        file = None if address is None else self._channel.file(address)
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._answer(file.read_bytes(), _type_of(file))

    def do_POST(self) -> None:
        """Take an answer."""
        if self._address != "answer":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._channel.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(b"", "text/plain")

    def _answer(self, content: bytes, content_type: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        # Isolated from other origins: else there is no shared memory, and the clock is coarser.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def _type_of(file: Path) -> str:
    """The media type; systems differ in what they know of JavaScript and WebAssembly."""
    own = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html"}
    return own.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _renderers(pid: int) -> list[psutil.Process]:
    """The processes of Chromium's that have pages."""
    found = []
    with suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.Error):
                if "--type=renderer" in process.cmdline():
                    found.append(process)
    return found


def _used_s(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system)
