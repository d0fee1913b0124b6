"""Which values of a document are missing, and why."""

from dataclasses import dataclass

from lab4.analysis.document import Document
from lab4.analysis.tables import NotMeasured
from lab4.domain.outcome import Failed

__all__ = ["Missing", "missing_values"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A reason, whether it is a failure, and where values are missing: titles of tables with names of rows."""

    reason: str
    failed: bool
    places: tuple[tuple[str, tuple[str, ...]], ...]


def missing_values(document: Document) -> tuple[Missing, ...]:
    """Each reason once, with the rows that it concerns."""
    found: dict[tuple[str, bool], dict[str, dict[str, None]]] = {}
    for table in document.tables:
        for row in table.rows:
            for value in row.values:
                if isinstance(value, NotMeasured | Failed):
                    places = found.setdefault((value.reason, isinstance(value, Failed)), {})
                    places.setdefault(table.title, {})[row.name] = None
    return tuple(
        Missing(reason, failed, tuple((title, tuple(rows)) for title, rows in places.items()))
        for (reason, failed), places in found.items()
    )
