"""A process that has imported what takes seconds, and copies of it, which begin in milliseconds.

Forking is safe there: imports start no thread that a copy would miss, and nothing is opened before the fork. Linux
alone, whose copies can be waited for by a process that is not their parent.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from threading import RLock
from typing import Any, cast

from lab4.bench.worker import (
    CONTEXT,
    ENDING_ERRORS,
    GRACE_S,
    described,
    end,
    send_refusal,
    serve,
    settle,
    spawned,
)
from lab4.domain.errors import CrashError
from lab4.domain.untyped import Untyped


def _can_copy() -> bool:
    """Whether this system has what copies need: Python may know what its kernel, or a container, does not allow."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


CAN_COPY = _can_copy()


class Template:
    """Starts processes as copies of one that has run ``prepare``; that one is started with the first of them.

    What ``prepare`` raises is dropped: a copy that needs what it prepares meets the same again, and says so.
    """

    def __init__(self, name: str, log: Path, prepare: Callable[[], object]) -> None:
        self.name = name
        self._log = log
        self._prepare = prepare
        self._process: Any = None
        self._channel: Connection | None = None
        self._numbers = count(1)
        #: By the number of the question, which is that of its answer: an interrupt may leave one unread.
        self._unanswered: dict[int, Copy] = {}
        #: Builds go on in several threads.
        self._lock = RLock()

    def start(self, name: str, theirs: Connection, log: str) -> "Copy":
        """Start a copy that serves a `Worker`; it begins when the template is ready, and this returns at once.

        Raises `OSError` and others where the template cannot be started.
        """
        with self._lock:
            return self._start(name, theirs, log)

    def _start(self, name: str, theirs: Connection, log: str) -> "Copy":
        if self._process is not None and not self._process.is_alive():
            self.close()
        if self._channel is None:
            self._channel, channel = CONTEXT.Pipe()
            with channel:
                self._process = spawned(self.name, channel, str(self._log), _serve_copies, self._prepare)
        number, copy = next(self._numbers), Copy(self, self._process)
        try:
            self._channel.send((number, name, log))
            send_handle(self._channel, theirs.fileno(), self._process.pid)
        except BaseException:  # it waits for the rest of the question
            self.close()
            raise
        self._unanswered[number] = copy
        return copy

    def learn(self, copy: "Copy", limit_s: float = GRACE_S) -> None:
        """Wait until the copy has its process; raises `OSError` where the template does not answer in time."""
        with self._lock:
            while copy in self._unanswered.values():
                self._answered(limit_s)

    def code_of(self, pid: int) -> int | None:
        """How a copy has ended; ``None`` while it has not. Raises `OSError` where the template does not answer."""
        with self._lock:
            number, answered, code = next(self._numbers), 0, None
            if self._channel is not None:
                self._channel.send((number, pid))
            while answered != number:
                answered, code = self._answered()
            return code

    def _answered(self, limit_s: float = GRACE_S) -> tuple[int, int | None]:
        """Read an answer: the number of its question and, of a new copy, its process, or how an older one ended."""
        try:
            if self._channel is None or not self._channel.poll(limit_s):
                raise OSError("the template does not answer")
            number, found = self._channel.recv()
        except EOFError:
            raise OSError("the template has ended") from None
        copy = self._unanswered.pop(number, None)
        if copy is not None:
            copy.has_begun(found)
        return number, found

    def close(self) -> None:
        """End the template; its copies go on. Never raises."""
        channel, self._channel = self._channel, None
        process, self._process = self._process, None
        self._unanswered.clear()
        if channel is not None:
            with suppress(*ENDING_ERRORS):
                channel.close()
        if process is not None:
            end(process, at_once=True)


class Copy:
    """A process that began as a copy: what a `Worker` asks of the process that it has started.

    One that has not begun is its template: that may still import, or have died of what the copy would have imported.
    """

    def __init__(self, template: Template, process: Untyped) -> None:
        self._template = template
        self._process = process
        self._pid: int | None = None
        self._descriptor: int | None = None
        self._code: int | None = None

    def has_begun(self, pid: int | None) -> None:
        """Take the process's id, ``None`` where it could not be started: its worker knows why."""
        self._pid = pid
        if pid is not None:
            self._descriptor = os.pidfd_open(pid)

    @property
    def sentinel(self) -> int:
        """What is ready for reading when the process has ended."""
        with suppress(OSError):
            self._template.learn(self)
        return int(self._process.sentinel) if self._descriptor is None else self._descriptor

    @property
    def exitcode(self) -> int | None:
        """How the process has ended: its code, or the signal's number below zero; ``None`` where that is not known."""
        if self._pid is None:
            return cast("int | None", self._process.exitcode)
        if self._code is None:
            with suppress(OSError):
                self._code = self._template.code_of(self._pid)
        return self._code

    def kill(self) -> None:
        """End the process at once; its template, which imports, where it has not begun."""
        with suppress(OSError):
            self._template.learn(self, 0.0)
        with suppress(ProcessLookupError):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            elif self._pid is None:
                self._process.kill()
            elif self._code is None:
                # Too many files are open; its template has not heard of its end, so its id is its own.
                os.kill(self._pid, signal.SIGKILL)

    def __del__(self) -> None:
        """Close what the process was watched by."""
        if self._descriptor is not None:
            os.close(self._descriptor)


def _serve_copies(connection: Connection, log: str, prepare: Callable[[], object]) -> None:
    """Prepare, then make a copy, or say how one has ended, whenever the parent asks; end with it."""
    settle(log)
    with suppress(Exception):
        prepare()
    with suppress(EOFError, OSError):
        while True:
            number, *asked = connection.recv()
            connection.send((number, _copied(connection, *asked) if len(asked) > 1 else _code_of(*asked)))
    os._exit(0)


def _code_of(pid: int) -> int | None:
    with suppress(ChildProcessError):
        ended, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None
    return None


def _copied(connection: Connection, name: str, log: str) -> int | None:
    """Fork; the copy serves the worker whose end of a pipe has come with the question, and never returns."""
    served = Connection(recv_handle(connection))
    try:
        pid = os.fork()
    except OSError as error:
        send_refusal(served, CrashError(f"the {name} process cannot be started: {described(error)}"))
        pid = None
    if pid == 0:
        try:
            connection.close()
            serve(served, log)
        finally:
            os._exit(1)
    served.close()
    return pid
