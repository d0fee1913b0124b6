"""Peak memory of a piece of work, in a child that is forked for it."""

import ctypes
import os
import pickle
import re
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn, cast

import psutil

from lab4.domain.errors import CrashError, Lab4Error, TimeLimitError, UnavailableError, WorkerError
from lab4.domain.observed import PeakMemory
from lab4.interrupts import signal_name

if sys.platform != "win32":
    import resource

_PROCESSES = Path("/proc")
_PROC = _PROCESSES / "self"
_RESET_PEAK = "5"  # what proc(5) wants to read in clear_refs
_MADV_POPULATE_READ = 22
_GRACE_S = 5.0


def peak_memory(work: Callable[[], object], limit_s: float = 600.0) -> PeakMemory:
    """Run ``work`` in a forked child and return the most bytes that it held at once beyond what the child held before.

    The child has this process's modules, so that their memory is no part of the figure; ``baseline_bytes`` is what is
    resident of this process. It may have runtimes imported but not started: a fork copies only the caller's thread,
    and TensorFlow that has listed its devices or run an operation before waits in the child for ever (observed with
    2.19). What ``work`` returns is dropped. Good to some 100 kB per core: the kernel counts in batches.

    Raises:
        Lab4Error: what ``work`` raised.
        WorkerError: if it raised something else.
        TimeLimitError: if it had not ended after ``limit_s`` seconds; the child is killed.
        CrashError: if the child died.
        UnavailableError: where processes do not fork.
    """
    if not hasattr(os, "fork"):
        raise UnavailableError(f"peak memory needs a process that forks, and {sys.platform} has none; use Linux or WSL")
    held = int(psutil.Process().memory_info().rss)
    ours, theirs = Pipe(duplex=False)
    with warnings.catch_warnings():
        # Python 3.12 warns where there are other threads, as the child may wait for a lock that one of them held. The
        # runtimes start one or two when imported, which hold none; a child that waits all the same meets its limit.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _serve(work, limit_s, theirs)
    theirs.close()
    with ours:
        peak, how = _answer(pid, limit_s, ours)
    return PeakMemory(peak, held, how)


def peak_memory_of(pid: int, work: Callable[[], object]) -> PeakMemory:
    """Call ``work``, which another process does, and return the most bytes that this held at once beyond before.

    Its garbage counts as long as it is not collected. Raises `UnavailableError` where the system does not say it of
    other processes, the process has ended, or it needed no more than it held before.
    """
    process = _PROCESSES / str(pid)
    try:
        (process / "clear_refs").write_text(_RESET_PEAK)
        before = _status_peak(process)
        work()
        taken = _status_peak(process) - before
    except (OSError, ValueError) as error:
        raise UnavailableError(f"the peak memory of another process is not to be had here ({error})") from None
    if taken <= 0:
        raise UnavailableError("the artifact found room in memory that its process held already")
    return PeakMemory(taken, before, "VmHWM, garbage included", garbage=True)


def _serve(work: Callable[[], object], limit_s: float, connection: Connection) -> NoReturn:
    """Be the child: answer, and end without a trace, as buffers and exit functions are the parent's."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limit_s + _GRACE_S)  # if the parent is killed and cannot end us
        connection.send_bytes(_outcome(work))
    finally:
        os._exit(0)


def _outcome(work: Callable[[], object]) -> bytes:
    """Return the peak, in bytes, and how it was read, or the error, pickled."""
    try:
        unread = _hold_libraries()
        read, how = _peak_reader()
        before = read()
        work()
        return pickle.dumps((read() - before, "; ".join(filter(None, (how, unread)))))
    except BaseException as error:  # noqa: BLE001  # native libraries raise anything; the parent must know
        if isinstance(error, Lab4Error):
            with suppress(Exception):  # some cannot be pickled, or not back: then its words must do
                pickle.loads(answer := pickle.dumps(error))  # noqa: S301  # our own
                return answer
        words = str(error).strip().partition("\n")[0]
        return pickle.dumps(WorkerError(": ".join(filter(None, (type(error).__name__, words)))))


def _hold_libraries() -> str:
    """Make every page of the files that are mapped resident; return why not, in words, empty where it was done.

    A fork leaves the pages of libraries behind: they come back as they are used. Without this, code that ``work`` runs
    would count as memory that it holds (for a small model in TensorFlow three quarters of the figure).
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        refused = [libc.madvise(start, size, _MADV_POPULATE_READ) for start, size in _mapped_files()]
    except (OSError, AttributeError, ValueError):
        refused = [-1]
    # Linux before 5.14 does not know the request; a single file may have been cut since.
    return "with the pages of code that it was first to use" if refused and all(refused) else ""


def _mapped_files() -> list[tuple[int, int]]:
    """Return address and bytes of each readable part of a file; not of shared memory, which reading would allocate."""
    private = re.compile(r"(\w+)-(\w+) r..p \w+ (?!00:00 )\S+ \d+ +/(?!dev/)")
    maps = (_PROC / "maps").read_text().splitlines()
    parts = [(int(found[1], 16), int(found[2], 16)) for found in map(private.match, maps) if found]
    return [(start, end - start) for start, end in parts]


def _peak_reader() -> tuple[Callable[[], int], str]:
    """Set the peak back to what is held now; return what reads it, in bytes, and what that is, in words."""
    try:
        (_PROC / "clear_refs").write_text(_RESET_PEAK)  # may we? else the heap must stay as it is, below the old peak
        with suppress(AttributeError):  # glibc only
            ctypes.CDLL(None).malloc_trim(0)  # else what the parent has freed would be used first, and not count
        (_PROC / "clear_refs").write_text(_RESET_PEAK)
        _status_peak()
    except (OSError, ValueError) as error:
        return _usage_peak, f"ru_maxrss, as VmHWM cannot be set back here ({error})"
    return _status_peak, "VmHWM"


def _status_peak(process: Path | None = None) -> int:
    for line in ((process or _PROC) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise ValueError("no VmHWM")


def _usage_peak() -> int:
    # Bytes on macOS, KiB elsewhere.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _answer(pid: int, limit_s: float, connection: Connection) -> tuple[int, str]:
    """Wait for the child's answer; whatever happens, the child is gone afterwards."""
    answer: object = None
    status = None
    try:
        if not connection.poll(limit_s):
            raise TimeLimitError(f"the work did not end within {limit_s:g} s; the process it ran in was ended")
        answer = pickle.loads(connection.recv_bytes())  # noqa: S301  # from our own child
    except (EOFError, OSError):
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        how = f"ended with exit code {code} before it had answered"
        if code < 0:
            how = f"was ended by {signal_name(-code)} (a crash of the runtime, or the system out of memory)"
        raise CrashError(f"the process forked to measure memory {how}") from None
    finally:
        if status is None:
            os.kill(pid, signal.SIGKILL)  # it only ends; not yet waited for, so the id is still its own
            os.waitpid(pid, 0)
    if isinstance(answer, BaseException):
        raise answer
    return cast("tuple[int, str]", answer)
