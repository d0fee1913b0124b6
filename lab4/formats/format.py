"""What a format's file provides, and what it is given."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.domain.errors import ConversionError, UnavailableError
from lab4.domain.text import first_line


@contextmanager
def conversion_errors(converter: str) -> Iterator[None]:
    """Turn whatever a converter raises into a `ConversionError`; our own errors stay as they are."""
    try:
        yield
    except (ConversionError, UnavailableError):
        raise
    except Exception as error:
        raise ConversionError(f"{converter} refused the model: {first_line(error)}") from error


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an artifact's outputs may be from its original's: probability 0..1, share of equal predictions.

    ``rounding`` is how far the format's arithmetic may move the probabilities of two classes against each other;
    nearer ones tie, and which of them comes first says nothing of the artifact. The default is float32's.
    """

    max_abs_difference: float
    min_agreement: float
    rounding: float = 1e-5


@dataclass(frozen=True, slots=True)
class ExportSource:
    """What is exported: a trained Keras model, and training images for int8 ranges, float32 (n, h, w, c) in 0..1."""

    model: Any
    quantization_calibration: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a model.

    ``filename`` is what the artifact is called, ``distributions`` are the packages whose versions decide what is
    written. ``export(source, path)`` writes the artifact, a file or a folder; it raises `ConversionError` or
    `UnavailableError`. ``kernels(path)`` yields every weight of two or more dimensions as the artifact stores it, as
    NumPy arrays, integers less their zero point. ``excluded_from_size`` are names of files that distinguish one export
    from another, and have another length each time that the same model is written.
    """

    traits: FormatTraits
    filename: str
    distributions: tuple[str, ...]
    tolerance: Tolerance
    export: Callable[[ExportSource, Path], None]
    kernels: Callable[[Path], Iterator[Any]]
    excluded_from_size: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name

    @property
    def label(self) -> str:
        """The name that people read."""
        return self.traits.label
