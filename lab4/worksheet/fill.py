"""The interpreter: a form and runs in, the filled document out."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.document import Document, Prose, Question, Section, Sentence
from lab4.analysis.latency_tables import latency_tables
from lab4.analysis.observations import Observations, observations_of
from lab4.analysis.overview import cautions
from lab4.analysis.side_by_side import fastest_platforms
from lab4.domain.catalogue import MissingTraitError
from lab4.domain.run import Run
from lab4.worksheet.candidates import pool_of
from lab4.worksheet.cells import has_form_cells as cells_of_form
from lab4.worksheet.cells import models_of, with_form_labels
from lab4.worksheet.choice_tables import choice_tables
from lab4.worksheet.context import Context
from lab4.worksheet.description import Draft, Form, FormPart, FormQuestion
from lab4.worksheet.form import FORM
from lab4.worksheet.sentences import Sentences, say
from lab4.worksheet.tables import filled_tables, other_technique_tables

__all__ = ["has_form_cells", "worksheet"]

_NOTHING = Sentence("This run measured nothing that answers it.")


def has_form_cells(runs: Sequence[Run]) -> bool:
    """Whether ``runs`` have a cell of one of the form's models that has a row in it."""
    return cells_of_form(FORM, observations_of(runs))


def worksheet(runs: Sequence[Run]) -> Document:
    """Fill every row of the form from ``runs``, or say why it stays empty; the order of ``runs`` does not matter."""
    observations = with_form_labels(FORM, observations_of(runs))
    context = _context(FORM, observations, runs)
    parts = (_section(FORM, part, context) for part in FORM.parts)
    appendix = (
        Section("Inference in detail", context.details, appendix=True),
        Section("All candidates", (context.candidates,), appendix=True),
    )
    return replace(
        FORM.document,
        sources=observations.sources,
        sections=(*parts, _reflection(FORM, context), *appendix),
        cautions=cautions(observations),
    )


def _context(form: Form, observations: Observations, runs: Sequence[Run]) -> Context:
    tables = {table.key: filled_tables(form, table, observations) for part in form.parts for table in part.tables}
    tables[form.other_techniques.key] = other_technique_tables(form, observations)
    pool = pool_of(observations)
    choices, rules, candidates = choice_tables(pool, form.priorities)
    return Context(
        observations=observations,
        rankings=fastest_platforms(runs),
        tables=tables,
        pool=pool,
        priorities=form.priorities,
        choices=choices,
        rules=rules,
        candidates=candidates,
        details=latency_tables(observations),
    )


def _section(form: Form, part: FormPart, context: Context) -> Section:
    tables = [filled for table in part.tables for filled in context.tables[table.key]]
    further = [block for blocks in part.further for block in blocks(context)]
    questions = [_question(form, question, context) for question in part.questions]
    return Section(part.title, (*tables, *further, *questions))


def _question(form: Form, question: FormQuestion, context: Context) -> Question:
    """The question with its draft; one that compares models is asked of those that are there, or of the only one."""
    observations = context.observations
    models = models_of(form, observations, printed=not observations.models)
    is_alone = bool(question.alone) and len(models) == 1
    labels = [observations.catalogue.model(model).label for model in models]
    text = (question.alone if is_alone else question.text).format(models=_listed(labels))
    drafts = question.drafts_alone if is_alone else question.drafts
    return Question(text, _drafted(drafts, context) or (_NOTHING,))


def _listed(labels: Sequence[str]) -> str:
    *most, last = labels
    return f"{', '.join(most)} or {last}" if most else last


def _drafted(drafts: Sequence[Draft], context: Context) -> tuple[Sentence, ...]:
    return tuple(sentence for draft in drafts for sentence in _sentences(draft, context))


def _sentences(draft: Draft, context: Context) -> Sentences:
    """The draft's sentences, or one that says which entry does not declare what it needs."""
    try:
        return draft(context)
    except MissingTraitError as error:
        return say("This is not answered in full: {error}.", error=str(error))


def _reflection(form: Form, context: Context) -> Section:
    findings = _drafted(form.findings, context)
    prose = (Prose(findings, form.findings_title),) if findings else ()
    return replace(form.reflection, blocks=(*form.reflection.blocks, *prose))
