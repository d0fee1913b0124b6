"""Part 5's tables: the choices, the rules behind them, and everything they were chosen from."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab4.analysis.document import Bar, BarChart
from lab4.analysis.judging import JUDGING
from lab4.analysis.measures import column
from lab4.analysis.observations import Observations
from lab4.analysis.proportions import paired_loss, wilson
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.values import verdicts
from lab4.worksheet.candidates import Candidate, Pool, front_of, pool_of, reference_of
from lab4.worksheet.choices import Choice, choose
from lab4.worksheet.description import Priority

__all__ = ["Chosen", "choices_table", "chosen", "candidates_table", "rules_table", "size_chart"]

_PRIORITY = Column("priority", "Priority", "text")
_BEST = Column("best", "Best Model/Technique", "text")
_RUNNER_UP = Column("runner_up", "Runner-Up", "text")
_FIGURES = (column("accuracy"), column("size"), column("loss"), column("reduction"))
_TIME_NOTE = f"Latency and samples/second are by the {JUDGING}; samples/second on the fastest device that ran the file."
_NO_REFERENCE = "no original model to compare with"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The pool, its reference, and for each priority what was chosen."""

    pool: Pool
    reference: Candidate | None
    choices: tuple[tuple[Priority, Choice], ...]


def chosen(observations: Observations, priorities: Sequence[Priority]) -> Chosen:
    """Apply the rule of each priority."""
    pool = pool_of(observations)
    choices = tuple((priority, choose(pool, priority.rule)) for priority in priorities)
    return Chosen(pool, reference_of(pool.candidates), choices)


def choices_table(found: Chosen) -> Table:
    """The form's own table."""
    columns = (_PRIORITY, _BEST, *_FIGURES, _RUNNER_UP)
    rows = tuple(
        _row(found, priority, choice, (), _figures(found, choice.winner) if choice.winner else (), len(columns))
        for priority, choice in found.choices
    )
    return Table("choices", "The best for each priority", columns, rows, _notes(found))


def rules_table(found: Chosen) -> Table:
    """How each was chosen."""
    columns = (_PRIORITY, Column("rule", "Rule", "text"), _BEST, *_times(found), _RUNNER_UP)
    rows = tuple(
        _row(
            found,
            priority,
            choice,
            (Text(choice.rule),),
            _timed(choice.winner) if choice.winner else (),
            len(columns),
        )
        for priority, choice in found.choices
    )
    return Table("rules", "How each was chosen", columns, rows, (_TIME_NOTE,), printed=False)


def candidates_table(found: Chosen) -> Table:
    """All candidates by size."""
    name, accuracy, size, loss, reduction = Column("name", "Model/Technique", "text"), *_FIGURES
    efficiency = Column("efficiency", "Accuracy per MB", "efficiency")
    front = Column("front", "Pareto Front", "text")
    columns = (name, accuracy, size, column("gzip"), loss, reduction, efficiency, *_times(found), front)
    on_front = front_of(_comparable(found))
    rows = tuple(
        _candidate_row(found, each, is_on_front=each in on_front)
        for each in sorted(found.pool.candidates, key=lambda each: each.tie_break)
    )
    title = "Everything there was to choose from"
    return Table("candidates", title, columns, rows, _notes(found), printed=False)


def size_chart(found: Chosen) -> BarChart:
    """Size on disk of every candidate with its accuracy."""
    on_front = front_of(_comparable(found))
    bars = tuple(
        Bar(
            each.name,
            Quantity(each.disk_bytes),
            ((Quantity(each.correct / each.total), "accuracy"),),
            strong=each in on_front,
        )
        for each in sorted(found.pool.candidates, key=lambda each: each.tie_break)
    )
    note = "Size on disk, with accuracy; dark bars are on the Pareto front: nothing is both smaller and more accurate."
    return BarChart("Size and accuracy of every candidate", note, "bytes", bars)


def _row(
    found: Chosen,
    priority: Priority,
    choice: Choice,
    before: tuple[Value, ...],
    figures: tuple[Value, ...],
    width: int,
) -> Row:
    """The priority, what stands before the choice, the choice, its figures and the next; reasons if there is none."""
    head = (Text(priority.name), *before)
    if choice.winner is None:
        return Row(priority.name, priority.name, (*head, *[NotMeasured(choice.reason)] * (width - len(head))))
    runner_up = NotMeasured("no other candidate") if choice.runner_up is None else Text(choice.runner_up.name)
    of = found.pool.observations[choice.winner.key]
    values = (*head, Text(choice.winner.name), *figures, runner_up)
    return Row(priority.name, priority.name, values, of.source.machine, of.cell)


def _candidate_row(found: Chosen, each: Candidate, *, is_on_front: bool) -> Row:
    accuracy, size, loss, reduction = _figures(found, each)
    if each == found.reference:
        loss = reduction = NotApplicable()
    efficiency = Quantity(each.correct / each.total / each.disk_bytes)
    front = Text("yes" if is_on_front else "no")
    gzip = Quantity(each.gzip_bytes)
    values = (Text(each.name), accuracy, size, gzip, loss, reduction, efficiency, *_timed(each), front)
    of = found.pool.observations[each.key]
    return Row(each.key, each.name, values, of.source.machine, of.cell)


def _figures(found: Chosen, each: Candidate) -> tuple[Value, Value, Value, Value]:
    accuracy, size = wilson(each.correct, each.total), Quantity(each.disk_bytes)
    if found.reference is None:
        nothing = NotMeasured(_NO_REFERENCE)
        return accuracy, size, nothing, nothing
    return (
        accuracy,
        size,
        _loss(found, found.reference, each),
        Quantity(1 - each.disk_bytes / found.reference.disk_bytes),
    )


def _loss(found: Chosen, reference: Candidate, each: Candidate) -> Value:
    if each.total != reference.total:
        return NotMeasured(f"not comparable: {each.total} examples, the original has {reference.total}")
    mine, whole = (verdicts(found.pool.observations[key]) for key in (each.key, reference.key))
    if mine is None or whole is None:  # pragma: no cover  # a candidate has them
        return NotMeasured(_NO_REFERENCE)
    return paired_loss(whole.correct, mine.correct)


def _times(found: Chosen) -> tuple[Column, Column]:
    smallest, largest = (
        "" if batch is None else f", Batch {batch}" for batch in (found.pool.smallest, found.pool.largest)
    )
    return (
        Column("latency", f"{JUDGING.capitalize()}{smallest}", "milliseconds"),
        Column("rate", f"Samples/Second{largest}", "rate"),
    )


def _timed(each: Candidate) -> tuple[Value, Value]:
    nothing = NotMeasured("not timed in this run")
    return (
        nothing if each.latency_s is None else Quantity(each.latency_s),
        nothing if each.rate is None else Quantity(each.rate),
    )


def _comparable(found: Chosen) -> tuple[Candidate, ...]:
    reference = found.reference
    return tuple(each for each in found.pool.candidates if reference is None or each.total == reference.total)


def _notes(found: Chosen) -> tuple[str, ...]:
    notes = [
        "Candidates are all models, techniques and formats with accuracy and size measured.",
        "A control is no candidate: it shows what training longer gains, which any model could have.",
    ]
    if found.reference is not None:
        notes.append(
            f"Loss and reduction refer to the most accurate original model, {found.reference.name}, whichever model a "
            "row names. Sizes are on disk."
        )
    others = found.pool.left_out + len(found.pool.candidates) - len(_comparable(found))
    if others:
        notes.append(f"Not chosen from, because measured on other examples: {others}.")
    if found.pool.smallest is not None and found.pool.largest is not None:
        notes.append(
            f"Latency is at batch {found.pool.smallest}, the smallest of these runs, samples/second at batch "
            f"{found.pool.largest}, the largest."
        )
    return (*notes, *(f"Not considered for phones: {reason}." for reason in found.pool.undeclared))
