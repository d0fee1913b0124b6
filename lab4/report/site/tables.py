"""The tables of a site, as data for the page's script."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from lab4.analysis.figures import MEDIAN, MEDIAN_INTERVAL
from lab4.analysis.gate.verdict import Verdict
from lab4.analysis.site.changes import SiteChange
from lab4.analysis.site.latest_gate import LatestGate
from lab4.analysis.site.selection import AXES, SiteCell, SiteMachine, SiteRun, level
from lab4.domain.figures import CellFigures
from lab4.domain.text import printable
from lab4.report.gate.words import COLUMNS, columns, notable
from lab4.report.site.blocks import DataColumn, DataTable, Linked, Picked, figure_column, figure_value
from lab4.report.site.view import SiteView, revision_of, shown_time, when

#: The index of an axis' value where a row is about several.
_SEVERAL = -1


class _Axes:
    """The columns of the axes of cells, and the indices of their values."""

    def __init__(self) -> None:
        self._values = {axis: Picked() for axis in AXES}

    def of_cell(self, cell: SiteCell | None) -> list[int]:
        """The indices of the cell's values."""
        if cell is None:
            return [_SEVERAL] * (len(AXES) - 1)
        found = (cell.axes[axis] for axis in AXES[:-1])
        return [self._values[axis].place((each.name, each.label)) for axis, each in zip(AXES[:-1], found, strict=True)]

    def of_machine(self, machine: SiteMachine) -> int:
        """The index of a machine."""
        return self._values[AXES[-1]].place((machine.key, machine.label))

    def columns(self) -> list[DataColumn]:
        """The columns, without that of the machine; they are filtered by, and the cell's name says what they say."""
        return [
            DataColumn(axis, axis.capitalize(), "axis", self._values[axis].values, hidden=True) for axis in AXES[:-1]
        ]

    def machine_column(self, *, hidden: bool = False) -> DataColumn:
        """The column of the machine."""
        return DataColumn(AXES[-1], "Machine", "axis", self._values[AXES[-1]].values, hidden=hidden)


def cells_table(view: SiteView, cells: Iterable[SiteCell], machines: Sequence[SiteMachine]) -> DataTable:
    """Cells by machine: the level of the main figure, its last step, and how often it was measured."""
    axes, links, figures, states = _Axes(), Picked(), Picked(), Picked()
    rows = []
    for cell in cells:
        for machine in machines:
            points = cell.on(machine.key)
            if points:
                run, newest = points[-1]
                rows.append(
                    [
                        links.place(view.cell_link(cell)),
                        *axes.of_cell(cell),
                        axes.of_machine(machine),
                        figures.place(view.label(cell.main) if cell.main else "none"),
                        _level(view, cell, machine.key),
                        _last_step(view, cell, machine.key),
                        len(points),
                        run.number,
                        states.place(newest.state),
                    ]
                )
    columns_ = (
        DataColumn("cell", "Cell", "link", links.values),
        *axes.columns(),
        axes.machine_column(hidden=len(machines) == 1),
        DataColumn("figure_name", "Figure", "pick", figures.values),
        DataColumn("level", "Level", "amount"),
        DataColumn("step", "Last change", "amount"),
        DataColumn("runs", "Runs", "number", decimals=0),
        DataColumn("run", "Newest", "run"),
        DataColumn("state", "State", "pick", states.values),
    )
    note = "A level is the median of the newest five runs that measured the cell. Sort by a heading."
    return DataTable("cells", "Cells", columns_, rows, note)


def _level(view: SiteView, cell: SiteCell, machine: str) -> list[Any] | None:
    value = level(cell, machine, cell.main) if cell.main else None
    return None if value is None else [figure_value(value, "ratio"), view.amount(value, cell.main)]


def _last_step(view: SiteView, cell: SiteCell, machine: str) -> list[Any] | None:
    step = view.last_step(cell, machine)
    if step is None or step.step is None:
        return None
    return [figure_value(step.change, "ratio"), f"{view.change(step)} from run {step.step.first.number}"]


def levels_table(view: SiteView, figures: Sequence[str]) -> DataTable:
    """The level of every cell, with a column for each machine, for each of the figures."""
    axes, links, named = _Axes(), Picked(), Picked()
    machines = view.found.machines
    rows = []
    for cell in view.found.cells:
        for figure in figures:
            levels = [level(cell, machine.key, figure) for machine in machines] if figure in cell.followed else []
            if any(each is not None for each in levels):
                shown = [figure_value(each, view.kind(figure)) for each in levels]
                rows.append(
                    [
                        links.place(view.cell_link(cell)),
                        *axes.of_cell(cell),
                        named.place((figure, view.label(figure))),
                        *shown,
                    ]
                )
    columns_ = (
        DataColumn("cell", "Cell", "link", links.values),
        *axes.columns(),
        DataColumn("figure", "Figure", "axis", named.values, hidden=True),
        *(DataColumn("", machine.label, "level", machine=machine.key) for machine in machines),
    )
    note = "Small: percent of the chosen machine. A level is the median of the newest five runs of the cell."
    return DataTable("levels", "Levels by machine", columns_, rows, note)


def changes_table(view: SiteView, changes: Iterable[SiteChange], *, most: int = 200, alone: bool = False) -> DataTable:
    """Changes: where, of what, by how much, and between which runs and revisions; ``alone`` is of one machine."""
    axes, links, figures = _Axes(), Picked(), Picked()
    revisions, verdicts = Picked(), Picked()
    rows = []
    for change in changes:
        cell = None if change.is_common else view.cells[change.cells[0]]
        step = change.step
        named = view.cell_link(cell) if cell else (f"{len(change.cells)} of {change.total} cells", "")
        rows.append(
            [
                links.place(named),
                *axes.of_cell(cell),
                axes.of_machine(view.machines[change.machine]),
                figures.place((change.figure, view.label(change.figure))),
                [figure_value(change.change, "ratio"), view.change(change)],
                verdicts.place("worse" if change.worse else "better"),
                step.first.number if step else None,
                shown_time(step.first.started_at)[:10] if step else f"over {change.weeks:.1f} weeks",
                revisions.place(_short(step.first.revision)) if step else None,
                revisions.place(_short(step.before.revision)) if step else None,
            ]
        )
    columns_ = (
        DataColumn("cell", "Cell", "link", links.values),
        *axes.columns(),
        axes.machine_column(hidden=alone),
        DataColumn("figure", "Figure", "axis", figures.values),
        DataColumn("change", "Change", "amount"),
        DataColumn("verdict", "Verdict", "pick", verdicts.values),
        DataColumn("run", "From run", "run"),
        DataColumn("when", "Date (UTC)", "text"),
        DataColumn("revision", "Revision", "pick", revisions.values),
        DataColumn("before", "After revision", "pick", revisions.values),
    )
    note = (
        "Change points of every judged figure, each machine by itself, as lab4 history trend finds them. Steps that "
        "many cells have at about one run are one row, with the median change."
    )
    return DataTable("changes", "Changes", columns_, rows, note, most, "No figure has changed.")


def _short(revision: str | None) -> str:
    return printable((revision or "unknown")[:12])


def runs_table(
    view: SiteView, runs: Sequence[SiteRun], *, most: int = 200, brief: bool = False, alone: bool = False
) -> DataTable:
    """Runs, the newest first; ``brief`` is what a chart of their speeds needs, ``alone`` are those of one machine."""
    axes, revisions, profiles = _Axes(), Picked(), Picked()
    rows = []
    for run in reversed(runs):
        speed = view.found.speeds.get(run.number)
        row = [
            run.number,
            when(run),
            axes.of_machine(view.machines[run.machine]),
            revisions.place(revision_of(run)),
            figure_value(speed, "percent"),
        ]
        if not brief:
            states = Counter(cell.state for cell in run.figures.cells.values())
            others = ", ".join(f"{count} {state}" for state, count in states.items() if state != "measured")
            row += [
                states["measured"],
                others if run.figures.complete else f"interrupted{f', {others}' if others else ''}",
                profiles.place(printable(run.figures.settings.profile)),
                "yes" if run.number in view.reports else "",
            ]
        rows.append(row)
    columns_ = [
        DataColumn("run", "Run", "run"),
        DataColumn("when", "Started (UTC)", "text"),
        axes.machine_column(hidden=alone),
        DataColumn("revision", "Revision", "pick", revisions.values),
        DataColumn("speed", "Time, % of usual", "number", decimals=1),
    ]
    if not brief:
        columns_ += [
            DataColumn("measured", "Cells measured", "number", decimals=0),
            DataColumn("others", "Other cells", "text"),
            DataColumn("profile", "Profile", "pick", profiles.values),
            DataColumn("report", "Report", "text"),
        ]
    note = (
        "Usual: the median of each cell on the same machine; of a run, the median over its cells. Above 100% is slower."
    )
    return DataTable("runs", "Runs", tuple(columns_), rows, note, most)


def points_table(view: SiteView, cell: SiteCell) -> DataTable:
    """A cell in every run: its figures, or why it has none."""
    axes, revisions, states, has_intervals = _Axes(), Picked(), Picked(), knows_median(cell)
    rows = [
        [
            run.number,
            when(run),
            axes.of_machine(view.machines[run.machine]),
            revisions.place(revision_of(run)),
            *([_interval(view, own)] if has_intervals else ()),
            *(_shown(view, own.values.get(name), name) for name in cell.followed),
            states.place(own.state if not own.reason else f"{own.state}: {own.reason}"),
        ]
        for run, own in reversed(cell.points)
    ]
    columns_ = (
        DataColumn("run", "Run", "run"),
        DataColumn("when", "Started (UTC)", "text"),
        axes.machine_column(),
        DataColumn("revision", "Revision", "pick", revisions.values),
        *([DataColumn("interval", MEDIAN_INTERVAL, "text", hidden=True)] if has_intervals else ()),
        *(figure_column(point_field(cell, name), view.label(name), view.kind(name)) for name in cell.followed),
        DataColumn("state", "State", "pick", states.values),
    )
    return DataTable("points", "Every run", columns_, rows, most=50)


def knows_median(cell: SiteCell) -> bool:
    """Whether a run has kept the interval of the cell's median."""
    return any(MEDIAN in own.intervals for _, own in cell.points)


def _interval(view: SiteView, own: CellFigures) -> str | None:
    ends = own.intervals.get(MEDIAN)
    return None if ends is None else " to ".join(view.amount(end, MEDIAN) for end in ends)


def point_field(cell: SiteCell, figure: str) -> str:
    """The key of a figure's column: its name may be any text."""
    return f"f{cell.followed.index(figure)}"


def _shown(view: SiteView, value: float | None, figure: str) -> float | None:
    return figure_value(value, view.kind(figure))


def run_table(view: SiteView, run: SiteRun) -> DataTable:
    """Every cell of a run with its figures."""
    has = {name for cell in run.figures.cells.values() for name in cell.values}
    figures = [name for name in view.found.figures if name in has]
    axes, links, states = _Axes(), Picked(), Picked()
    rows = [
        [
            links.place(view.cell_link(view.cells[key])),
            *axes.of_cell(view.cells[key]),
            *(_shown(view, own.values.get(name), name) for name in figures),
            states.place(own.state if not own.reason else f"{own.state}: {own.reason}"),
        ]
        for key, own in run.figures.cells.items()
    ]
    columns_ = (
        DataColumn("cell", "Cell", "link", links.values),
        *axes.columns(),
        *(figure_column("", view.label(name), view.kind(name)) for name in figures),
        DataColumn("state", "State", "pick", states.values),
    )
    return DataTable("figures", "Figures", columns_, rows)


def verdicts_table(view: SiteView, gates: Iterable[LatestGate]) -> DataTable:
    """What the latest gates say that a reader is to see."""
    axes, links = _Axes(), Picked()
    figures, outcomes, reasons = Picked(), Picked(), Picked()
    rows = [
        [
            links.place(_of_verdict(view, verdict)),
            *axes.of_cell(view.cells.get(verdict.cell)),
            axes.of_machine(gate.machine),
            figures.place((verdict.figure, _figure_label(view, verdict))),
            outcomes.place(f"{verdict.outcome.value}{', stops the gate' if verdict.stops else ''}"),
            *columns(verdict),
            reasons.place(verdict.reason),
        ]
        for gate in gates
        for verdict in notable(gate.result.verdicts)
    ]
    columns_ = (
        DataColumn("cell", "Cell", "link", links.values),
        *axes.columns(),
        axes.machine_column(),
        DataColumn("figure", "Figure", "axis", figures.values),
        DataColumn("outcome", "Verdict", "pick", outcomes.values),
        *(DataColumn(name, name.capitalize(), "text") for name in COLUMNS),
        DataColumn("reason", "Reason", "pick", reasons.values),
    )
    empty = "Nothing is worse, better or missing."
    return DataTable("verdicts", "Verdicts", columns_, rows, empty=empty)


def _of_verdict(view: SiteView, verdict: Verdict) -> Linked:
    cell = view.cells.get(verdict.cell)
    return view.cell_link(cell) if cell else (printable(verdict.cell), "")


def _figure_label(view: SiteView, verdict: Verdict) -> str:
    return view.label(verdict.figure) if verdict.figure in view.found.figures else verdict.figure
