"""Tables without rows and columns that hold no value: each reason is given once, in a line."""

from collections.abc import Iterable
from dataclasses import replace

from lab4.analysis.observations import Observations
from lab4.analysis.subject import NOT_OBSERVED
from lab4.analysis.tables import NotMeasured, Quantity, Row, Table, Text, Unmeasured
from lab4.domain.cell import Cell
from lab4.domain.outcome import Failed, Unavailable


def fitted(table: Table, found: Observations) -> Table:
    """The table without its unavailable cells and its columns without a value; ``unmeasured`` has the reasons."""
    cells = [row.cell for row in table.rows if row.cell is not None]
    if not cells:
        return table
    left_out = [row for row in table.rows if _reason(row, found)]
    rows = tuple(row for row in table.rows if row not in left_out)
    return _without_columns(replace(table, rows=rows, unmeasured=_by_reason(left_out, found, cells)))


def _reason(row: Row, found: Observations) -> str:
    """Why the row's cell is unavailable; empty where it is not."""
    observation = None if row.cell is None else found.at(row.cell)
    outcome = None if observation is None else observation.outcome
    return outcome.reason if isinstance(outcome, Unavailable) else ""


def _by_reason(rows: Iterable[Row], found: Observations, cells: list[Cell]) -> tuple[Unmeasured, ...]:
    """Reasons that differ only in the format that they begin with are one."""
    groups: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        reason, label = _reason(row, found), _label(row, found)
        prefix = f"{label} is "
        is_of_format = reason.startswith(prefix)
        groups.setdefault((reason.removeprefix(prefix), is_of_format), []).append(row)
    return tuple(
        Unmeasured(reason, _names(of, found, cells, is_of_format=is_of_format))
        for (reason, is_of_format), of in groups.items()
    )


def _label(row: Row, found: Observations) -> str:
    return "" if row.cell is None else found.catalogue.format(row.cell.format).label


def _names(rows: list[Row], found: Observations, cells: list[Cell], *, is_of_format: bool) -> tuple[str, ...]:
    """The formats that the reason is about; or all cells, or those of a device, where it concerns all; or the rows."""
    if is_of_format:
        return tuple(dict.fromkeys(_label(row, found) for row in rows))
    own = [row.cell for row in rows if row.cell is not None]
    devices = dict.fromkeys(cell.device for cell in own)
    if 1 < len(own) == len(cells):
        return ("every cell",)
    if len(own) > 1 and len(own) == sum(cell.device in devices for cell in cells):
        return tuple(f"all cells on the {found.catalogue.device(device).label}" for device in devices)
    return tuple(row.name for row in rows)


def without_unmeasured(table: Table, key: str, why: Iterable[str]) -> Table:
    """The table without this column if it has no figure; the reasons why are then given once, under the table."""
    index = next((place for place, column in enumerate(table.columns) if column.key == key), None)
    if index is None or any(isinstance(row.values[index], Quantity) for row in table.rows):
        return table
    more = tuple(Unmeasured(reason, (table.columns[index].name,)) for reason in dict.fromkeys(why))
    kept = [place for place in range(len(table.columns)) if place != index]
    return replace(table.narrowed(kept), unmeasured=(*table.unmeasured, *more))


def _without_columns(table: Table) -> Table:
    """The table without the columns that have no value in any row, and their reasons with the columns' names."""
    if not table.rows:
        return table
    kept = [0]
    reasons: dict[str, list[str]] = {}
    for index, column in list(enumerate(table.columns))[1:]:
        values = [row.values[index] for row in table.rows]
        if any(isinstance(value, Quantity | Text | Failed) for value in values):
            kept.append(index)
            continue
        for reason in dict.fromkeys(value.reason for value in values if isinstance(value, NotMeasured)):
            if reason != NOT_OBSERVED:
                reasons.setdefault(reason, []).append(column.name)
    more = tuple(Unmeasured(reason, tuple(names)) for reason, names in reasons.items())
    return replace(table.narrowed(kept), unmeasured=(*table.unmeasured, *more))
