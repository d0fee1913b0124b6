"""What a run says about itself, to plain dicts and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lab4.domain.machine import Machine
from lab4.domain.resources import Peak
from lab4.domain.untyped import Untyped
from lab4.history.codec import check_version
from lab4.history.earlier import upgraded
from lab4.history.run_schema import HEADER, RunHeader, machine_from_plain, machine_to_plain


def header_of(header: RunHeader, machine: Machine) -> dict[str, Any]:
    """Return the header of a journal and of the run file that comes of it, as JSON gives it back.

    A trait that is not declared is left out.

    Raises:
        RecordError: for values that no record may hold.
    """
    plain: dict[str, Any] = _declared(HEADER.write(header))
    return plain | {"machine": machine_to_plain(machine)}


def header_from_plain(plain: object) -> tuple[RunHeader, Machine]:
    """Read back what `header_of` wrote, or an earlier version did; raises `RecordError` if it is damaged."""
    check_version(plain)
    found = dict(upgraded(plain))
    machine = found.pop("machine", None)
    return HEADER.read(found), machine_from_plain(machine)


def _declared(plain: Untyped) -> Untyped:  # plain data
    """Plain data without the traits that are not declared."""
    if isinstance(plain, dict):
        return {name: _declared(value) for name, value in plain.items() if value is not None}
    return [_declared(each) for each in plain] if isinstance(plain, list) else plain


def with_peaks(header: Mapping[str, Any], peaks: Sequence[Peak]) -> dict[str, Any]:
    """Return the header with what the machine does at its best; raises `RecordError` for bad values."""
    found, machine = header_from_plain(header)
    return header_of(replace(found, peaks=tuple(peaks)), machine)
