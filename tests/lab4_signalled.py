"""Runs that get a signal when they print something, and processes that end."""

import os
import select
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

__all__ = ["all_have_ended", "goes_on", "has_ended", "piped_environment", "signalled", "stopped"]

#: Seconds before a test gives up on another process, not how long it takes.
_LIMIT_S = 300


def has_ended(descriptor):
    """Wait for the end of the process of a descriptor (`os.pidfd_open`), which is closed; says whether it came."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    try:
        return bool(poll.poll(_LIMIT_S * 1000))
    finally:
        os.close(descriptor)


def all_have_ended(text):
    """Whether all processes with this text in their command line end: those of a browser do soon after it."""

    def left():
        return [each.pid for each in psutil.process_iter(["cmdline"]) if text in " ".join(each.info["cmdline"] or ())]

    for each in left():
        with suppress(ProcessLookupError):
            assert has_ended(os.pidfd_open(each))
    return left() == []


def piped_environment():
    """The environment of a process whose lines come when lab4 sends them, as in a log that a CI system shows.

    Without coverage: an exception that a signal raises inside coverage's tracer leaves its lock taken, and the process
    waits for ever (seen with coverage 7 in `Collector.lock_data`).
    """
    hidden = ("PYTHONUNBUFFERED", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def signalling(command, how, pattern):
    """``command`` of a run of pytest that sends itself ``how`` at its first line of progress like the pattern."""
    environment = piped_environment()
    paths = [str(Path(__file__).parent), *filter(None, [environment.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(paths), "LAB4_TEST_PATTERN": pattern, "LAB4_TEST_SIGNAL": str(int(how))}
    return {
        **command,
        "args": [*command["args"], "-p", "lab4_signals_itself"],
        "env": {**environment, **own},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
    }


def signalled(command, how, pattern):
    """Run ``command`` (keyword arguments of a run of pytest), which is sent ``how`` at its first such line of progress.

    Returns its exit code and all that it printed.
    """
    answer = subprocess.run(**signalling(command, how, pattern), check=False)
    return answer.returncode, answer.stdout


@contextmanager
def stopped(command, pattern):
    """A run that has printed such a line of progress, and does nothing more until it `goes_on`."""
    with subprocess.Popen(**signalling(command, signal.SIGSTOP, pattern)) as process:
        how = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT).si_code
        try:
            assert how == os.CLD_STOPPED, process.stdout.read()
            yield process
        finally:
            process.send_signal(signal.SIGCONT)


def goes_on(process):
    """Let a run go on that was stopped; returns its exit code and all that it printed."""
    process.send_signal(signal.SIGCONT)
    text = process.stdout.read()
    return process.wait(), text
