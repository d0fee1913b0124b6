"""Figures that do not vary with the machine's speed: limits of the policy, sizes and sparsities, accuracies."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.figures import FigureTraits, Nature, known_figures
from lab4.analysis.gate.hypotheses import rejected
from lab4.analysis.gate.policy import BudgetRule, Policy
from lab4.analysis.gate.verdict import Evidence, ExitCode, Runs, Verdict, VerdictOutcome, changed, inconclusive
from lab4.analysis.intervals import paired_loss
from lab4.domain.fields import moment
from lab4.domain.figures import RunFigures
from lab4.sampling.binomial import tail
from lab4.sampling.quantiles import median

Bits = tuple[bool, ...]


def _values(runs: Runs, figure: str) -> dict[str, list[float]]:
    """The figure's values by measured cell, in the order of the runs."""
    values: dict[str, list[float]] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "measured" and figure in cell.values:
                values.setdefault(key, []).append(cell.values[figure])
    return values


def judge_budgets(candidates: Runs, policy: Policy) -> list[Verdict]:
    """Judge each budget on each cell that it covers, by the median of the candidate's runs.

    A budget that covers no cell cannot be judged, nor can one of a cell whose figure is missing. Cells that are
    unavailable on this machine have no verdict here: `judge_presence` reports them.
    """
    known = known_figures(candidates)
    return [
        replace(verdict, is_budget=True)
        for budget in policy.budgets
        for verdict in _of_budget(candidates, budget, known[budget.figure].label)
    ]


def _of_budget(candidates: Runs, budget: BudgetRule, label: str) -> list[Verdict]:
    figure = budget.figure
    covered = {cell: each for cell, each in _values(candidates, figure).items() if budget.covers(cell, figure)}
    verdicts = [_within_budget(cell, label, budget, median(values)) for cell, values in covered.items()]
    verdicts += [
        inconclusive(key, figure, f"{label} has a budget of {budget.written}, but no value: {reason}")
        for key, reason in _why_missing(candidates, budget).items()
        if key not in covered
    ]
    if not covered:
        reason = f"budget of {label} {budget.written}: no measured cell matches {budget.cells!r}"
        verdicts.append(Verdict(budget.cells, figure, VerdictOutcome.MISSING, reason, stops=ExitCode.CANNOT_JUDGE))
    return verdicts


def _why_missing(candidates: Runs, budget: BudgetRule) -> dict[str, str]:
    """By cell that the budget covers, why a run has no value of it."""
    reasons: dict[str, str] = {}
    for run in candidates:
        for key, cell in run.cells.items():
            reason = cell.missing.get(budget.figure)
            if cell.state in {"failed", "interrupted"}:
                reason = cell.reason or cell.state
            if reason is not None and budget.covers(key, budget.figure):
                reasons[key] = reason
    return reasons


def _within_budget(cell: str, label: str, budget: BudgetRule, value: float) -> Verdict:
    over = budget.at_most is not None and value > budget.at_most
    under = budget.at_least is not None and value < budget.at_least
    limit = budget.at_most if budget.at_least is None else budget.at_least
    evidence = Evidence(baseline=limit, candidate=value)
    if over or under:
        return changed(cell, budget.figure, f"{label} breaks its budget of {budget.written}", evidence, worse=True)
    return Verdict(cell, budget.figure, VerdictOutcome.SAME, f"{label} keeps its budget of {budget.written}", evidence)


def judge_exact(baselines: Runs, candidates: Runs, policy: Policy) -> list[Verdict]:
    """Judge sizes and sparsities: worse where every run of the candidate is worse than the baseline's latest.

    That is the latest baseline run that has the figure: earlier changes were accepted, and later gains can be lost.
    """
    verdicts = []
    in_time = sorted(baselines, key=lambda run: moment(run.started_at))
    for name, figure in known_figures([*baselines, *candidates]).items():
        if figure.nature is Nature.EXACT and figure.judged:
            after = _values(candidates, name)
            for cell, before in _values(in_time, name).items():
                if cell in after:
                    tolerance = policy.tolerance(cell, name, figure.tolerance)
                    verdicts.append(_exact(cell, name, figure, tolerance, (before[-1], after[cell])))
    return verdicts


def _exact(
    cell: str, name: str, figure: FigureTraits, tolerance: float, sides: tuple[float, Sequence[float]]
) -> Verdict:
    reference, after = sides
    # To the candidate's nearest value: 0 where its runs lie on both sides of the reference.
    step = max(0.0, min(after) - reference) + min(0.0, max(after) - reference)
    share = figure.quantity == "share"
    change = step if share else (step / reference if reference else float(step > 0))
    evidence = Evidence(reference, max(after) if step < 0 else min(after), change, change, change, tolerance, tolerance)
    if abs(change) <= tolerance:
        return Verdict(cell, name, VerdictOutcome.SAME, "equal, or within the tolerance", evidence)
    amount = f"{change * 100:+.2f} points" if share else f"{step:+,.0f} bytes ({change:+.2%})"
    reason = f"{figure.label} {amount}; it does not vary by chance"
    return changed(cell, name, reason, evidence, worse=(step > 0) != figure.higher_is_better)


def judge_paired(baselines: Runs, candidates: Runs, policy: Policy) -> list[Verdict]:
    """Judge accuracies: worse where the loss exceeds the tolerance and is significant over all cells together.

    Significant by the exact test of McNemar (1947) on the images on which the two sides differ.
    """
    known = known_figures([*baselines, *candidates]).items()
    name, figure = next((each for each in known if each[1].nature is Nature.PAIRED), ("", None))
    if figure is None:
        return []
    verdicts: list[Verdict] = []
    comparable: dict[str, tuple[Bits, Bits]] = {}
    for cell in dict.fromkeys(key for run in baselines for key in run.cells):
        before, after = _median_run(baselines, cell), _median_run(candidates, cell)
        if before is None or after is None:
            continue
        if reason := _why_not_comparable(*before, *after):
            verdicts.append(inconclusive(cell, name, reason))
        else:
            comparable[cell] = before[1], after[1]
    tests = [_mcnemar(*sides) for sides in comparable.values()]
    decisions, _ = rejected([p_value for *_, p_value in tests], [1.0] * len(tests), policy.false_alarms)
    for (cell, sides), test, significant in zip(comparable.items(), tests, decisions, strict=True):
        tolerance = policy.tolerance(cell, name, figure.tolerance)
        verdicts.append(_paired((cell, name), sides, test, tolerance, significant=significant))
    return verdicts


def _median_run(runs: Runs, cell: str) -> tuple[RunFigures, Bits] | None:
    """The run of median accuracy, of those that have one; the lower of two middle ones."""
    known = [
        (run, bits)
        for run in runs
        if (figures := run.cells.get(cell)) is not None and figures.state == "measured" and (bits := figures.correct)
    ]
    if not known:
        return None
    return sorted(known, key=lambda each: (each[0].dataset.sha256, sum(each[1]), each[1]))[(len(known) - 1) // 2]


def _why_not_comparable(before: RunFigures, bits_before: Bits, after: RunFigures, bits_after: Bits) -> str:
    if before.dataset.sha256 != after.dataset.sha256 or len(bits_before) != len(bits_after):
        return "the accuracies were measured on different images; measure both sides with the same dataset"
    recipes = {(run.settings.seed, run.settings.epochs, run.settings.finetune_epochs) for run in (before, after)}
    if len(recipes) > 1:
        return "the models were trained differently; measure both sides with the same profile and seed"
    return ""


def _mcnemar(before: Bits, after: Bits) -> tuple[int, int, float]:
    """Images lost and won, and the two-sided p-value: unchanged, each is lost or won with equal probability."""
    pairs = list(zip(before, after, strict=True))
    lost, won = pairs.count((True, False)), pairs.count((False, True))
    return lost, won, min(1.0, 2 * tail(max(lost, won), lost + won)) if lost + won else 1.0


def _paired(
    of: tuple[str, str], sides: tuple[Bits, Bits], test: tuple[int, int, float], tolerance: float, *, significant: bool
) -> Verdict:
    lost, won, p_value = test
    loss, total = paired_loss(*sides), len(sides[0])
    low, high = (None if end is None else -end for end in (loss.high, loss.low))
    baseline, candidate = (sum(bits) / total for bits in sides)
    evidence = Evidence(baseline, candidate, -loss.value, low, high, tolerance, p_value=p_value)
    words = f"{lost} images lost and {won} won of {total:,} ({-loss.value * 100:+.2f} points)"
    if not significant or abs(loss.value) <= tolerance:
        return Verdict(*of, VerdictOutcome.SAME, f"{words}: within the tolerance, or not significant", evidence)
    return changed(*of, f"{words}: significant", evidence, worse=loss.value > 0)
