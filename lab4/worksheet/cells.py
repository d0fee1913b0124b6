"""Which cells a table of the form has rows for: the printed ones, and all others that the runs have."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lab4.analysis.observations import Observations
from lab4.domain.catalogue import Catalogue, MissingTraitError, merged
from lab4.domain.cell import EXAMINE, Cell, Variant
from lab4.domain.marks import MARKS, has_mark
from lab4.worksheet.description import Blank, Form, FormTable

#: Used as the original's format where a model does not declare one.
_UNKNOWN = "unknown"

__all__ = ["cells_of", "has_form_cells", "models_of", "reasons_left_out", "technique_kinds", "with_form_labels"]


def with_form_labels(form: Form, observations: Observations) -> Observations:
    """The observations, with the form's labels of what no run has."""
    return replace(observations, catalogue=merged([form.catalogue, observations.catalogue]))


def models_of(form: Form, observations: Observations, *, printed: bool) -> tuple[str, ...]:
    """The runs' models, the form's in its order first.

    ``printed`` adds the form's other models where the runs have one of them; runs without any cell have all or one.
    """
    seen = observations.models
    if not seen:
        return form.models if printed else form.models[:1]
    of_form = tuple(model for model in form.models if model in seen or (printed and set(form.models) & set(seen)))
    return (*of_form, *(model for model in seen if model not in form.models))


def has_form_cells(form: Form, observations: Observations) -> bool:
    """Whether the runs have a cell of one of the form's models that has a row in it."""
    found = with_form_labels(form, observations)
    tables = [table for part in form.parts for table in part.tables]
    return any(_found(table, found, model) for table in tables for model in form.models)


def cells_of(form: Form, table: FormTable, observations: Observations, model: str) -> tuple[Cell, ...]:
    """The cells of a model's rows, the printed ones first; only the form's own models have rows without a figure."""
    found = _found(table, observations, model)
    printed = [
        cell
        for cell in _printed(table, observations, model, found)
        if model in form.models or observations.at(cell) is not None
    ]
    return tuple(dict.fromkeys((*printed, *found)))


def technique_kinds(form: Form, observations: Observations, model: str) -> tuple[str, ...]:
    """The kinds of a model's techniques that the form prints no row for, the empty one where a kind is not declared."""
    catalogue = observations.catalogue
    printed = {blank.technique for part in form.parts for table in part.tables for blank in table.blanks} - {""}
    known = {catalogue.technique(name).kind for name in printed}
    kinds = (
        catalogue.technique(name).kind or ""
        for each in observations.where(EXAMINE, model=model)
        for name in each.cell.techniques
        if not catalogue.is_control(each.cell.variant)
    )
    return tuple(kind for kind in dict.fromkeys(kinds) if kind not in known)


def reasons_left_out(table: FormTable, observations: Observations, models: Sequence[str]) -> tuple[str, ...]:
    """Which entries do not declare a trait by which their cells would have a row in this table, each once."""
    reasons: dict[str, None] = {}
    for each in observations.where(table.kind):
        if each.cell.model in models:
            try:
                MARKS[table.mark](each.cell, observations.catalogue)
            except MissingTraitError as error:
                reasons[f"Not listed here: {each.cell.id}, because {error}."] = None
    return tuple(reasons)


def _found(table: FormTable, observations: Observations, model: str) -> list[Cell]:
    """The model's cells that belong in the table: all of its mark, or the unmodified original on any hardware."""
    catalogue = observations.catalogue
    cells = [each.cell for each in observations.where(table.kind, model=model)]
    if table.technique_kind is not None:
        return [
            cell for cell in cells if catalogue.is_original(cell) or table.technique_kind in _kinds(cell, catalogue)
        ]
    if table.row_name:
        return [cell for cell in cells if catalogue.is_original(cell) and not cell.runtime]
    return [cell for cell in cells if has_mark(table.mark, cell, catalogue)]


def _printed(table: FormTable, observations: Observations, model: str, found: Sequence[Cell]) -> Iterator[Cell]:
    """The cells of the printed rows: of those found that fit a row, or one that would; controls before techniques."""
    catalogue = observations.catalogue
    for blank in table.blanks:
        if not blank.technique:
            yield from _fitting(blank, found, _would_be(table, blank, Variant(model), catalogue))
    controls = [cell for cell in found if catalogue.is_control(cell.variant)]
    yield from controls
    printed = [blank for blank in table.blanks if blank.technique]
    kinds = {catalogue.technique(blank.technique).kind for blank in printed}
    made = [cell.techniques for cell in found if cell not in controls and kinds & _kinds(cell, catalogue)]
    for techniques in dict.fromkeys(made or [(blank.technique,) for blank in printed]):
        for blank in printed:
            yield from _fitting(blank, found, _would_be(table, blank, Variant(model, techniques), catalogue))


def _would_be(table: FormTable, blank: Blank, variant: Variant, catalogue: Catalogue) -> Cell:
    """The cell that a printed row asks for."""
    fmt = blank.format or catalogue.model(variant.model).original_format or _UNKNOWN
    return Cell(table.kind, variant.model, variant.techniques, blank.device, blank.batch_size, fmt)


def _fitting(blank: Blank, found: Sequence[Cell], asked: Cell) -> list[Cell]:
    """The cells found that are what the row asks for, of any batch size where it asks for none, or what it asks for."""
    fitting = [
        cell
        for cell in found
        if (cell.variant, cell.device, cell.format, cell.runtime) == (asked.variant, asked.device, asked.format, "")
        and blank.batch_size in {None, cell.batch_size}
    ]
    return fitting or [asked]


def _kinds(cell: Cell, catalogue: Catalogue) -> set[str]:
    """The kinds of the cell's techniques, the empty one for a kind that is not declared."""
    return {catalogue.technique(name).kind or "" for name in cell.techniques}
