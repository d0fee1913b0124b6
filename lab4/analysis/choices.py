"""Part 5's rules: which candidate is best for what, and which would be next.

A rule looks at what was measured, never at a name, except that a phone needs a TFLite file. Every rule
breaks ties to the end, so the order of the candidates changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab4.analysis.pareto import Candidate, lost, pareto_front, reference_of

__all__ = ["Choice", "choose"]

#: Fractions of accuracy that may be lost. Two points are the most that a "small loss" is taken to mean;
#: one point where people meet the answers.
_SMALLEST_MAY_LOSE = 0.02
_DEPLOYED_MAY_LOSE = 0.01

#: Half a point: with 2,000 images smaller losses are within chance, so a loss below counts as this much.
_LOSS_FLOOR = 0.005

#: Times this close count as equal: formats that run the very same arithmetic, timed in the passes of one run, were
#: up to 6% apart in ten runs on a shared virtual machine (docs/evidence/accuracy.md).
_CLOSE = 1.08

#: Sizes this close count as equal: so much can lie in names and padding.
_CLOSE_SIZE = 1.01


@dataclass(frozen=True, slots=True)
class Choice:
    """A priority of the form, its rule in words, and what it chose; ``reason`` says why nothing, if nothing."""

    priority: str
    rule: str
    winner: Candidate | None
    runner_up: Candidate | None
    reason: str


_Pool = Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A priority, its rule in words and in code, and the reason when it finds none."""

    priority: str
    words: str
    pick: Callable[[_Pool, Candidate], Candidate | None]
    none: str


def choose(candidates: _Pool) -> tuple[Choice, ...]:
    """Apply every rule to the candidates measured on as many images as the reference."""
    reference = reference_of(candidates)
    if reference is None:
        reason = "no original Keras model was measured to compare with"
        return tuple(Choice(rule.priority, rule.words, None, None, reason) for rule in _RULES)
    pool = tuple(candidate for candidate in candidates if candidate.total == reference.total)
    return tuple(_choice(pool, reference, rule) for rule in _RULES)


def _choice(pool: _Pool, reference: Candidate, rule: _Rule) -> Choice:
    winner = rule.pick(pool, reference)
    if winner is None:
        return Choice(rule.priority, rule.words, None, None, rule.none)
    runner_up = rule.pick(tuple(candidate for candidate in pool if candidate != winner), reference)
    return Choice(rule.priority, rule.words, winner, runner_up, "")


def _losing_at_most(pool: _Pool, reference: Candidate, most: float) -> list[Candidate]:
    # One image in 10^9 of leeway: 0.02 is not a binary fraction, and the limit itself is allowed.
    return [candidate for candidate in pool if lost(candidate, reference) <= most + 1e-9]


def _highest_accuracy(pool: _Pool, _: Candidate) -> Candidate | None:
    return min(pool, key=lambda c: (-c.correct, *c.tie_break), default=None)


def _smallest(pool: _Pool, reference: Candidate) -> Candidate | None:
    return min(_losing_at_most(pool, reference, _SMALLEST_MAY_LOSE), key=lambda c: c.tie_break, default=None)


def _trade_off(pool: _Pool, reference: Candidate) -> Candidate | None:
    def score(candidate: Candidate) -> float:
        saved = 1 - candidate.disk_bytes / reference.disk_bytes
        return saved / max(lost(candidate, reference), _LOSS_FLOOR)

    return min(pareto_front(pool), key=lambda c: (-score(c), *c.tie_break), default=None)


def _mobile(pool: _Pool, reference: Candidate) -> Candidate | None:
    able = {
        candidate: candidate.latency_s
        for candidate in _losing_at_most(pool, reference, _DEPLOYED_MAY_LOSE)
        if candidate.format.startswith("tflite") and candidate.latency_s is not None
    }
    return _fast_small_accurate(able)


def _server(pool: _Pool, reference: Candidate) -> Candidate | None:
    # Seconds an image, so that less is better here too.
    able = {
        candidate: 1 / candidate.rate
        for candidate in _losing_at_most(pool, reference, _DEPLOYED_MAY_LOSE)
        if candidate.rate is not None
    }
    return _fast_small_accurate(able)


def _fast_small_accurate(times_s: dict[Candidate, float]) -> Candidate | None:
    """Of those close to the fastest, of those close to the smallest, the most accurate.

    Both limits hang on the best alone, so what is not better than another in anything moves neither.
    """
    fastest = min(times_s.values(), default=0.0)
    fast = [candidate for candidate, time_s in times_s.items() if time_s <= fastest * _CLOSE]
    smallest = min((candidate.disk_bytes for candidate in fast), default=0)
    small = [candidate for candidate in fast if candidate.disk_bytes <= smallest * _CLOSE_SIZE]
    return min(small, key=lambda c: (-c.correct, c.disk_bytes, times_s[c], *c.tie_break), default=None)


_RULES = (
    _Rule(
        "Highest Accuracy",
        "the most images right; among equals the smallest on disk",
        _highest_accuracy,
        "no candidate was measured",
    ),
    _Rule(
        "Smallest Size",
        "the fewest bytes on disk among those that lose at most 2 points; the reference itself where none is smaller",
        _smallest,
        "no candidate lost at most 2 points",
    ),
    _Rule(
        "Best Accuracy/Size Trade-off",
        "on the Pareto front of accuracy and bytes, the largest size reduction per point lost, a loss below half a "
        "point counting as half a point",
        _trade_off,
        "no candidate was measured",
    ),
    _Rule(
        "Mobile Deployment",
        (
            "TFLite files that lose at most 1 point: of those within 8% of the lowest CPU latency at batch 1, of "
            "those within 1% of the smallest of them, the most accurate; a phone's accelerator may order them otherwise"
        ),
        _mobile,
        "no TFLite file that loses at most 1 point has its batch-1 latency measured",
    ),
    _Rule(
        "Server Deployment",
        (
            "those that lose at most 1 point: of those within 8% of the most images per second at batch 32 on any "
            "measured device, of those within 1% of the smallest of them, the most accurate"
        ),
        _server,
        "no candidate that loses at most 1 point has its batch-32 throughput measured",
    ),
)
