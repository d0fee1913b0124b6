"""What a run says about itself: machine, settings, dataset, plan; in run files and journals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell, check_name
from lab4.domain.errors import Lab4Error, RecordError
from lab4.domain.fields import Flag, Timestamp, Words
from lab4.domain.machine import Machine
from lab4.domain.observed import Peak
from lab4.domain.pattern import current_key
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.history.codec import Codec


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
_PAIRS = ("libraries", "threads")


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
