"""The gate on a terminal."""

from collections.abc import Sequence

from lab4.analysis.gate.verdict import GateResult, Verdict
from lab4.report.columns import aligned
from lab4.report.gate.words import amount, by_severity, change, interval, notable, self_check_lines, summary, threshold

__all__ = ["render"]

_HEADINGS = ("verdict", "cell", "figure", "baseline", "candidate", "change", "95% interval", "threshold")

_ONE_SAME = "1 figure is the same as before (--all shows it)."
_MANY_SAME = "{} figures are the same as before (--all shows them)."


def render(gate: GateResult, *, everything: bool = False) -> str:
    """Notes, a table of what changed (or of everything), the reasons, the self-check, and a summary."""
    shown = by_severity(gate.verdicts) if everything else notable(gate.verdicts)
    lines = [f"note: {note}" for note in gate.notes]
    if shown:
        lines += ["", *aligned([_HEADINGS, *map(_row, shown)]), "", *_reasons(shown)]
    hidden = len(gate.verdicts) - len(shown)
    if hidden:
        lines += ["", _ONE_SAME if hidden == 1 else _MANY_SAME.format(hidden)]
    return "\n".join([*lines, "", *self_check_lines(gate), summary(gate)]).lstrip("\n")


def _row(verdict: Verdict) -> tuple[str, ...]:
    return (
        f"{verdict.outcome.value}{'!' if verdict.stops else ''}",
        verdict.cell,
        verdict.figure,
        amount(verdict.evidence.baseline, verdict.figure),
        amount(verdict.evidence.candidate, verdict.figure),
        change(verdict.evidence, verdict.figure),
        interval(verdict.evidence, verdict.figure),
        threshold(verdict.evidence, verdict.figure),
    )


def _reasons(shown: Sequence[Verdict]) -> list[str]:
    """One line per reason, with the first verdict that has it and the number of others."""
    cells: dict[tuple[str, str], list[str]] = {}
    for verdict in shown:
        cells.setdefault((verdict.outcome.value, verdict.reason), []).append(f"{verdict.cell} {verdict.figure}")
    return [
        f"{outcome}: {named[0] if len(named) == 1 else f'{named[0]} and {len(named) - 1} more'}: {reason}"
        for (outcome, reason), named in cells.items()
    ]
