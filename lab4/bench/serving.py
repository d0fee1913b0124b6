"""What a worker's process does: answer calls until its parent closes the pipe or ends."""

import faulthandler
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from lab4.domain.errors import Lab4Error, in_words, is_limit
from lab4.frameworks import ignore_warnings


def serve(connection: Connection, log: str) -> None:
    """Answer calls until the parent closes the pipe or ends, then end at once; what is printed goes to ``log``.

    Tearing down a framework takes seconds, for which the run would wait, and leaves nothing that the system does not
    take back by itself.
    """
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    # Temporary files go with the run's folder, even when this process is killed before it can remove them.
    folder = Path(log).parent
    os.environ["TMPDIR"] = str(folder)
    if not Path(os.path.expanduser("~")).is_absolute():  # noqa: PTH111  # Path.home raises where there is none
        os.environ.setdefault("KERAS_HOME", str(folder / "keras"))  # Keras would make a folder named "~"
    os.dup2(target, 1)
    os.dup2(target, 2)
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
    ignore_warnings()
    threading.Thread(target=_end_with_parent, name="lab4-parent", daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            answer, is_wanted = _answer(connection.recv_bytes())
            if is_wanted:
                connection.send_bytes(_pickled(answer))
    os._exit(0)


def _end_with_parent() -> None:
    """Wait for the parent's end, and end in the middle of whatever goes on; until then it takes no time."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(message: bytes) -> tuple[tuple[str, object], bool]:
    """Do what a message asks; returns the answer, and whether the parent waits for it."""
    wants_answer = True
    try:
        function, arguments, wants_answer = pickle.loads(message)  # noqa: S301  # from our own parent
        return ("result", function(*arguments)), wants_answer
    except Lab4Error as error:
        return ("refused", error), wants_answer
    except BaseException as error:  # noqa: BLE001  # native libraries raise anything; the parent must know
        traceback.print_exc()
        return ("raised", described(error)), wants_answer


def _pickled(answer: tuple[str, object]) -> bytes:
    try:
        return bytes(ForkingPickler.dumps(answer))
    except Exception as error:  # noqa: BLE001  # results are of any kind, and say in any way that they cannot be sent
        return pickle.dumps(("raised", described(error)))


def described(error: BaseException) -> str:
    """The kind of an error and the first line of its words; some errors fail to say theirs."""
    if is_limit(error):
        return in_words(error)
    try:
        words = str(error).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001  # it is somebody else's code
        words = ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
