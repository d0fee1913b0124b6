"""Figures of a run as the store's rows, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lab4.domain.errors import HistoryError
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.history.plain_run import machine_from_plain, machine_to_plain
from lab4.history.samples import pack_bits, unpack_bits

__all__ = ["cell_of", "figures_text", "header_text", "run_of"]


def header_text(run: RunFigures) -> str:
    """Everything of a run but its cells, as JSON."""
    return json.dumps(
        {
            "started_at": run.started_at,
            "lab4_version": run.lab4_version,
            "settings": asdict(run.settings),
            "dataset": asdict(run.dataset),
            "machine": machine_to_plain(run.machine),
            "commit": asdict(run.commit),
            "labels": dict(run.labels),
        },
        allow_nan=False,
    )


def figures_text(cell: CellFigures) -> str:
    """A cell's figures as JSON; what is empty is left out."""
    plain: dict[str, Any] = {"state": cell.state}
    for name in ("values", "corrected", "missing"):
        if getattr(cell, name):
            plain[name] = dict(getattr(cell, name))
    if cell.reason:
        plain["reason"] = cell.reason
    if cell.correct is not None:
        plain["correct"] = {"count": len(cell.correct), "data": pack_bits(cell.correct)}
    return json.dumps(plain, allow_nan=False)


def cell_of(text: str, *, with_bits: bool = True) -> CellFigures:
    """Read back what `figures_text` wrote."""
    plain = json.loads(text)
    bits = plain.get("correct") if with_bits else None
    return CellFigures(
        plain["state"],
        plain.get("values", {}),
        plain.get("corrected", {}),
        plain.get("missing", {}),
        None if bits is None else unpack_bits(bits["data"], bits["count"]),
        plain.get("reason", ""),
    )


def run_of(header: str, cells: Mapping[str, CellFigures], *, complete: bool, source: str) -> RunFigures:
    """Read back what `header_text` wrote; raises `HistoryError` if it is damaged."""
    try:
        plain = json.loads(header)
        return RunFigures(
            started_at=plain["started_at"],
            lab4_version=plain["lab4_version"],
            settings=Settings(**plain["settings"] | {"resources": tuple(plain["settings"].get("resources", ()))}),
            dataset=DatasetInfo(**plain["dataset"]),
            machine=machine_from_plain(plain["machine"]),
            commit=Commit(**plain["commit"]),
            complete=complete,
            labels=plain["labels"],
            cells=cells,
            source=source,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise HistoryError(f"the entry of {source} is damaged ({error}); remove it and add the run again") from None
