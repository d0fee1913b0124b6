"""Figures of a run as the store's rows, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic_core import from_json

from lab4.domain.errors import HistoryError, RecordError
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.identity import identity
from lab4.domain.observed import Answers
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.domain.text import printable, printable_values
from lab4.history.earlier import catalogue_of_labels
from lab4.history.packing import pack_bits, packed_answers, unpack_bits, unpacked_answers
from lab4.history.run_schema import CATALOGUE, Codec, machine_from_plain, machine_to_plain

_ANSWERS: Codec[Answers] = Codec(Answers)
#: An index of PostgreSQL takes 2,704 bytes; SQLite any.
_MAX_NAME_BYTES = 2_000
#: How much of a text an error shows.
_SHOWN = 40
_AGAIN = "add the runs to a new history (a folder's index may be deleted, and is made again)"


def rows_of(run: RunFigures) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a history says of a run, and of each of its cells: the one place that decides what a history can keep.

    Raises `RecordError`: one sentence naming the run and why no history can keep it.
    """
    try:
        known = identity(run)
        row: dict[str, Any] = {
            "identity": known.key,
            "moment": known.started.isoformat(timespec="microseconds"),
            "hardware": run.machine.hardware_id,
            "profile": run.settings.profile,
            "revision": run.commit.revision,
            "complete": run.complete,
            "header": _header_text(run),
        }
        cells = [{"cell": key, "figures": _figures_text(cell)} for key, cell in run.cells.items()]
        for each in [row, *cells]:
            _require_text(each)
    except (RecordError, ValueError, TypeError, OverflowError) as error:
        raise RecordError(f"{run.source} cannot be kept in a history: {error}") from None
    return row, cells


def _require_text(row: dict[str, Any]) -> None:
    """Refuse what one database keeps and another does not, before either is asked."""
    for name, value in row.items():
        if isinstance(value, str):
            value.encode()
            if "\0" in value:
                raise RecordError(f"the {name} {value[:_SHOWN]!r} contains a NUL character")
    size = len(str(row.get("cell", "")).encode())
    if size > _MAX_NAME_BYTES:
        raise RecordError(
            f"the name {row['cell'][:_SHOWN]!r}... has {size} bytes, and a history keeps up to {_MAX_NAME_BYTES}"
        )


def _header_text(run: RunFigures) -> str:
    return json.dumps(
        {
            "started_at": run.started_at,
            "lab4_version": run.lab4_version,
            "settings": asdict(run.settings),
            "dataset": asdict(run.dataset),
            "machine": machine_to_plain(run.machine),
            "commit": asdict(run.commit),
            "catalogue": CATALOGUE.write(run.catalogue),
        },
        allow_nan=False,
    )


def _figures_text(cell: CellFigures) -> str:
    names = ("state", "values", "corrected", "missing", "reason", "artifact", "runtime", "intervals", "calls")
    plain = {name: getattr(cell, name) for name in names}
    if cell.answers is not None:
        plain["answers"] = packed_answers(_ANSWERS.write(cell.answers))
    if cell.correct is not None:
        plain["correct"] = {"count": len(cell.correct), "data": pack_bits(cell.correct)}
    kept = {name: dict(each) if isinstance(each, Mapping) else each for name, each in plain.items() if each}
    return json.dumps(kept, allow_nan=False)


def _count(value: Any) -> int:  # noqa: ANN401  # any JSON value
    found = int(value)
    if found < 0:
        raise ValueError(f"{found} calls")
    return found


def _printable_json(text: str) -> Any:  # noqa: ANN401  # any JSON value
    """The value of a JSON text, with printable texts in it: an earlier lab4 wrote them as they were."""
    # JSON that is printable itself and escapes nothing has no other texts: a history holds many thousands.
    if "\\" not in text and printable(text) == text:
        return from_json(text)
    return printable_values(json.loads(text))


def cell_of(text: str, name: str, *, with_packed: bool = True) -> CellFigures:
    """Read back what `rows_of` wrote of a cell; raises `HistoryError`, with this name, if it is damaged."""
    try:
        plain = _printable_json(text)
        bits, answers = (plain.get(name) if with_packed else None for name in ("correct", "answers"))
        return CellFigures(
            plain["state"],
            {figure: float(value) for figure, value in plain.get("values", {}).items()},
            {figure: float(value) for figure, value in plain.get("corrected", {}).items()},
            dict(plain.get("missing", {})),
            None if bits is None else unpack_bits(bits["data"], bits["count"]),
            str(plain.get("reason", "")),
            str(plain.get("artifact", "")),
            None if answers is None else _ANSWERS.read(unpacked_answers(answers)),
            str(plain.get("runtime", "")),
            {figure: (float(low), float(high)) for figure, (low, high) in plain.get("intervals", {}).items()},
            _count(plain.get("calls", 0)),
        )
    except (RecordError, ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise HistoryError(f"the entry of {name} is damaged ({error!r}); {_AGAIN}") from None


def run_of(header: str, cells: Mapping[str, CellFigures], *, complete: bool, source: str) -> RunFigures:
    """Read back what `rows_of` wrote of a run, or an earlier version did; raises `HistoryError` if it is damaged."""
    try:
        plain = _printable_json(header)
        return RunFigures(
            started_at=plain["started_at"],
            lab4_version=plain["lab4_version"],
            settings=Settings(**plain["settings"] | {"resources": tuple(plain["settings"].get("resources", ()))}),
            dataset=DatasetInfo(**plain["dataset"]),
            machine=machine_from_plain(plain["machine"]),
            commit=Commit(**plain["commit"]),
            complete=complete,
            catalogue=CATALOGUE.read(  # an earlier version has labels only
                plain["catalogue"] if "catalogue" in plain else catalogue_of_labels(plain["labels"])
            ),
            cells=cells,
            source=printable(source),
        )
    except (RecordError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise HistoryError(f"the entry of {source} is damaged ({error!r}); {_AGAIN}") from None
