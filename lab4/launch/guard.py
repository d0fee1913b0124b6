"""Runs a command, and ends it when the process that asked for it is gone, even by SIGKILL.

It is started as a script, ``python -I guard.py GRACE_S COMMAND...``, whose standard input is a pipe: its end of file
says that the other process has closed it or is dead. It imports the standard library only, so that the command may be
of any environment, and listens in this process, not in the one that is timed. It exits with the command's exit code.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

__all__ = ["guarded"]

#: As a shell says it: a command that cannot be started; and what is added to the number of the signal that ended one.
_NOT_STARTED, _SIGNALLED = 127, 128


def guarded(command: Sequence[str], grace_s: float) -> list[str]:
    """The command line that runs ``command`` under a guard, which waits ``grace_s`` seconds before it kills it."""
    return [sys.executable, "-I", str(Path(__file__).resolve()), str(grace_s), *command]


def _run(command: Sequence[str], grace_s: float) -> int:
    try:
        child = subprocess.Popen(command, env=os.environ, stdin=subprocess.DEVNULL)  # noqa: S603  # what was asked for
    except OSError as error:
        print(f"ERROR: {command[0]} does not start: {error.strerror}", file=sys.stderr)  # noqa: T201  # into the log
        return _NOT_STARTED
    Thread(target=_end_with_parent, args=(child, grace_s), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else _SIGNALLED - code


def _end_with_parent(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    os.read(0, 1)  # returns at the end of file: nothing is ever written
    child.terminate()
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()


def _leave_signals_to_the_command() -> None:
    """Go on at a signal: what a terminal sends reaches the command as well, and the end of file ends both.

    A handler and not ``SIG_IGN``, which the command would inherit. What is ignored already stays so for both.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


if __name__ == "__main__":
    _leave_signals_to_the_command()
    sys.exit(_run(sys.argv[2:], float(sys.argv[1])))
