"""Tables of several machines: a group of columns for each, of what differs between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lab4.analysis.document import Block, Section
from lab4.analysis.observations import in_order, machine_names, machine_of
from lab4.analysis.tables import Column, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.outcome import Failed
from lab4.domain.run import Run

#: More columns in groups do not fit a page: then each machine has rows of its own.
_MOST_COLUMNS = 6
_NOT_MEASURED = NotMeasured("not in this machine's run")


def with_column_groups(
    sections: Sequence[Section], runs: Sequence[Run], sections_of: Callable[[Sequence[Run]], Sequence[Section]]
) -> tuple[Section, ...]:
    """The sections of all runs together, in which tables have what differs between machines once for each.

    ``sections_of`` makes the same sections of the runs of one machine. A column in which no row has two machines with
    different values stays as it is: so do all of a table of devices that are in different machines.
    """
    runs = in_order(runs)
    names = machine_names(runs)
    if len(names) < 2:  # noqa: PLR2004  # one has nothing to differ from
        return tuple(sections)
    of_machines = {
        name: _tables(sections_of([run for run in runs if machine_of(run) == machine]))
        for machine, name in names.items()
    }

    def grouped(block: Block) -> Block:
        if not isinstance(block, Table):
            return block
        return _grouped(block, {name: tables[block.key] for name, tables in of_machines.items() if block.key in tables})

    return tuple(replace(section, blocks=tuple(map(grouped, section.blocks))) for section in sections)


def _tables(sections: Sequence[Section]) -> dict[str, Table]:
    return {table.key: table for section in sections for table in section.tables}


@dataclass(frozen=True, slots=True)
class _Machine:
    """What one machine has in a table, by row and column."""

    name: str
    values: Mapping[tuple[str, str], Value]

    def at(self, row: Row, column: Column) -> Value:
        """The machine's value, or that it has none."""
        return self.values.get((row.key, column.key), _NOT_MEASURED)


def _grouped(table: Table, others: Mapping[str, Table]) -> Table:
    machines = [_Machine(name, _values(other)) for name, other in others.items()]
    differing = [column for column in table.columns if _differs(table, column, machines)]
    if not differing:
        return table
    there = [each for each in machines if any(_is_known(each.at(row, one)) for row in table.rows for one in differing)]
    if len(there) * len(differing) > _MOST_COLUMNS:
        return _by_rows(table, there)
    shared = [number for number, column in enumerate(table.columns) if column not in differing]
    groups = [
        (replace(column, key=f"{column.key}@{each.name}", machine=each.name), each, column)
        for each in there
        for column in differing
    ]
    rows = tuple(
        replace(row, values=(*(row.values[number] for number in shared), *(each.at(row, of) for _, each, of in groups)))
        for row in table.rows
    )
    columns = (*(table.columns[number] for number in shared), *(column for column, _, _ in groups))
    return replace(table, columns=columns, rows=rows)


def _values(table: Table) -> dict[tuple[str, str], Value]:
    return {
        (row.key, column.key): value
        for row in table.rows
        for column, value in zip(table.columns, row.values, strict=True)
    }


def _is_known(value: Value) -> bool:
    """Whether it says something of the machine: what failed on one may be there on another."""
    return isinstance(value, Quantity | Text | Failed)


def _differs(table: Table, column: Column, machines: Sequence[_Machine]) -> bool:
    """Whether a row has figures, texts or failures of two machines that are not the same."""
    return any(
        len({each.at(row, column) for each in machines if _is_known(each.at(row, column))}) > 1 for row in table.rows
    )


def _by_rows(table: Table, machines: Sequence[_Machine]) -> Table:
    """A row for each machine that has a value in it or failed, next to each other; rows that no machine has stay."""
    rows: list[Row] = []
    for row in table.rows:
        own = [
            replace(row, values=tuple(each.at(row, column) for column in table.columns), machine=each.name)
            for each in machines
            if any(isinstance(each.at(row, column), Quantity | Failed) for column in table.columns)
        ]
        rows += own or [row]
    return replace(table, rows=tuple(rows))
