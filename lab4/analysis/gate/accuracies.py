"""Accuracies: of one model, image by image; of a model that was trained anew, by how much trainings vary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from lab4.analysis.figures import Nature, known_figures
from lab4.analysis.gate.verdict import Evidence, Runs, Verdict, VerdictOutcome, changed, inconclusive
from lab4.analysis.intervals import paired_loss
from lab4.analysis.policy import Policy
from lab4.domain.figures import RunFigures
from lab4.sampling import binomial, student
from lab4.sampling.variances import Prior, Spread, prior_of

Bits = tuple[bool, ...]
#: A run, and which images are right in it.
_Known = tuple[RunFigures, Bits]
#: Seeds of a baseline that show how accuracies vary between trainings.
MIN_SEEDS = 3
_INTERVAL = 0.025


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
    tests: dict[str, _OneModel | _Trainings] = {}
    for cell in dict.fromkeys(key for run in baselines for key in run.cells):
        before, after = _of_cell(baselines, cell), _of_cell(candidates, cell)
        if not before or not after:
            continue
        test = _test_of(before, after)
        if isinstance(test, str):
            verdicts.append(inconclusive(cell, name, test))
        else:
            tests[cell] = test
    prior = prior_of([each.spread for each in tests.values() if isinstance(each, _Trainings)])
    p_values = [each.p_value(prior) for each in tests.values()]
    for (cell, test), p_value in zip(tests.items(), p_values, strict=True):
        tolerance = policy.tolerance(cell, name, figure.tolerance)
        evidence = test.evidence(tolerance, p_value)
        if p_value > policy.false_alarms / len(tests) or abs(test.loss) <= tolerance:
            reason = f"{test.words}: within the tolerance, or not significant"
            verdicts.append(Verdict(cell, name, VerdictOutcome.SAME, reason, evidence))
        else:
            verdicts.append(changed(cell, name, f"{test.words}: significant", evidence, worse=test.loss > 0))
    return verdicts


def _of_cell(runs: Iterable[RunFigures], cell: str) -> list[_Known]:
    return [
        (run, bits)
        for run in runs
        if (figures := run.cells.get(cell)) is not None and figures.state == "measured" and (bits := figures.correct)
    ]


def _test_of(before: Sequence[_Known], after: Sequence[_Known]) -> "_OneModel | _Trainings | str":
    """The test of a cell, or why there is none."""
    known = [*before, *after]
    if len({(run.dataset.sha256, len(bits)) for run, bits in known}) > 1:
        return "the accuracies were measured on different images; measure both sides with the same dataset"
    if len({(run.settings.epochs, run.settings.finetune_epochs) for run, _ in known}) > 1:
        return "the models were trained for other epochs; measure both sides with the same profile"
    if len({run.settings.seed for run, _ in before}) >= MIN_SEEDS:
        return _Trainings(_by_seed(before), _by_seed(after))
    if len({run.settings.seed for run, _ in known}) > 1:
        return (
            "the models were trained from different seeds; measure both sides with the same --lab4-seed, or give a "
            f"baseline of {MIN_SEEDS} seeds or more, which shows how accuracies vary between trainings"
        )
    return _OneModel(_median_bits(before), _median_bits(after))


def _median_bits(known: Sequence[_Known]) -> Bits:
    """Of the run of median accuracy; the lower of two middle ones."""
    return sorted((bits for _, bits in known), key=lambda bits: (sum(bits), bits))[(len(known) - 1) // 2]


def _by_seed(known: Sequence[_Known]) -> list[float]:
    """The accuracy of each training: all runs of one seed have one."""
    return list({run.settings.seed: sum(bits) / len(bits) for run, bits in known}.values())


@dataclass(frozen=True, slots=True)
class _OneModel:
    """The same images before and after: where nothing changed, each is lost or won with equal probability."""

    before: Bits
    after: Bits

    @property
    def lost_and_won(self) -> tuple[int, int]:
        pairs = list(zip(self.before, self.after, strict=True))
        return pairs.count((True, False)), pairs.count((False, True))

    @property
    def loss(self) -> float:
        lost, won = self.lost_and_won
        return (lost - won) / len(self.before)

    def p_value(self, _prior: Prior | None = None) -> float:
        """The two-sided p-value."""
        lost, won = self.lost_and_won
        return min(1.0, 2 * binomial.tail(max(lost, won), lost + won)) if lost + won else 1.0

    def evidence(self, tolerance: float, p_value: float) -> Evidence:
        loss = paired_loss(self.before, self.after)
        low, high = (None if end is None else -end for end in (loss.high, loss.low))
        baseline, candidate = (sum(bits) / len(bits) for bits in (self.before, self.after))
        return Evidence(baseline, candidate, -loss.value, low, high, tolerance, p_value=p_value, rule="images")

    @property
    def words(self) -> str:
        lost, won = self.lost_and_won
        return f"{lost} images lost and {won} won of {len(self.before):,} ({-self.loss * 100:+.2f} points)"


@dataclass(frozen=True, slots=True)
class _Trainings:
    """Accuracies of models that were trained anew, the baseline's from several seeds."""

    before: Sequence[float]
    after: Sequence[float]

    @property
    def spread(self) -> Spread:
        """The variance between trainings, within the sides."""
        squares = sum((value - fmean(side)) ** 2 for side in (self.before, self.after) for value in side)
        freedom = len(self.before) + len(self.after) - 2
        return Spread(squares / freedom, freedom)

    @property
    def loss(self) -> float:
        return fmean(self.before) - fmean(self.after)

    def p_value(self, prior: Prior | None = None) -> float:
        """The two-sided p-value; the variance borrows from those of all cells."""
        spread = self.spread if prior is None else prior.moderated(self.spread)
        error = self._error(spread)
        if error <= 0:  # trainings that agree in every image
            return float(self.loss == 0)
        return 2 * student.tail(abs(self.loss) / error, spread.freedom)

    def _error(self, spread: Spread) -> float:
        return sqrt(spread.variance * (1 / len(self.before) + 1 / len(self.after)))

    def evidence(self, tolerance: float, p_value: float) -> Evidence:
        margin = student.critical(_INTERVAL, self.spread.freedom) * self._error(self.spread)
        sides = fmean(self.before), fmean(self.after)
        low, high = -self.loss - margin, -self.loss + margin
        return Evidence(*sides, -self.loss, low, high, tolerance, p_value=p_value, rule="seeds")

    @property
    def words(self) -> str:
        counted = f"{len(self.before)} trainings before and {len(self.after)} after"
        return f"{-self.loss * 100:+.2f} points on average ({counted})"
