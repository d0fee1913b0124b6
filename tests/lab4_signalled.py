"""A run that is sent a signal when it prints something."""

import os
import subprocess

__all__ = ["piped_environment", "signalled"]


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
