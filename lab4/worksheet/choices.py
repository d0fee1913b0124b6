"""Part 5's choices: which candidate is best for what and which would be next, by rules, and the tables of them.

A rule looks at what was measured and at traits, never at a name. Every rule breaks ties to the end, so the order of the
candidates changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lab4.analysis.distribution import COMPARISON_LATENCY, two_digits
from lab4.analysis.intervals import paired_loss, wilson
from lab4.analysis.measures import column
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.worksheet.candidates import Candidate, Pool, front_of, lost

#: Fractions of accuracy that may be lost. Two points are the most that a "small loss" is taken to mean;
#: one point where people meet the answers.
_SMALLEST_MAY_LOSE = 0.02
_DEPLOYED_MAY_LOSE = 0.01
#: Half a point: with 2,000 images smaller losses are within chance, so a loss below counts as this much.
_LOSS_FLOOR = 0.005
#: Times this close count as equal: formats that run the very same arithmetic, timed in the rounds of one run, were
#: up to 6% apart in ten runs on a shared virtual machine (docs/evidence/accuracy.md).
_CLOSE = 1.08
#: Scores this close are printed alike.
_SAME_SCORE = 1.005
#: Sizes this close count as equal: so much can lie in names and padding.
_CLOSE_SIZE = 1.01

_TIME_NOTE = (
    f"Latency and samples/second are by the {COMPARISON_LATENCY}; "
    "samples/second are on the fastest device that ran the file."
)
_NOT_TIMED = NotMeasured("not timed in this run")
_NO_REFERENCE: Value = NotMeasured("no original model to compare with")
_BEST = ("priority", "best", "accuracy", "size", "loss", "reduction", "lead")
_HOW = ("priority", "rule", "best", "latency", "rate", "runner_up")
_ALL = ("name", "accuracy", "size", "gzip", "loss", "reduction", "efficiency", "latency", "rate", "front")

#: A row that has no values yet, and those that there are by the key of their column.
_Line = tuple[Row, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A rule in words, and what it chose; ``reason`` says why nothing, if nothing.

    ``lead`` is by how much the winner is ahead of the runner-up, where there is one.
    """

    rule: str
    winner: Candidate | None
    runner_up: Candidate | None
    reason: str
    lead: str = ""


_Candidates = Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in words and in code, the reason when it finds none, and by how much the first is ahead of the second.

    ``{smallest}`` and ``{largest}`` are the batch sizes that latencies and rates are of. ``lead`` takes the winner, the
    runner-up and the reference.
    """

    words: str
    pick: Callable[[_Candidates, Candidate], Candidate | None]
    none: str
    lead: Callable[[Candidate, Candidate, Candidate], str]


def choose(pool: Pool, rule: str) -> Choice:
    """Apply the rule of this name to the candidates measured on as many examples as the reference."""
    found, reference = RULES[rule], pool.reference
    words, none = (text.format(smallest=pool.smallest, largest=pool.largest) for text in (found.words, found.none))
    if reference is None:
        return Choice(words, None, None, "no original model was measured to compare with")
    winner = found.pick(pool.comparable, reference)
    if winner is None:
        return Choice(words, None, None, none)
    runner_up = found.pick([each for each in pool.comparable if each != winner], reference)
    return Choice(words, winner, runner_up, "", "" if runner_up is None else found.lead(winner, runner_up, reference))


def _losing_at_most(pool: _Candidates, reference: Candidate, most: float) -> list[Candidate]:
    # One example in 10^9 of leeway: 0.02 is not a binary fraction, and the limit itself is allowed.
    return [candidate for candidate in pool if lost(candidate, reference) <= most + 1e-9]


def _score(candidate: Candidate, reference: Candidate) -> float:
    """Share of the size saved per fraction of accuracy lost."""
    saved = 1 - candidate.disk_bytes / reference.disk_bytes
    return saved / max(lost(candidate, reference), _LOSS_FLOOR)


def _trade_off(pool: _Candidates, reference: Candidate) -> Candidate | None:
    return min(front_of(pool), key=lambda c: (-_score(c, reference), *c.tie_break), default=None)


_Time = Callable[[Candidate], float | None]


def _deployed(pool: _Candidates, reference: Candidate, time_s: _Time) -> Candidate | None:
    """Of those that lose little and have a time: of those close to the fastest, close to the smallest, the best.

    Both limits depend on the best only, so what is not better than another in anything moves neither.
    """
    able = _losing_at_most(pool, reference, _DEPLOYED_MAY_LOSE)
    times_s = {candidate: found for candidate in able if (found := time_s(candidate)) is not None}
    fastest = min(times_s.values(), default=0.0)
    fast = [candidate for candidate, found in times_s.items() if found <= fastest * _CLOSE]
    smallest = min((candidate.disk_bytes for candidate in fast), default=0)
    small = [candidate for candidate in fast if candidate.disk_bytes <= smallest * _CLOSE_SIZE]
    return min(small, key=lambda c: (-c.right, c.disk_bytes, times_s[c], *c.tie_break), default=None)


def _more_right(winner: Candidate, other: Candidate) -> str:
    more = winner.right - other.right
    if not more:
        return f"as many right, {_smaller(winner, other)}"
    if more < 0:  # it won by something else
        return f"{_smaller(winner, other)}, {-more} fewer of {winner.total:,} right"
    return f"{more} more of {winner.total:,} right"


def _smaller(winner: Candidate, other: Candidate) -> str:
    share = 1 - winner.disk_bytes / other.disk_bytes
    if share > 0:
        return f"{two_digits(share)} smaller"
    return "of the same size" if share == 0 else f"{two_digits(-share)} larger"


def _smallest(winner: Candidate, other: Candidate) -> str:
    is_tie = winner.disk_bytes == other.disk_bytes and winner.right > other.right
    return f"of the same size, {_more_right(winner, other)}" if is_tie else _smaller(winner, other)


def _higher_score(winner: Candidate, other: Candidate, reference: Candidate) -> str:
    first, second = _score(winner, reference), _score(other, reference)
    if second <= 0:
        return _smaller(winner, other)
    if first <= second * _SAME_SCORE:
        return f"{_more_right(winner, other)}, with the same reduction per point lost"
    return f"{first / second:.3g} times the reduction per point lost"


def _faster(time_s: _Time) -> Callable[[Candidate, Candidate, Candidate], str]:
    """By time where the two are not close, by size where they are, by accuracy where both are."""

    def lead(winner: Candidate, other: Candidate, _: Candidate) -> str:
        first, second = time_s(winner), time_s(other)
        if not first or not second:
            return _smaller(winner, other)
        if second > first * _CLOSE:
            return f"{second / first:.3g} times as fast"
        if other.disk_bytes > winner.disk_bytes * _CLOSE_SIZE:
            return f"{_smaller(winner, other)}, as fast within 8%"
        return f"{_more_right(winner, other)}, as fast within 8%"

    return lead


def is_smaller(candidate: Candidate, other: Candidate) -> bool:
    """Whether it has fewer bytes on disk."""
    return candidate.disk_bytes < other.disk_bytes


def is_faster(candidate: Candidate, other: Candidate, time_s: _Time) -> bool:
    """Whether both have this time, and the first is less by more than what counts as equal."""
    first, second = time_s(candidate), time_s(other)
    return first is not None and second is not None and first * _CLOSE < second


def on_phone_s(candidate: Candidate) -> float | None:
    """Seconds per call at the smallest batch size of a file for phones."""
    return candidate.latency_s if candidate.is_mobile else None


def per_example_s(candidate: Candidate) -> float | None:
    """Seconds per example at the largest batch size, so that less is better here too."""
    return None if candidate.rate is None else 1 / candidate.rate


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "accuracy": Rule(
            "the most examples right; among equals the smallest on disk",
            lambda pool, _: min(pool, key=lambda c: (-c.right, *c.tie_break), default=None),
            "no candidate was measured",
            lambda winner, other, _: _more_right(winner, other),
        ),
        "size": Rule(
            "the fewest bytes on disk among those that lose at most 2 points; the reference itself where none is "
            "smaller",
            lambda pool, reference: min(
                _losing_at_most(pool, reference, _SMALLEST_MAY_LOSE), key=lambda c: c.tie_break, default=None
            ),
            "no candidate lost at most 2 points",
            lambda winner, other, _: _smallest(winner, other),
        ),
        "trade_off": Rule(
            "on the Pareto front of accuracy and bytes, the largest size reduction per point lost, a loss below half a "
            "point counting as half a point",
            _trade_off,
            "no candidate was measured",
            _higher_score,
        ),
        "mobile": Rule(
            "of the files for phones that lose at most 1 point, those within 8% of the lowest latency on the host at "
            "batch {smallest}; of these, those within 1% of the smallest; of these, the most accurate",
            lambda pool, reference: _deployed(pool, reference, on_phone_s),
            "no file for phones that loses at most 1 point has its latency at the smallest batch size measured",
            _faster(on_phone_s),
        ),
        "server": Rule(
            "of those that lose at most 1 point, those within 8% of the most samples per second at batch {largest} on "
            "any measured device; of these, those within 1% of the smallest; of these, the most accurate",
            lambda pool, reference: _deployed(pool, reference, per_example_s),
            "no candidate that loses at most 1 point has its throughput at the largest batch size measured",
            _faster(per_example_s),
        ),
    }
)


def choice_tables(pool: Pool, priorities: Mapping[str, str]) -> tuple[Table, Table, Table]:
    """The form's own table, how each was chosen, and all candidates by size."""
    columns, notes = {each.key: each for each in _columns(pool)}, _notes(pool)
    chosen = [_chosen(pool, name, choose(pool, rule)) for name, rule in priorities.items()]
    every = [_candidate(pool, each) for each in sorted(pool.candidates, key=lambda each: each.tie_break)]

    def table(key: str, title: str, keys: Sequence[str], lines: Sequence[_Line], notes: tuple[str, ...]) -> Table:
        rows = tuple(replace(row, values=tuple(values[each] for each in keys)) for row, values in lines)
        return Table(key, title, tuple(columns[each] for each in keys), rows, notes, printed=False)

    return (
        replace(
            table("choices", "The best for each priority", _BEST, chosen, (*notes, *_rule_notes(pool, priorities))),
            printed=True,
        ),
        table("rules", "How each was chosen", _HOW, chosen, (_TIME_NOTE,)),
        table("candidates", "Everything there was to choose from", _ALL, every, notes),
    )


def _rule_notes(pool: Pool, priorities: Mapping[str, str]) -> Iterator[str]:
    for name, rule in priorities.items():
        words = RULES[rule].words.format(smallest=pool.smallest, largest=pool.largest)
        yield f"{name}: {words}."


def _columns(pool: Pool) -> tuple[Column, ...]:
    smallest, largest = (f", Batch {size}" for size in (pool.smallest, pool.largest))
    return (
        *(column(measure) for measure in ("accuracy", "size", "gzip", "loss", "reduction")),
        Column("priority", "Priority", "text"),
        Column("rule", "Rule", "text"),
        Column("best", "Best Model/Technique", "text"),
        Column("runner_up", "Runner-Up", "text"),
        Column("lead", "Ahead of the Runner-Up", "text"),
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
    runner_up = choice.runner_up
    known["runner_up"] = NotMeasured("no other candidate") if runner_up is None else Text(runner_up.name)
    known["lead"] = known["runner_up"] if runner_up is None else Text(f"{choice.lead}; next: {runner_up.name}")
    row = Row(name, name, (), choice.winner.machine, choice.winner.cell)
    return row, _values(pool, choice.winner) | known


def _candidate(pool: Pool, candidate: Candidate) -> _Line:
    return Row(candidate.key, candidate.name, (), candidate.machine, candidate.cell), _values(pool, candidate)


def _values(pool: Pool, candidate: Candidate) -> dict[str, Value]:
    reference, loss, reduction = pool.reference, _NO_REFERENCE, _NO_REFERENCE
    if candidate == reference:  # it is not compared with itself
        loss = reduction = NotApplicable()
    elif reference is not None:
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
    if pool.is_timed:
        notes.append(
            f"Latency is at batch {pool.smallest}, the smallest of these runs; samples/second is at batch "
            f"{pool.largest}, the largest."
        )
    return (*notes, *(f"Not considered for phones: {reason}." for reason in pool.undeclared))
