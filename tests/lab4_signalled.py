"""A run that is sent a signal when it prints something."""

import os
import subprocess

__all__ = ["signalled"]


def signalled(command, how, when):
    """Start ``command`` (keyword arguments of a process), send it ``how`` at each line of which ``when`` is true.

    Returns its exit code and all that it printed.
    """
    with subprocess.Popen(
        **command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if when(line):
                os.kill(process.pid, how)
    return process.returncode, "".join(printed)
