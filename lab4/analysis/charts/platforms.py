"""Machines and devices side by side, for what two of them measured."""

from collections.abc import Collection, Sequence

from lab4.analysis.charts.marks import comparing, grouped
from lab4.analysis.document import Axis, Chart, Layer, Mark
from lab4.analysis.pivot import Level, RowKey
from lab4.analysis.side_by_side import Ranking
from lab4.analysis.tables import Text
from lab4.domain.cell import LATENCY

_NOTE = "Medians of unmodified models, with the 95% interval of one run or of the mean of several."
_MODEL, _TECHNIQUE = "model", "technique"


def platform_charts(rankings: Sequence[Ranking]) -> tuple[Chart, ...]:
    """The median latency of each unmodified model by platform, a chart for each model."""
    timed = [
        each
        for each in rankings
        if each.kind == LATENCY and (technique := each.row.level(_TECHNIQUE)) is not None and not technique.value
    ]
    return comparing(_chart(group) for group in grouped(timed, lambda each: each.row.level(_MODEL)))


def _chart(group: Sequence[Ranking]) -> Chart:
    model, alike = group[0].row.level(_MODEL) or Level("", ""), _alike(group)
    marks = tuple(
        Mark(f"{row}, {column.label}", value.figure, Text(row), group=column.label)
        for each in group
        for row in [_named(each.row.levels, alike)]
        for column, value in each.placed
        if value.figure is not None and value.figure.value > 0
    )
    return Chart(
        f"Latency of the {model.label} by machine and device",
        _NOTE,
        Axis("Median latency", "milliseconds", logarithmic=True),
        Axis("", "text"),
        (Layer("point", marks),),
        groups="Platform",
    )


def _alike(group: Sequence[Ranking]) -> set[str]:
    """The axes that distinguish no two rows; a name of all axes would be cut."""
    values: dict[str, set[object]] = {}
    for each in group:
        for axis, level in each.row.levels:
            values.setdefault(axis, set()).add(level.value)
    return {axis for axis, found in values.items() if len(found) == 1}


def _named(levels: RowKey, alike: Collection[str]) -> str:
    """What was measured, without the model, that it is as it was trained, what is usual, and what all rows share."""
    known = [
        (axis, level) for axis, level in levels if axis not in {_MODEL, _TECHNIQUE} and level.value not in {"", ()}
    ]
    distinct = [(axis, level) for axis, level in known if axis not in alike]
    return ", ".join(
        f"{axis} {level.label}" if isinstance(level.value, int) else level.label for axis, level in distinct or known
    )
