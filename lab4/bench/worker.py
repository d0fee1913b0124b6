"""A child process for one runtime: a crash in native code costs one call, not the run."""

import faulthandler
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar, cast

from lab4.domain.errors import (
    CrashError,
    Lab4Error,
    TimeLimitError,
    UnavailableError,
    WorkerError,
    in_words,
    is_limit,
    memory_in_words,
)
from lab4.domain.untyped import Untyped
from lab4.frameworks import ignore_warnings
from lab4.interrupts import signal_name

T = TypeVar("T")

#: How long a process may take to end by itself, in seconds.
GRACE_S = 5.0
# Not fork: TensorFlow's threads do not survive it.
CONTEXT = multiprocessing.get_context("spawn")
#: Builds go on in several threads, and what is hidden from a process is hidden from all of this one.
_STARTING = threading.Lock()
#: What the system and multiprocessing raise about a process or pipe that is not as they want it.
ENDING_ERRORS = (OSError, ValueError, AssertionError)


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


@contextmanager
def _main_script_hidden() -> Iterator[None]:
    """Hide ``__main__`` from multiprocessing, which imports it in every child that it spawns.

    A script that calls ``pytest.main`` without an ``if __name__ == "__main__"`` would run again in each child. Our
    children need nothing of it: they run functions of modules.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def wait_for(process: Untyped) -> int | None:  # each platform has a class of its own
    """The exit code of a process that ends within the time allowed, else ``None``.

    Not ``join``: that waits for ever for a process that has closed its files and continues.
    """
    deadline = time.monotonic() + GRACE_S
    with suppress(*ENDING_ERRORS):
        wait([process.sentinel], GRACE_S)
        while process.exitcode is None and time.monotonic() < deadline:
            time.sleep(0.001)  # its files are closed a moment before it has ended
        return cast("int | None", process.exitcode)
    return None


class Starter(Protocol):
    """What starts a process that serves a worker."""

    def start(self, name: str, theirs: Connection, log: str) -> Untyped:
        """Start it: its name, its end of the pipe, and the path of its log."""


def spawned(name: str, theirs: Connection, log: str, target: Callable[..., None], *more: object) -> Untyped:
    """A new process that runs ``target(theirs, log, *more)``.

    daemon: Python ends it at our exit, whatever the exit is; if we are killed, it ends by itself.
    """
    process = CONTEXT.Process(target=target, args=(theirs, log, *more), name=name, daemon=True)
    with _STARTING, _interrupts_held(), _main_script_hidden():
        process.start()
    return process


def end(process: Untyped, *, at_once: bool) -> None:
    """End a process, at once or after a while in which it may end by itself. Never raises."""
    if not at_once:
        wait_for(process)
    with suppress(*ENDING_ERRORS):
        process.kill()
    wait_for(process)


class Worker:
    """Runs functions of modules in a process of their own, one at a time; started when first used.

    After a crash the next call starts a new process, and so it does after one that was interrupted or that took
    longer than ``limit_s`` seconds. Whatever goes wrong with the process is a `WorkerError`. ``template`` starts the
    process as a copy of another.
    """

    def __init__(self, name: str, log: Path, limit_s: float, template: Starter | None = None) -> None:
        self.name = name
        self._template = template
        self._log = log
        self._limit_s = limit_s
        self._process: Any = None
        self._connection: Connection | None = None
        self._busy = False
        self._preloads = False
        self._starts = 0

    @property
    def generation(self) -> int | None:
        """Which process this is, counted from 1; ``None`` where none is running. Another one has nothing open."""
        return None if self._connection is None else self._starts

    def preload(self, function: Callable[..., object], *args: object) -> None:
        """Start the process and let it run ``function`` meanwhile; what that returns or raises is dropped.

        A process that cannot start, or has died since, is found by the next call, which says it of its own cell.
        """
        with suppress(WorkerError, OSError):
            message = self._pickled((function, args, False))
            (self._connection or self._start()).send_bytes(message)
            self._preloads = True

    def call(self, function: Callable[..., T], *args: object) -> T:
        """Run ``function`` in the process and return its result.

        Raises:
            Lab4Error: what the function raised.
            CrashError: if the process died, or cannot be started.
            TimeLimitError: if it did not answer in time.
            WorkerError: if the function raised something else, or what it was given or returned cannot be sent.
        """
        if self._busy:  # an interrupted call's answer is still to come, and must be dropped
            self.close()
        message = self._pickled((function, args, True))
        kind, answer = self._unpickled(self._exchanged(self._connection or self._start(), message))
        if kind == "refused":
            raise answer
        if kind == "raised":
            raise WorkerError(f"{self.name}: {answer}")
        return answer  # type: ignore[no-any-return]

    def _pickled(self, question: tuple[object, ...]) -> bytes:
        try:
            return bytes(ForkingPickler.dumps(question))
        except Exception as error:  # noqa: BLE001  # arguments are of any kind, and refuse in any way
            raise WorkerError(f"{self.name}: {described(error)}") from None

    def _unpickled(self, message: bytes) -> tuple[str, Any]:
        try:
            kind, answer = pickle.loads(message)  # noqa: S301  # from our own child
        except Exception as error:  # noqa: BLE001  # results are of any kind
            self.close()
            raise WorkerError(f"{self.name}: its answer cannot be read ({described(error)})") from None
        return kind, answer

    def _exchanged(self, connection: Connection, message: bytes) -> bytes:
        self._busy = True  # from here on an interrupt leaves an answer, or half a question, behind
        try:
            connection.send_bytes(message)
            if not connection.poll(self._limit_s):
                self.close()
                raise TimeLimitError(
                    f"the {self.name} process did not answer within {self._limit_s:g} s and was ended; "
                    "allow more with --lab4-cell-timeout if the machine is slow"
                )
            answer = connection.recv_bytes()
        except (EOFError, OSError):
            raise CrashError(f"the {self.name} process {self._post_mortem()}") from None
        self._busy = self._preloads = False
        return answer

    def _start(self) -> Connection:
        try:
            ours, theirs = CONTEXT.Pipe()
            with ExitStack() as unless_started, theirs:
                unless_started.enter_context(ours)
                begins = self.name, theirs, str(self._log)
                process = spawned(*begins, serve) if self._template is None else self._template.start(*begins)
                unless_started.pop_all()
        except Exception as error:  # noqa: BLE001  # limits and policies of the system raise errors of many kinds
            raise CrashError(f"the {self.name} process cannot be started: {described(error)}") from None
        # Kept only now: what has not started cannot be joined.
        self._process, self._connection = process, ours
        self._starts += 1
        return ours

    def _post_mortem(self) -> str:
        code = wait_for(self._process)
        self.close()
        if code is None:  # it lives, or somebody else has asked the system how it ended
            return "closed its connection and was ended"
        if code < 0:
            return f"was ended by {signal_name(-code)} (a crash of the runtime, or the system out of memory)"
        return f"ended with exit code {code}"

    def kill(self) -> None:
        """End the process at once, also while another thread waits for its answer, which then raises `CrashError`."""
        process = self._process
        if process is not None:
            with suppress(*ENDING_ERRORS):
                process.kill()

    def dismiss(self) -> None:
        """Let the process end by itself; do not wait for it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*ENDING_ERRORS):
                connection.close()

    def close(self) -> None:
        """End the process: at once if a call was interrupted or it may still preload, else as it ends. Never raises."""
        self.dismiss()
        process, self._process = self._process, None
        if process is not None:
            end(process, at_once=self._busy or self._preloads)
        self._busy = self._preloads = False


def settle(log: str) -> None:
    """Make this a process that ends with its parent, whose folder is the log's; what is printed goes to ``log``."""
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    # Temporary files go with the run's folder, even when this process is killed before it can remove them.
    folder = Path(log).parent
    os.environ["TMPDIR"] = str(folder)
    if not Path(os.path.expanduser("~")).is_absolute():  # noqa: PTH111  # Path.home raises where there is none
        os.environ.setdefault("KERAS_HOME", str(folder / "keras"))  # Keras would make a folder named "~"
    os.dup2(target, 1)
    os.dup2(target, 2)
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
    ignore_warnings()
    threading.Thread(target=_end_with_parent, name="lab4-parent", daemon=True).start()


def serve(connection: Connection, log: str) -> None:
    """Answer calls until the parent closes the pipe or ends, then end at once.

    Tearing down a framework takes seconds, for which the run would wait, and leaves nothing that the system does not
    take back by itself.
    """
    settle(log)
    with suppress(EOFError, OSError):
        while True:
            answer, is_wanted = _answer(connection.recv_bytes())
            if is_wanted:
                connection.send_bytes(_pickled_answer(answer))
    os._exit(0)


def send_refusal(connection: Connection, error: Lab4Error) -> None:
    """Answer the first call of a process that does not begin."""
    with suppress(OSError):
        connection.send_bytes(_pickled_answer(("refused", error)))


def _end_with_parent() -> None:
    """Wait for the parent's end, and end in the middle of whatever goes on; until then it takes no time."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(message: bytes) -> tuple[tuple[str, object], bool]:
    """Do what a message asks; returns the answer, and whether the parent waits for it."""
    wants_answer = True
    try:
        function, arguments, wants_answer = pickle.loads(message)  # noqa: S301  # from our own parent
        return ("result", function(*arguments)), wants_answer
    except Lab4Error as error:
        return ("refused", error), wants_answer
    except BaseException as error:  # noqa: BLE001  # native libraries raise anything; the parent must know
        traceback.print_exc()
        if words := memory_in_words(error):
            return ("refused", UnavailableError(words)), wants_answer
        return ("raised", described(error)), wants_answer


def _pickled_answer(answer: tuple[str, object]) -> bytes:
    try:
        return bytes(ForkingPickler.dumps(answer))
    except Exception as error:  # noqa: BLE001  # results are of any kind, and say in any way that they cannot be sent
        return pickle.dumps(("raised", described(error)))


def described(error: BaseException) -> str:
    """The kind of an error and the first line of its words; some errors fail to say theirs."""
    if is_limit(error):
        return in_words(error)
    try:
        words = str(error).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001  # it is somebody else's code
        words = ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
