"""What a run says about itself, to plain dicts and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab4 import __version__
from lab4.domain.catalogue import Catalogue
from lab4.domain.machine import Machine
from lab4.domain.resources import Peak
from lab4.domain.run import DatasetInfo, Settings
from lab4.domain.untyped import Untyped
from lab4.history.codec import SCHEMA_VERSION, check_version
from lab4.history.earlier import upgraded
from lab4.history.run_schema import HEADER, RunHeader, machine_from_plain, machine_to_plain

__all__ = ["RunPlan", "header_from_plain", "header_of", "header_to_plain", "with_peaks"]


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
    header = RunHeader(
        schema_version=SCHEMA_VERSION,
        started_at=plan.started_at,
        lab4_version=__version__,
        settings=plan.settings,
        dataset=plan.dataset,
        catalogue=plan.catalogue,
        planned=tuple(plan.planned),
    )
    return header_to_plain(header) | {"machine": machine_to_plain(plan.machine)}


def header_from_plain(plain: object) -> tuple[RunHeader, Machine]:
    """Read back what `header_of` wrote, or an earlier version did; raises `RecordError` if it is damaged."""
    check_version(plain)
    found = dict(upgraded(plain))
    machine = found.pop("machine", None)
    return HEADER.read(found), machine_from_plain(machine)


def header_to_plain(header: RunHeader) -> dict[str, Any]:
    """Return a header as JSON gives it back; a trait that is not declared is left out."""
    plain: dict[str, Any] = _declared(HEADER.write(header))
    return plain


def _declared(plain: Untyped) -> Untyped:  # plain data
    """Plain data without the traits that are not declared."""
    if isinstance(plain, dict):
        return {name: _declared(value) for name, value in plain.items() if value is not None}
    return [_declared(each) for each in plain] if isinstance(plain, list) else plain


def with_peaks(header: Mapping[str, Any], peaks: Sequence[Peak]) -> dict[str, Any]:
    """Return the header with what the machine does at its best; raises `RecordError` for bad values."""
    found, _ = header_from_plain(header)
    return {**header_to_plain(replace(found, peaks=tuple(peaks))), "machine": header["machine"]}
