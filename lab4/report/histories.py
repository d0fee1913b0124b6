"""A run's figures as the history has them, and trends over it: on a terminal, and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lab4.analysis.figures import FigureTraits, known_figures
from lab4.analysis.trend import CommonStep, FigureDrift, FigureStep, FigureTrend
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.text import listed, printable
from lab4.report.columns import aligned, wrapped
from lab4.report.gate.words import amount, signed

#: Around a figure, where no line ends.
_UNBROKEN = "\u00a0"
#: Cells that are named of those that have a step in common.
_NAMED = 3


def run_text(run: RunFigures, width: int = 110) -> str:
    """What the run is of, and its cells with their figures, in lines of at most ``width`` characters.

    Where a cell has no room for its figures, they are below it.
    """
    lines = [
        f"{run.source}: {run.started_at}, {run.machine.cpu}, {run.machine.os}, Python {run.machine.python}",
        f"revision {run.commit.revision or 'unknown'}{', with uncommitted changes' if run.commit.dirty else ''}",
    ]
    known = known_figures([run])
    cells = [(key, _figures(cell, known)) for key, cell in run.cells.items()]
    whole = aligned(cells)
    is_narrow = max(map(len, whole), default=0) > width
    lines += [line for key, figures in cells for line in (key, f"  {figures}")] if is_narrow else whole
    return "\n".join(line.replace(_UNBROKEN, " ") for line in wrapped(lines, width))


def _figures(cell: CellFigures, known: Mapping[str, FigureTraits]) -> str:
    """The figures in the order in which they are known, or why there are none."""
    found = [(traits, cell.values[name]) for name, traits in known.items() if name in cell.values]
    texts = [
        f"{traits.label}{_UNBROKEN}{amount(value, traits.quantity).replace(' ', _UNBROKEN)}" for traits, value in found
    ]
    return ", ".join(texts) or f"{cell.state}: {cell.reason}"


def plain_run(run: RunFigures) -> dict[str, Any]:
    """The run's figures in base units, or why a cell has none."""
    return {
        "source": run.source,
        "started_at": run.started_at,
        "revision": run.commit.revision,
        "cells": {
            key: {"state": cell.state, "reason": cell.reason, "figures": dict(cell.values)}
            for key, cell in run.cells.items()
        },
    }


def trend_text(trends: Sequence[FigureTrend], common: Sequence[CommonStep] = (), width: int | None = None) -> str:
    """A line for each step and each drift, one for those that many cells have in common, and a summary.

    Lines are of at most ``width`` characters, where that is given.
    """
    lines = [*map(_common, common), *(line for trend in trends for line in _changes(trend))]
    runs = max((trend.runs for trend in trends), default=0)
    counted = f"{len(lines)} change{'' if len(lines) == 1 else 's'}" if lines else "no change"
    lines = [*map(printable, lines), f"{counted} in {len(trends)} cells over up to {runs} runs"]
    return "\n".join(wrapped(lines, width))


def _changes(trend: FigureTrend) -> Iterator[str]:
    for step in trend.steps:
        yield f"{_mark(step)} {trend.cell} {trend.figure} {signed(step.change, trend.quantity)} {_since(step)}"
    for drift in trend.drifts:
        yield (
            f"{_mark(drift)} {trend.cell} {trend.figure} drifts by {signed(drift.per_week, trend.quantity, 2)} per "
            f"week over {drift.weeks:.1f} weeks on machine {drift.hardware}"
        )


def _common(common: CommonStep) -> str:
    step = common.step
    return (
        f"{_mark(step)} {common.cells} of {common.total} cells {common.figure} {signed(step.change, common.quantity)} "
        f"in the middle {_since(step)}: the machine, its software, or a revision that affects them all "
        f"({listed(common.members, _NAMED)})"
    )


def _since(step: FigureStep) -> str:
    return (
        f"from run {step.first.number} on ({step.first.started_at[:19]}, revision {_revision(step.first.revision)}, "
        f"after {_revision(step.before.revision)}) on machine {step.first.hardware}"
    )


def _mark(change: FigureStep | FigureDrift) -> str:
    return "worse: " if change.worse else "better:"


def _revision(revision: str | None) -> str:
    return "unknown" if revision is None else revision[:12]


def trend_json(trends: Sequence[FigureTrend], common: Sequence[CommonStep] = ()) -> str:
    """The same as `trend_text`: an object with the trends by cell and the steps that many cells have in common."""
    together = [
        {
            "figure": each.figure,
            "cells": each.cells,
            "of": each.total,
            "members": each.members,
            **_plain_step(each.step),
        }
        for each in common
    ]
    return json.dumps({"trends": [_plain(each) for each in trends], "common": together}, indent=2, allow_nan=False)


def _plain_step(step: FigureStep) -> dict[str, Any]:
    return {
        "run": step.first.number,
        "started_at": step.first.started_at,
        "revision": step.first.revision,
        "revision_before": step.before.revision,
        "machine": step.first.hardware,
        "change": step.change,
        "worse": step.worse,
    }


def _plain(trend: FigureTrend) -> dict[str, Any]:
    return {
        "cell": trend.cell,
        "figure": trend.figure,
        "runs": trend.runs,
        "machines": trend.machines,
        "steps": [_plain_step(step) for step in trend.steps],
        "drifts": [
            {"machine": drift.hardware, "per_week": drift.per_week, "weeks": drift.weeks, "worse": drift.worse}
            for drift in trend.drifts
        ],
    }
