"""Cross-checks as text for the terminal and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.harness.crosscheck.comparison import AGREES, ToolComparison, compared
from benchmarks.harness.crosscheck.ranks import reaches
from benchmarks.harness.crosscheck.results import Crosscheck, ToolResult
from lab4.domain.outcome import Unavailable
from lab4.domain.text import printable
from lab4.domain.untyped import Untyped

__all__ = ["as_json", "closing", "text"]

_HEADINGS = (
    "tool",
    "its clock contains",
    "statistic",
    "us",
    "reference",
    "us",
    "reference / tool",
    "95% interval",
    "verdict",
)
_NUMBERS = {3, 5, 6}
_GAP = "  "
#: The plural of a verdict in the closing line.
_VERBS = {"agrees": "agree", "differs": "differ"}


def text(check: Crosscheck) -> str:
    """One file's table, with what the clocks contain and the tools' notes."""
    model_file = check.model_file
    inputs = ", ".join(f"{name} {array.dtype} {_shape(array)}" for name, array in model_file.inputs().items())
    rounds = f"{_count(check.rounds, 'round')} in an order by seed {check.seed}"
    head = [
        check.name if check.name == model_file.path else f"{check.name} ({model_file.path})",
        f"{inputs}, {_count(check.threads, 'thread')}, {rounds}",
        *(f"suite, {content}: {clock}" for content, clock in check.clocks.items()),
    ]
    return "\n".join(map(printable, [*head, *_table(check), *_notes(check)]))


def _shape(array: Untyped) -> str:
    return "x".join(map(str, array.shape)) or "scalar"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(check: Crosscheck) -> list[str]:
    rows = [_row(result, found) for result, found in compared(check)]
    whole = [_HEADINGS, *(row for row in rows if len(row) == len(_HEADINGS))]
    # Reasons are longer than a column: they run to the end of the line.
    first = [max(len(row[column]) for row in [_HEADINGS, *rows]) for column in range(3)]
    widths = [*first, *(max(len(row[column]) for row in whole) for column in range(3, len(_HEADINGS)))]
    return [_line(row, widths) for row in [_HEADINGS, tuple("-" * width for width in widths), *rows]]


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    if len(row) < len(widths):
        widths = [*widths[: len(row) - 1], 0]
        return _GAP.join(each.ljust(width) for each, width in zip(row, widths, strict=True)).rstrip()
    cells = [
        each.rjust(width) if column in _NUMBERS else each.ljust(width)
        for column, (each, width) in enumerate(zip(row, widths, strict=True))
    ]
    return _GAP.join(cells).rstrip()


def _row(result: ToolResult, found: ToolComparison | Unavailable) -> tuple[str, ...]:
    kind = result.kind
    head = (result.name, f"{kind.content}: {result.clock}", kind.statistic)
    if isinstance(found, Unavailable):
        return (*head, f"not measured: {found.reason}")
    return (
        *head,
        _microseconds(found.value_s),
        result.reference,
        _microseconds(found.probe_s),
        f"{found.ratio:.3f}",
        f"{found.low:.3f} to {found.high:.3f}",
        found.verdict,
    )


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.2f}"


def _notes(check: Crosscheck) -> list[str]:
    measured = [each for each in check.results if not isinstance(each.observed, Unavailable)]
    notes = dict.fromkeys((each.name, each.note) for each in measured if each.note)
    lines = [f"{name}: {note}" for name, note in notes]
    if not reaches(check.rounds):
        lines.append(
            f"{_count(check.rounds, 'round')} cannot give a 95% interval: it is the range; give --rounds 6 or more"
        )
    return lines


def closing(checks: Sequence[Crosscheck]) -> str:
    """One line about all files: how many rows agree, differ, are undecided and were not measured."""
    counts = Counter(_verdict(found) for check in checks for _, found in compared(check))
    words = [
        f"{counts[verdict]} {_VERBS.get(verdict, verdict) if counts[verdict] != 1 else verdict}"
        for verdict in ("agrees", "differs", "undecided", "not measured")
        if counts[verdict]
    ]
    low, high = AGREES
    return (
        f"{_count(len(checks), 'file')}: {', '.join(words)}; a row differs where the interval of reference / tool lies "
        f"outside {low} to {high}, agrees where it lies inside, and is undecided where it reaches across"
    )


def _verdict(found: ToolComparison | Unavailable) -> str:
    return "not measured" if isinstance(found, Unavailable) else found.verdict


def as_json(checks: Sequence[Crosscheck]) -> str:
    """Everything, in base units: seconds per call, one value per round, with the comparisons."""
    return json.dumps([_plain(check) for check in checks], indent=2)


def _plain(check: Crosscheck) -> dict[str, Any]:
    suite = [{**asdict(kind), "observed_s": values} for kind, values in check.suite.items()]
    results = [_plain_row(result, found) for result, found in compared(check)]
    facts = {name: getattr(check, name) for name in ("name", "threads", "seed", "rounds", "clocks")}
    return {**facts, "model_file": asdict(check.model_file), "suite": suite, "results": results}


def _plain_row(result: ToolResult, found: ToolComparison | Unavailable) -> dict[str, Any]:
    head = {"name": result.name, **asdict(result.kind), "clock": result.clock, "note": result.note}
    head["reference"] = result.reference
    if isinstance(found, Unavailable):
        return {**head, "verdict": _verdict(found), "reason": found.reason}
    return {**head, "observed_s": result.observed, **asdict(found), "verdict": found.verdict}
