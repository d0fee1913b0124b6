"""Part 5's tables: the choices, the rules behind them, and everything they were chosen from."""

from collections.abc import Mapping, Sequence

from lab4.analysis.intervals import paired_loss, wilson
from lab4.analysis.judging import COMPARISON_LATENCY
from lab4.analysis.measures import column
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.worksheet.candidates import Candidate, Pool, front_of
from lab4.worksheet.choices import Choice, choose

__all__ = ["choice_tables"]

_TIME_NOTE = (
    f"Latency and samples/second are by the {COMPARISON_LATENCY}; "
    "samples/second are on the fastest device that ran the file."
)
_NOT_TIMED = NotMeasured("not timed in this run")
_NO_REFERENCE = NotMeasured("no original model to compare with")


def choice_tables(pool: Pool, priorities: Mapping[str, str]) -> tuple[Table, Table, Table]:
    """The form's own table, how each was chosen, and all candidates by size."""
    columns = {each.key: each for each in _columns(pool)}
    choices = {name: choose(pool, rule) for name, rule in priorities.items()}
    candidates = sorted(pool.candidates, key=lambda each: each.tie_break)

    def chosen(key: str, title: str, keys: Sequence[str], notes: tuple[str, ...], *, printed: bool) -> Table:
        rows = tuple(_chosen_row(pool, name, choice, keys) for name, choice in choices.items())
        return Table(key, title, tuple(columns[each] for each in keys), rows, notes, printed)

    best = ("priority", "best", "accuracy", "size", "loss", "reduction", "runner_up")
    how = ("priority", "rule", "best", "latency", "rate", "runner_up")
    every = ("name", "accuracy", "size", "gzip", "loss", "reduction", "efficiency", "latency", "rate", "front")
    rows = tuple(_row(pool, each, each.key, every, _values(pool, each) | _itself(pool, each)) for each in candidates)
    headings = tuple(columns[each] for each in every)
    return (
        chosen("choices", "The best for each priority", best, _notes(pool), printed=True),
        chosen("rules", "How each was chosen", how, (_TIME_NOTE,), printed=False),
        Table("candidates", "Everything there was to choose from", headings, rows, _notes(pool), printed=False),
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


def _chosen_row(pool: Pool, name: str, choice: Choice, keys: Sequence[str]) -> Row:
    known: dict[str, Value] = {"priority": Text(name), "rule": Text(choice.rule)}
    if choice.winner is None:
        nothing = NotMeasured(choice.reason)
        return Row(name, name, tuple(known.get(key, nothing) for key in keys))
    runner_up = NotMeasured("no other candidate") if choice.runner_up is None else Text(choice.runner_up.name)
    values = {**_values(pool, choice.winner), **known, "best": Text(choice.winner.name), "runner_up": runner_up}
    return _row(pool, choice.winner, name, keys, values)


def _row(pool: Pool, candidate: Candidate, name: str, keys: Sequence[str], values: dict[str, Value]) -> Row:
    found = pool.observations[candidate.key]
    row_name = name if name != candidate.key else candidate.name
    return Row(name, row_name, tuple(values[key] for key in keys), found.source.machine, found.cell)


def _itself(pool: Pool, candidate: Candidate) -> dict[str, Value]:
    """The reference is not compared with itself."""
    return {"loss": NotApplicable(), "reduction": NotApplicable()} if candidate == pool.reference else {}


def _values(pool: Pool, candidate: Candidate) -> dict[str, Value]:
    """What the tables say of a candidate, by the key of the column."""
    is_on_front = candidate in front_of(pool.comparable)
    return {
        "name": Text(candidate.name),
        "accuracy": wilson(candidate.right, candidate.total),
        "size": Quantity(candidate.disk_bytes),
        "gzip": Quantity(candidate.gzip_bytes),
        "loss": _loss(pool.reference, candidate),
        "reduction": _reduction(pool.reference, candidate),
        "efficiency": Quantity(candidate.right / candidate.total / candidate.disk_bytes),
        "latency": _NOT_TIMED if candidate.latency_s is None else Quantity(candidate.latency_s),
        "rate": _NOT_TIMED if candidate.rate is None else Quantity(candidate.rate),
        "front": Text("yes" if is_on_front else "no"),
    }


def _loss(reference: Candidate | None, candidate: Candidate) -> Value:
    if reference is None:
        return _NO_REFERENCE
    if candidate.total != reference.total:
        return NotMeasured(f"not comparable: {candidate.total} examples, the original has {reference.total}")
    return paired_loss(reference.correct, candidate.correct)


def _reduction(reference: Candidate | None, candidate: Candidate) -> Value:
    return _NO_REFERENCE if reference is None else Quantity(1 - candidate.disk_bytes / reference.disk_bytes)


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
