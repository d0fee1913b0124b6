"""Part 5: the choices with their rules, and everything they were chosen from."""

from lab4.analysis.candidates import Pool, pool
from lab4.analysis.choices import Choice, choose
from lab4.analysis.judging import JUDGING
from lab4.analysis.observations import Observations
from lab4.analysis.pareto import Candidate, pareto_front, reference_of
from lab4.analysis.parts.shared import ACCURACY, GZIP, LOSS, REDUCTION, SIZE
from lab4.analysis.proportions import paired_loss, wilson
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value

__all__ = ["tables"]

_BEST = Column("best", "Best Model/Technique", "text")
_RULE = Column("rule", "Rule", "text")
_RUNNER_UP = Column("runner_up", "Runner-Up", "text")
_LATENCY = Column("latency", "Fastest CPU Call, Batch 1", "milliseconds")
_RATE = Column("rate", "Samples/Second, Batch 32", "rate")
_PRIORITY = Column("priority", "Priority", "text")
_CHOICES = (_PRIORITY, _BEST, ACCURACY, SIZE, LOSS, REDUCTION, _RUNNER_UP)
_RULES = (_PRIORITY, _RULE, _BEST, _LATENCY, _RATE, _RUNNER_UP)
_CANDIDATES = (
    Column("name", "Model/Technique", "text"),
    ACCURACY,
    SIZE,
    GZIP,
    LOSS,
    REDUCTION,
    Column("efficiency", "Accuracy per MB", "efficiency"),
    _LATENCY,
    _RATE,
    Column("front", "Pareto Front", "text"),
)
_NOT_TIMED = "not timed in this run"
_TIME_NOTE = f"Latency and samples/second are by the {JUDGING}; samples/second on the fastest device that ran the file."


def tables(merged: Observations) -> tuple[Table, Table, Table]:
    """The form's table, the rules behind it, and all candidates by size."""
    found = pool(merged)
    reference = reference_of(found.candidates)
    choices = choose(found.candidates)
    notes = _notes(found, reference)
    title = "The best for each priority"
    chosen = tuple(_choice_row(found, reference, choice) for choice in choices)
    rules = tuple(_rule_row(choice) for choice in choices)
    ordered = sorted(found.candidates, key=lambda candidate: candidate.tie_break)
    front = pareto_front(_comparable(found, reference))
    everything = tuple(_candidate_row(found, reference, candidate, candidate in front) for candidate in ordered)
    return (
        Table("choices", title, _CHOICES, chosen, notes),
        Table("rules", "How each was chosen", _RULES, rules, (_TIME_NOTE,), printed=False),
        Table(
            "candidates",
            "Everything there was to choose from",
            _CANDIDATES,
            everything,
            notes,
            printed=False,
            appendix=True,
        ),
    )


def _comparable(found: Pool, reference: Candidate | None) -> tuple[Candidate, ...]:
    return tuple(c for c in found.candidates if reference is None or c.total == reference.total)


def _notes(found: Pool, reference: Candidate | None) -> tuple[str, ...]:
    notes = [
        "Candidates are all models, techniques and formats with accuracy and size measured.",
        "A control is no candidate: it shows what training longer gains, which any model could have.",
    ]
    if reference is not None:
        notes.append(
            f"Loss and reduction refer to the most accurate original model, {reference.name}, whichever model a row "
            "names. Sizes are on disk."
        )
    others = found.left_out + len(found.candidates) - len(_comparable(found, reference))
    if others:
        notes.append(f"Not chosen from, because measured on other images: {others}.")
    return tuple(notes)


def _choice_row(found: Pool, reference: Candidate | None, choice: Choice) -> Row:
    name, winner = Text(choice.priority), choice.winner
    if winner is None:
        nothing = NotMeasured(choice.reason)
        return Row(choice.priority, choice.priority, (name, *[nothing] * (len(_CHOICES) - 1)))
    values = (
        name,
        Text(winner.name),
        wilson(winner.correct, winner.total),
        Quantity(winner.disk_bytes),
        _loss(found, reference, winner),
        _reduction(reference, winner),
        _runner_up(choice),
    )
    return Row(choice.priority, choice.priority, values, found.readings[winner.key].source.machine)


def _rule_row(choice: Choice) -> Row:
    names, winner = (Text(choice.priority), Text(choice.rule)), choice.winner
    if winner is None:
        nothing = NotMeasured(choice.reason)
        return Row(choice.priority, choice.priority, (*names, *[nothing] * (len(_RULES) - 2)))
    values = (*names, Text(winner.name), _latency(winner), _rate(winner), _runner_up(choice))
    return Row(choice.priority, choice.priority, values)


def _candidate_row(found: Pool, reference: Candidate | None, candidate: Candidate, on_front: bool) -> Row:
    values: tuple[Value, ...] = (
        Text(candidate.name),
        wilson(candidate.correct, candidate.total),
        Quantity(candidate.disk_bytes),
        Quantity(candidate.gzip_bytes),
        NotApplicable() if candidate == reference else _loss(found, reference, candidate),
        NotApplicable() if candidate == reference else _reduction(reference, candidate),
        Quantity(candidate.correct / candidate.total / candidate.disk_bytes),
        _latency(candidate),
        _rate(candidate),
        Text("yes" if on_front else "no"),
    )
    return Row(candidate.key, candidate.name, values, found.readings[candidate.key].source.machine)


def _runner_up(choice: Choice) -> Value:
    return NotMeasured("no other candidate") if choice.runner_up is None else Text(choice.runner_up.name)


def _latency(candidate: Candidate) -> Value:
    return NotMeasured(_NOT_TIMED) if candidate.latency_s is None else Quantity(candidate.latency_s)


def _rate(candidate: Candidate) -> Value:
    return NotMeasured(_NOT_TIMED) if candidate.rate is None else Quantity(candidate.rate)


def _loss(found: Pool, reference: Candidate | None, candidate: Candidate) -> Value:
    if reference is None:
        return NotMeasured("no original Keras model to compare with")
    if candidate.total != reference.total:
        return NotMeasured(f"not comparable: {candidate.total} images, the original has {reference.total}")
    return paired_loss(found.accuracies[reference.key].correct, found.accuracies[candidate.key].correct)


def _reduction(reference: Candidate | None, candidate: Candidate) -> Value:
    if reference is None:
        return NotMeasured("no original Keras model to compare with")
    return Quantity(1 - candidate.disk_bytes / reference.disk_bytes)
