"""Machines and devices side by side, for what two of them measured."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from lab4.analysis.charts.marks import comparing, fact_of_test, grouped
from lab4.analysis.document import Axis, Chart, Fact, Layer, Mark
from lab4.analysis.figures import MEDIAN_INTERVAL
from lab4.analysis.pivot import Compared, Level, RowKey
from lab4.analysis.side_by_side import Ranking, fastest_platforms
from lab4.analysis.tables import Text
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.outcome import Measured
from lab4.domain.run import Run

_NOTE = "Medians of unmodified models, with the 95% interval of one run or of the mean of several."
_MODEL, _TECHNIQUE = "model", "technique"


def platform_charts(runs: Sequence[Run]) -> tuple[Chart, ...]:
    """The median latency of each unmodified model by machine and device, a chart for each model; none of one."""
    clocks = {
        each.cell.key: Fact("Clock", Text(each.outcome.latency.calls.clock))
        for run in runs
        for each in run.measurements
        if isinstance(each.outcome, Measured) and each.outcome.latency is not None
    }
    timed = [
        each
        for each in fastest_platforms(runs)
        if each.kind == LATENCY and (technique := each.row.level(_TECHNIQUE)) is not None and not technique.value
    ]
    return comparing(_chart(group, clocks) for group in grouped(timed, lambda each: each.row.level(_MODEL)))


def _chart(group: Sequence[Ranking], clocks: Mapping[str, Fact]) -> Chart:
    model, alike = group[0].row.level(_MODEL) or Level("", ""), _alike(group)
    marks = tuple(
        Mark(f"{row}, {column.label}", value.figure, Text(row), group=column.label, facts=tuple(_facts(value, clocks)))
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


def _facts(value: Compared, clocks: Mapping[str, Fact]) -> Iterator[Fact]:
    if value.figure is not None:
        yield Fact(MEDIAN_INTERVAL, value.figure, "milliseconds")
    yield fact_of_test(Cell.from_key(value.cell))
    if value.cell in clocks:
        yield clocks[value.cell]


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
