"""Trends on a terminal, and as JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from lab4.analysis.trend import FigureDrift, FigureStep, FigureTrend
from lab4.domain.text import printable
from lab4.report.gate.words import signed

__all__ = ["as_json", "text"]


def text(trends: Sequence[FigureTrend]) -> str:
    """A line for each step and each drift, and a summary."""
    lines = [line for trend in trends for line in _lines(trend)]
    runs = max((trend.runs for trend in trends), default=0)
    changes = sum(len(trend.steps) + len(trend.drifts) for trend in trends)
    counted = f"{changes} change{'' if changes == 1 else 's'}" if changes else "no change"
    return "\n".join([*map(printable, lines), f"{counted} in {len(trends)} cells over up to {runs} runs"])


def _lines(trend: FigureTrend) -> Iterator[str]:
    for step in trend.steps:
        change = signed(step.change, trend.figure)
        yield (
            f"{_mark(step)} {trend.cell} {trend.figure} {change} from run {step.first.number} on "
            f"({step.first.started_at[:19]}, revision {_revision(step.first.revision)}, after "
            f"{_revision(step.before.revision)}) on machine {step.first.hardware}"
        )
    for drift in trend.drifts:
        yield (
            f"{_mark(drift)} {trend.cell} {trend.figure} drifts by {signed(drift.per_week, trend.figure, 2)} per week "
            f"over {drift.weeks:.1f} weeks on machine {drift.hardware}"
        )


def _mark(change: FigureStep | FigureDrift) -> str:
    return "worse: " if change.worse else "better:"


def _revision(revision: str | None) -> str:
    return "unknown" if revision is None else revision[:12]


def as_json(trends: Sequence[FigureTrend]) -> str:
    """The same as `text`, as a list of objects."""
    return json.dumps([_plain(trend) for trend in trends], indent=2, allow_nan=False)


def _plain(trend: FigureTrend) -> dict[str, Any]:
    return {
        "cell": trend.cell,
        "figure": trend.figure,
        "runs": trend.runs,
        "machines": trend.machines,
        "steps": [
            {
                "run": step.first.number,
                "started_at": step.first.started_at,
                "revision": step.first.revision,
                "revision_before": step.before.revision,
                "machine": step.first.hardware,
                "change": step.change,
                "worse": step.worse,
            }
            for step in trend.steps
        ],
        "drifts": [
            {"machine": drift.hardware, "per_week": drift.per_week, "weeks": drift.weeks, "worse": drift.worse}
            for drift in trend.drifts
        ],
    }
