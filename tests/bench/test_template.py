"""Processes that begin as copies: they have what the template prepared, and its faults are named as their own."""

import os
import signal
import subprocess
import sys

import pytest
from lab4_signalled import has_ended

from lab4.bench.template import CAN_COPY, Template
from lab4.bench.worker import Worker
from lab4.domain.errors import CrashError, TimeLimitError

pytestmark = pytest.mark.skipif(not CAN_COPY, reason="this system's processes cannot begin as copies")

#: Seconds before a test gives up on another process, not how long it takes.
LIMIT_S = 300
#: A parent whose copy is in the middle of a call; it says the ids of the copy and of the template.
IN_A_CALL = """
import os, signal, sys
from pathlib import Path
from lab4.bench.template import Template
from lab4.bench.worker import Worker
if __name__ == "__main__":
    worker = Worker("copy", Path(sys.argv[1]), 300, Template("template", Path(sys.argv[1]), os.getpid))
    print(worker.call(os.getpid), worker.call(os.getppid), flush=True)
    worker.call(signal.pause)
"""


def _mark():
    os.environ["LAB4_PREPARED"] = str(os.getpid())


def _refuse():
    raise RuntimeError("nothing is installed")


def _say_and_pause(fifo):
    fifo.write_text(f"{os.getpid()} {os.getppid()}")
    signal.pause()


def _refuse_forks():
    def refused():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    os.fork = refused


@pytest.fixture
def workers(tmp_path):
    """A function that gives two workers whose processes are copies of one that has prepared."""
    made = []

    def make(prepare, limit_s=LIMIT_S):
        template = Template("template", tmp_path / "template.log", prepare)
        pair = [Worker(f"copy {number}", tmp_path / f"{number}.log", limit_s, template) for number in (1, 2)]
        made.extend([*pair, template])
        return pair

    yield make
    for each in made:
        each.close()


def test_all_copies_have_what_was_prepared_once(workers):
    one, other = workers(_mark)
    assert one.call(os.getenv, "LAB4_PREPARED") == other.call(os.getenv, "LAB4_PREPARED") == str(one.call(os.getppid))
    assert one.call(os.getpid) != other.call(os.getpid)
    one.call(os.putenv, "LAB4_PREPARED", "")
    assert other.call(os.getenv, "LAB4_PREPARED")


def test_each_copy_writes_its_own_log(workers, tmp_path):
    one, other = workers(_mark)
    one.call(os.write, 1, b"from one")
    other.call(os.write, 2, b"from other")
    assert [(tmp_path / f"{number}.log").read_bytes() for number in (1, 2)] == [b"from one", b"from other"]


def test_nobody_waits_for_the_preparation(workers):
    one, _ = workers(signal.pause, limit_s=0.1)
    one.preload(os.getpid)
    with pytest.raises(TimeLimitError):
        one.call(os.getpid)


def test_what_the_preparation_raises_costs_nothing(workers):
    one, _ = workers(_refuse)
    assert one.call(os.getpid)


def test_a_preparation_that_crashes_is_a_crash_of_its_copies(workers):
    for each in workers(os.abort):
        with pytest.raises(CrashError, match=rf"the {each.name} process was ended by SIGABRT"):
            each.call(os.getpid)


def test_a_template_that_was_killed_is_started_again(workers):
    one, other = workers(_mark)
    first = one.call(os.getppid)
    ended = os.pidfd_open(first)
    os.kill(first, signal.SIGKILL)
    assert has_ended(ended)
    assert other.call(os.getppid) != first
    assert one.call(os.getpid)


def test_a_copy_of_which_nothing_was_learned_ends_at_once_and_its_template_goes_on(workers, tmp_path):
    one, other = workers(_mark)
    os.mkfifo(tmp_path / "said")
    one.preload(_say_and_pause, tmp_path / "said")
    copy, template = map(int, (tmp_path / "said").read_text().split())
    ended = os.pidfd_open(copy)
    one.close()
    assert has_ended(ended)
    assert other.call(os.getppid) == template


def test_a_copy_that_cannot_be_made_says_why(workers):
    one, _ = workers(_refuse_forks)
    with pytest.raises(CrashError, match=r"the copy 1 process cannot be started: .*Resource temporarily unavailable"):
        one.call(os.getpid)


def test_copies_end_with_the_run_in_the_middle_of_a_call(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(IN_A_CALL)
    command = [sys.executable, str(script), str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        copy, template = map(int, parent.stdout.readline().split())
        ended = [os.pidfd_open(pid) for pid in (copy, template)]
        parent.kill()
    for each in ended:
        assert has_ended(each)
