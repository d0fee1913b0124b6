"""Do something as another user, who has no entry in the password file; needs root."""

import os
import pickle
import warnings
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

__all__ = ["OTHER", "as_other_user", "folder_for_others"]

#: No system gives this number to anybody.
OTHER = 54_321


@contextmanager
def folder_for_others():
    """A folder that all users may enter; pytest's own are this user's alone."""
    with TemporaryDirectory(prefix="for-others-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def as_other_user(work):
    """Return what ``work`` returns, or the error that it raises, in a fork that is another user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of the threads of xdist
        child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(OTHER)
            os.setuid(OTHER)
            answer = _outcome(work)
            os.write(writer, answer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        answer = answers.read()
    os.waitpid(child, 0)
    return pickle.loads(answer)  # noqa: S301  # from our own fork


def _outcome(work):
    try:
        return pickle.dumps(work())
    except Exception as error:  # noqa: BLE001  # the test looks at it
        return pickle.dumps(error)
