"""What examining an artifact found: every metric, size, what was promised, agreement and load time."""

from dataclasses import replace

from lab4.analysis.measures import column, measured_table
from lab4.analysis.observations import Observations
from lab4.analysis.tables import Table
from lab4.domain.cell import EXAMINE

__all__ = ["examined_table"]

_NOTES = (
    (
        "Metrics are of the artifact in its own runtime; one that is a share of the examples has its 95% Wilson "
        "interval. Same predictions is the share of examples for which the artifact and the model that it is exported "
        "from agree."
    ),
    (
        "Sizes are bytes of the exported artifact, on disk and gzipped (level 6). Zero weights are counted in the "
        "artifact, and each promise of a technique is verified in it. Loading time is from the file to the first "
        "result: the median, from the fastest to the slowest load."
    ),
)


def examined_table(found: Observations) -> Table:
    """Every examined artifact."""
    names = (
        *("model", "format", "device", "accuracy", "size", "relative", "gzip"),
        *("sparsity", "promises", "agreement", "loading"),
    )
    cells = [each.cell for each in found.where(EXAMINE)]
    columns = tuple(map(column, names))
    return replace(measured_table(found, "examine", "Size and quality", columns, cells, _NOTES), printed=True)
