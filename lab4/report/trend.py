"""Trends on a terminal, and as JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from lab4.analysis.trend import Creep, Step, Trend
from lab4.domain.text import printable
from lab4.report.gate.words import signed

__all__ = ["as_json", "text"]


def text(trends: Sequence[Trend]) -> str:
    """A line for each step and each creeping figure, and how much was looked at."""
    lines = [line for each in trends for line in _lines(each)]
    runs = max((each.runs for each in trends), default=0)
    found = sum(len(each.steps) + len(each.creeps) for each in trends)
    told = f"{found} change{'' if found == 1 else 's'}" if found else "no change"
    return "\n".join([*map(printable, lines), f"{told} in {len(trends)} cells over up to {runs} runs"])


def _lines(found: Trend) -> Iterator[str]:
    for step in found.steps:
        change = signed(step.change, found.figure)
        yield (
            f"{_mark(step)} {found.cell} {found.figure} {change} from run {step.first.number} on "
            f"({step.first.started_at[:19]}, revision {_revision(step.first.revision)}, after "
            f"{_revision(step.before.revision)}) on machine {step.first.hardware}"
        )
    for creep in found.creeps:
        yield (
            f"{_mark(creep)} {found.cell} {found.figure} creeps by {signed(creep.per_week, found.figure, 2)} a week "
            f"over {creep.weeks:.1f} weeks on machine {creep.hardware}"
        )


def _mark(found: Step | Creep) -> str:
    return "worse: " if found.worse else "better:"


def _revision(revision: str | None) -> str:
    return "unknown" if revision is None else revision[:12]


def as_json(trends: Sequence[Trend]) -> str:
    """Everything that `text` tells, as a list of objects."""
    return json.dumps([_plain(each) for each in trends], indent=2, allow_nan=False)


def _plain(found: Trend) -> dict[str, Any]:
    return {
        "cell": found.cell,
        "figure": found.figure,
        "runs": found.runs,
        "machines": found.machines,
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
            for step in found.steps
        ],
        "creeps": [
            {"machine": each.hardware, "per_week": each.per_week, "weeks": each.weeks, "worse": each.worse}
            for each in found.creeps
        ],
    }
