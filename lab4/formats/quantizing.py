"""What the quantizers of frozen files share: silence while a library works, and the sentences for a user."""

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TypeAlias

from lab4.domain.errors import ConversionError
from lab4.domain.text import listed
from lab4.tensor_names import input_names

#: Inputs of one call by the model's names for them, each a NumPy array of the call's full shape.
Call: TypeAlias = Mapping[str, Any]
#: Reads a model's file, and writes it at lower precision; calls choose the ranges of integers, where they are needed.
Quantize: TypeAlias = Callable[[Path, Sequence[Call], Path], None]

_MOST_NAMED = 6


@contextmanager
def quietly() -> Iterator[None]:
    """Drop what libraries print, log and warn of in this process, native code too; what they raise stays."""
    handlers, disabled = logging.root.handlers[:], logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with ExitStack() as stack:
        nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123  # no file of a folder
        for number, stream in ((1, sys.stdout), (2, sys.stderr)):
            stack.enter_context(_descriptor_to(nowhere.fileno(), number, stream))
        stack.enter_context(redirect_stdout(nowhere))
        stack.enter_context(redirect_stderr(nowhere))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(disabled)
            logging.root.handlers[:] = handlers  # logging.warning() adds one where there was none


@contextmanager
def _descriptor_to(nowhere: int, number: int, stream: Any) -> Iterator[None]:  # noqa: ANN401  # None under pythonw
    if stream is not None:
        stream.flush()
    kept = os.dup(number)
    os.dup2(nowhere, number)
    try:
        yield
    finally:
        os.dup2(kept, number)
        os.close(kept)


def calls_of(calls: Sequence[Call], inputs: Sequence[str], ranks: Mapping[str, int] | None = None) -> list[Call]:
    """The calls by the file's own names of its ``inputs``: a converter may have renamed them.

    Raises:
        ConversionError: where there is no call, or one lacks an input.
    """
    if not calls:
        raise ConversionError("static int8 needs at least one call to calibrate with, and there is none")
    return [{name: call[own] for name, own in input_names(call, inputs, ranks).items()} for call in calls]


def already(name: str, what: str) -> ConversionError:
    """Say that a model has been quantized before."""
    return ConversionError(f"{name} has {what} already; quantize the float32 model that it was made from")


def nothing(name: str, dtype: str, operators: Sequence[str], hint: str = "") -> ConversionError:
    """Say that no weight of a model became ``dtype``."""
    kinds = listed(sorted(set(operators)), _MOST_NAMED) or "it has none"
    return ConversionError(
        f"nothing of {name} can be made {dtype} this way: "
        f"the quantizer converts no weights of its operators ({kinds}){hint}"
    )
