"""One verdict per cell and figure, and the result of all of them; flagged cells are measured again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from lab4.analysis.approvals import holding, notes_on, with_approvals, with_notes_on_others
from lab4.analysis.cell_selection import only_cells
from lab4.analysis.figures import known_figures
from lab4.analysis.gate.accuracies import judge_accuracies
from lab4.analysis.gate.presence import judge_presence, require_measured
from lab4.analysis.gate.timed import Comparison, comparison_of, decided, is_blind, judge_timed, lacking_runs
from lab4.analysis.gate.untimed import judge_budgets, judge_exact
from lab4.analysis.gate.verdict import ExitCode, GateResult, Runs, SelfCheck, Verdict, VerdictOutcome, inconclusive
from lab4.analysis.machines import as_one_machine, differences, is_one_machine
from lab4.analysis.policy import Policy, require_known_figures
from lab4.analysis.ratios import NO_RATIO, RATIO_NOTES, relative_to_float32, without_float32
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval
from lab4.domain.text import counted
from lab4.sampling.binomial import upper

#: One run to judge, and two that show how runs vary.
_MIN_RUNS = 3
#: Runs that are judged against the others: the time grows with the square.
_MAX_TRIALS = 10
#: Measures these cells now, and returns the runs.
Remeasure = Callable[[Sequence[str]], Runs]


def judge(  # noqa: PLR0913  # each is its own concern
    candidates: Runs,
    baselines: Runs,
    policy: Policy,
    *,
    today: date,
    approvals: Sequence[Approval] = (),
    cross_machine: bool = False,
    assume_same_machine: bool = False,
    remeasure: Remeasure | None = None,
    paired: bool = False,
    cells: frozenset[str] | None = None,
) -> GateResult:
    """Judge the candidate's runs against the baseline's; neither may be empty.

    Verdicts are on these ``cells``, or on all; the others show what the machine did.

    ``cross_machine`` judges ratios to the same model's float32 cell on the same machine. ``assume_same_machine`` takes
    runs of unknown hardware as runs of one machine. ``remeasure`` measures cells now: flagged cells are measured again,
    and judged by all runs of the candidate together. ``paired``: the sides' runs were interleaved.

    Raises:
        Lab4Error: where the sides are of different or unknown hardware and no option permits that, new runs are of
            another machine than the baseline, or a side has no measured cell.
    """
    notes = differences(baselines, candidates)
    is_one, assumed = as_one_machine(
        baselines, candidates, cross_machine=cross_machine, assume_same=assume_same_machine
    )
    held = holding(approvals, candidates, baselines)
    notes += notes_on(held, only_cells(baselines, cells))
    baselines = with_approvals(baselines, held)
    sides = (baselines, candidates, policy) if is_one else relative_to_float32(baselines, candidates, policy)
    compared = comparison_of(*sides, paired=paired, cells=cells, measured=(*baselines, *candidates))
    timed, timed_notes = _timed(compared, sides[:2], remeasure)
    if not is_one:  # the float32 cells need not be selected
        lacking = without_float32(baselines, candidates)
        timed += [inconclusive(key, "latency", NO_RATIO) for key in lacking if cells is None or key in cells]
    baselines, candidates = (only_cells(side, cells) for side in (baselines, candidates))
    check = self_check(compared, today) if is_one else None
    notes = [*assumed, *(() if is_one else RATIO_NOTES), *notes, *timed_notes]
    gate = whole(timed, notes, (baselines, candidates), policy, today, check=check, paired=paired)
    return with_notes_on_others(gate, approvals, held)


def whole(  # noqa: PLR0913  # the parts of a gate
    timed: Sequence[Verdict],
    notes: Sequence[str],
    sides: tuple[Runs, Runs],
    policy: Policy,
    today: date,
    *,
    check: SelfCheck | None = None,
    paired: bool = False,
    first: ExitCode | None = None,
) -> GateResult:
    """The verdicts on timed figures and on everything else, as the policy permits them.

    Where there is no baseline, ``first`` is how a gate ends that nothing stops.

    Raises:
        Lab4Error: where a side has no measured cell, or a run of an unpaired candidate has none.
    """
    baselines, candidates = sides
    require_measured(candidates, "candidate", each=not paired)
    if first is None:
        require_measured(baselines, "baseline")
    # All that the policy may name.
    known = known_figures([*baselines, *candidates])
    require_known_figures(policy, known)
    quantities = {name: figure.quantity for name, figure in known.items()}
    verdicts = [
        *judge_presence(baselines, candidates, paired=paired),
        *timed,
        *judge_exact(baselines, candidates, policy),
        *judge_accuracies(baselines, candidates, policy),
        *judge_budgets(candidates, policy),
    ]
    return GateResult(
        [permitted(replace(each, quantity=quantities.get(each.figure, "")), policy, today) for each in verdicts],
        notes,
        [run.source for run in baselines],
        [run.source for run in candidates],
        check,
        first,
    )


def judge_first_run(candidates: Runs, policy: Policy, *, ok: bool) -> GateResult:
    """Judge budgets, which need no baseline, and whether every cell was measured.

    A run without a baseline has an exit code of its own, unless that is ``ok``.

    Raises:
        Lab4Error: where a run has no measured cell.
    """
    note = "no baseline: only budgets were judged; save this run and give it as the baseline next time"
    first = ExitCode.PASSED if ok else ExitCode.NO_BASELINE
    # The day decides over changes that are expected, of which there are none.
    return whole((), [note], ((), candidates), policy, date.max, first=first)


def permitted(verdict: Verdict, policy: Policy, today: date) -> Verdict:
    """Remove the exit code where a rule only warns, or where the change is expected until today or later."""
    if verdict.stops is ExitCode.PASSED:
        return verdict
    if policy.only_warns(verdict.cell, verdict.figure):
        return replace(verdict, stops=ExitCode.PASSED, reason=f"{verdict.reason} (the policy only warns)")
    change = verdict.evidence.change
    if verdict.outcome is not VerdictOutcome.WORSE or change is None:
        return verdict
    expected = reversed(policy.expected)
    rules = [rule for rule in expected if rule.covers(verdict.cell, verdict.figure) and abs(change) <= rule.change]
    for rule in rules:
        if today <= rule.until:
            reason = f"{verdict.reason} (expected until {rule.until}: {rule.reason})"
            return replace(verdict, stops=ExitCode.PASSED, reason=reason)
    if rules:
        return replace(verdict, reason=f"{verdict.reason} (was expected until {rules[0].until}, which has passed)")
    return verdict


def self_check(compared: Comparison, today: date) -> SelfCheck | None:
    """Judge each baseline run against the others by today's policy; ``None`` for fewer than three runs.

    That shows how often the gate is red on unchanged code.
    """
    trials, policy = compared.baselines[-_MAX_TRIALS:], compared.policy
    if len(trials) < _MIN_RUNS:
        return None
    # One run decides over these only; the others' tests count all the same.
    figures = [name for name in compared.figures if not lacking_runs(name, len(trials) - 1, 1)]
    red = []
    for number, run in enumerate(trials):
        others = [*trials[:number], *trials[number + 1 :]]
        one = replace(compared, baselines=others, candidates=[run], paired=False, figures=figures)
        tests = decided(one.tests, policy, (len(others), 1))
        if any((each.rejected and each.change > 0) or is_blind(each, policy) for each in tests):
            verdicts = (permitted(each, policy, today) for each in judge_timed(one, tests))
            stopping = sorted((each for each in verdicts if each.stops), key=lambda each: each.stops)
            red += [(run.source, f"{each.cell} {each.figure}") for each in stopping[:1]]
    return SelfCheck(len(trials), tuple(red), upper(len(red), len(trials)))


def _timed(
    compared: Comparison, sides: tuple[Runs, Runs], remeasure: Remeasure | None
) -> tuple[list[Verdict], list[str]]:
    """The verdicts on timed figures, and notes; flagged cells are judged after they were measured again."""
    (baselines, candidates), policy = sides, compared.policy
    before, after = len(baselines), len(candidates)
    verdicts = judge_timed(compared, decided(compared.tests, policy, (before, after)))
    doubtful = {VerdictOutcome.WORSE, VerdictOutcome.INCONCLUSIVE}
    flagged = {(verdict.cell, verdict.figure) for verdict in verdicts if verdict.outcome in doubtful}
    if remeasure is None or not flagged:
        return verdicts, []
    cells = list(dict.fromkeys(verdict.cell for verdict in verdicts if (verdict.cell, verdict.figure) in flagged))
    runs = remeasure(compared.groups.with_controls(cells, {verdict.cell for verdict in verdicts}))
    if not runs:
        return verdicts, ["flagged cells could not be measured again; their first verdicts remain"]
    if not is_one_machine([*baselines, *runs]):
        raise Lab4Error(
            f"flagged cells were measured again on another machine ({runs[-1].machine.cpu}; the baseline: "
            f"{baselines[-1].machine.cpu}); run the gate on the baseline's machine, or leave out the second look"
        )
    again = comparison_of(baselines, [*candidates, *runs], policy, cells=compared.cells)
    # By all runs of the candidate, against the limits of all tests of the first look.
    second = judge_timed(again, decided(again.tests, policy, (before, after + len(runs))))
    return with_second_look(verdicts, (each for each in second if (each.cell, each.figure) in flagged), cells, runs)


def with_second_look(
    first: Sequence[Verdict], second: Iterable[Verdict], cells: Sequence[str], runs: Runs
) -> tuple[list[Verdict], list[str]]:
    """The verdicts after ``cells`` were measured again in ``runs``, and notes; what failed there keeps its first."""
    broken = {
        key: cell.reason or cell.state
        for run in runs
        for key, cell in run.cells.items()
        if key in cells and cell.state in {"failed", "interrupted"}
    }
    latest = {(each.cell, each.figure): each for each in second if each.cell not in broken}
    kept = [f"{cell} could not be measured again ({why}); its first verdict remains" for cell, why in broken.items()]
    return [latest.get((each.cell, each.figure), each) for each in first], [flagged_note(len(cells)), *kept]


def flagged_note(cells: int) -> str:
    """The note that says how many cells are measured again."""
    return f"{counted(cells, 'cell')} {'was' if cells == 1 else 'were'} flagged and measured again"
