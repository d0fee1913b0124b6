"""A child process for one runtime: a crash in native code costs one call, not the run."""

import faulthandler
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from lab4.bench.spawning import main_script_hidden
from lab4.domain.errors import CrashError, Lab4Error, TimeLimitError, WorkerError

__all__ = ["Worker"]

T = TypeVar("T")

# Not fork: TensorFlow's threads do not survive it.
_GRACE_S = 5.0
_CONTEXT = multiprocessing.get_context("spawn")


def _serve(connection: Connection, log: str) -> None:
    """Answer calls until the parent closes the pipe or dies, then end at once; what is printed goes to ``log``.

    Tearing down a framework takes seconds, for which the run would wait, and leaves nothing that the system does not
    take back by itself.
    """
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    # Temporary files go with the run's folder, even when this process is killed before it can remove them.
    os.environ["TMPDIR"] = str(Path(log).parent)
    os.dup2(target, 1)
    os.dup2(target, 2)
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            function, arguments, wants_answer = connection.recv()
            answer = _answer(function, arguments)
            if wants_answer:
                connection.send(answer)
    os._exit(0)


def _answer(function: Callable[..., object], arguments: tuple[object, ...]) -> tuple[str, object]:
    try:
        return "result", function(*arguments)
    except Lab4Error as error:
        return "refused", error
    except BaseException as error:  # noqa: BLE001  # native libraries raise anything; the parent must be told
        traceback.print_exc()
        words = str(error).strip().partition("\n")[0]
        return "raised", f"{type(error).__name__}: {words}" if words else type(error).__name__


@contextmanager
def _interrupts_held() -> Iterator[None]:
    # Inherited by the child: a Ctrl-C during its start would print a traceback of it. Windows has no masks.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)


class Worker:
    """Runs functions of modules in a process of their own, one at a time; started when first used.

    After a crash the next call starts a new process, and so it does after one that was interrupted or that took
    longer than ``limit_s`` seconds.
    """

    def __init__(self, name: str, log: Path, limit_s: float) -> None:
        self.name = name
        self._log = log
        self._limit_s = limit_s
        self._process: Any = None
        self._connection: Connection | None = None
        self._busy = False
        self._starts = 0

    @property
    def generation(self) -> int | None:
        """Which process this is, counted from 1; ``None`` where none is running. Another one has nothing open."""
        return None if self._connection is None else self._starts

    def preload(self, function: Callable[..., object], *args: object) -> None:
        """Start the process and let it run ``function`` meanwhile; what that returns or raises is dropped."""
        connection = self._connection or self._start()
        with suppress(OSError):  # it has died since: the next call finds that out, and says it of its own cell
            connection.send((function, args, False))

    def call(self, function: Callable[..., T], *args: object) -> T:
        """Run ``function`` in the process and return its result.

        Raises:
            Lab4Error: what the function raised.
            CrashError: if the process died.
            TimeLimitError: if it did not answer in time.
            WorkerError: if the function raised something else.
        """
        if self._busy:  # an interrupted call's answer is still to come, and belongs to nobody
            self.close()
        try:
            connection = self._connection or self._start()
            self._busy = True  # from here on an interrupt leaves an answer, or half a question, behind
            connection.send((function, args, True))
            if not connection.poll(self._limit_s):
                self._give_up()
            kind, answer = connection.recv()
            self._busy = False
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise CrashError(f"the {self.name} process {self._post_mortem()}") from None
        if kind == "refused":
            raise answer
        if kind == "raised":
            raise WorkerError(f"{self.name}: {answer}")
        return answer  # type: ignore[no-any-return]

    def _start(self) -> Connection:
        ours, theirs = _CONTEXT.Pipe()
        # daemon: Python ends it at our exit, whatever the exit is; the broken pipe ends it if we are killed.
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, str(self._log)), name=self.name, daemon=True)
        with _interrupts_held(), main_script_hidden():
            self._process.start()
        theirs.close()
        self._connection = ours
        self._starts += 1
        return ours

    def _give_up(self) -> None:
        self.close()
        raise TimeLimitError(
            f"the {self.name} process did not answer within {self._limit_s:g} s and was ended; "
            "allow more with --lab4-cell-timeout if the machine is slow"
        )

    def _post_mortem(self) -> str:
        self._process.join()
        code = self._process.exitcode
        self.close()
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name} (a crash of the runtime, or the system out of memory)"
        return f"ended with exit code {code}"

    def dismiss(self) -> None:
        """Let the process end by itself; do not wait for it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """End the process: at once if a call was interrupted, else when it has answered."""
        self.dismiss()
        if self._process is not None:
            if not self._busy:
                self._process.join(_GRACE_S)
            self._process.kill()
            self._process.join()
            self._process = None
        self._busy = False
