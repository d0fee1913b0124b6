"""A comparison on a terminal, as Markdown and as JSON."""

import json
from dataclasses import asdict

from lab4.analysis.comparison import Compared, Comparison, Line
from lab4.analysis.figures import FIGURES
from lab4.report.columns import aligned
from lab4.report.gate.words import amount
from lab4.report.markdown import escape

__all__ = ["as_json", "as_markdown", "text"]

#: Differences that are shown of each contender; the JSON has all.
_MOST = 12


def text(found: Comparison) -> str:
    """What differs on top, then a table a part."""
    lines = [line for each in found.differences for line in _difference(*each)]
    for part, rows in found.parts:
        table = [_heading(found), *(_row(found, line) for line in rows)]
        lines += [
            "",
            f"{part}: {FIGURES[found.figure].label}, how many times as good as {found.names[found.chosen]}",
            "",
        ]
        lines += aligned(table)
        lines += _reasons(found, rows)
    return "\n".join(lines).lstrip("\n")


def as_markdown(found: Comparison) -> str:
    """The same, for a page."""
    lines = [f"- {escape(line)}" for each in found.differences for line in _difference(*each)]
    for part, rows in found.parts:
        heading = _heading(found)
        lines += ["", f"### {part}: {FIGURES[found.figure].label}, against {escape(found.names[found.chosen])}", ""]
        for row in (heading, ("---",) * len(heading), *(_row(found, line) for line in rows)):
            lines.append(f"| {' | '.join(map(escape, row))} |")
        lines += ["", *(escape(reason) for reason in _reasons(found, rows))]
    return "\n".join(lines).strip("\n") + "\n"


def as_json(found: Comparison) -> str:
    """Everything, in base units."""
    return json.dumps(asdict(found), indent=2, allow_nan=False)


def _difference(name: str, differences: tuple[str, ...]) -> list[str]:
    shown = list(differences[:_MOST])
    if len(differences) > _MOST:
        shown.append(f"and {len(differences) - _MOST} more")
    return [f"{name}: {'; '.join(shown) or 'nothing differs in hardware, software and settings'}"]


def _heading(found: Comparison) -> tuple[str, ...]:
    return ("cell", *found.names)


def _row(found: Comparison, line: Line) -> tuple[str, ...]:
    return (line.cell.partition("/")[2], *(_text(each, found.figure) for each in line.compared))


def _text(each: Compared, figure: str) -> str:
    if each.value is None:
        return "not measured"
    if each.speed_up is None:
        return amount(each.value, figure)
    ratio = f"{each.speed_up.value:.2f}x"
    if each.speed_up.low is not None and each.speed_up.high is not None:
        ratio += f" ({each.speed_up.low:.2f} to {each.speed_up.high:.2f})"
    return f"{amount(each.value, figure)}  {ratio}"


def _reasons(found: Comparison, rows: tuple[Line, ...]) -> list[str]:
    why: dict[tuple[str, str], int] = {}
    for line in rows:
        for name, each in zip(found.names, line.compared, strict=True):
            if each.value is None:
                why[name, each.reason] = why.get((name, each.reason), 0) + 1
    return [f"not measured in {name}, {count} cells: {reason}" for (name, reason), count in why.items()]
