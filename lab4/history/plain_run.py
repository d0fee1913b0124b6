"""What a run says about itself, to plain dicts and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lab4 import __version__
from lab4.domain.catalogue import Catalogue
from lab4.domain.machine import Gpu, Machine
from lab4.domain.resources import Peak
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.history.checked import checked
from lab4.history.run_schema import CommitRecord, JournalHeader, MachineRecord
from lab4.history.schema import SCHEMA_VERSION

__all__ = [
    "RunPlan",
    "commit_from_plain",
    "header_of",
    "machine_from_plain",
    "machine_of",
    "machine_to_plain",
    "with_peaks",
]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is known of a run before its first cell.

    ``started_at`` is ISO 8601 with a time zone; ``planned`` holds the cell keys in order.
    """

    started_at: str
    machine: Machine
    settings: Settings
    dataset: DatasetInfo
    catalogue: Catalogue
    planned: Sequence[str]


def header_of(plan: RunPlan) -> dict[str, Any]:
    """Return the header of a journal and of the run file that comes of it; raises `RecordError` for bad values."""
    plain = {
        "schema_version": SCHEMA_VERSION,
        "started_at": plan.started_at,
        "lab4_version": __version__,
        "machine": machine_to_plain(plan.machine),
        "settings": asdict(plan.settings) | {"resources": list(plan.settings.resources)},  # as JSON gives it back
        "dataset": asdict(plan.dataset),
        "catalogue": plan.catalogue,
        "planned": list(plan.planned),
    }
    return checked(JournalHeader, plain).model_dump(mode="json")


def with_peaks(header: Mapping[str, Any], peaks: Sequence[Peak]) -> dict[str, Any]:
    """Return the header with what the machine does at its best; raises `RecordError` for bad values."""
    plain = {**header, "peaks": [asdict(peak) for peak in peaks]}
    return checked(JournalHeader, plain).model_dump(mode="json")


def machine_to_plain(machine: Machine) -> dict[str, Any]:
    """Return what stands in ``machine_info["lab4"]``; raises `RecordError` for bad values."""
    pairs = {"libraries": dict(machine.libraries), "threads": dict(machine.threads)}
    return checked(MachineRecord, asdict(machine) | pairs).model_dump(mode="json")


def machine_from_plain(plain: object) -> Machine:
    """Read back what `machine_to_plain` wrote; raises `RecordError` if it is damaged."""
    return machine_of(checked(MachineRecord, plain))


def machine_of(record: MachineRecord) -> Machine:
    """Return the machine in a checked record."""
    fields = record.model_dump()
    fields["gpus"] = tuple(Gpu(**gpu) for gpu in fields["gpus"])
    for name in ("libraries", "threads"):
        fields[name] = tuple(sorted(fields[name].items()))
    return Machine(**fields)


def commit_from_plain(plain: object) -> Commit:
    """Read pytest-benchmark's ``commit_info``; raises `RecordError` if it is not one."""
    record = checked(CommitRecord, {} if plain is None else plain)
    # What pytest-benchmark writes outside a repository, and where git did not answer.
    outside = record.id in {None, "", "unversioned", "unknown"}
    return Commit(None if outside else record.id, record.dirty)
