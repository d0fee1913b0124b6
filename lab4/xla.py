"""What XLA says of a model that it does not compile, in one sentence."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from lab4.domain.errors import ConversionError
from lab4.domain.text import shortened
from lab4.frameworks import tensorflow

#: Of "Detected unsupported operations when trying to compile graph NAME on DEVICE: OPERATION (WHY" the two.
_UNSUPPORTED = re.compile(r"Detected unsupported operations .*? on (?P<device>\S+): (?P<operations>[^(\n]+?) \(")


@contextmanager
def compiling() -> Iterator[None]:
    """Raise `ConversionError` where XLA refuses what is compiled inside; that there is no memory is no refusal."""
    errors = tensorflow().errors
    try:
        yield
    except errors.ResourceExhaustedError:
        raise
    except errors.OpError as error:
        raise ConversionError(f"XLA does not compile it: {reason_in(str(error))}") from error


def reason_in(message: str) -> str:
    r"""What is wrong, without the names of graphs and nodes that TensorFlow adds.

    >>> reason_in("Detected unsupported operations when trying to compile graph g[a=1] on XLA_CPU_JIT: AsString (No")
    'it has no AsString for XLA_CPU_JIT'
    >>> reason_in("Graph execution error:\n\n{{function_node f}} must be a compile-time constant.\nmore")
    'must be a compile-time constant.'
    """
    found = _UNSUPPORTED.search(message)
    if found is not None:
        return f"it has no {found['operations']} for {found['device']}"
    lines = [re.sub(r"\{\{.*?\}\}", "", line).strip() for line in message.splitlines()]
    said = [line for line in lines if line and not line.startswith("Graph execution error")]
    return shortened(said[0] if said else "no reason given")
