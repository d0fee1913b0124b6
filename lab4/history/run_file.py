"""Run files: pytest-benchmark's own JSON, with our record in every row and a section about the run."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from lab4.dependencies import installed_version
from lab4.domain.cell import EXAMINE, Cell
from lab4.domain.errors import INTERRUPTED, RecordError
from lab4.domain.machine import Machine
from lab4.domain.outcome import Measured, Measurement, Unavailable
from lab4.domain.run import Run
from lab4.domain.text import printable
from lab4.history.earlier import SCHEMA_WITH_KINDS, upgraded
from lab4.history.json_text import found_in, parse_file, read_bytes, written
from lab4.history.packing import SampleLimit, count_samples
from lab4.history.plain import measurement_of, record_of
from lab4.history.run_schema import SECTION, RunSection, check_version, commit_from_plain, machine_from_plain
from lab4.storage.atomic import write_atomically


def read_run(path: Path) -> Run:
    """Read a run file; raises `RecordError`: one sentence naming the file and what is wrong with it."""
    source = printable(str(path))
    return run_of(parse_file(read_bytes(path), source), source)


def run_of(document: object, source: str) -> Run:
    """Read the JSON value of a run file; raises `RecordError` as `read_run`."""
    with RecordError.prefixed(f"cannot read {source}: "):
        return _run(document, source)


def write_run(path: Path, document: Mapping[str, Any]) -> None:
    """Write a run file whole; an earlier one is kept in the folder ``earlier``; raises `OutputError`."""
    write_atomically(path, written(document, indent=4), keep_earlier=True)


def run_section(
    header: Mapping[str, Any], rows: Iterable[Any], unmeasured: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the top-level ``lab4`` of a run file.

    ``header`` is a journal's; ``rows`` are pytest-benchmark's rows and ``unmeasured`` the plain measurements that
    have none: both are needed to know whether the run is complete.
    """
    ended = {
        f"{plain['cell']['kind']}/{plain['cell']['id']}"
        for plain in (*_records(rows), *unmeasured)
        if not _is_cut_short(plain)
    }
    section = {name: value for name, value in header.items() if name != "machine"}
    return section | {"complete": set(header["planned"]) <= ended, "unmeasured": list(unmeasured)}


def run_document(
    machine_info: Mapping[str, Any],
    commit_info: Mapping[str, Any] | None,
    rows: Sequence[Mapping[str, Any]],
    header: Mapping[str, Any],
    unmeasured: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the content of a run file, from pytest-benchmark's information and a journal's header.

    ``rows`` are pytest-benchmark's rows without their ``data``: samples are in ``extra_info["lab4"]``.
    """
    return {
        "machine_info": {**machine_info, "lab4": header["machine"]},
        "commit_info": None if commit_info is None else dict(commit_info),
        "benchmarks": [dict(row) for row in rows],
        "datetime": datetime.now(timezone.utc).isoformat(),
        "version": installed_version("pytest-benchmark") or "",
        "lab4": run_section(header, rows, unmeasured),
    }


def _records(rows: Iterable[Any]) -> list[Any]:
    """Our records in pytest-benchmark's rows; rows of other benchmarks have none."""
    extras = [row.get("extra_info") for row in rows if isinstance(row, Mapping)]
    return [extra["lab4"] for extra in extras if isinstance(extra, Mapping) and "lab4" in extra]


def _is_cut_short(plain: Mapping[str, Any]) -> bool:
    ended = found_in(plain, "outcome", "latency", "ended")
    return found_in(plain, "outcome", "reason") == INTERRUPTED or ended == "interrupted"


def _run(document: object, source: str) -> Run:
    content, section, machine = _recognised(document)
    by_part = content["lab4"]["schema_version"] < SCHEMA_WITH_KINDS
    found = _outcomes(content["benchmarks"], section, by_part=by_part)
    unreached = Unavailable(INTERRUPTED)
    planned = {key: found.get(key) or Measurement(Cell.from_key(key), unreached) for key in section.planned}
    return Run(
        started_at=section.started_at,
        lab4_version=section.lab4_version,
        settings=section.settings,
        dataset=section.dataset,
        machine=machine,
        commit=commit_from_plain(content.get("commit_info")),
        catalogue=section.catalogue,
        measurements=tuple({**planned, **found}.values()),
        complete=section.complete and found.keys() >= planned.keys(),
        source=printable(source),
        peaks=section.peaks,
    )


def _recognised(document: object) -> tuple[dict[str, Any], RunSection, Machine]:
    """Return the document with its section and machine, if it is a run file that this lab4 reads."""
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        raise RecordError("it is JSON of something else, not a run that lab4 wrote")
    if "lab4" not in document:
        raise RecordError("it is a pytest-benchmark file made without the lab4 suite; measure with pytest benchmarks")
    check_version(document["lab4"])
    with RecordError.prefixed("lab4."):
        section = SECTION.read(upgraded(document["lab4"]))
    info = document.get("machine_info")
    if not isinstance(info, dict) or "lab4" not in info:
        raise RecordError("machine_info.lab4 is missing, so its machine is unknown")
    with RecordError.prefixed("machine_info.lab4."):
        return document, section, machine_from_plain(info["lab4"])


def _outcomes(rows: list[Any], section: RunSection, *, by_part: bool) -> dict[str, Measurement]:
    """Measurements by cell key; ``by_part`` of a version that had parts.

    A cell that failed after it was timed has a row as well: the failure counts.
    """
    limit, records = SampleLimit(), []
    for plain in (*_records(rows), *section.unmeasured):
        with RecordError.prefixed(f"the record of {_id_in(plain)}: "):
            records.append(record_of(plain))
            count_samples(records[-1], limit)
    found: dict[str, Measurement] = {}
    for record in records:
        with RecordError.prefixed(f"the record of {_id_in(record)}: "):
            measurement = measurement_of(record)
        key = measurement.cell.key
        # Earlier versions had a record of an artifact in each part of the worksheet: one that is measured stays.
        known = found.get(key) if by_part and measurement.cell.kind == EXAMINE else None
        if known is None or not isinstance(known.outcome, Measured) or isinstance(measurement.outcome, Measured):
            found[key] = measurement
    return found


def _id_in(plain: object) -> str:
    name = found_in(plain, "cell", "id")
    return name if isinstance(name, str) else "a row"
