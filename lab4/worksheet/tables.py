"""A table of the form, filled: its rows by name, and notes that say what is left out and why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lab4.analysis.measures import measured_row
from lab4.analysis.observations import Observations
from lab4.analysis.tables import Row, Table, Text
from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell
from lab4.worksheet.cells import cells_of, models_of, reasons_left_out, technique_kinds
from lab4.worksheet.description import Form, FormTable

__all__ = ["filled_tables", "other_technique_tables"]

#: What a technique's label ends with, left out where a format follows it.
_MODEL_WORD = " Model"


def filled_tables(form: Form, table: FormTable, observations: Observations) -> tuple[Table, ...]:
    """The table with its rows, or one such table per model."""
    if table.name_column is None:
        models = models_of(form, observations, printed=True)
        cells = [cell for model in models for cell in cells_of(form, table, observations, model)]
        notes = (*table.notes, *reasons_left_out(table, observations, models))
        rows = _told_apart([_hardware_row(table, observations, cell) for cell in cells])
        return (Table(table.key, table.title, table.columns, rows, notes),)
    models = models_of(form, observations, printed=False)
    return tuple(filled for model in models for filled in _of_model(form, table, observations, model))


def other_technique_tables(form: Form, observations: Observations) -> tuple[Table, ...]:
    """A table per model and kind of technique that the form does not print."""
    return tuple(
        filled
        for model in models_of(form, observations, printed=False)
        for kind in technique_kinds(form, observations, model)
        for filled in _of_model(form, _of_kind(form.other_techniques, kind), observations, model)
    )


def _of_kind(table: FormTable, kind: str) -> FormTable:
    title = table.title.replace("{kind}", kind or "other techniques")
    return replace(table, key=f"{table.key}_{kind or 'other'}", title=title, technique_kind=kind)


def _of_model(form: Form, table: FormTable, observations: Observations, model: str) -> Iterator[Table]:
    """The model's table, if it says something or is printed."""
    catalogue, cells = observations.catalogue, cells_of(form, table, observations, model)
    # Where a table compares with the original, the original alone says nothing.
    says = any(not (table.original_name and catalogue.is_original(cell)) for cell in cells)
    if table.name_column is None or not (says or model in form.models):
        return
    rows = tuple(_named_row(table, observations, cell, name) for cell, name in _names(table, catalogue, cells))
    title = table.title.format(model=catalogue.model(model).label)
    notes = _notes(form, table, observations, model, cells)
    yield Table(f"{table.key}_{model}", title, (table.name_column, *table.columns), rows, notes)


def _hardware_row(table: FormTable, observations: Observations, cell: Cell) -> Row:
    row = measured_row(observations, cell, table.columns)
    texts = {
        column.key: value.text
        for column, value in zip(table.columns, row.values, strict=True)
        if isinstance(value, Text)
    }
    return replace(row, name=table.row_name.format(**texts))


def _told_apart(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows; several of one name have their cells' ids after their first value."""
    names = Counter(row.name for row in rows)
    return tuple(row if names[row.name] == 1 else _with_id(row) for row in rows)


def _with_id(row: Row) -> Row:
    first, *others = row.values
    name = f"{first.text if isinstance(first, Text) else ''}, {row.cell.id if row.cell else row.key}"
    return replace(row, name=name, values=(Text(name), *others))


def _named_row(table: FormTable, observations: Observations, cell: Cell, name: str) -> Row:
    row = measured_row(observations, cell, table.columns, name)
    return replace(row, values=(Text(name), *row.values))


def _names(table: FormTable, catalogue: Catalogue, cells: Sequence[Cell]) -> list[tuple[Cell, str]]:
    """The cells with their rows' names; a printed name that fits several formats has the format's own after it."""
    precisions = Counter((cell.techniques, catalogue.format(cell.format).precision) for cell in cells)
    named = []
    for cell in cells:
        name, precision = _name(table, catalogue, cell), catalogue.format(cell.format).precision
        is_printed = cell.techniques and cell.format in table.names
        if is_printed and precision is not None and precisions[cell.techniques, precision] > 1:
            name = f"{name}, {catalogue.format_label(cell)}"
        named.append((cell, name))
    return named


def _name(table: FormTable, catalogue: Catalogue, cell: Cell) -> str:
    if table.original_name and catalogue.is_original(cell):
        return table.original_name
    fmt = table.names.get(cell.format) or catalogue.format_label(cell)
    if not cell.techniques:
        return fmt
    techniques = ", ".join(catalogue.technique(name).label for name in cell.techniques)
    if cell.format == catalogue.model(cell.model).original_format:
        return techniques
    return f"{techniques.replace(_MODEL_WORD, '')} + {fmt}"


def _notes(
    form: Form, table: FormTable, observations: Observations, model: str, cells: Sequence[Cell]
) -> tuple[str, ...]:
    catalogue = observations.catalogue
    original = catalogue.model(model).original_format
    label = catalogue.format(original).label if original else "not declared"
    notes = [note.format(original=label) for note in table.notes]
    if original is None:
        notes.append(f"The model {model!r} does not declare its original format: nothing is compared with it.")
    of_form = {catalogue.model(name).original_format for name in form.models}
    return (
        *notes,
        *(table.notes_of_form if model in form.models or original in of_form else ()),
        *_foreign_notes(table, catalogue, cells),
        *(reasons_left_out(table, observations, (model,)) if table.technique_kind is None else ()),
    )


def _foreign_notes(table: FormTable, catalogue: Catalogue, cells: Sequence[Cell]) -> Iterator[str]:
    """A note for each format that is measured in a runtime which replaces another."""
    if not table.foreign_note:
        return
    formats = {cell.format: catalogue.format(cell.format) for cell in cells}
    for traits in formats.values():
        for runtime in traits.runtimes[:1]:
            if catalogue.runtime(runtime).is_native is False:
                yield table.foreign_note.format(format=traits.label, runtime=catalogue.runtime(runtime).label)
