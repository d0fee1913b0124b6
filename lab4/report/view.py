"""A table as texts: what all formats print, each in its own way."""

from dataclasses import dataclass
from typing import Literal

from lab4.analysis.document import Document
from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.outcome import Failed
from lab4.report.units import heading, number, spread, words

__all__ = ["State", "TableView", "ValueView", "state_of", "table_view"]

State = Literal["measured", "text", "not measured", "failed", "not applicable"]


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value as text: ``short`` is the number alone, or the state where an adjacent value says why."""

    text: str
    short: str
    spread: str
    state: State


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as texts; every row has as many values as there are headings."""

    table: Table
    headings: tuple[str, ...]
    rows: tuple[tuple[ValueView, ...], ...]


def state_of(value: Value) -> State:
    """The kind of value in a word or two, as CSV and style sheets know it."""
    match value:
        case Quantity():
            return "measured"
        case Text():
            return "text"
        case NotMeasured():
            return "not measured"
        case Failed():
            return "failed"
        case NotApplicable():  # pragma: no branch  # the union ends here
            return "not applicable"


def table_view(table: Table, document: Document) -> TableView:
    """The table as texts, with a column for the machine where there are several."""
    several = len(document.machines) > 1
    headings = [heading(column) for column in table.columns] + (["Machine"] if several else [])
    rows = tuple(_row(table, row, several=several) for row in table.rows)
    return TableView(table, tuple(headings), rows)


def _row(table: Table, row: Row, *, several: bool) -> tuple[ValueView, ...]:
    views: list[ValueView] = []
    for column, value in zip(table.columns, row.values, strict=True):
        text, state = words(value, column.kind), state_of(value)
        if isinstance(value, Quantity):
            views.append(ValueView(text, number(value.value, column.kind), spread(value, column.kind), state))
        else:
            repeated = bool(views) and views[-1].text == text and state in {"not measured", "failed"}
            views.append(ValueView(text, state if repeated else text, "", state))
    if several:
        machine = row.machine or "none"
        views.append(ValueView(machine, machine, "", "text"))
    return tuple(views)
