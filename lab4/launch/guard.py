"""Runs a command, and ends it when the process that asked for it is gone, even by SIGKILL.

It is started as a script, ``python -I guard.py GRACE_S COMMAND...``. Its standard input is a pipe: end of file means
that the other process has closed it or died. It imports the standard library only, so that it runs in any environment.
It waits in this process, not in the one that is timed, and exits with the command's exit code.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

#: Exit codes of a shell: a command that cannot be started; the base for one that a signal ended.
_NOT_STARTED, _SIGNALLED = 127, 128
#: In the place of the seconds: the process only starts the guard, and waits for it.
_THROUGH = "through"


def guarded(command: Sequence[str], grace_s: float, *, is_grandchild: bool = False) -> list[str]:
    """The command line that runs ``command`` under a guard, which waits ``grace_s`` seconds before it kills it.

    As a grandchild the guard outlives its parent where something kills all children of a process that ends.
    """
    guard = [sys.executable, "-I", str(Path(__file__).resolve())]
    own = [*guard, str(grace_s), *command]
    return [*guard, _THROUGH, *own] if is_grandchild else own


def _pass_through(command: Sequence[str]) -> int:
    """Run the guard, which has this process's standard input."""
    return subprocess.call(command, env=os.environ)  # noqa: S603  # the guard itself


def _run(command: Sequence[str], grace_s: float) -> int:
    try:
        child = subprocess.Popen(command, env=os.environ, stdin=subprocess.DEVNULL)  # noqa: S603  # the requested command
    except OSError as error:
        print(f"ERROR: {command[0]} does not start: {error.strerror}", file=sys.stderr)  # noqa: T201  # into the log
        return _NOT_STARTED
    Thread(target=_end_with_parent, args=(child, grace_s), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else _SIGNALLED - code


def _end_with_parent(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    os.read(0, 1)  # returns at end of file, because nothing is written
    child.terminate()
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()


def _leave_signals_to_the_command() -> None:
    """Ignore signals: a terminal sends them to the command as well, and end of file ends both.

    A handler is used because the command would inherit ``SIG_IGN``. Signals that are ignored already stay ignored.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


if __name__ == "__main__":
    _leave_signals_to_the_command()
    sys.exit(_pass_through(sys.argv[2:]) if sys.argv[1] == _THROUGH else _run(sys.argv[2:], float(sys.argv[1])))
