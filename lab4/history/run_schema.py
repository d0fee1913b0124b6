"""The wall between files and types: data that fits the types, else one sentence; and what a run says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell, check_name
from lab4.domain.errors import Lab4Error, RecordError
from lab4.domain.fields import Flag, Timestamp, Words
from lab4.domain.machine import Machine
from lab4.domain.observed import Peak
from lab4.domain.pattern import current_key
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.domain.untyped import Untyped

T = TypeVar("T")

# History of the format, one line a version; a version is only ever added:
# 1: cells with measured, unavailable or failed outcome; run section with settings, dataset, labels and plan.
# 2: latency in rounds, with and without copies, with warm-up, frequency probe and reason for its end; threads in the
#    cell; its other resources (memory, energy, counters, work), what the system did meanwhile, the machine's peaks.
# 3: kinds of cells instead of parts of the worksheet, each artifact examined once; runtimes; the catalogue of traits;
#    metrics by name; what was verified of techniques' promises.
SCHEMA_VERSION: Literal[3] = 3

#: No format has a million versions; and Python does not print numbers of thousands of digits.
_IMPOSSIBLE = 1_000_000
_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False, ser_json_inf_nan="constants")


def check_version(data: object) -> None:
    """Refuse what this lab4 cannot read, before looking at fields that it may not know.

    Raises `RecordError` if ``data`` has no schema version, an impossible or a newer one.
    """
    version = data.get("schema_version") if isinstance(data, dict) else None
    # ``True`` is an int to Python, and not a version.
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version < _IMPOSSIBLE:
        raise RecordError("it has no valid schema_version")
    if version > SCHEMA_VERSION:
        raise RecordError(f"it has schema version {version} and this lab4 reads up to {SCHEMA_VERSION}; upgrade lab4")


class Codec(Generic[T]):
    """Reads and writes values of one type: exact types, no NaN, no infinity, no field that the type does not have."""

    def __init__(self, kind: Untyped) -> None:  # a type, or a union of types
        # In a tuple, as a dataclass itself takes no configuration from outside.
        self._type = tuple[kind]

    @cached_property  # made when it is first asked for: that takes milliseconds, and no command needs all
    def _adapter(self) -> TypeAdapter[tuple[T]]:
        return TypeAdapter(self._type, config=_CONFIG)

    def read(self, plain: object, place: str = "") -> T:
        """Return the value of plain data; ``place`` is where it is in the file.

        Raises `RecordError` naming the first field at fault and what is wrong with it.
        """
        try:
            return self._adapter.validate_python((plain,))[0]
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            steps = [place, *(str(step) for step in first["loc"][1:])]
            where = ".".join(filter(None, steps))
            fault = first["msg"].removeprefix("Value error, ")
        except Lab4Error as error:
            where, fault = place, str(error)
        # One line, whatever the file's keys contain.
        raise RecordError(" ".join(f"{where}: {fault}".split()) if where else fault)

    def write(self, value: T) -> Untyped:  # plain data
        """Return the value as plain data; raises `RecordError` as `read`, so that it can be read back."""
        plain = self._adapter.dump_python((value,), mode="json", warnings=False)[0]
        self.read(plain)
        return plain


def _cell_key(key: str) -> str:
    try:
        return Cell.from_key(current_key(key)).key
    except Lab4Error as error:
        raise ValueError(str(error)) from None


CellKey = Annotated[Words, AfterValidator(_cell_key)]


def _named_by_its_keys(catalogue: Catalogue) -> Catalogue:
    for field in Catalogue.__dataclass_fields__:
        for name, traits in getattr(catalogue, field).items():
            if traits.name != name:
                raise ValueError(f"{field}.{name} is named {traits.name!r}")
            check_name(field.removesuffix("s"), name)
    return catalogue


_Catalogue = Annotated[Catalogue, AfterValidator(_named_by_its_keys)]


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What is known before the first cell: the head of a journal, without its machine, and of a run's section.

    ``planned`` are cell keys, KIND/ID, in order.
    """

    schema_version: Literal[3]
    started_at: Timestamp
    lab4_version: Words
    settings: Settings
    dataset: DatasetInfo
    catalogue: _Catalogue
    planned: tuple[CellKey, ...]
    peaks: tuple[Peak, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSection(RunHeader):
    """The top-level ``lab4`` of a run file; the measured cells are in ``benchmarks``, the records of others here."""

    complete: Flag
    unmeasured: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _CommitInfo:
    """What is read of pytest-benchmark's ``commit_info``."""

    id: Words | None = None
    dirty: Flag = False


CATALOGUE: Codec[Catalogue] = Codec(_Catalogue)
HEADER: Codec[RunHeader] = Codec(RunHeader)
SECTION: Codec[RunSection] = Codec(RunSection)
_MACHINE: Codec[Machine] = Codec(Machine)
_COMMIT: Codec[_CommitInfo] = Codec(_CommitInfo)
_PAIRS = ("libraries", "threads", "conditions")


def machine_to_plain(machine: Machine) -> dict[str, Any]:
    """Return the content of ``machine_info["lab4"]``; raises `RecordError` for bad values."""
    plain: dict[str, Any] = _MACHINE.write(machine)
    return plain | {name: dict(plain[name]) for name in _PAIRS}


def machine_from_plain(plain: object) -> Machine:
    """Read back what `machine_to_plain` wrote; raises `RecordError` if it is damaged."""
    if not isinstance(plain, Mapping):
        raise RecordError("it is not the machine of a run")
    found = dict(plain)
    for name in _PAIRS:
        if name in found:
            if not isinstance(found[name], Mapping):
                raise RecordError(f"{name}: not names with values")
            found[name] = tuple(sorted(found[name].items(), key=lambda pair: str(pair[0])))  # names are checked later
    return _MACHINE.read(found)


def commit_from_plain(plain: object) -> Commit:
    """Read pytest-benchmark's ``commit_info``, all of which may be missing; raises `RecordError` if it is not one."""
    if plain is not None and not isinstance(plain, Mapping):
        raise RecordError("it is not what pytest-benchmark writes")
    known = {name: each for name, each in (plain or {}).items() if name in _CommitInfo.__dataclass_fields__}
    commit = _COMMIT.read(known)
    # What pytest-benchmark writes outside a repository, and where git did not answer.
    outside = commit.id in {None, "", "unversioned", "unknown"}
    return Commit(None if outside else commit.id, commit.dirty)
