"""Every mistake lab4 reports on purpose.

One base class, so that the command line and the pytest plugin can print one clear line instead of a traceback.
"""

import errno
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeGuard

from lab4.domain.text import printable, shortened

#: Why a planned cell has no outcome of its own.
INTERRUPTED = "the run was interrupted before this cell"


class Lab4Error(Exception):
    """What is wrong, the value at fault, and what to do about it, in one sentence or two.

    Its text is printable, whatever value it names.
    """

    def __str__(self) -> str:
        return printable(super().__str__())

    @classmethod
    @contextmanager
    def prefixed(cls, words: str) -> Iterator[None]:
        """Let errors of this class that are raised inside begin with ``words``, such as the file that they are of."""
        try:
            yield
        except cls as error:
            raise type(error)(f"{words}{error}") from None


class CellIdError(Lab4Error, ValueError):
    """A text does not parse as a cell id."""


class UnknownNameError(Lab4Error, LookupError):
    """A name that no registry or option knows; the message lists the valid ones."""

    @classmethod
    def among(cls, kind: str, name: object, valid: Iterable[str]) -> "UnknownNameError":
        """Make the error for ``name``, which is not one of ``valid``.

        >>> print(UnknownNameError.among("model", "rnn", ["cnn", "fcnn"]))
        unknown model 'rnn'; valid: cnn, fcnn
        """
        return cls(f"unknown {kind} {name!r}; valid: {', '.join(valid)}")


class DatasetError(Lab4Error):
    """A dataset that cannot be had or is not usable; names the array or file at fault."""


class CacheError(Lab4Error):
    """A cache folder that cannot be read or written."""


class OutputError(Lab4Error):
    """A result that cannot be written where it was asked for."""


class RecordError(Lab4Error):
    """A run file or journal that cannot be understood; names the file and the reason."""


class HistoryError(Lab4Error):
    """A history of runs cannot be opened, read or written."""


class ConversionError(Lab4Error):
    """A model that could not be exported to a format."""


class DisagreementError(Lab4Error):
    """An artifact that computes something else than the model it was exported from."""


class UnsafeModelError(Lab4Error):
    """A model file that would run code of its own when it is loaded."""


class UnavailableError(Lab4Error):
    """Something that is not on this machine: the cell becomes ``Unavailable``, with the message as its reason."""


class WorkerError(Lab4Error):
    """Something unforeseen went wrong in the process of a runtime."""


class CrashError(WorkerError):
    """The process of a runtime died."""


class TimeLimitError(WorkerError):
    """The process of a runtime did not answer within the time limit of a cell."""


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


#: What frameworks say where a device's memory does not do.
_OUT_OF_MEMORY = re.compile(
    r"out of memory|\bOOM\b|Failed to allocate memory|ALLOC_FAILED|OUT_OF_MEMORY", re.IGNORECASE
)


def memory_in_words(error: BaseException) -> str:
    """A sentence with the remedy where a framework had too little memory, of the host or of a GPU; else empty.

    >>> memory_in_words(RuntimeError("OOM when allocating tensor with shape[4096]"))[:47]
    'there is not enough memory on the device (OOM w'
    """
    try:
        line = next(filter(_OUT_OF_MEMORY.search, str(error).splitlines()), "")
    except Exception:  # noqa: BLE001  # it is somebody else's code
        line = ""
    if not line:
        return ""
    return (
        f"there is not enough memory on the device ({shortened(line.strip(), 120)}); take smaller batches "
        "(--lab4-batch-sizes, --lab4-train-batch-sizes), end what else holds it (nvidia-smi lists that), or take "
        "another device (--lab4-devices)"
    )


@contextmanager
def system_errors() -> Iterator[None]:
    """Turn an error of the system into a `Lab4Error` of one sentence."""
    try:
        yield
    except OSError as error:
        raise Lab4Error(in_words(error)) from None
