import os
import signal
import subprocess
import sys

import pytest
from lab4_signalled import has_ended

from lab4.launch.guard import guarded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals on Windows")
#: Says its number and that it listens, then waits for what comes, which it ignores or not.
WAITING = """
import os, signal, sys
if sys.argv[1] == "ignore":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
while True:
    signal.pause()
"""


def started(*command, grace_s=60.0, **options):
    return subprocess.Popen(
        guarded([sys.executable, "-c", *command], grace_s), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
    )


def test_a_guard_ends_as_its_command_does():
    for code, shown in (("print('done'); raise SystemExit(5)", 5), ("import os; os.kill(os.getpid(), 9)", 128 + 9)):
        with started(code) as guard:
            assert guard.wait(300) == shown


def test_a_command_that_cannot_start_is_named():
    command = guarded(["/no/such/python", "-c", ""], 1.0)
    answer = subprocess.run(command, stdin=subprocess.PIPE, capture_output=True, text=True, check=False)
    assert answer.returncode == 127
    assert answer.stderr == "ERROR: /no/such/python does not start: No such file or directory\n"


@pytest.mark.parametrize(("how", "grace_s", "by"), [("end", 60.0, signal.SIGTERM), ("ignore", 0.0, signal.SIGKILL)])
def test_a_closed_pipe_ends_the_command_and_kills_one_that_goes_on(how, grace_s, by):
    with started(WAITING, how, grace_s=grace_s) as guard:
        assert int(guard.stdout.readline()) > 0
        guard.stdin.close()
        assert guard.wait(300) == 128 + by


def test_a_guard_outlives_the_signals_of_a_terminal_and_the_command_does_not_ignore_them():
    with started(WAITING, "end") as guard:
        child = int(guard.stdout.readline())
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(guard.pid, number)
        os.kill(child, signal.SIGINT)
        assert guard.wait(300) == 128 + signal.SIGINT


def test_what_the_caller_ignores_the_command_ignores_too():
    code = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        guard = started(code)
    finally:
        signal.signal(signal.SIGINT, before)
    with guard:
        assert guard.stdout.read() == b"True\n"


def test_a_guard_that_is_a_grandchild_ends_the_command_when_the_process_between_is_killed():
    command = guarded([sys.executable, "-c", WAITING, "end"], 60.0, is_grandchild=True)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as between:
        run = os.pidfd_open(int(between.stdout.readline()))
        between.kill()
        between.wait()
        between.stdin.close()
        assert has_ended(run)
        assert between.stdout.read() == b""  # the guard has ended too


def test_the_exit_code_comes_through():
    command = guarded([sys.executable, "-c", "raise SystemExit(5)"], 1.0, is_grandchild=True)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as between:
        assert between.wait(300) == 5
