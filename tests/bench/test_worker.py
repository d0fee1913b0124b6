"""A process that dies, cannot start or cannot answer is an error of ours, and so costs a cell and not the run."""

import os
import resource
import signal
import subprocess
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from lab4_signalled import has_ended

from lab4.bench import worker as module
from lab4.bench.python_host import Processes
from lab4.bench.template import CAN_COPY, Template
from lab4.bench.worker import Worker
from lab4.domain.errors import CrashError, Lab4Error, WorkerError

#: Seconds before a test gives up on another process, not how long it takes.
LIMIT_S = 300
ONLY_WITH_COPIES = pytest.mark.skipif(not CAN_COPY, reason="this system's processes cannot begin as copies")

#: A parent whose worker is in the middle of a call; it says the worker's process id and then waits for an answer.
IN_A_CALL = """
import os, signal, sys
from pathlib import Path
from lab4.bench.worker import Worker
if __name__ == "__main__":
    worker = Worker("litert", Path(sys.argv[1]), 300)
    print(worker.call(os.getpid), flush=True)
    worker.call(signal.pause)
"""
#: A parent whose warnings are errors.
WARNED = """
import subprocess, sys, warnings
from pathlib import Path
from lab4.bench.worker import Worker
if __name__ == "__main__":
    worker = Worker("litert", Path(sys.argv[1]), 300)
    worker.call(warnings.warn, "old", DeprecationWarning)
    print(worker.call(subprocess.call, [sys.executable, "-c", "import warnings; warnings.warn('old')"]))
    worker.close()
"""


def _template(tmp_path):
    return Template("litert", tmp_path / "template.log", os.getpid)


@pytest.fixture(params=[None, pytest.param(_template, marks=ONLY_WITH_COPIES)], ids=["new", "copied"])
def worker(request, tmp_path):
    template = request.param and request.param(tmp_path)
    worker = Worker("litert", tmp_path / "log", LIMIT_S, template)
    yield worker
    worker.close()
    if template is not None:
        template.close()


@contextmanager
def no_more_files():
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    kept = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
    try:
        with suppress(OSError):
            while True:
                kept.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for descriptor in kept:
            os.close(descriptor)


class Unreadable:
    """It can be written, but not read back."""

    def __reduce__(self):
        return (_refuse_to_be_read, ())


def _refuse_to_be_read():
    raise RuntimeError("no such thing")


class Wordless(Exception):  # noqa: N818
    """It has no words, and its looking for them fails."""

    def __str__(self):
        raise RuntimeError


def _raise_wordless():
    raise Wordless


def _function():
    return lambda: None


def _hang_up():
    os.closerange(3, 256)
    signal.pause()


@pytest.mark.parametrize("number", [signal.SIGSEGV, 40, 50])
def test_any_signal_is_named(worker, number):
    pid = worker.call(os.getpid)
    name = "SIGSEGV" if number == signal.SIGSEGV else f"signal {number}"
    with pytest.raises(CrashError, match=f"the litert process was ended by {name} "):
        worker.call(os.kill, pid, number)
    assert worker.call(os.getpid) != pid


def test_a_process_that_cannot_start_is_an_error_with_the_reason(worker):
    with (
        no_more_files(),
        pytest.raises(CrashError, match=r"cannot be started: Too many open files; raise .*ulimit -n"),
    ):
        worker.call(os.getpid)
    assert worker.generation is None
    worker.close()
    assert worker.call(os.getpid) != os.getpid()


def test_one_that_died_and_cannot_start_again_costs_each_of_its_calls(worker):
    pid = worker.call(os.getpid)
    with pytest.raises(CrashError):
        worker.call(os.kill, pid, signal.SIGSEGV)
    with no_more_files():
        for _ in range(2):
            with pytest.raises(CrashError, match="Too many open files"):
                worker.call(os.getpid)
        worker.preload(os.getpid)
    assert worker.call(os.getpid) != pid


def test_a_process_that_may_still_preload_is_not_waited_for(worker, monkeypatch):
    monkeypatch.setattr(module, "GRACE_S", 10 * LIMIT_S)
    worker.call(os.getpid)
    worker.preload(signal.pause)
    closing = threading.Thread(target=worker.close, daemon=True)
    closing.start()
    closing.join(LIMIT_S)
    assert not closing.is_alive()


def test_a_run_whose_processes_cannot_start_leaves_no_folder():
    processes = Processes(LIMIT_S)
    folder = processes.folder
    with no_more_files():
        with pytest.raises(Lab4Error):
            processes.of("litert").call(os.getpid)
        processes.quiet()
        processes.dismiss()
        processes.close()
    processes.close()
    assert not folder.exists()


def test_what_cannot_be_sent_is_an_error_and_the_process_goes_on(worker):
    pid = worker.call(os.getpid)
    for function in (lambda: None, _function):
        with pytest.raises(WorkerError, match="litert: "):
            worker.call(function)
    with pytest.raises(WorkerError, match="litert: RuntimeError: no such thing"):
        worker.call(print, Unreadable())
    assert worker.call(os.getpid) == pid


def test_an_answer_that_cannot_be_read_is_an_error(worker):
    with pytest.raises(WorkerError, match="litert: "):
        worker.call(Unreadable)
    assert worker.call(os.getpid) != os.getpid()


def test_an_error_without_words_is_told_by_its_kind(worker):
    with pytest.raises(WorkerError, match=r"^litert: Wordless$"):
        worker.call(_raise_wordless)


def test_a_process_that_hangs_up_and_lives_is_ended(worker, monkeypatch):
    monkeypatch.setattr(module, "GRACE_S", 0.1)
    with pytest.raises(CrashError, match="closed its connection and was ended"):
        worker.call(_hang_up)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child")
def test_a_process_ends_with_its_parent_in_the_middle_of_a_call(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(IN_A_CALL)
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        ended = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert has_ended(ended)


def test_warnings_are_no_errors_whatever_the_user_asks_of_python(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(WARNED)
    answer = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "log")],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.stdout, answer.stderr) == ("0\n", "")


def test_the_users_own_warnings_stay_errors(worker):
    worker.call(os.getpid)
    with pytest.raises(UserWarning):
        warnings.warn("mine", stacklevel=1)
