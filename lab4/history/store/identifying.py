"""The identity of each run that an earlier lab4 added, and one row for those that it added twice."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from lab4.domain.errors import Lab4Error
from lab4.domain.identity import RunIdentity, utc
from lab4.domain.machine import Machine
from lab4.history.host_file import host_run
from lab4.history.json_text import parse
from lab4.history.run_schema import machine_from_plain, machine_to_plain
from lab4.history.store.address import place_of
from lab4.history.store.tables import RUNS, ended_cells, remove_runs

#: The profile of files of plain pytest-benchmark.
_HOST_PROFILE = "pytest-benchmark"


@dataclass(frozen=True, slots=True)
class _Found:
    number: int
    complete: bool
    values: dict[str, Any]


def identify(connection: Connection, folder: Path | None) -> None:
    """Set the identity of every run, and remove copies: of those of one run the better one stays."""
    groups: dict[str, list[_Found]] = {}
    for found in _identified(connection, folder):
        groups.setdefault(found.values["identity"], []).append(found)
    for copies in groups.values():
        best = copies[0]
        if len(copies) > 1:
            best = max(copies, key=lambda each: (each.complete, ended_cells(connection, each.number), -each.number))
            remove_runs(connection, [each.number for each in copies if each is not best])
        connection.execute(update(RUNS).where(RUNS.c.id == best.number).values(best.values))


def _identified(connection: Connection, folder: Path | None) -> Iterator[_Found]:
    query = select(RUNS.c.id, RUNS.c.uid, RUNS.c.profile, RUNS.c.source, RUNS.c.complete, RUNS.c.header)
    for row in connection.execute(query).all():
        try:
            plain = json.loads(row.header)
            machine = machine_from_plain(plain["machine"])
            if row.profile == _HOST_PROFILE and machine.logical_cores == 1:
                machine = _machine_in_file(connection, folder, row.id, row.source) or machine
                plain["machine"] = machine_to_plain(machine)
            key = RunIdentity(utc(plain["started_at"]), machine.node, machine.hardware_id).key
        except (Lab4Error, ValueError, LookupError, TypeError, AttributeError):
            yield _Found(row.id, complete=row.complete, values={"identity": row.uid})  # damaged: it equals no other
            continue
        values = {"identity": key, "hardware": machine.hardware_id, "header": json.dumps(plain, allow_nan=False)}
        yield _Found(row.id, complete=row.complete, values=values)


def _machine_in_file(connection: Connection, folder: Path | None, number: int, source: str) -> Machine | None:
    """The machine as the run's own file has it: earlier lab4s took one core for granted where it names no number."""
    document = connection.execute(select(RUNS.c.document).where(RUNS.c.id == number)).scalar_one()
    place = None if folder is None else place_of(folder, source)
    try:
        if document is not None:
            return host_run(parse(gzip.decompress(document)), source).machine
        return None if place is None else host_run(parse(place.read_bytes()), source).machine
    except (Lab4Error, OSError, EOFError):
        return None
