"""Accuracy: judged on the images on which the two sides differ."""

from collections.abc import Sequence

from lab4.analysis.figures import Nature, known_figures
from lab4.analysis.gate.false_discovery import rejected
from lab4.analysis.gate.machines import same_dataset, same_recipe
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Verdict, VerdictOutcome
from lab4.analysis.intervals import paired_loss
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import tail

__all__ = ["judge_paired", "mcnemar"]

Bits = tuple[bool, ...]


def mcnemar(before: Bits, after: Bits) -> tuple[int, int, float]:
    """Images lost and won from ``before`` to ``after``, and the two-sided p-value of the exact test of McNemar (1947).

    Under the null hypothesis each image on which the two differ is lost or won with equal probability.
    """
    lost = sum(1 for a, b in zip(before, after, strict=True) if a and not b)
    won = sum(1 for a, b in zip(before, after, strict=True) if b and not a)
    return lost, won, min(1.0, 2 * tail(max(lost, won), lost + won)) if lost + won else 1.0


def judge_paired(baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], policy: Policy) -> list[Verdict]:
    """Judge accuracies: worse where the loss exceeds the tolerance and is significant over all cells together."""
    known = known_figures([*baselines, *candidates]).items()
    name, figure = next((each for each in known if each[1].nature is Nature.PAIRED), ("", None))
    if figure is None:
        return []
    verdicts, tests = [], []
    for cell in dict.fromkeys(key for run in baselines for key in run.cells):
        before, after = _median_run(baselines, cell), _median_run(candidates, cell)
        if before is None or after is None:
            continue
        if not same_dataset(before[0], after[0]) or len(before[1]) != len(after[1]):
            reason = "the accuracies were measured on different images; measure both sides with the same dataset"
            verdicts.append(_not_comparable(cell, name, reason))
        elif not same_recipe(before[0], after[0]):
            reason = "the models were trained differently; measure both sides with the same profile and seed"
            verdicts.append(_not_comparable(cell, name, reason))
        else:
            tests.append((cell, before[1], after[1], mcnemar(before[1], after[1])))
    decisions, _ = rejected([test[2] for *_, test in tests], [1.0] * len(tests), policy.false_alarms)
    return verdicts + [
        _verdict(
            (cell, name), (before, after), test, policy.tolerance(cell, name, figure.tolerance), significant=decision
        )
        for (cell, before, after, test), decision in zip(tests, decisions, strict=True)
    ]


def _not_comparable(cell: str, name: str, reason: str) -> Verdict:
    return Verdict(cell, name, VerdictOutcome.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE)


def _median_run(runs: Sequence[RunFigures], cell: str) -> tuple[RunFigures, Bits] | None:
    """The run of median accuracy, of those that have one; the lower of two middle ones."""
    known = [
        (run, bits)
        for run in runs
        if (figures := run.cells.get(cell)) is not None and figures.state == "measured" and (bits := figures.correct)
    ]
    if not known:
        return None
    return sorted(known, key=lambda each: (each[0].dataset.sha256, sum(each[1]), each[1]))[(len(known) - 1) // 2]


def _verdict(
    of: tuple[str, str], sides: tuple[Bits, Bits], test: tuple[int, int, float], tolerance: float, *, significant: bool
) -> Verdict:
    cell, name = of
    before, after = sides
    lost, won, p_value = test
    loss = paired_loss(before, after)
    total = len(before)
    evidence = Evidence(
        sum(before) / total,
        sum(after) / total,
        change=-loss.value,
        low=None if loss.high is None else -loss.high,
        high=None if loss.low is None else -loss.low,
        threshold=tolerance,
        p_value=p_value,
    )
    words = f"{lost} images lost and {won} won of {total:,} ({-loss.value * 100:+.2f} points)"
    if not significant or abs(loss.value) <= tolerance:
        reason = f"{words}: within the tolerance, or not significant"
        return Verdict(cell, name, VerdictOutcome.SAME, reason, evidence)
    if loss.value > 0:
        return Verdict(cell, name, VerdictOutcome.WORSE, f"{words}: significant", evidence, ExitCode.REGRESSION)
    return Verdict(cell, name, VerdictOutcome.BETTER, f"{words}: significant", evidence)
