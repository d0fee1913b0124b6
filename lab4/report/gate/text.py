"""The gate on a terminal."""

from collections.abc import Sequence

from lab4.analysis.gate.verdict import Gate, Judged
from lab4.report.gate.words import amount, by_gravity, change, interval, reckoning, summary, telling, threshold

__all__ = ["render"]

_HEAD = ("verdict", "cell", "figure", "baseline", "candidate", "change", "95% interval", "threshold")

_LEFT = "{} figures are the same as before (--all shows them)."


def render(gate: Gate, *, everything: bool = False) -> str:
    """Notes, a table of what changed (or of everything), the reasons, how far to trust it, and the verdict."""
    shown = by_gravity(gate.judged) if everything else telling(gate.judged)
    lines = [f"note: {note}" for note in gate.notes]
    if shown:
        lines += ["", *_table(shown), "", *_reasons(shown)]
    left = len(gate.judged) - len(shown)
    if left:
        told = "1 figure is the same as before (--all shows it)." if left == 1 else _LEFT.format(left)
        lines += ["", told]
    return "\n".join([*lines, "", *reckoning(gate), summary(gate)]).lstrip("\n")


def _table(shown: Sequence[Judged]) -> list[str]:
    rows = [_HEAD, *(_row(each) for each in shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(each: Judged) -> tuple[str, ...]:
    return (
        f"{each.verdict.value}{'!' if each.stops else ''}",
        each.cell,
        each.figure,
        amount(each.evidence.baseline, each.figure),
        amount(each.evidence.candidate, each.figure),
        change(each.evidence, each.figure),
        interval(each.evidence, each.figure),
        threshold(each.evidence, each.figure),
    )


def _reasons(shown: Sequence[Judged]) -> list[str]:
    """One line a reason; those that many share are said once."""
    cells: dict[tuple[str, str], list[str]] = {}
    for each in shown:
        cells.setdefault((each.verdict.value, each.reason), []).append(f"{each.cell} {each.figure}")
    return [
        f"{verdict}: {named[0] if len(named) == 1 else f'{named[0]} and {len(named) - 1} more'}: {reason}"
        for (verdict, reason), named in cells.items()
    ]
