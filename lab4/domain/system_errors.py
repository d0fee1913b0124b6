"""What the system says when it refuses something, and what to do about it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeGuard

from lab4.domain.errors import Lab4Error

_REMEDIES = {
    errno.EMFILE: "raise the limit of open files with ulimit -n",
    errno.ENFILE: "the system has no open files left; end other programs",
    errno.EAGAIN: "raise the limit of processes with ulimit -u",
    errno.ENOMEM: "the system has no memory left; end other programs",
    errno.EFBIG: "raise the limit of a file's size with ulimit -f",
}


def is_limit(error: BaseException) -> TypeGuard[OSError]:
    """Whether the error is of a limit that has a remedy of its own."""
    return isinstance(error, OSError) and error.errno in _REMEDIES


def in_words(error: OSError) -> str:
    """The file, if it names one, what the system says, and the remedy if there is one.

    >>> in_words(OSError(24, "Too many open files"))
    'Too many open files; raise the limit of open files with ulimit -n'
    """
    where = f"{error.filename}: " if error.filename else ""
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{where}{error.strerror or str(error) or type(error).__name__}{f'; {remedy}' if remedy else ''}"


@contextmanager
def system_errors() -> Iterator[None]:
    """Turn an error of the system into a `Lab4Error` of one sentence."""
    try:
        yield
    except OSError as error:
        raise Lab4Error(in_words(error)) from None
