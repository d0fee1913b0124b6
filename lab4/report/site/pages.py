"""Every page of a site: overview, cells, machines, models, changes, the latest gate, and runs."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from lab4.analysis.figures import MEDIAN_INTERVAL
from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.site.changes import SiteChange
from lab4.analysis.site.latest_gate import LatestGate
from lab4.analysis.site.selection import LEVEL_RUNS, Named, SiteCell, SiteMachine, SiteRun, level
from lab4.domain.text import printable
from lab4.report.gate.words import self_check_lines, summary
from lab4.report.site import tables
from lab4.report.site.blocks import (
    Block,
    Facts,
    Filter,
    Linked,
    Links,
    Page,
    Paragraphs,
    PlainTable,
    SiteChart,
    capital,
    plain_link,
)
from lab4.report.site.charts import is_wide, over_time, ratio_bars, step_marks
from lab4.report.site.view import SEARCH, SiteView, many, revision_of, when
from lab4.report.units import heading_unit, scaled

#: Rows of the overview: the rest is on pages of its own.
_NEWEST, _LISTED = 12, 60
#: Runs of the overview's chart.
_CHARTED = 1_000
#: The pages that every page links to: path and title.
NAVIGATION: tuple[Linked, ...] = (
    ("Overview", "index.html"),
    ("Cells", "cells.html"),
    ("Machines", "machines.html"),
    ("Changes", "changes.html"),
    ("Latest gate", "gate.html"),
    ("Runs", "runs.html"),
)
_SPEED_NOTE = (
    "A point is a run: the median over its cells of the time against what is usual for the cell on that machine."
)
_STEPS_NOTE = " Upright lines are where the figure changed for good; point at one for the revision."
_WIDE_NOTE = " The axis is logarithmic, as values are more than three times apart."
_GATE = (
    "The newest run of each machine, judged against the runs before it, at most 20, as lab4 gate --last 20 does it. "
    "Verdicts are those on the day on which the site was built."
)
_UNIDENTIFIED = (
    "Its runs name no CPU model or no number of cores, so that each counts as a machine of its own when changes are "
    "looked for; build the site with --assume-same-machine to follow them together."
)
_NAMES = (
    "Its runs have several names. Runs on equal hardware are of one machine, whatever it is called: one that was "
    "renamed, or several of one kind."
)
#: Values as they are, or machines that differ by factors on one scale.
_SCALE = Filter("scale", "Values", (Named("relative", "% of the machine's median"),), "as measured")


def pages_of(view: SiteView) -> Iterator[Page]:
    """All pages, one after the other: a large history has thousands."""
    yield overview(view)
    yield cells_page(view)
    yield machines_page(view)
    yield changes_page(view)
    yield gate_page(view)
    yield runs_page(view)
    yield from (machine_page(view, machine) for machine in view.found.machines)
    yield from (model_page(view, model) for model in view.found.models)
    yield from (cell_page(view, cell) for cell in view.found.cells)
    yield from (run_page(view, run) for run in view.found.runs)


def overview(view: SiteView) -> Page:
    """What the history holds, how its machines are now, and what changed last."""
    found = view.found
    first, last = found.runs[0], found.runs[-1]
    lead = (
        (
            f"{many(len(found.runs), 'run')} of {many(len(found.cells), 'cell')} on "
            f"{many(len(found.machines), 'machine')}, from {when(first)} to {when(last)} (UTC)."
        ),
    )
    blocks: list[Block] = [
        _machines_now(view, found.machines[:_LISTED]),
        *_speeds(view, found.machines, found.runs[-_CHARTED:], most=_NEWEST),
        _newest_changes(view),
        Links("Models", tuple(map(view.model_link, found.models[:_LISTED]))),
    ]
    if max(len(found.machines), len(found.models)) > _LISTED:
        blocks.append(Paragraphs("", (f"The first {_LISTED} machines and models are listed; Cells has them all.",)))
    return Page("index.html", view.name, lead, tuple(blocks), view.filters((), ("machine",)))


def _machines_now(view: SiteView, machines: Sequence[SiteMachine]) -> PlainTable:
    gates = {each.machine.key: each for each in view.gates}
    rows = tuple(
        (
            view.machine_link(machine),
            plain_link(machine.newest.figures.machine.cpu or "unknown"),
            plain_link(f"{len(machine.runs):,}"),
            (f"{machine.newest.number}", run_path(machine.newest)),
            plain_link(when(machine.newest)),
            (verdict_in_short(gates[machine.key]), _gate_of(machine)),
        )
        for machine in machines
    )
    headings = ("Machine", "Processor", "Runs", "Newest run", "Started (UTC)", "Latest gate")
    return PlainTable("Machines and the latest gate", headings, rows)


def _gate_of(machine: SiteMachine) -> str:
    """The verdicts on a machine: a permanent link."""
    return f"gate.html#{urlencode({'machine': machine.key})}"


def verdict_in_short(gate: LatestGate) -> str:
    """How the gate ended, in few words."""
    if gate.result.fault is not None:
        return "cannot judge"
    code = gate.result.exit_code
    stopping = sum(verdict.stops is code for verdict in gate.result.verdicts)
    return {
        ExitCode.PASSED: "passed",
        ExitCode.REGRESSION: f"regression: {many(stopping, 'verdict')}",
        ExitCode.CANNOT_JUDGE: f"cannot judge: {many(stopping, 'verdict')}",
        ExitCode.NO_BASELINE: "no baseline yet",
    }[code]


def _speeds(
    view: SiteView, machines: Sequence[SiteMachine], runs: Sequence[SiteRun], *, most: int
) -> tuple[Block, ...]:
    """The chart of the speed of runs, where any has one, and the table of its points."""
    keys = {machine.key for machine in machines}
    common = [each for each in view.changes if each.is_common and each.machine in keys]
    times = {each.step.first.number: each for each in common if each.step and view.quantity(each.figure) == "time"}
    speeds = [scaled(view.found.speeds[run.number], "percent") for run in runs if run.number in view.found.speeds]
    table = tables.runs_table(view, runs, most=most, brief=True, alone=len(machines) == 1)
    if not speeds:
        return (table,)
    steps = step_marks([*times.values()], machines, "time")
    title = "Time of runs, against what is usual for the machine"
    specification = over_time(title, ("Time", "percent"), speeds, machines, steps)
    note = f"{_SPEED_NOTE} Upright lines are where many cells changed at once." if steps else _SPEED_NOTE
    return SiteChart(title, note, specification, table.key, "speed"), table


def _newest_changes(view: SiteView) -> PlainTable:
    steps = [each for each in view.changes if each.step and each.figure == view.cells[each.cells[0]].main]
    rows = tuple(_change_row(view, each) for each in steps[:_NEWEST])
    headings = ("Cell", "Figure", "Change", "Machine", "From run", "Revision")
    note = f"Of main figures; Changes has all {len(view.changes):,}, of every figure." if view.changes else ""
    return PlainTable("Newest changes" if rows else "Newest changes: none", headings if rows else (), rows, note)


def _change_row(view: SiteView, change: SiteChange) -> tuple[Linked, ...]:
    cell = view.cells[change.cells[0]]
    named = plain_link(f"{len(change.cells)} of {change.total} cells") if change.is_common else view.cell_link(cell)
    number = change.step.first.number if change.step else 0
    revision = (change.step.first.revision if change.step else None) or "unknown"
    return (
        named,
        plain_link(view.label(change.figure)),
        plain_link(f"{view.change(change)}, {'worse' if change.worse else 'better'}"),
        view.machine_link(view.machines[change.machine]),
        (str(number), f"run/{number}.html"),
        plain_link(printable(revision[:12])),
    )


def cells_page(view: SiteView) -> Page:
    """Every cell on every machine."""
    table = tables.cells_table(view, view.found.cells, view.found.machines)
    return Page("cells.html", "Cells", (), (table,), view.filters(view.found.cells))


def machines_page(view: SiteView) -> Page:
    """The machines side by side, a chosen one as 100%."""
    found = view.found
    has = {name for cell in found.cells for name in cell.followed}
    names = [name for name, traits in found.figures.items() if name in has and (traits.compared or traits.essential)]
    names = names or [name for name in found.figures if name in has]
    table = tables.levels_table(view, names)
    figures = tuple(Named(name, f"{view.label(name)}{heading_unit(view.kind(name))}") for name in names)
    machines = tuple(Named(machine.key, machine.label) for machine in found.machines)
    choices = (Filter("to", "100% is", machines, ""), *([Filter("figure", "Figure", figures, "")] if figures else []))
    several = len(found.machines) > 1
    title = "Each machine in percent of the chosen one"
    chart = SiteChart(
        title,
        "Medians over the cells below that both machines measured. Of times, memory and sizes less is better.",
        ratio_bars(title, found.machines),
        table.key,
        uses="ratios",
    )
    listed = Links("Machines", tuple(map(view.machine_link, found.machines)))
    blocks = (chart, table, listed) if several else (table, listed)
    return Page("machines.html", "Machines side by side", (), blocks, (*choices, *view.filters(found.cells)))


def changes_page(view: SiteView) -> Page:
    """Every change of every figure."""
    table = tables.changes_table(view, view.changes)
    filters = (
        *_figure_filter(view, dict.fromkeys(each.figure for each in view.changes)),
        *view.filters(view.found.cells),
    )
    return Page("changes.html", "Changes", (), (table,), filters)


def _figure_filter(view: SiteView, names: Sequence[str] | dict[str, None]) -> list[Filter]:
    figures = tuple(Named(name, view.label(name)) for name in names if name in view.found.figures)
    return [Filter("figure", "Figure", figures)] if len(figures) > 1 else []


def gate_page(view: SiteView) -> Page:
    """The newest run of each machine against its saved runs."""
    rows = tuple(
        (
            view.machine_link(gate.machine),
            (str(gate.run.number), run_path(gate.run)),
            plain_link(when(gate.run)),
            plain_link(many(len(gate.runs), "run")),
            plain_link(summary(gate.result).removeprefix("gate: ")),
        )
        for gate in view.gates
    )
    headings = ("Machine", "Run", "Started (UTC)", "Judged against", "Verdict")
    notes = Paragraphs("Notes", tuple(f"{gate.machine.label}: {each}" for gate in view.gates for each in _notes(gate)))
    blocks = (PlainTable("Machines", headings, rows), tables.verdicts_table(view, view.gates), notes)
    return Page("gate.html", "The latest gate", (_GATE,), blocks, view.filters(view.found.cells))


def _notes(gate: LatestGate) -> list[str]:
    return [*gate.result.notes, *self_check_lines(gate.result)]


def runs_page(view: SiteView) -> Page:
    """Every run."""
    table = tables.runs_table(view, view.found.runs)
    return Page("runs.html", "Runs", (), (table,), view.filters((), ("machine",)))


def machine_page(view: SiteView, machine: SiteMachine) -> Page:
    """What a machine is, how its runs were, and its cells."""
    newest = machine.newest.figures.machine
    pairs = [
        ("Processor", newest.cpu or "unknown"),
        ("Cores", f"{newest.physical_cores or 'unknown'}, logical: {newest.logical_cores or 'unknown'}"),
        ("Memory", f"{newest.memory_bytes / 2**30:.1f} GiB" if newest.memory_bytes else "unknown"),
        ("GPU", ", ".join(f"{gpu.name}, driver {gpu.driver}" for gpu in newest.gpus) or "none"),
        ("int8 instructions", newest.int8_support),
        ("System", f"{newest.os}, Python {newest.python}"),
        ("Names", ", ".join(name or "none" for name in reversed(machine.names))),
        ("Hardware", machine.key),
    ]
    gate = next(each for each in view.gates if each.machine is machine)
    facts = (
        *((name, plain_link(printable(text))) for name, text in pairs),
        ("Newest run", (f"{machine.newest.number}, {when(machine.newest)} (UTC)", run_path(machine.newest))),
        ("Latest gate", (summary(gate.result).removeprefix("gate: "), _gate_of(machine))),
    )
    own = [cell for cell in view.found.cells if cell.on(machine.key)]
    changes = [each for each in view.changes if each.machine == machine.key]
    lead = [*([] if machine.is_identified else [_UNIDENTIFIED]), *([_NAMES] if len(machine.names) > 1 else [])]
    blocks: tuple[Block, ...] = (
        Facts("The machine, by its newest run", facts),
        *_speeds(view, [machine], machine.runs, most=_NEWEST),
        tables.changes_table(view, changes, most=_NEWEST, alone=True),
        tables.cells_table(view, own, [machine]),
    )
    path = view.path("machine", machine.key)
    axes = ("model", "technique", "format", "device")
    filters = (*_figure_filter(view, dict.fromkeys(each.figure for each in changes)), *view.filters(own, axes))
    return Page(path, machine.label, tuple(lead), blocks, filters, (("Machines", "machines.html"),))


def model_page(view: SiteView, model: Named) -> Page:
    """The cells of a model and their changes."""
    own = [cell for cell in view.found.cells if cell.axes["model"] == model]
    keys = {cell.key for cell in own}
    changes = [each for each in view.changes if not keys.isdisjoint(each.cells)]
    blocks: tuple[Block, ...] = (
        tables.cells_table(view, own, view.found.machines),
        tables.changes_table(view, changes, most=_NEWEST),
        Links("Pages of its cells", tuple(map(view.cell_link, own))),
    )
    path, (title, _) = view.path("model", model.name), view.model_link(model)
    filters = (*_figure_filter(view, dict.fromkeys(each.figure for each in changes)), *view.filters(own))
    return Page(path, title, (), blocks, filters, (("Cells", "cells.html"),))


def cell_page(view: SiteView, cell: SiteCell) -> Page:
    """A cell's history, with its changes."""
    machines = [machine for machine in view.found.machines if cell.on(machine.key)]
    changes = view.by_cell.get(cell.key, [])
    points = tables.points_table(view, cell)
    figures = view.found.figures
    charted = [name for name in cell.followed if figures[name].judged] or list(cell.followed[:1])
    blocks: tuple[Block, ...] = (
        _levels(view, cell, machines),
        *(_history_chart(view, cell, name, machines, changes) for name in charted),
        tables.changes_table(view, changes, most=_NEWEST),
        points,
    )
    model = view.model_link(cell.axes["model"])
    labels = dict.fromkeys(cell.axes[axis].label for axis in ("technique", "format", "device"))
    lead = (f"{model[0]}, {', '.join(labels)}, measured by test_{cell.kind}.",) if cell.kind != "benchmark" else ()
    path, title = view.cell_link(cell)[1], view.cell_link(cell)[0]
    filters = [
        *([_SCALE] if len(machines) > 1 else []),
        *_figure_filter(view, dict.fromkeys(each.figure for each in changes)),
        *(each for each in view.filters((), ("machine",)) if len(machines) > 1 or each is SEARCH),
    ]
    return Page(path, title, lead, blocks, tuple(filters), (("Cells", "cells.html"), model))


def _levels(view: SiteView, cell: SiteCell, machines: Sequence[SiteMachine]) -> PlainTable:
    """The level of each figure on each machine."""
    rows = tuple(
        (
            view.machine_link(machine),
            *(plain_link(view.amount(level(cell, machine.key, name), name)) for name in cell.followed),
            plain_link(f"{len(cell.on(machine.key)):,}"),
        )
        for machine in machines
    )
    headings = ("Machine", *(capital(view.label(name)) for name in cell.followed), "Runs")
    return PlainTable("Levels", headings, rows, f"Medians of the newest {LEVEL_RUNS} runs that measured the cell.")


def _history_chart(
    view: SiteView, cell: SiteCell, name: str, machines: Sequence[SiteMachine], changes: Sequence[SiteChange]
) -> SiteChart:
    label, kind = view.label(name), view.kind(name)
    values = [scaled(own.values[name], kind) for _, own in cell.points if name in own.values]
    steps = step_marks([each for each in changes if each.figure == name], machines, view.quantity(name))
    more = {"interval": MEDIAN_INTERVAL} if tables.knows_median(cell) else {}
    specification = over_time(f"{label} of {cell.label}", (label, kind), values, machines, steps, more=more)
    note = f"A point is a run.{_STEPS_NOTE if steps else ''}{_WIDE_NOTE if is_wide(values) else ''}"
    return SiteChart(capital(label), note, specification, "points", tables.point_field(cell, name))


def run_page(view: SiteView, run: SiteRun) -> Page:
    """What a run was, and its figures."""
    figures = run.figures
    settings, dataset = figures.settings, figures.dataset
    report: Linked = ("everything that this run measured", f"report/{run.number}.html")
    pairs = [
        ("Machine", view.machine_link(view.machines[run.machine])),
        ("Name of the machine", plain_link(figures.machine.node or "none")),
        ("Started", plain_link(f"{when(run)} (UTC)")),
        ("Revision", plain_link(_full_revision(run))),
        ("Profile", plain_link(f"{settings.profile}, seed {settings.seed}, {many(settings.epochs, 'epoch')}")),
        ("Dataset", plain_link(f"{dataset.name}, {dataset.validation_images:,} validation images")),
        ("System", plain_link(f"{figures.machine.os}, Python {figures.machine.python}, lab4 {figures.lab4_version}")),
        ("Libraries", plain_link(", ".join(f"{name} {version}" for name, version in figures.machine.libraries))),
        ("Run", plain_link("every cell has ended" if figures.complete else "interrupted")),
    ]
    shown = tuple((name, (printable(text), href)) for name, (text, href) in pairs)
    texts = ("This site has no report of this run. To make one from the history:",)
    code = f"lab4 history export {run.number} -o run.json\nlab4 report run.json"
    has_report = run.number in view.reports
    blocks: list[Block] = [
        Facts("The run", (*shown, *([("Report", report)] if has_report else []))),
        *([] if has_report else [Paragraphs("Report", texts, code)]),
        tables.run_table(view, run),
    ]
    cells = [view.cells[key] for key in figures.cells]
    axes = ("model", "technique", "format", "device")
    return Page(
        run_path(run), f"Run {run.number}", (), tuple(blocks), view.filters(cells, axes), (("Runs", "runs.html"),)
    )


def _full_revision(run: SiteRun) -> str:
    commit = run.figures.commit
    if commit.revision is None:
        return revision_of(run)
    return f"{commit.revision}{', with changes not committed' if commit.dirty else ''}"


def run_path(run: SiteRun) -> str:
    """The page of a run."""
    return f"run/{run.number}.html"
