"""Part 5's rules: which candidate is best for what, and which would be next.

A rule looks at what was measured and at traits, never at a name. Every rule breaks ties to the end, so the order of the
candidates changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

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
#: Sizes this close count as equal: so much can lie in names and padding.
_CLOSE_SIZE = 1.01


@dataclass(frozen=True, slots=True)
class Choice:
    """A rule in words, and what it chose; ``reason`` says why nothing, if nothing."""

    rule: str
    winner: Candidate | None
    runner_up: Candidate | None
    reason: str


_Candidates = Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in words and in code, and the reason when it finds none.

    ``{smallest}`` and ``{largest}`` are the batch sizes that latencies and rates are of.
    """

    words: str
    pick: Callable[[_Candidates, Candidate], Candidate | None]
    none: str


def choose(pool: Pool, rule: str) -> Choice:
    """Apply the rule of this name to the candidates measured on as many examples as the reference."""
    found, reference = RULES[rule], pool.reference
    words, none = (text.format(smallest=pool.smallest, largest=pool.largest) for text in (found.words, found.none))
    if reference is None:
        return Choice(words, None, None, "no original model was measured to compare with")
    winner = found.pick(pool.comparable, reference)
    if winner is None:
        return Choice(words, None, None, none)
    return Choice(words, winner, found.pick([each for each in pool.comparable if each != winner], reference), "")


def _losing_at_most(pool: _Candidates, reference: Candidate, most: float) -> list[Candidate]:
    # One example in 10^9 of leeway: 0.02 is not a binary fraction, and the limit itself is allowed.
    return [candidate for candidate in pool if lost(candidate, reference) <= most + 1e-9]


def _trade_off(pool: _Candidates, reference: Candidate) -> Candidate | None:
    def score(candidate: Candidate) -> float:
        saved = 1 - candidate.disk_bytes / reference.disk_bytes
        return saved / max(lost(candidate, reference), _LOSS_FLOOR)

    return min(front_of(pool), key=lambda c: (-score(c), *c.tie_break), default=None)


def _deployed(pool: _Candidates, reference: Candidate, time_s: Callable[[Candidate], float | None]) -> Candidate | None:
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


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "accuracy": Rule(
            "the most examples right; among equals the smallest on disk",
            lambda pool, _: min(pool, key=lambda c: (-c.right, *c.tie_break), default=None),
            "no candidate was measured",
        ),
        "size": Rule(
            "the fewest bytes on disk among those that lose at most 2 points; the reference itself where none is "
            "smaller",
            lambda pool, reference: min(
                _losing_at_most(pool, reference, _SMALLEST_MAY_LOSE), key=lambda c: c.tie_break, default=None
            ),
            "no candidate lost at most 2 points",
        ),
        "trade_off": Rule(
            "on the Pareto front of accuracy and bytes, the largest size reduction per point lost, a loss below half a "
            "point counting as half a point",
            _trade_off,
            "no candidate was measured",
        ),
        "mobile": Rule(
            "files for phones that lose at most 1 point: of those within 8% of the lowest latency on the host at batch "
            "{smallest}, of those within 1% of the smallest of them, the most accurate; a phone's accelerator may "
            "order them otherwise",
            lambda pool, reference: _deployed(pool, reference, lambda c: c.latency_s if c.is_mobile else None),
            "no file for phones that loses at most 1 point has its latency at the smallest batch size measured",
        ),
        "server": Rule(
            "those that lose at most 1 point: of those within 8% of the most samples per second at batch {largest} on "
            "any measured device, of those within 1% of the smallest of them, the most accurate",
            # Seconds per example, so that less is better here too.
            lambda pool, reference: _deployed(pool, reference, lambda c: None if c.rate is None else 1 / c.rate),
            "no candidate that loses at most 1 point has its throughput at the largest batch size measured",
        ),
    }
)
