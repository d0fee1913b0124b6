"""A run that is sent a signal when it prints something, and processes that end."""

import os
import select
import subprocess

__all__ = ["has_ended", "piped_environment", "signalled"]

#: Seconds before a test gives up on another process, not how long it takes.
_LIMIT_S = 60


def has_ended(descriptor):
    """Wait for the end of the process of a descriptor (`os.pidfd_open`), which is closed; says whether it came."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    try:
        return bool(poll.poll(_LIMIT_S * 1000))
    finally:
        os.close(descriptor)


def piped_environment():
    """The environment of a process whose lines come when lab4 sends them, as in a log that a CI system shows.

    Without coverage: an exception that a signal raises inside coverage's tracer leaves its lock taken, and the process
    waits for ever (seen with coverage 7 in `Collector.lock_data`).
    """
    hidden = ("PYTHONUNBUFFERED", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def signalled(command, how, when):
    """Start ``command`` (keyword arguments of a process), send it ``how`` at each line of which ``when`` is true.

    Returns its exit code and all that it printed.
    """
    with subprocess.Popen(
        **command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=piped_environment(),
    ) as process:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if when(line):
                os.kill(process.pid, how)
    return process.returncode, "".join(printed)
