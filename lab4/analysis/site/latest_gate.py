"""The newest run of each machine, judged against its saved runs as `lab4 gate --last` judges it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lab4.analysis.gate.judge import judge, judge_first_run
from lab4.analysis.gate.verdict import GateResult, failed_gate
from lab4.analysis.policy import Policy
from lab4.analysis.site.selection import SiteMachine, SiteRun, possible
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval, RunFigures

#: Runs that a run is judged against, as many as `lab4 gate --last 20` takes.
BASELINES = 20


@dataclass(frozen=True, slots=True)
class GateRules:
    """By what a run is judged: the project's policy and approvals, and the day on which it is."""

    policy: Policy
    approvals: Sequence[Approval]
    today: date
    assume_same_machine: bool = False


@dataclass(frozen=True, slots=True)
class LatestGate:
    """The verdicts on the newest run of a machine; ``runs`` are the numbers of those that it was judged against."""

    machine: SiteMachine
    run: SiteRun
    runs: tuple[int, ...]
    result: GateResult


def latest_gates(
    machines: Sequence[SiteMachine], read: Callable[[Sequence[int]], Sequence[RunFigures]], rules: GateRules
) -> list[LatestGate]:
    """Judge the newest run of each machine; ``read`` gets runs by their numbers, with single predictions.

    What cannot be judged is a result that says why.
    """
    return [_latest(machine, read, rules) for machine in machines]


def _latest(
    machine: SiteMachine, read: Callable[[Sequence[int]], Sequence[RunFigures]], rules: GateRules
) -> LatestGate:
    newest = machine.newest
    profile = newest.figures.settings.profile
    earlier = [run.number for run in machine.runs[:-1] if run.figures.settings.profile == profile][-BASELINES:]
    numbers = [*earlier, newest.number]
    # By number: where a file was on the machine that builds the site is nothing for its readers.
    runs = [replace(possible(run), source=f"run {number}") for number, run in zip(numbers, read(numbers), strict=True)]
    *baselines, candidate = runs
    try:
        result = _judged(candidate, baselines, rules)
    except Lab4Error as error:
        result = failed_gate(error)
    return LatestGate(machine, newest, tuple(earlier), result)


def _judged(candidate: RunFigures, baselines: Sequence[RunFigures], rules: GateRules) -> GateResult:
    if not baselines:
        return judge_first_run([candidate], rules.policy, ok=False)
    return judge(
        [candidate],
        baselines,
        rules.policy,
        today=rules.today,
        approvals=rules.approvals,
        assume_same_machine=rules.assume_same_machine,
    )
