"""The interpreter: a form and runs in, the filled document out."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lab4.analysis.column_groups import with_column_groups
from lab4.analysis.document import Block, Document, Prose, Question, Section, Sentence
from lab4.analysis.latency_tables import EVERY, LIMITS, latency_tables
from lab4.analysis.measures import measured_row
from lab4.analysis.observations import Observations, observations_of, rank
from lab4.analysis.overview import cautions
from lab4.analysis.side_by_side import fastest_platforms
from lab4.analysis.tables import NotApplicable, Row, Table, Text, ToFill
from lab4.domain.catalogue import MARKS, Catalogue, MissingTraitError, has_mark, merged
from lab4.domain.cell import Cell, Variant
from lab4.domain.outcome import Measured, Outcome
from lab4.domain.run import Run
from lab4.worksheet.candidates import pool_of
from lab4.worksheet.choices import choice_tables
from lab4.worksheet.description import Blank, Context, Draft, Form, FormPart, FormQuestion, FormTable
from lab4.worksheet.form import FORM
from lab4.worksheet.sentences import say

_NOTHING = Sentence("This run measured nothing that answers it.")
#: Used as the original's format where a model does not declare one.
_UNKNOWN = "unknown"
#: A word of techniques' labels that is left out where a format follows, as in "Pruned (80%) + Int8".
_MODEL_WORD = re.compile(r" Model\b")


def has_form_cells(runs: Sequence[Run]) -> bool:
    """Whether ``runs`` have a cell of one of the form's models that has a row in it."""
    observations = _observations(FORM, _untimed(runs))
    tables = [_Filling(FORM, table, observations) for part in FORM.parts for table in part.tables]
    return any(table.found(model) for table in tables for model in FORM.models)


def worksheet(runs: Sequence[Run]) -> Document:
    """Fill every row of the form from ``runs``, or say why it stays empty; the order of ``runs`` does not matter."""
    context = _context(runs)
    observations = context.observations
    findings = _drafted(FORM.findings, context)
    prose = [Prose(findings, FORM.findings_title)] if findings else []
    reflection = replace(FORM.reflection, blocks=(*FORM.reflection.blocks, *prose))
    parts = with_column_groups(_parts(context), runs, lambda some: _parts(_context(some)))
    return replace(
        FORM.document,
        sources=observations.sources,
        sections=(*parts, reflection),
        cautions=cautions(observations),
    )


def _parts(context: Context) -> list[Section]:
    return [_section(FORM, number, part, context) for number, part in enumerate(FORM.parts, 1)]


def blank_form() -> Document:
    """The form with nothing in it, for people to fill in by hand."""
    made = worksheet([])
    sections = (
        replace(section, blocks=tuple(_emptied(block) for block in section.blocks)) for section in made.sections
    )
    return replace(made, sections=tuple(sections), cautions=())


def _emptied(block: Block) -> Block:
    match block:
        case Table():
            rows = (
                replace(
                    row,
                    values=tuple(each if isinstance(each, Text | NotApplicable) else ToFill() for each in row.values),
                )
                for row in block.rows
            )
            return replace(block, rows=tuple(rows), unmeasured=())
        case Question():
            return replace(block, draft=())
    return block


def asked_cells(runs: Sequence[Run]) -> dict[Cell, Outcome | None]:
    """What the form's printed rows ask of its models, and how the measurement of each ended.

    The cells are the same whatever is in ``runs``: where a row asks for any technique of a kind, it is the form's own.
    ``None`` where no run planned such a cell; of several the best outcome.
    """
    observations, asked = _observations(FORM, _untimed(runs)), dict[Cell, Outcome | None]()
    for table in (table for part in FORM.parts for table in part.tables):
        for model in FORM.models:
            for cell, fitting in _Filling(FORM, table, observations).asked(model):
                ended = (observation.outcome for each in fitting if (observation := observations.at(each)) is not None)
                asked.setdefault(cell, max(ended, key=rank, default=None))
    return asked


def _untimed(runs: Sequence[Run]) -> list[Run]:
    """The runs without the samples of their latencies: which cells there are is known without a summary of them."""

    def outcome(each: Outcome) -> Outcome:
        return replace(each, latency=None) if isinstance(each, Measured) else each

    return [
        replace(run, measurements=tuple(replace(each, outcome=outcome(each.outcome)) for each in run.measurements))
        for run in runs
    ]


def candidate_sections(runs: Sequence[Run]) -> tuple[Section, ...]:
    """For the report: what Part 5 chose from and how; nothing where no artifact is a candidate."""
    pool = pool_of(_observations(FORM, runs), FORM.batch_sizes)
    if not pool.candidates:
        return ()
    tables = {table.key: table for table in choice_tables(pool, FORM.priorities)}
    return (Section("Candidates of the worksheet's Part 5", (tables["rules"], tables["candidates"]), appendix=True),)


def _context(runs: Sequence[Run]) -> Context:
    """The filled tables, and what drafts answer from."""
    observations = _observations(FORM, runs)
    pool = pool_of(observations, FORM.batch_sizes)
    tables = {table.key: _filled_tables(FORM, table, observations) for part in FORM.parts for table in part.tables}
    tables[FORM.other_techniques.key] = _other_technique_tables(FORM, observations)
    single = (*choice_tables(pool, FORM.priorities), *latency_tables(observations, (EVERY, LIMITS)))
    tables |= {table.key: (table,) for table in single}
    return Context(observations, fastest_platforms(runs), tables, pool, FORM.priorities)


def _observations(form: Form, runs: Sequence[Run]) -> Observations:
    """The runs' observations, with the form's labels of what no run has."""
    found = observations_of(runs)
    return replace(found, catalogue=merged([form.catalogue, found.catalogue]))


def _section(form: Form, number: int, part: FormPart, context: Context) -> Section:
    tables = [filled for table in part.tables for filled in context.tables[table.key]]
    further = [block for blocks in part.further for block in blocks(context)]
    questions = [
        replace(_question(form, question, context), key=f"{number}.{index}")
        for index, question in enumerate(part.questions, 1)
    ]
    return Section(part.title, (*tables, *further, *questions))


def _question(form: Form, question: FormQuestion, context: Context) -> Question:
    """The question with its draft; one that compares models is asked of those that are there, or of the only one."""
    observations = context.observations
    models = _models_of(form, observations, printed=not observations.models)
    if question.alone is not None and len(models) == 1:
        question = question.alone
    *most, last = [observations.catalogue.model(model).label for model in models]
    listed = f"{', '.join(most)} or {last}" if most else last
    return Question(question.text.format(models=listed), _drafted(question.drafts, context) or (_NOTHING,))


def _drafted(drafts: Sequence[Draft], context: Context) -> tuple[Sentence, ...]:
    """The drafts' sentences, or of each one that says which entry does not declare what it needs."""
    found: list[Sentence] = []
    for draft in drafts:
        try:
            found += tuple(draft(context))
        except MissingTraitError as error:  # noqa: PERF203  # a few drafts
            found += say("This is not answered in full: {error}.", error=str(error))
    return tuple(found)


def _models_of(form: Form, observations: Observations, *, printed: bool) -> tuple[str, ...]:
    """The runs' models, the form's in its order first.

    ``printed`` adds the form's other models where the runs have one of them; runs without any cell have all or one.
    """
    seen = observations.models
    if not seen:
        return form.models if printed else form.models[:1]
    of_form = tuple(model for model in form.models if model in seen or (printed and set(form.models) & set(seen)))
    return (*of_form, *(model for model in seen if model not in form.models))


def _filled_tables(form: Form, table: FormTable, observations: Observations) -> tuple[Table, ...]:
    """The table with its rows, or one such table per model."""
    filling = _Filling(form, table, observations)
    if table.name_column is None:
        return (filling.of_all(_models_of(form, observations, printed=True)),)
    return tuple(
        filled for model in _models_of(form, observations, printed=False) for filled in filling.of_model(model)
    )


def _other_technique_tables(form: Form, observations: Observations) -> tuple[Table, ...]:
    """A table per model and kind of technique that the form does not print; the empty kind is not declared."""
    catalogue, other, tables = observations.catalogue, form.other_techniques, list[Table]()
    printed = {blank.technique for part in form.parts for table in part.tables for blank in table.blanks} - {""}
    known = {catalogue.technique(name).kind for name in printed}
    for model in _models_of(form, observations, printed=False):
        cells = [each.cell for each in observations.artifacts(model)]
        kinds = (kind for cell in cells if not catalogue.is_control(cell.variant) for kind in _kinds(cell, catalogue))
        for kind in dict.fromkeys(kinds):
            if kind not in known:
                key, title = f"{other.key}_{kind or 'other'}", other.title.replace("{kind}", kind or "other techniques")
                table = replace(other, key=key, title=title, technique_kind=kind)
                tables += _Filling(form, table, observations).of_model(model)
    return tuple(tables)


def _kinds(cell: Cell, catalogue: Catalogue) -> list[str]:
    """The kinds of the cell's techniques, the empty one for a kind that is not declared."""
    return [catalogue.technique(name).kind or "" for name in cell.techniques]


@dataclass(frozen=True, slots=True)
class _Filling:
    """A table of the form while it is filled."""

    form: Form
    table: FormTable
    observations: Observations

    @property
    def catalogue(self) -> Catalogue:
        return self.observations.catalogue

    def of_all(self, models: Sequence[str]) -> Table:
        """One table of these models, a row per piece of hardware."""
        table, rows = self.table, list[Row]()
        for cell in (cell for model in models for cell in self._cells(model)):
            row = measured_row(self.observations, cell, table.columns)
            pairs = zip(table.columns, row.values, strict=True)
            texts = {column.key: value.text for column, value in pairs if isinstance(value, Text)}
            rows.append(replace(row, name=table.row_name.format(**texts)))
        names = Counter(row.name for row in rows)
        told_apart = tuple(row if names[row.name] == 1 else _with_id(row) for row in rows)
        return Table(table.key, table.title, table.columns, told_apart, (*table.notes, *self._left_out(models)))

    def of_model(self, model: str) -> Iterator[Table]:
        """The model's table, if it says something or is printed."""
        table, cells = self.table, self._cells(model)
        # Where a table compares with the original, the original alone says nothing.
        says = any(not (table.original_name and self.catalogue.is_original(cell)) for cell in cells)
        if table.name_column is not None and (says or model in self.form.models):
            named = self._names(cells)
            rows = [measured_row(self.observations, cell, table.columns, name) for cell, name in named]
            rows = [replace(row, values=(Text(row.name), *row.values)) for row in rows]
            title = table.title.replace("{model}", self.catalogue.model(model).label)
            columns, notes = (table.name_column, *table.columns), tuple(self._notes(model, cells))
            yield Table(f"{table.key}_{model}", title, columns, tuple(rows), notes)

    def found(self, model: str) -> list[Cell]:
        """The model's cells that belong here: all of the mark or technique, or the original on any hardware."""
        catalogue, kind = self.catalogue, self.table.technique_kind
        cells = [each.cell for each in self.observations.where(self.table.kind, model=model, runtime="")]
        if kind is not None:
            return [cell for cell in cells if catalogue.is_original(cell) or kind in _kinds(cell, catalogue)]
        if self.table.row_name:
            return [cell for cell in cells if catalogue.is_original(cell) and not cell.settings]
        return [cell for cell in cells if has_mark(self.table.mark, cell, catalogue)]

    def _cells(self, model: str) -> tuple[Cell, ...]:
        """The cells of a model's rows, the printed first; only the form's own models have rows without a figure."""
        found = self.found(model)
        printed = self._printed(model, found)
        shown = [cell for cell in printed if model in self.form.models or self.observations.at(cell) is not None]
        return tuple(dict.fromkeys((*shown, *found)))

    def _printed(self, model: str, found: Sequence[Cell]) -> Iterator[Cell]:
        """The cells of the printed rows: those found that fit, or one that would; controls before techniques."""
        catalogue, blanks = self.catalogue, self.table.blanks
        for blank in blanks:
            if not blank.technique:
                yield from self._fitting(blank, found, Variant(model))
        controls = [cell for cell in found if catalogue.is_control(cell.variant)]
        yield from controls
        for techniques in self._techniques(found):
            for blank in blanks:
                if blank.technique:
                    yield from self._fitting(blank, found, Variant(model, techniques))

    def _techniques(self, found: Sequence[Cell]) -> list[tuple[str, ...]]:
        """The techniques of the cells found that are of a kind with the printed ones, or else these."""
        catalogue, printed = self.catalogue, [blank.technique for blank in self.table.blanks if blank.technique]
        kinds = {catalogue.technique(name).kind for name in printed}
        treated = (cell for cell in found if kinds & {*_kinds(cell, catalogue)})
        made = [cell.techniques for cell in treated if not catalogue.is_control(cell.variant)]
        return list(dict.fromkeys(made or [(name,) for name in printed]))

    def asked(self, model: str) -> Iterator[tuple[Cell, list[Cell]]]:
        """The cell that each printed row of a model asks for, and the cells found that fit the row."""
        found = self.found(model)
        for blank in self.table.blanks:
            asked = (blank.technique,) if blank.technique else ()
            made = self._techniques(found) if blank.technique else [()]
            fitting = (each for techniques in made for each in self._fitting(blank, found, Variant(model, techniques)))
            yield self._fitting(blank, (), Variant(model, asked))[0], list(fitting)

    def _fitting(self, blank: Blank, found: Sequence[Cell], variant: Variant) -> list[Cell]:
        """The cells found that a row asks for, of any batch size where it asks for none, or one that would be."""
        fmt = blank.format or self.catalogue.model(variant.model).original_format or _UNKNOWN
        fitting = [
            cell
            for cell in found
            if (cell.variant, cell.device, cell.format, cell.runtime, cell.settings)
            == (variant, blank.device, fmt, "", ())
            and blank.batch_size in {None, cell.batch_size}
        ]
        asked = Cell(self.table.kind, variant.model, variant.techniques, blank.device, blank.batch_size, fmt)
        return fitting or [asked]

    def _names(self, cells: Sequence[Cell]) -> Iterator[tuple[Cell, str]]:
        """The cells with their rows' names; a printed name that fits several formats has the format's own after it."""
        precisions = {cell: self.catalogue.format(cell.format).precision for cell in cells}
        alike = Counter((cell.techniques, precision) for cell, precision in precisions.items())
        for cell, precision in precisions.items():
            name, is_printed = self._name(cell), cell.techniques and cell.format in self.table.names
            if is_printed and precision is not None and alike[cell.techniques, precision] > 1:
                name = f"{name}, {self.catalogue.format_label(cell)}"
            yield cell, name

    def _name(self, cell: Cell) -> str:
        catalogue, table = self.catalogue, self.table
        if table.original_name and catalogue.is_original(cell):
            return table.original_name
        fmt = table.names.get(cell.format) or catalogue.format_label(cell)
        if not cell.techniques:
            return fmt
        labels = [catalogue.technique(name).label for name in cell.techniques]
        if cell.format == catalogue.model(cell.model).original_format:
            return ", ".join(labels)
        return f"{', '.join(_MODEL_WORD.sub('', label) for label in labels)} + {fmt}"

    def _notes(self, model: str, cells: Sequence[Cell]) -> Iterator[str]:
        catalogue, table = self.catalogue, self.table
        original = catalogue.model(model).original_format
        label = catalogue.format(original).label if original else "not declared"
        yield from (note.format(original=label) for note in table.notes)
        if original is None:
            yield f"The model {model!r} does not declare its original format: nothing is compared with it."
        if model in self.form.models or original in {
            catalogue.model(name).original_format for name in self.form.models
        }:
            yield from table.notes_of_form
        yield from self._foreign(cells) if table.foreign_note else ()
        if table.technique_kind is None:
            yield from self._left_out([model])

    def _foreign(self, cells: Sequence[Cell]) -> Iterator[str]:
        """Which formats were loaded by a runtime that only replaces theirs."""
        for cell in {each.format: each for each in reversed(cells)}.values():
            observation = self.observations.at(cell)
            loading = observation and observation.measured and observation.measured.loading
            usual = self.catalogue.format(cell.format).runtimes[:1]
            for name in [loading.runtime] if loading and loading.runtime else usual:
                if (runtime := self.catalogue.runtime(name)).is_native is False:
                    label = self.catalogue.format(cell.format).label
                    yield self.table.foreign_note.format(format=label, runtime=runtime.label)

    def _left_out(self, models: Sequence[str]) -> list[str]:
        """Which entries do not declare a trait by which their cells would have a row in this table, each once."""
        reasons: dict[str, None] = {}
        for each in self.observations.where(self.table.kind):
            if each.cell.model in models:
                try:
                    MARKS[self.table.mark](each.cell, self.catalogue)
                except MissingTraitError as error:
                    reasons[f"Not listed here: {each.cell.id}, because {error}."] = None
        return list(reasons)


def _with_id(row: Row) -> Row:
    first, *others = row.values
    name = f"{first.text if isinstance(first, Text) else ''}, {row.cell.id if row.cell else row.key}"
    return replace(row, name=name, values=(Text(name), *others))
