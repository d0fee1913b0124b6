"""Accuracies: of one model, image by image; of a model that was trained anew, by how much trainings vary."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean

from lab4.analysis.figures import Nature, known_figures
from lab4.analysis.gate.verdict import Evidence, Runs, Verdict, VerdictOutcome, changed, inconclusive
from lab4.analysis.intervals import lost_and_won, paired_loss
from lab4.analysis.policy import Policy
from lab4.domain.figures import RunFigures
from lab4.sampling import binomial, student
from lab4.sampling.variances import Prior, Spread, prior_of

Bits = tuple[bool, ...]
#: A run, and which images are right in it.
_Known = tuple[RunFigures, Bits]
#: Seeds of a baseline that show how accuracies vary between trainings, with one of the candidate; or as many in all.
MIN_SEEDS = 3
_INTERVAL = 0.025
_TRAINED_ANEW = (
    "; if the model was trained anew, a baseline of several seeds decides, which shows how accuracies vary between "
    "trainings (--lab4-seed)"
)
_OTHER_METRIC = (
    "a side does not say of each image whether it is right by {}, as its first metric is another; measure both sides "
    "with the same --lab4-metrics"
)


def judge_accuracies(baselines: Runs, candidates: Runs, policy: Policy) -> list[Verdict]:
    """Judge accuracies: worse where the loss exceeds the tolerance and is significant over all cells together.

    Of one model, by the exact test of McNemar (1947) on the images on which the two sides differ. Where the baseline
    has trainings from several seeds, against the variance between trainings.
    """
    known = known_figures([*baselines, *candidates]).items()
    name, figure = next((each for each in known if each[1].nature is Nature.PAIRED), ("", None))
    if figure is None:
        return []
    verdicts: list[Verdict] = []
    tests: dict[str, _Compared] = {}
    for cell in dict.fromkeys(key for run in baselines for key in run.cells):
        before, after = (_of_cell(runs, cell, name) for runs in (baselines, candidates))
        if before and after:
            test = _compared(before, after)
            if isinstance(test, str):
                verdicts.append(inconclusive(cell, name, test))
            else:
                tests[cell] = test
        elif _has_value(baselines, cell, name) and _has_value(candidates, cell, name):
            verdicts.append(inconclusive(cell, name, _OTHER_METRIC.format(figure.label)))
    prior = prior_of([each.spread for each in tests.values() if each.spread is not None])
    for cell, test in tests.items():
        tolerance, evidence = policy.tolerance(cell, name, figure.tolerance), test.evidence(prior)
        evidence, change = replace(evidence, threshold=tolerance), evidence.change or 0.0
        is_significant = (evidence.p_value or 0.0) <= policy.false_alarms / len(tests)
        if is_significant and abs(change) > tolerance:
            verdicts.append(changed(cell, name, f"{test.words}: significant", evidence, worse=change < 0))
        else:
            why = "within the tolerance" if abs(change) <= tolerance else f"not significant{test.remedy}"
            verdicts.append(Verdict(cell, name, VerdictOutcome.SAME, f"{test.words}: {why}", evidence))
    return verdicts


def _of_cell(runs: Iterable[RunFigures], cell: str, metric: str) -> list[_Known]:
    """The runs in which it is known which images are right by this metric; some runs may have compared by another."""
    of_metric = (run for run in runs if run.catalogue.paired_metric == metric)
    return [
        (run, bits)
        for run in of_metric
        if (figures := run.cells.get(cell)) is not None and figures.state == "measured" and (bits := figures.correct)
    ]


def _has_value(runs: Iterable[RunFigures], cell: str, metric: str) -> bool:
    known = (run.cells[cell] for run in runs if cell in run.cells)
    return any(each.state == "measured" and metric in each.values for each in known)


def _compared(before: Sequence[_Known], after: Sequence[_Known]) -> "_Compared | str":
    """The test of a cell, or why there is none."""
    known = [*before, *after]
    if len({(run.dataset.sha256, len(bits)) for run, bits in known}) > 1:
        return "the accuracies were measured on different images; measure both sides with the same dataset"
    if len({(run.settings.epochs, run.settings.finetune_epochs) for run, _ in known}) > 1:
        return "the models were trained for other epochs; measure both sides with the same profile"
    trainings = _by_seed(before), _by_seed(after)
    if sum(map(len, trainings)) > MIN_SEEDS:
        return _of_trainings(*trainings)
    if len({run.settings.seed for run, _ in known}) > 1:
        return (
            "the models were trained from different seeds; measure both sides with the same --lab4-seed, or give a "
            f"baseline of {MIN_SEEDS} seeds, which shows how accuracies vary between trainings"
        )
    return _of_one_model(_median_bits(before), _median_bits(after))


def _median_bits(known: Sequence[_Known]) -> Bits:
    """Of the run of median accuracy; the lower of two middle ones."""
    return sorted((bits for _, bits in known), key=lambda bits: (sum(bits), bits))[(len(known) - 1) // 2]


def _by_seed(known: Sequence[_Known]) -> list[float]:
    """The accuracy of each training: all runs of one seed have one."""
    return list({run.settings.seed: sum(bits) / len(bits) for run, bits in known}.values())


@dataclass(frozen=True, slots=True)
class _Compared:
    """Both sides' accuracies of a cell, in words too, and their ``evidence``, which lacks what depends on the policy.

    Its p-value is two-sided, from what all cells say of ``spread``, the variance between trainings where that counts.
    ``remedy`` is what would decide over a change that is not significant.
    """

    evidence: Callable[[Prior | None], Evidence]
    words: str
    remedy: str = ""
    spread: Spread | None = None


def _of_one_model(before: Bits, after: Bits) -> _Compared:
    """The same images before and after: where nothing changed, each is lost or won with equal probability."""
    lost, won = lost_and_won(before, after)
    loss, total = paired_loss(before, after), len(before)
    low, high = (None if end is None else -end for end in (loss.high, loss.low))
    p_value = min(1.0, 2 * binomial.tail(max(lost, won), lost + won))
    values = sum(before) / total, sum(after) / total, -loss.value
    evidence = Evidence(*values, low, high, p_value=p_value, rule="images")
    return _Compared(
        lambda _: evidence,
        f"{lost} images lost and {won} won of {total:,} ({-loss.value * 100:+.2f} points)",
        _TRAINED_ANEW if min(lost, won) else "",
    )


def _of_trainings(before: Sequence[float], after: Sequence[float]) -> _Compared:
    """Accuracies of models that were trained anew, the baseline's from several seeds."""
    change, freedom = fmean(after) - fmean(before), len(before) + len(after) - 2
    own = Spread(sum((value - fmean(side)) ** 2 for side in (before, after) for value in side) / freedom, freedom)

    def evidence(prior: Prior | None) -> Evidence:
        spread = own if prior is None else prior.moderated(own)
        error = sqrt(spread.variance * (1 / len(before) + 1 / len(after)))
        margin = student.critical(_INTERVAL, spread.freedom) * error
        # Without an error: of trainings that agree in every image.
        p_value = 2 * student.tail(abs(change) / error, spread.freedom) if error > 0 else float(change == 0)
        ends = change - margin, change + margin
        return Evidence(fmean(before), fmean(after), change, *ends, p_value=p_value, rule="seeds")

    words = f"{change * 100:+.2f} points on average ({len(before)} trainings before and {len(after)} after)"
    return _Compared(evidence, words, "; more seeds would show smaller changes", own)
