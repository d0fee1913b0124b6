"""What a format's file provides, what it is given, and how large an artifact is: one ruler for every format."""

import gzip
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.domain.errors import ConversionError, UnavailableError
from lab4.domain.inspected import Inspected
from lab4.domain.observed import Size
from lab4.domain.text import first_line
from lab4.frameworks import brotli


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
    nearer ones tie, and which of them comes first says nothing of the artifact. Outputs that are no class scores may
    be as far away, as a share of their largest value, and their cosine is ``min_cosine`` at least. The defaults are
    float32's.
    """

    max_abs_difference: float
    min_agreement: float
    rounding: float = 1e-5
    min_cosine: float = 0.9999


@dataclass(frozen=True, slots=True)
class ExportSource:
    """What is exported: a Keras model, and the inputs of calls that choose int8 ranges.

    Each of ``calibration`` has the inputs of one call of one example, as arrays by the model's names.
    """

    model: Any
    calibration: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ConversionSource:
    """What is converted: an artifact, and the inputs of calls that choose int8 ranges, as in `ExportSource`."""

    path: Path
    calibration: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a model.

    ``filename`` is what the artifact is called, ``distributions`` are the packages whose versions decide what is
    written. ``export(source, path)`` writes a Keras model as the artifact, a file or a folder; ``converts`` has, by
    container, ``convert(source, path)``, which makes it from an artifact. Both raise `ConversionError` or
    `UnavailableError`; a format has one of them at least. ``is_of(found)`` says whether a file of the container and
    precision of the traits is of this format, where several have these in common. ``kernels(path)`` yields every weight
    of two or more dimensions as the artifact stores it, as NumPy arrays, integers less their zero point.
    ``excluded_from_size`` are names of files that distinguish one export from another, and have another length each
    time that the same model is written. ``companions(path)`` are other files that the artifact is made of.
    ``is_for_few``: models of a user's are measured in it only where they are given in it, or it is named.
    """

    traits: FormatTraits
    filename: str
    distributions: tuple[str, ...]
    tolerance: Tolerance
    export: Callable[[ExportSource, Path], None] | None = None
    kernels: Callable[[Path], Iterator[Any]]
    excluded_from_size: frozenset[str] = frozenset()
    converts: Mapping[str, Callable[[ConversionSource, Path], None]] = field(default_factory=dict)
    is_of: Callable[[Inspected], bool] = lambda _: True
    companions: Callable[[Path], Sequence[Path]] = lambda _: ()
    is_for_few: bool = False

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name

    def size(self, path: Path) -> Size:
        """The size of an artifact in this format."""
        return size_of(path, self.excluded_from_size, self.companions(path))

    def sha256(self, path: Path) -> str:
        """The digest of an artifact in this format."""
        return sha256_of(path, self.companions(path))

    @property
    def label(self) -> str:
        """The name that people read."""
        return self.traits.label


#: What web servers' gzip and brotli use by default; more takes ten times as long on sparse weights.
_LEVEL = 6


def _files(path: Path) -> Iterator[Path]:
    return iter([path]) if path.is_file() else iter(sorted(file for file in path.rglob("*") if file.is_file()))


def size_of(path: Path, excluded: Collection[str] = (), companions: Iterable[Path] = ()) -> Size:
    """Measure the file, or all files of the folder in the order of their names: bytes on disk, and compressed.

    Files of the names ``excluded`` are left out; ``companions`` are counted too.
    """
    files = [*(file for file in _files(path) if file.name not in excluded), *companions]
    content = b"".join(file.read_bytes() for file in files)
    gzipped = gzip.compress(content, compresslevel=_LEVEL, mtime=0)
    return Size(len(content), len(gzipped), len(brotli().compress(content, quality=_LEVEL)))


def sha256_of(path: Path, companions: Iterable[Path] = ()) -> str:
    """Digest of the file and its companions, or of the names and contents of the folder's files, as hex."""
    digest = hashlib.sha256()
    for file in (*_files(path), *companions):
        digest.update(file.relative_to(path.parent).as_posix().encode() + b"\0")
        digest.update(file.read_bytes())
    return digest.hexdigest()
