"""What to measure: a variant of a model, a cell, which is one measurement of it, and what their parts may be called."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lab4.domain.errors import CellIdError, UnknownNameError
from lab4.domain.fields import Positive, Words

TRAIN, LATENCY, EXAMINE = "train", "latency", "examine"
#: What can be measured, in the order of a run: the models of the first feed the rest.
KINDS = (TRAIN, LATENCY, EXAMINE)

#: The most examples per call, and threads: nine digits.
MOST = 999_999_999

#: Settings of a runtime that differ from its defaults, each a name and a value.
ChangedSettings = tuple[tuple[Words, Words], ...]

_FORM = "MODEL[.TECHNIQUE...]-DEVICE[-bBATCH[-tTHREADS]]-FORMAT[:RUNTIME][+SETTING.VALUE...], such as cnn-cpu-b32-onnx"

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,98}[A-Za-z0-9_])?", re.ASCII)
#: A name that needs no brackets: none of its characters separates the parts of an id.
_PLAIN = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
#: A name in an id, in brackets or not, and a whole id.
_PART = re.compile(r"([-.:+]?)(?:\[([A-Za-z0-9_.-]+)\]|([A-Za-z0-9_]+))", re.ASCII)
_N, _COUNT = r"(?:\[[A-Za-z0-9_.-]+\]|[A-Za-z0-9_]+)", "[1-9][0-9]{0,8}"
_ID = re.compile(rf"{_N}(?:[-.:+]{_N})*", re.ASCII)
_CELL = re.compile(
    rf"(?P<variant>{_N}(?:\.{_N})*)-(?P<device>{_N})"
    rf"(?:-(?P<batch>b{_COUNT}|\[b{_COUNT}\])(?:-(?P<threads>t{_COUNT}|\[t{_COUNT}\]))?)?"
    rf"-(?P<format>{_N})(?P<runtime>(?::{_N})?)(?P<settings>(?:\+{_N}\.{_N})*)",
    re.ASCII,
)

#: What a name may contain, for messages.
RULE = "use letters, digits, underscores, and dots or dashes between them; at most 100 characters"


@lru_cache(maxsize=4096)  # variants are made as often as they are asked for
def check_name(kind: str, name: str) -> None:
    """Refuse a name that cannot be part of an id; raises `CellIdError` with the rule, for a name that breaks it."""
    if not _NAME.fullmatch(name):
        raise CellIdError(f"{name!r} cannot name a {kind}: {RULE}")


def quoted(name: str) -> str:
    """Return the name as it is written in an id: in brackets where it has a dot or a dash.

    pytest's ``-k`` accepts brackets, and matches the name without them too.

    >>> quoted("MobileNetV2"), quoted("my-model.v3")
    ('MobileNetV2', '[my-model.v3]')
    """
    return name if _PLAIN.fullmatch(name) else f"[{name}]"


def split_id(text: str) -> list[tuple[str, str]] | None:
    """Return the names of an id, each with the separator before it (the first has none); ``None`` if it is no id.

    >>> split_id("[my-model.v3].pruned80-cpu")
    [('', 'my-model.v3'), ('.', 'pruned80'), ('-', 'cpu')]
    """
    if not _ID.fullmatch(text):
        return None
    return [(match[1], match[2] or match[3]) for match in _PART.finditer(text)]


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """A model after techniques, in the order they were applied.

    >>> Variant("cnn", ("pruned80",)).id
    'cnn.pruned80'
    """

    model: str
    techniques: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_name("model", self.model)
        for technique in self.techniques:
            check_name("technique", technique)

    @property
    def id(self) -> str:
        """The variant's part of a cell id."""
        return ".".join(quoted(name) for name in (self.model, *self.techniques))


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One measurement: what to measure, nothing measured yet.

    ``kind`` is ``train`` (a model from its seed), ``latency`` (calls of an artifact) or ``examine`` (size, accuracy,
    sparsity and load time of an artifact). ``batch_size`` is examples per call, or ``None`` where nothing that is
    measured depends on it. ``threads`` are those of an inference call's runtime; the id has them from 2 on. ``runtime``
    is empty where the artifact runs in the usual runtime of its format. ``settings`` are those of the runtime that
    differ from its defaults, as names and values; they are sorted by name.

    >>> Cell("latency", "cnn", (), "cpu", 32, "tflite_int8").id
    'cnn-cpu-b32-tflite_int8'
    >>> Cell("latency", "my-model.v3", (), "cpu", 32, "onnx", threads=2).id
    '[my-model.v3]-cpu-b32-t2-onnx'
    >>> Cell("latency", "cnn", (), "cpu", 1, "keras", runtime="predict").id
    'cnn-cpu-b1-keras:predict'
    >>> Cell("latency", "cnn", (), "cpu", 1, "onnx", settings=(("spinning", "off"), ("graph", "basic"))).id
    'cnn-cpu-b1-onnx+graph.basic+spinning.off'
    >>> Cell("examine", "cnn", ("pruned80",), "cpu", None, "keras").key
    'examine/cnn.pruned80-cpu-keras'
    """

    kind: str
    model: str
    techniques: tuple[str, ...]
    device: str
    batch_size: Positive | None
    format: str
    threads: Positive = 1
    runtime: str = ""
    settings: ChangedSettings = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError.among("kind of cell", self.kind, KINDS)
        _ = self.variant  # checks its names
        for axis in ("device", "format"):
            check_name(axis, getattr(self, axis))
        if self.runtime:
            check_name("runtime", self.runtime)
        if self.batch_size is not None and not 1 <= self.batch_size <= MOST:
            raise CellIdError(f"batch size {self.batch_size} is not a whole number from 1 to {MOST}")
        if not 1 <= self.threads <= MOST or (self.threads > 1 and self.batch_size is None):
            raise CellIdError(
                f"{self.threads} threads: name a whole number from 1 to {MOST}, and only with a batch size"
            )
        self._check_settings()

    def _check_settings(self) -> None:
        names = [name for name, _ in self.settings]
        for name, value in self.settings:
            check_name("setting", name)
            check_name("value of a setting", value)
        if len(set(names)) < len(names) or (names and self.batch_size is None):
            raise CellIdError(f"the settings {' and '.join(names)}: name each once, and only with a batch size")
        object.__setattr__(self, "settings", tuple(sorted(self.settings)))

    @property
    def variant(self) -> Variant:
        """The model and techniques alone."""
        return Variant(self.model, self.techniques)

    @property
    def id(self) -> str:
        """The pytest parameter id: model, techniques, device, batch size, threads if several, format.

        A runtime that is not the usual one, and settings that are not its defaults, follow the format.
        """
        return _id_of(self)

    @property
    def key(self) -> str:
        """Kind and id: unique in a run."""
        return f"{self.kind}/{self.id}"

    @property
    def axes(self) -> dict[str, str | int | None]:
        """What ``pytest -m "cell(...)"`` can choose by: every field by name; techniques and settings as in the id."""
        return {
            "kind": self.kind,
            "model": self.model,
            "technique": ".".join(quoted(name) for name in self.techniques) or "original",
            "device": self.device,
            "batch_size": self.batch_size,
            "threads": self.threads,
            "format": self.format,
            "runtime": self.runtime,
            "settings": _written_settings(self),
        }

    @property
    def marker(self) -> str:
        """The expression for ``pytest -m`` that selects this cell and no other.

        Threads are those of calls: for another cell than of latency it has them only where they are not the usual one.

        >>> Cell("examine", "cnn", (), "cpu", None, "onnx").marker[:54]
        "cell(kind='examine', model='cnn', technique='original'"
        """
        left_out = {"threads"} if self.kind != LATENCY and self.threads == 1 else set[str]()
        return f"cell({', '.join(f'{name}={value!r}' for name, value in self.axes.items() if name not in left_out)})"

    @classmethod
    def parse(cls, kind: str, cell_id: str) -> "Cell":
        """Read back what `id` wrote.

        Raises `CellIdError` if ``cell_id`` does not have the form of an id; and `UnknownNameError` if ``kind`` is not
        one of `KINDS`.
        """
        found = _CELL.fullmatch(cell_id)
        if found is None or (found["threads"] or "").strip("[t]") == "1":
            raise CellIdError(f"{cell_id!r} is not a cell id; expected {_FORM}")
        model, *techniques = (name for _, name in split_id(found["variant"]) or [])
        device, fmt, runtime = (found[part].strip(":[]") for part in ("device", "format", "runtime"))
        batch_size, threads = (int((found[part] or "").strip("[bt]") or 0) for part in ("batch", "threads"))
        names = [name for _, name in split_id(found["settings"][1:]) or []]
        settings = tuple(zip(names[::2], names[1::2], strict=True))
        cell = cls(kind, model, tuple(techniques), device, batch_size or None, fmt, threads or 1, runtime, settings)
        if cell.id != cell_id:
            raise CellIdError(f"{cell_id!r} is not a cell id; it is written {cell.id}")
        return cell

    @classmethod
    def from_key(cls, key: str) -> "Cell":
        """Read back what `key` wrote.

        Raises `CellIdError` if ``key`` is not KIND/ID; and `UnknownNameError` if the kind is not one of `KINDS`.
        """
        kind, slash, cell_id = key.partition("/")
        if not slash:
            raise CellIdError(f"{key!r} is not a cell key; expected KIND/ID, such as latency/cnn-cpu-b32-onnx")
        return cls.parse(kind, cell_id)


@lru_cache(maxsize=4096)  # a report asks for the ids of its cells many thousand times
def _id_of(cell: Cell) -> str:
    batch = "" if cell.batch_size is None else f"-b{cell.batch_size}"
    threads = f"-t{cell.threads}" if cell.threads > 1 else ""
    runtime = f":{quoted(cell.runtime)}" if cell.runtime else ""
    settings = f"+{_written_settings(cell)}" if cell.settings else ""
    return f"{cell.variant.id}-{quoted(cell.device)}{batch}{threads}-{quoted(cell.format)}{runtime}{settings}"


def _written_settings(cell: Cell) -> str:
    return "+".join(f"{quoted(name)}.{quoted(value)}" for name, value in cell.settings)
