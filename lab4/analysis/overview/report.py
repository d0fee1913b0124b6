"""The whole general report from runs."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.cautions import cautions
from lab4.analysis.charts import latency_charts, roofline_charts, size_charts
from lab4.analysis.document import Document, Section
from lab4.analysis.latency_tables import LATENCY_NOTES, latency_details, limits_table
from lab4.analysis.measures import MeasuredTable, column
from lab4.analysis.metric_measures import metric_measures
from lab4.analysis.observations import Observations, observations_of
from lab4.analysis.overview.entries import entry_tables
from lab4.analysis.tables import Column, Table
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN
from lab4.domain.run import Run

__all__ = ["report"]


def report(runs: Sequence[Run]) -> Document:
    """Report what ``runs`` have measured, or why they have not; their order does not matter."""
    found = observations_of(runs)
    return Document("report", "What was measured", found.sources, _sections(found), cautions=cautions(found))


def _sections(found: Observations) -> tuple[Section, ...]:
    """What was run, a section for each kind of cells that the runs have, then the details."""
    sections = [Section("Models, formats and devices", entry_tables(found))]
    if found.where(TRAIN):
        sections.append(Section("Training", (_printed(_TRAINING, found, TRAIN),)))
    if found.where(LATENCY):
        sections += [
            Section("Latency and throughput", (_printed(_LATENCY, found, LATENCY), *latency_charts(found))),
            Section("What limits the latency", (*roofline_charts(found), limits_table(found))),
        ]
    if found.where(EXAMINE):
        sections.append(Section("Size and quality", (_printed(_EXAMINED, found, EXAMINE), *size_charts(found))))
    if found.where(LATENCY):
        sections.append(Section("Details of the latencies", latency_details(found), appendix=True))
    return tuple(sections)


def _printed(table: MeasuredTable, found: Observations, kind: str) -> Table:
    metrics = {} if kind == LATENCY else metric_measures(found)
    return replace(table.of(found, [each.cell for each in found.where(kind)], metrics), printed=True)


def _columns(*measures: str) -> tuple[Column, ...]:
    return tuple(column(measure) for measure in measures)


_TRAINING = MeasuredTable(
    "train",
    "Training on each device",
    _columns("cell", "training_time", "rate", "first_step"),
    (
        (
            "Training time is the sum of the epochs, without validation; its spread is that sum at the pace of the "
            "fastest and of the slowest epoch. The first step, with tracing and compilation, is not part of it."
        ),
    ),
)
_LATENCY = MeasuredTable(
    "latency",
    "Latency of every artifact",
    _columns("cell", "time", "judged", "p90", "p99", "rate", "state"),
    LATENCY_NOTES,
)
_EXAMINED = MeasuredTable(
    "examine",
    "Every artifact",
    _columns("cell", "size", "relative", "gzip", "sparsity", "promises", "agreement", "loading"),
    (
        (
            "Metrics are computed in the artifact's own runtime; a share of right predictions has its 95% Wilson "
            "interval. Same predictions is the share of examples for which the artifact agrees with the model that "
            "it is exported from."
        ),
        (
            "Sizes are bytes of the exported artifact, on disk and gzipped (level 6). Zero weights are counted in the "
            "artifact, and the promises of its techniques are verified in it. Loading time is from the file to the "
            "first result: the median, from the fastest to the slowest load."
        ),
    ),
)
