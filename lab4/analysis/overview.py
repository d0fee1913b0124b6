"""The general report: everything that runs have measured, whatever was in them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from math import sqrt

from lab4.analysis.charts.artifacts import quality_charts, size_charts
from lab4.analysis.charts.latencies import latency_charts, throughput_charts
from lab4.analysis.charts.platforms import platform_charts
from lab4.analysis.charts.rooflines import roofline_charts
from lab4.analysis.charts.training import training_charts
from lab4.analysis.column_groups import with_column_groups
from lab4.analysis.distribution import MIN_ROUNDS, Uncertainty, two_digits
from lab4.analysis.document import Block, Chart, Document, Printable, Prose, Section, Sentence, count_of
from lab4.analysis.fitted import fitted, without_unmeasured
from lab4.analysis.latency_tables import DETAILS, LATENCY_NOTES, LIMITS, latency_tables
from lab4.analysis.lower_precision import lower_precision_section
from lab4.analysis.machine_section import machine_section
from lab4.analysis.measures import ACCURACY, MeasuredTable, columns, metric_measures, promise_text
from lab4.analysis.observations import Observations, observations_of
from lab4.analysis.operators import operator_section
from lab4.analysis.own_models import agreement_blocks, contract_section, own_models
from lab4.analysis.sparsity import sparsity_section
from lab4.analysis.tables import Column, Row, Table, Text, Unmeasured
from lab4.analysis.tuning import tuning_section
from lab4.domain.catalogue import RECONSTRUCTION, MissingTraitError, TechniqueTraits
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN, Cell
from lab4.domain.run import Run


def report(runs: Sequence[Run], more: Sequence[Section] = ()) -> Document:
    """Report what ``runs`` have measured, or why they have not; their order does not matter. ``more`` comes last."""
    found = observations_of(runs)
    charts = platform_charts(runs)
    machines = machine_section(runs)

    def sections_of(some: Sequence[Run]) -> tuple[Section, ...]:
        own = observations_of(some)
        return _sections(own, sparsity_section(some, own), ())

    sections = with_column_groups(_sections(found, sparsity_section(runs, found), charts), runs, sections_of)
    whole = (*sections, *([machines] if machines is not None else []), *more)
    return Document("report", "What was measured", found.sources, whole, cautions=cautions(found))


def _sections(found: Observations, sparsity: Section | None, platforms: tuple[Chart, ...]) -> tuple[Section, ...]:
    """What decides first, a section for each kind of cells that the runs have, then the details and what was run."""
    is_timed = bool(found.where(LATENCY))
    made = [
        _section("At a glance", (*quality_charts(found), *platforms)),
        contract_section(found),
        _section("Training", _trained(found)),
        _section("Latency and throughput", _timed(found) if is_timed else ()),
        tuning_section(found) if is_timed else None,
        _section("What limits the latency", (*roofline_charts(found), *_fitting(found, (LIMITS,))) if is_timed else ()),
        lower_precision_section(found),
        operator_section(found),
        _section("Size and quality", _examined(found)) or _section("Agreement", agreement_blocks(found)),
        sparsity,
        _section("Details of the latencies", _fitting(found, DETAILS) if is_timed else (), appendix=True),
        _section("Models, formats and devices", _entry_tables(found), appendix=True),
    ]
    return tuple(each for each in made if each is not None)


def _section(title: str, blocks: Sequence[Block], *, appendix: bool = False) -> Section | None:
    return Section(title, tuple(blocks), appendix) if blocks else None


def _trained(found: Observations) -> tuple[Block, ...]:
    if not found.where(TRAIN):
        return ()
    table = without_unmeasured(_printed(_TRAINING, found, TRAIN), "loop_rate", ())
    return (*training_charts(found), table)


def _timed(found: Observations) -> tuple[Block, ...]:
    return (*latency_charts(found), *throughput_charts(found), _printed(_LATENCY, found, LATENCY))


def _examined(found: Observations) -> tuple[Block, ...]:
    if not found.where(EXAMINE):
        return ()
    table = _about_labels(_printed(_EXAMINED, found, EXAMINE), found)
    return (*size_charts(found), table, *_elsewhere(found), *_fetched(found), *agreement_blocks(found))


def _printed(table: MeasuredTable, found: Observations, kind: str) -> Table:
    metrics = {} if kind == LATENCY else metric_measures(found)
    observed = found.artifacts() if kind == EXAMINE else found.where(kind)
    made = table.of(found, [each.cell for each in observed], metrics)
    if metrics and any(each.task == RECONSTRUCTION for each in found.catalogue.models.values()):
        made = replace(made, notes=(*made.notes, _RECONSTRUCTED))
    measured = (each.measured for each in observed)
    why = [each.missing["arena"] for each in measured if each is not None and "arena" in each.missing]
    return replace(without_unmeasured(fitted(made, found), "arena", why), printed=True)


def _elsewhere(found: Observations) -> tuple[Table, ...]:
    """The table of what artifacts compute in extra runtimes, where they were examined there."""
    cells = [each.cell for each in found.where(EXAMINE) if each.cell.runtime]
    return (fitted(_ELSEWHERE.of(found, cells, metric_measures(found)), found),) if cells else ()


def _fetched(found: Observations) -> tuple[Table, ...]:
    """The table of what browsers fetch, where such formats were measured."""
    cells = [
        each.cell
        for each in found.artifacts()
        if _BROWSER in (found.catalogue.format(each.cell.format).targets or ())
        and each.measured is not None
        and each.measured.size is not None
        and each.measured.size.brotli_bytes is not None
    ]
    return (_FETCHED.of(found, cells, {}),) if cells else ()


def _fitting(found: Observations, tables: Sequence[MeasuredTable]) -> tuple[Block, ...]:
    """The tables of latencies fitted to what was measured, without reasons that the table of all latencies has given.

    A table that is left without figures is its reasons.
    """
    given = _printed(_LATENCY, found, LATENCY).unmeasured
    made = (fitted(table, found) for table in latency_tables(found, tables))
    return tuple(
        _or_reasons(replace(each, unmeasured=tuple(why for why in each.unmeasured if why not in given)))
        for each in made
    )


def _or_reasons(table: Table) -> Block:
    if len(table.columns) > 1:
        return table
    return Prose(tuple(map(_why, table.unmeasured)))


def _why(left_out: Unmeasured) -> Sentence:
    names = ", ".join(left_out.names)
    return Sentence("Not measured: {} ({}).", ((Text(left_out.reason), "text"), (Text(names), "text")))


def _about_labels(table: Table, found: Observations) -> Table:
    """The table of artifacts; where users' own models have no metric, its notes say what is shown in its place."""
    if not own_models(found) or any(column.key.startswith("metric_") for column in table.columns):
        return table
    return replace(table, notes=(_NO_LABELS, *table.notes[1:]))


_RECONSTRUCTED = (
    "Outputs of a model whose task is reconstruction are compared with its inputs, in the unit of these. It has no "
    "accuracy: labels are not used."
)
_NO_LABELS = "There are no labels, so there is no accuracy: agreement with the original is shown in its place."


_TRAINING = MeasuredTable(
    "train",
    "Training on each device",
    columns("cell", "training_time", "rate", "loop_rate", "first_step", "program"),
    (
        (
            "Training time is the sum of the epochs, without validation; its spread is that sum at the pace of the "
            "fastest and of the slowest epoch. The first step, with tracing and compilation, is not part of it: the "
            "whole first epoch where an epoch is one compiled program. Such a program is compared with the loop of "
            "steps, from the same weights."
        ),
    ),
)
_LATENCY = MeasuredTable(
    "latency",
    "Latency of every artifact",
    columns("cell", "time", "judged", "p90", "p99", "rate", "uncertainty"),
    LATENCY_NOTES,
)
_EXAMINED = MeasuredTable(
    "examine",
    "Every artifact",
    columns("cell", "size", "relative", "gzip", "sparsity", "promises", "agreement", "arena", "loading"),
    (
        (
            "Metrics are computed in the artifact's own runtime; a share of right predictions has its 95% Wilson "
            "interval. Same predictions is the share of examples for which the artifact agrees with the model that "
            "it is exported from."
        ),
        (
            "Sizes are bytes of the exported artifact, on disk and gzipped (level 6). Zero weights are "
            "counted in the artifact, and the promises of its techniques are verified in it. Loading time is from the "
            "file to the first result: the median, from the fastest to the slowest load. Microcontroller memory is "
            "the arena that LiteRT for Microcontrollers allocates for the artifact on this machine, without the file "
            "itself; where pointers are shorter it is somewhat less."
        ),
    ),
)

_ELSEWHERE = MeasuredTable(
    "elsewhere",
    "Artifacts in other runtimes",
    columns("cell", "agreement", "loading"),
    (
        (
            "What the same files compute in other runtimes than their formats' usual ones, on all examples. Where an "
            "engine starts its runtime before it loads a file, the start is not part of the loading time."
        ),
    ),
)
_FETCHED = MeasuredTable(
    "fetched",
    "What a browser fetches",
    columns("cell", "size", "gzip", "brotli"),
    (
        (
            "Bytes of the formats that are deployed in browsers, as a web server sends them: as they are, gzipped, and "
            "with brotli, both at level 6."
        ),
    ),
)
_BROWSER = "browser"


_INTERRUPTED = "A run was interrupted: the cells that it did not reach are not measured."
_MERGED = "Several runs were merged: where several measured a cell, the figures are the latest run's."
_MACHINES = (
    "The runs are of several machines. Tables have a group of columns for each, of what differs between them, or with "
    "many machines a row. Where several machines measured a cell, charts and drafts show the latest run, as other "
    "columns do."
)
_DIRTY = "The working tree had uncommitted changes: the revision alone does not identify the code."
_METRIC = "Accuracy and losses of it are by {}, the first metric of these runs that is known example by example."
_DATA = "The runs used different data: their accuracies are not comparable."
_SETTINGS = "The runs had different settings: see the machines and settings below."
_IMPRECISE = (
    "{} of {} latencies are known less precisely than the {} that the profile wants: half of them to {} or better, the "
    "least precise to {}. In this run, two cells that are known to {} differ clearly from {} on, two that are known to "
    "{} from {} on, and more precise ones from less on. For more precision, measure on an idle machine, or with a "
    "profile that takes more time."
)
_ALIKE_IMPRECISE = (
    "{} of {} latencies are known less precisely than the {} that the profile wants, to {}. In this run, two such "
    "cells differ clearly from {} on, and more precise ones from less on. For more precision, measure on an idle "
    "machine, or with a profile that takes more time."
)
_CONTENDED = (
    "{} of {} latencies are as precise as the profile wants, but of contended calls: other programs used the cores in "
    "nearly all rounds, and what they took is part of these figures. Measure them again on an idle machine."
)
_FEW_ROUNDS = (
    "{} of {} latencies are as precise as the profile wants, by uncontended calls of fewer than {} rounds. Other "
    "programs are not part of these figures, but intervals of so few rounds may be too narrow: where one of them "
    "decides, measure it again."
)


def cautions(observations: Observations) -> tuple[Sentence, ...]:
    """Reasons to read the figures with care; empty where there are none."""
    runs = [source.run for source in observations.sources]
    machines = {source.machine for source in observations.sources}
    reasons = {
        _INTERRUPTED: any(not run.complete for run in runs),
        _MERGED: len(runs) > 1 and len(machines) < len(runs),
        _MACHINES: len(machines) > 1,
        _DIRTY: any(run.commit.dirty for run in runs),
        _DATA: len({run.dataset.sha256 for run in runs}) > 1,
        _SETTINGS: len({run.settings for run in runs}) > 1,
    }
    return (
        *(Sentence(reason) for reason, is_so in reasons.items() if is_so),
        *_other_metric(observations),
        *_uncertain(observations),
    )


def _other_metric(observations: Observations) -> Iterator[Sentence]:
    """By what artifacts are compared, where it is not what the tables call it."""
    label = observations.catalogue.metric(observations.catalogue.paired_metric).label
    if label != ACCURACY and any(each.verdicts is not None for each in observations.by_key.values()):
        yield Sentence(_METRIC, ((Text(label), "text"),))


def _uncertain(observations: Observations) -> Iterator[Sentence]:
    """How imprecise the latencies are, what cannot be distinguished by them, and how many were often contended."""
    known = [each.uncertainty for each in observations.where(LATENCY) if each.uncertainty is not None]
    missed = sorted((each for each in known if each.is_wide), key=lambda each: each.half_width)
    if missed:
        yield _imprecise(missed, len(known))
    precise = [each.state for each in known if not each.is_wide]
    contended, few = precise.count("contended"), precise.count("few_rounds")
    if contended:
        yield Sentence(_CONTENDED, (count_of(contended), count_of(len(known))))
    if few:
        yield Sentence(_FEW_ROUNDS, (count_of(few), count_of(len(known)), count_of(MIN_ROUNDS)))


def _imprecise(missed: Sequence[Uncertainty], known: int) -> Sentence:
    """How imprecise these of the ``known`` latencies are, in rising order, and which differences they show."""
    middle, widest = (each.half_width for each in (missed[len(missed) // 2], missed[-1]))
    wanted = max(each.target or 0.0 for each in missed)
    # The 95% interval of a difference of two medians that are known equally well.
    apart, most_apart = (sqrt(2) * each for each in (middle, widest))
    template, shares = _IMPRECISE, [wanted, middle, widest, middle, apart, widest, most_apart]
    if two_digits(middle) == two_digits(widest):
        template, shares = _ALIKE_IMPRECISE, [wanted, widest, most_apart]
    texts: list[Printable] = [(Text(two_digits(share)), "text") for share in shares]
    return Sentence(template, (count_of(len(missed)), count_of(known), *texts))


def _entry_tables(found: Observations) -> tuple[Table, ...]:
    """A table for each kind of entry that the cells of the runs have, in the order of the runs."""
    catalogue, cells = found.catalogue, [each.cell for each in found.by_key.values()]
    models = map(catalogue.model, dict.fromkeys(cell.model for cell in cells))
    techniques = map(catalogue.technique, dict.fromkeys(name for cell in cells for name in cell.techniques))
    formats = map(catalogue.format, dict.fromkeys(cell.format for cell in cells))
    runtimes = map(catalogue.runtime, dict.fromkeys(_runtimes(found, cells)))
    devices = map(catalogue.device, dict.fromkeys(cell.device for cell in cells))
    tables = (
        _table(
            *("Models", "Task", "Architecture", "Original format"),
            rows=((each.label, each.name, each.task, each.architecture, each.original_format) for each in models),
        ),
        _table(
            *("Techniques", "Kind", "Promises", "Preserves"),
            rows=((each.label, each.name, each.kind, _promises(each), each.preserves or "none") for each in techniques),
        ),
        _table(
            *("Formats", "Container", "Precision", "Arithmetic", "Runtimes", "Targets"),
            rows=(
                (each.label, each.name, each.container, each.precision, each.arithmetic, each.runtimes, each.targets)
                for each in formats
            ),
        ),
        _table(
            *("Runtimes", "Host", "Native", "Devices"),
            rows=((each.label, each.name, each.host, each.is_native, each.devices) for each in runtimes),
        ),
        _table(
            *("Devices", "Kind", "Vendor", "Host"),
            rows=((each.label, each.name, each.kind, each.vendor, each.is_host) for each in devices),
        ),
        _table(
            *("Metrics", "Unit", "Higher is better", "Tolerance", "Per example"),
            rows=(
                (each.label, each.name, each.unit, each.higher_is_better, each.tolerance, each.is_per_example)
                for each in catalogue.metrics.values()
            ),
        ),
    )
    return tuple(table for table in tables if table.rows)


def _runtimes(found: Observations, cells: Iterable[Cell]) -> Iterable[str]:
    """The runtimes of the cells; the table of formats shows which format declares none."""
    for cell in cells:
        with suppress(MissingTraitError):
            yield found.catalogue.runtime_of(cell)


def _promises(technique: TechniqueTraits) -> str:
    return "; ".join(map(promise_text, technique.promises)) or "none"


def _table(title: str, *traits: str, rows: Iterable[tuple[object, ...]]) -> Table:
    """A row for each entry: its label, its name and its traits."""
    headings = (title.removesuffix("s"), "Name", *traits)
    columns = tuple(Column(heading.lower().replace(" ", "_"), heading, "text") for heading in headings)
    made = tuple(Row(str(row[1]), str(row[0]), tuple(map(_text, row))) for row in rows)
    return Table(title.lower(), title, columns, made, printed=False)


def _text(trait: object) -> Text:
    """A trait as people read it."""
    if trait is None or trait == ():
        return Text("not declared")
    if isinstance(trait, bool):
        return Text("yes" if trait else "no")
    return Text(", ".join(map(str, trait)) if isinstance(trait, tuple) else str(trait))
