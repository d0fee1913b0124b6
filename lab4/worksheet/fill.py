"""The interpreter: a form and runs in, the filled document out."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.document import Document, Prose, Question, Section, Sentence
from lab4.analysis.latency_tables import latency_tables
from lab4.analysis.observations import Observations, observations_of
from lab4.analysis.overview import cautions
from lab4.analysis.side_by_side import fastest_platforms
from lab4.domain.catalogue import MissingTraitError, merged
from lab4.domain.run import Run
from lab4.worksheet.candidates import pool_of
from lab4.worksheet.choices import choice_tables
from lab4.worksheet.description import Context, Draft, Form, FormPart, FormQuestion
from lab4.worksheet.form import FORM
from lab4.worksheet.sentences import say
from lab4.worksheet.tables import filled_tables, has_rows, models_of, other_technique_tables

_NOTHING = Sentence("This run measured nothing that answers it.")


def has_form_cells(runs: Sequence[Run]) -> bool:
    """Whether ``runs`` have a cell of one of the form's models that has a row in it."""
    return has_rows(FORM, _observations(FORM, runs))


def worksheet(runs: Sequence[Run]) -> Document:
    """Fill every row of the form from ``runs``, or say why it stays empty; the order of ``runs`` does not matter."""
    observations = _observations(FORM, runs)
    details, pool = latency_tables(observations), pool_of(observations)
    choices = choice_tables(pool, FORM.priorities)
    tables = {table.key: filled_tables(FORM, table, observations) for part in FORM.parts for table in part.tables}
    tables[FORM.other_techniques.key] = other_technique_tables(FORM, observations)
    tables |= {table.key: (table,) for table in (*choices, *details)}
    context = Context(observations, fastest_platforms(runs), tables, pool, FORM.priorities)
    parts = (_section(FORM, part, context) for part in FORM.parts)
    findings = _drafted(FORM.findings, context)
    prose = [Prose(findings, FORM.findings_title)] if findings else []
    reflection = replace(FORM.reflection, blocks=(*FORM.reflection.blocks, *prose))
    appendix = (
        Section("Inference in detail", details, appendix=True),
        Section("All candidates", choices[-1:], appendix=True),
    )
    return replace(
        FORM.document,
        sources=observations.sources,
        sections=(*parts, reflection, *appendix),
        cautions=cautions(observations),
    )


def _observations(form: Form, runs: Sequence[Run]) -> Observations:
    """The runs' observations, with the form's labels of what no run has."""
    found = observations_of(runs)
    return replace(found, catalogue=merged([form.catalogue, found.catalogue]))


def _section(form: Form, part: FormPart, context: Context) -> Section:
    tables = [filled for table in part.tables for filled in context.tables[table.key]]
    further = [block for blocks in part.further for block in blocks(context)]
    questions = [_question(form, question, context) for question in part.questions]
    return Section(part.title, (*tables, *further, *questions))


def _question(form: Form, question: FormQuestion, context: Context) -> Question:
    """The question with its draft; one that compares models is asked of those that are there, or of the only one."""
    observations = context.observations
    models = models_of(form, observations, printed=not observations.models)
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
