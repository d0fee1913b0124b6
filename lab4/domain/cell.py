"""What to measure: a variant of a model, and a cell of the worksheet."""

import re
from dataclasses import dataclass

from lab4.domain.errors import CellIdError, UnknownNameError

__all__ = ["MOST", "NAME", "PARTS", "Cell", "Variant"]

#: The worksheet's parts that are measured, in the order of a run: the models of the first feed the rest.
PARTS = ("training", "inference", "quantization", "pruning", "deployment")

#: The most images a call, and threads: nine digits.
MOST = 999_999_999

#: What a model, technique, device or format may be called, so that every id parses back.
NAME = re.compile(r"[a-z][a-z0-9_]*")

_ID = re.compile(
    r"(?P<model>[a-z][a-z0-9_]*)(?P<techniques>(\.[a-z][a-z0-9_]*)*)"
    r"-(?P<device>[a-z][a-z0-9_]*)(-b(?P<batch>[1-9][0-9]{0,8})(-t(?P<threads>[2-9]|[1-9][0-9]{1,8}))?)?"
    r"-(?P<format>[a-z][a-z0-9_]*)"
)


def _check_name(kind: str, name: str) -> None:
    if not NAME.fullmatch(name):
        msg = f"{name!r} cannot name a {kind}: use lower-case letters, digits and underscores, a letter first"
        raise CellIdError(msg)


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """A model after techniques, in the order they were applied.

    >>> Variant("cnn", ("pruned80",)).id
    'cnn.pruned80'
    """

    model: str
    techniques: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names that would make an id ambiguous."""
        _check_name("model", self.model)
        for technique in self.techniques:
            _check_name("technique", technique)

    @property
    def id(self) -> str:
        """The variant's part of a cell id."""
        return ".".join((self.model, *self.techniques))


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One blank of the worksheet: what to measure, nothing measured yet.

    ``batch_size`` is images per call, or ``None`` where no figure of the cell depends on it
    (sizes, accuracies). ``threads`` are those of an inference call's runtime; the id names them from 2 on.

    >>> Cell("inference", "cnn", (), "cpu", 32, "tflite_int8").id
    'cnn-cpu-b32-tflite_int8'
    >>> Cell("inference", "cnn", (), "cpu", 32, "onnx", threads=2).id
    'cnn-cpu-b32-t2-onnx'
    >>> Cell("pruning", "cnn", ("pruned80",), "cpu", None, "keras").key
    'pruning/cnn.pruned80-cpu-keras'
    """

    part: str
    model: str
    techniques: tuple[str, ...]
    device: str
    batch_size: int | None
    format: str
    threads: int = 1

    def __post_init__(self) -> None:
        """Refuse parts, names and batch sizes that would not parse back."""
        if self.part not in PARTS:
            raise UnknownNameError.among("part", self.part, PARTS)
        _ = self.variant  # checks the names
        _check_name("device", self.device)
        _check_name("format", self.format)
        if self.batch_size is not None and not 1 <= self.batch_size <= MOST:
            msg = f"batch size {self.batch_size} is not a whole number from 1 to {MOST}"
            raise CellIdError(msg)
        if not 1 <= self.threads <= MOST or (self.threads > 1 and self.batch_size is None):
            msg = f"{self.threads} threads: name a whole number from 1 to {MOST}, and only with a batch size"
            raise CellIdError(msg)

    @property
    def variant(self) -> Variant:
        """The model and techniques alone."""
        return Variant(self.model, self.techniques)

    @property
    def id(self) -> str:
        """The pytest parameter id: model, techniques, device, batch size, threads if several, format."""
        batch = "" if self.batch_size is None else f"-b{self.batch_size}"
        threads = f"-t{self.threads}" if self.threads > 1 else ""
        return f"{self.variant.id}-{self.device}{batch}{threads}-{self.format}"

    @property
    def key(self) -> str:
        """Part and id: unique in a run."""
        return f"{self.part}/{self.id}"

    @property
    def marker(self) -> str:
        """The expression for ``pytest -m`` that selects this cell and no other.

        >>> Cell("quantization", "cnn", (), "cpu", None, "onnx").marker[:60]
        "cell(part='quantization', model='cnn', technique='original',"
        """
        named = {
            "part": self.part,
            "model": self.model,
            "technique": ".".join(self.techniques) or "original",
            "device": self.device,
            "batch_size": self.batch_size,
            "threads": self.threads,
            "format": self.format,
        }
        return f"cell({', '.join(f'{name}={value!r}' for name, value in named.items())})"

    @classmethod
    def parse(cls, part: str, cell_id: str) -> "Cell":
        """Read back what `id` wrote.

        Raises:
            CellIdError: if ``cell_id`` does not have the form of an id.
            UnknownNameError: if ``part`` is not one of `PARTS`.
        """
        match = _ID.fullmatch(cell_id)
        if match is None:
            msg = (
                f"{cell_id!r} is not a cell id; expected MODEL[.TECHNIQUE]-DEVICE[-bBATCH[-tTHREADS]]-FORMAT, "
                "such as cnn-cpu-b32-onnx"
            )
            raise CellIdError(msg)
        techniques = tuple(match["techniques"].split(".")[1:])
        batch = None if match["batch"] is None else int(match["batch"])
        threads = int(match["threads"] or 1)
        return cls(part, match["model"], techniques, match["device"], batch, match["format"], threads)

    @classmethod
    def from_key(cls, key: str) -> "Cell":
        """Read back what `key` wrote.

        Raises:
            CellIdError: if ``key`` is not PART/ID.
            UnknownNameError: if the part is not one of `PARTS`.
        """
        part, slash, cell_id = key.partition("/")
        if not slash:
            msg = f"{key!r} is not a cell key; expected PART/ID, such as inference/cnn-cpu-b32-onnx"
            raise CellIdError(msg)
        return cls.parse(part, cell_id)
