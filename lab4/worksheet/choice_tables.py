"""Part 5's tables: the choices, the rules behind them, and everything they were chosen from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lab4.analysis.judging import COMPARISON_LATENCY
from lab4.analysis.measures import column
from lab4.analysis.proportions import paired_loss, wilson
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.worksheet.candidates import Candidate, Pool, front_of
from lab4.worksheet.choices import Choice, choose

_TIME_NOTE = (
    f"Latency and samples/second are by the {COMPARISON_LATENCY}; "
    "samples/second are on the fastest device that ran the file."
)
_NOT_TIMED = NotMeasured("not timed in this run")
_NO_REFERENCE: Value = NotMeasured("no original model to compare with")
_BEST = ("priority", "best", "accuracy", "size", "loss", "reduction", "runner_up")
_HOW = ("priority", "rule", "best", "latency", "rate", "runner_up")
_ALL = ("name", "accuracy", "size", "gzip", "loss", "reduction", "efficiency", "latency", "rate", "front")

#: A row that has no values yet, and those that there are by the key of their column.
_Line = tuple[Row, dict[str, Value]]


def choice_tables(pool: Pool, priorities: Mapping[str, str]) -> tuple[Table, Table, Table]:
    """The form's own table, how each was chosen, and all candidates by size."""
    columns, notes = {each.key: each for each in _columns(pool)}, _notes(pool)
    chosen = [_chosen(pool, name, choose(pool, rule)) for name, rule in priorities.items()]
    every = [_candidate(pool, each) for each in sorted(pool.candidates, key=lambda each: each.tie_break)]

    def table(key: str, title: str, keys: Sequence[str], lines: Sequence[_Line], notes: tuple[str, ...]) -> Table:
        rows = tuple(replace(row, values=tuple(values[each] for each in keys)) for row, values in lines)
        return Table(key, title, tuple(columns[each] for each in keys), rows, notes, printed=False)

    return (
        replace(table("choices", "The best for each priority", _BEST, chosen, notes), printed=True),
        table("rules", "How each was chosen", _HOW, chosen, (_TIME_NOTE,)),
        table("candidates", "Everything there was to choose from", _ALL, every, notes),
    )


def _columns(pool: Pool) -> tuple[Column, ...]:
    smallest, largest = ("" if size is None else f", Batch {size}" for size in (pool.smallest, pool.largest))
    return (
        *(column(measure) for measure in ("accuracy", "size", "gzip", "loss", "reduction")),
        Column("priority", "Priority", "text"),
        Column("rule", "Rule", "text"),
        Column("best", "Best Model/Technique", "text"),
        Column("runner_up", "Runner-Up", "text"),
        Column("name", "Model/Technique", "text"),
        Column("efficiency", "Accuracy per MB", "efficiency"),
        Column("latency", f"{COMPARISON_LATENCY.title()}{smallest}", "milliseconds"),
        Column("rate", f"Samples/Second{largest}", "rate"),
        Column("front", "Pareto Front", "text"),
    )


def _chosen(pool: Pool, name: str, choice: Choice) -> _Line:
    known: dict[str, Value] = {"priority": Text(name), "rule": Text(choice.rule)}
    if choice.winner is None:
        return Row(name, name, ()), dict.fromkeys((*_BEST, *_HOW), NotMeasured(choice.reason)) | known
    known["best"] = Text(choice.winner.name)
    known["runner_up"] = NotMeasured("no other candidate") if choice.runner_up is None else Text(choice.runner_up.name)
    row = Row(name, name, (), choice.winner.machine, choice.winner.cell)
    return row, _values(pool, choice.winner) | known


def _candidate(pool: Pool, candidate: Candidate) -> _Line:
    values = _values(pool, candidate)
    if candidate == pool.reference:  # it is not compared with itself
        values |= {"loss": NotApplicable(), "reduction": NotApplicable()}
    return Row(candidate.key, candidate.name, (), candidate.machine, candidate.cell), values


def _values(pool: Pool, candidate: Candidate) -> dict[str, Value]:
    """What the tables say of a candidate, by the key of the column."""
    reference, loss, reduction = pool.reference, _NO_REFERENCE, _NO_REFERENCE
    if reference is not None:
        reduction = Quantity(1 - candidate.disk_bytes / reference.disk_bytes)
        loss = NotMeasured(f"not comparable: {candidate.total} examples, the original has {reference.total}")
        if candidate.total == reference.total:
            loss = paired_loss(reference.correct, candidate.correct)
    return {
        "name": Text(candidate.name),
        "accuracy": wilson(candidate.right, candidate.total),
        "size": Quantity(candidate.disk_bytes),
        "gzip": Quantity(candidate.gzip_bytes),
        "loss": loss,
        "reduction": reduction,
        "efficiency": Quantity(candidate.right / candidate.total / candidate.disk_bytes),
        "latency": _NOT_TIMED if candidate.latency_s is None else Quantity(candidate.latency_s),
        "rate": _NOT_TIMED if candidate.rate is None else Quantity(candidate.rate),
        "front": Text("yes" if candidate in front_of(pool.comparable) else "no"),
    }


def _notes(pool: Pool) -> tuple[str, ...]:
    notes = [
        "Candidates are all models, techniques and formats with accuracy and size measured.",
        "A control is not a candidate: it shows what longer training gains, which any model could have.",
    ]
    if pool.reference is not None:
        notes.append(
            f"Loss and reduction refer to the most accurate original model, {pool.reference.name}, whichever model a "
            "row names. Sizes are on disk."
        )
    others = pool.left_out + len(pool.candidates) - len(pool.comparable)
    if others:
        notes.append(f"Not chosen from, because measured on other examples: {others}.")
    if pool.smallest is not None:
        notes.append(
            f"Latency is at batch {pool.smallest}, the smallest of these runs; samples/second is at batch "
            f"{pool.largest}, the largest."
        )
    return (*notes, *(f"Not considered for phones: {reason}." for reason in pool.undeclared))
