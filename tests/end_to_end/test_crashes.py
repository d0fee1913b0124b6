"""A runtime that dies costs the call, not the run."""

import atexit
import ctypes
import os
import signal

import pytest

from lab4.bench.builds import Builds
from lab4.bench.profiles import QUICK
from lab4.bench.worker import Worker
from lab4.domain.errors import CrashError, UnavailableError, WorkerError


@pytest.fixture
def worker(tmp_path):
    worker = Worker("litert", tmp_path / "log", 300)
    yield worker
    worker.close()


def _segfault():
    ctypes.string_at(0)


def _leave_a_trace(path):
    path.touch()


def _leave():
    os._exit(3)


def _refuse():
    raise UnavailableError("no such thing here")


def _stumble():
    raise ValueError("a longer story\nwith details")


def test_a_segmentation_fault_is_reported_and_the_next_call_works(worker):
    first = worker.call(os.getpid)
    with pytest.raises(CrashError, match=r"the litert process was ended by SIGSEGV"):
        worker.call(_segfault)
    second = worker.call(os.getpid)
    assert len({first, second, os.getpid()}) == 3


def test_an_error_of_ours_comes_back_as_it_was(worker):
    with pytest.raises(UnavailableError, match="no such thing here"):
        worker.call(_refuse)


def test_any_other_error_comes_back_as_one_line(worker):
    with pytest.raises(WorkerError, match=r"^litert: ValueError: a longer story$"):
        worker.call(_stumble)


def test_an_exit_of_the_runtime_is_reported(worker):
    with pytest.raises(CrashError, match="ended with exit code 3"):
        worker.call(_leave)


def test_a_killed_process_is_reported(worker):
    worker.call(os.getpid)
    with pytest.raises(CrashError, match="SIGKILL"):
        worker.call(os.kill, worker.call(os.getpid), signal.SIGKILL)


def test_closing_does_not_wait_for_a_framework_to_be_torn_down(worker, tmp_path):
    worker.call(atexit.register, _leave_a_trace, tmp_path / "torn down")
    worker.close()
    assert not (tmp_path / "torn down").exists()


def test_closing_ends_the_process(worker):
    pid = worker.call(os.getpid)
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_build_whose_process_died_is_tried_again_and_one_that_failed_is_not(tmp_path):
    class Dies:
        folder = tmp_path

        def __init__(self, error):
            self.error = error
            self.calls = 0

        def get_or_build(self, *_, **__):
            self.calls += 1
            raise self.error

    for error, calls in ((CrashError("died"), 2), (WorkerError("no"), 1)):
        cache = Dies(error)
        builds = Builds(cache, None, QUICK, 1, None, rebuild=False, warn=print)
        for _ in range(2):
            with pytest.raises(type(error)):
                builds.cached("key", "model", "cnn", print)
        assert cache.calls == calls
