"""A table as texts: what all formats print, each in its own way."""

from dataclasses import dataclass

from lab4.analysis.document import Document
from lab4.analysis.tables import NotMeasured, Quantity, Row, Table
from lab4.domain.outcome import Failed
from lab4.report.units import heading, number, spread, state_of, words

__all__ = ["TableView", "ValueView", "table_view"]


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value as text: ``short`` is the number alone, or the state where an adjacent value says why."""

    text: str
    short: str
    spread: str
    state: str

    @property
    def is_missing(self) -> bool:
        """Whether the text says why there is no value."""
        return self.state in {"not measured", "failed"}


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as texts; every row has as many values as there are headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[ValueView, ...], ...]


def table_view(table: Table, document: Document) -> TableView:
    """The table as texts, with a column for the machine where there are several."""
    headings, rows = [heading(column) for column in table.columns], [_values(table, row) for row in table.rows]
    if len(document.machines) > 1:
        headings.append("Machine")
        for row, values in zip(table.rows, rows, strict=True):
            machine = row.machine or "none"
            values.append(ValueView(machine, machine, "", "text"))
    return TableView(tuple(headings), tuple(tuple(values) for values in rows))


def _values(table: Table, row: Row) -> list[ValueView]:
    views: list[ValueView] = []
    for column, value in zip(table.columns, row.values, strict=True):
        text, state = words(value, column.kind), state_of(value)
        short, ends = text, ""
        if isinstance(value, Quantity):
            short, ends = number(value.value, column.kind), spread(value, column.kind)
        elif isinstance(value, NotMeasured | Failed) and views and views[-1].text == text:
            short = state
        views.append(ValueView(text, short, ends, state))
    return views
