"""The whole general report from runs."""

from collections.abc import Sequence

from lab4.analysis.cautions import cautions
from lab4.analysis.document import Block, Document, Section
from lab4.analysis.observations import Observations, observations_of
from lab4.analysis.overview.charts import latency_charts, roofline_charts, size_charts
from lab4.analysis.overview.entries import entry_tables
from lab4.analysis.overview.examined import examined_table
from lab4.analysis.overview.timed import latency_table, limits_table, timed_tables, training_table
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN
from lab4.domain.run import Run

__all__ = ["report"]


def report(runs: Sequence[Run]) -> Document:
    """Report what ``runs`` have measured, or why they have not; their order does not matter."""
    found = observations_of(runs)
    return Document("report", "What was measured", found.sources, _sections(found), cautions=cautions(found))


def _sections(found: Observations) -> tuple[Section, ...]:
    """Those of kinds of cells that the runs have, then the details."""
    sections = [Section("Models, formats and devices", entry_tables(found))]
    if found.where(TRAIN):
        sections.append(Section("Training", (training_table(found),)))
    if found.where(LATENCY):
        limits: tuple[Block, ...] = (*roofline_charts(found), limits_table(found))
        sections.append(Section("Latency and throughput", (latency_table(found), *latency_charts(found))))
        sections.append(Section("What limits the latency", limits))
    if found.where(EXAMINE):
        sections.append(Section("Size and quality", (examined_table(found), *size_charts(found))))
    if found.where(LATENCY):
        sections.append(Section("Details of the latencies", timed_tables(found), appendix=True))
    return tuple(sections)
