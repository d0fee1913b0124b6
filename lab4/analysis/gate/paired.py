"""Accuracy: judged on the images on which the two sides differ."""

from collections.abc import Sequence

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.discovery import believed
from lab4.analysis.gate.machines import same_dataset, same_recipe
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Judged, Verdict
from lab4.analysis.proportions import paired_loss
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import tail

__all__ = ["judge_paired", "mcnemar"]

Bits = tuple[bool, ...]


def mcnemar(before: Bits, after: Bits) -> tuple[int, int, float]:
    """Images lost and won from ``before`` to ``after``, and how likely chance makes so uneven a split, two-sided.

    The exact test of McNemar (1947): were nothing changed, each image on which the two differ would be lost or won
    with equal probability.
    """
    lost = sum(1 for a, b in zip(before, after, strict=True) if a and not b)
    won = sum(1 for a, b in zip(before, after, strict=True) if b and not a)
    return lost, won, min(1.0, 2 * tail(max(lost, won), lost + won)) if lost + won else 1.0


def judge_paired(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy) -> list[Judged]:
    """Judge accuracies: worse where the loss is beyond the tolerance and beyond chance, over all cells together."""
    name, figure = next(each for each in FIGURES.items() if each[1].nature is Nature.PAIRED)
    judged, tests = [], []
    for cell in dict.fromkeys(key for run in baselines for key in run.cells):
        before, after = _middle(baselines, cell), _middle(candidates, cell)
        if before is None or after is None:
            continue
        if not same_dataset(before[0], after[0]) or len(before[1]) != len(after[1]):
            reason = "accuracies are of different images: measure both sides with the same dataset"
            judged.append(Judged(cell, name, Verdict.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE))
        elif not same_recipe(before[0], after[0]):
            reason = "models were trained otherwise (epochs or seed): measure both sides with the same profile and seed"
            judged.append(Judged(cell, name, Verdict.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE))
        else:
            tests.append((cell, before[1], after[1], mcnemar(before[1], after[1])))
    decisions, _ = believed([found[2] for *_, found in tests], [1.0] * len(tests), policy.false_alarms)
    return judged + [
        _judged((cell, name), (before, after), found, policy.tolerance(cell, name, figure.tolerance), certain=decision)
        for (cell, before, after, found), decision in zip(tests, decisions, strict=True)
    ]


def _middle(runs: Sequence[RunFigures], cell: str) -> tuple[RunFigures, Bits] | None:
    """The run of median accuracy, of those that have one; the lower of two middle ones."""
    found = [
        (run, bits)
        for run in runs
        if (known := run.cells.get(cell)) is not None and known.state == "measured" and (bits := known.correct)
    ]
    if not found:
        return None
    return sorted(found, key=lambda each: (each[0].dataset.sha256, sum(each[1]), each[1]))[(len(found) - 1) // 2]


def _judged(
    of: tuple[str, str], sides: tuple[Bits, Bits], found: tuple[int, int, float], tolerance: float, *, certain: bool
) -> Judged:
    cell, name = of
    before, after = sides
    lost, won, chance = found
    loss = paired_loss(before, after)
    total = len(before)
    evidence = Evidence(
        sum(before) / total,
        sum(after) / total,
        change=-loss.value,
        low=None if loss.high is None else -loss.high,
        high=None if loss.low is None else -loss.low,
        threshold=tolerance,
        chance=chance,
    )
    words = f"{lost} images lost and {won} won of {total:,} ({-loss.value * 100:+.2f} points)"
    if not certain or abs(loss.value) <= tolerance:
        return Judged(cell, name, Verdict.SAME, f"{words}: within the tolerance or within chance", evidence)
    if loss.value > 0:
        return Judged(cell, name, Verdict.WORSE, f"{words}: more than chance", evidence, ExitCode.REGRESSION)
    return Judged(cell, name, Verdict.BETTER, f"{words}: more than chance", evidence)
