"""Judge a release: each machine against its own baselines, then all machines together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lab4.analysis.approvals import holding, notes_on, with_approvals, with_notes_on_others
from lab4.analysis.cell_selection import like, only_cells
from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.judge import judge_first_run, permitted, whole
from lab4.analysis.gate.timed import Comparison, at_equal_parts, comparison_of, judge_timed
from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict, VerdictOutcome, failed_gate
from lab4.analysis.kinds import kind_label, unusual_machines
from lab4.analysis.machines import as_one_machine, differences
from lab4.analysis.policy import Policy
from lab4.analysis.policy_scope import with_notes_on_policy, without_unselected_budgets
from lab4.analysis.release.combining import SharedChange, Together, without_blind
from lab4.analysis.release.machines import ReleaseMachine, absent_machines, missing_machines
from lab4.analysis.release.verdict import MachineGate, ReleaseResult, ReleaseVerdict
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval, RunFigures
from lab4.domain.pattern import selected
from lab4.domain.text import counted

#: Half of the admitted false alarms are for what one machine shows, half for what all of them show together.
_SHARE = 0.5
#: Exit codes that a verdict may have, the least severe first.
_SEVERITY = (ExitCode.PASSED, ExitCode.CANNOT_JUDGE, ExitCode.REGRESSION)
#: Outcomes that a row over all machines has, the most severe first.
_OUTCOMES = (VerdictOutcome.WORSE, VerdictOutcome.MISSING, VerdictOutcome.INCONCLUSIVE, VerdictOutcome.BETTER)


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """What holds for all machines; ``cells`` selects some by a pattern, where there is one."""

    policy: Policy
    today: date
    approvals: Sequence[Approval] = ()
    assume_same_machine: bool = False
    first_run_ok: bool = False
    cells: str | None = None


def judge_release(
    machines: Sequence[ReleaseMachine],
    rules: ReleaseRules,
    *,
    baselines: Sequence[RunFigures] = (),
    faults: Mapping[str, str] | None = None,
) -> ReleaseResult:
    """Judge a release of one machine or more.

    Of unchanged code at most the policy's share of releases has a worse timed figure, over all machines and cells.
    ``baselines`` are those of all machines, and say which machines are absent; ``faults`` say why files of the release
    could not be read, by their names.

    Raises:
        Lab4Error: where a pattern of ``rules.cells`` matches no cell, or no machine can be judged, for one reason.
    """
    policy, candidates = rules.policy, [run for machine in machines for run in machine.candidates]
    if rules.cells is not None:
        selected((key for run in candidates for key in run.cells), rules.cells)
    shared = len(machines) > 1
    rate = policy.false_alarms * (_SHARE if shared else 1.0)
    ready = {each.name: _prepared(each, rules) for each in machines}
    compared = {name: one.compared for name, one in ready.items() if isinstance(one, _Ready)}
    together = Together(compared, policy.false_alarms * _SHARE)
    count = sum(len(one.tests) for one in compared.values())
    gates = {
        name: _judged(one, rules, rate, count, together) if isinstance(one, _Ready) else one
        for name, one in ready.items()
    }
    wrong = {gate.fault for gate in gates.values()}
    if len(wrong) == 1 and (fault := wrong.pop()) is not None:  # such as a policy that names an unknown figure
        raise Lab4Error(fault)
    gates = _without_budgets_of_others(gates)
    changes = {
        (each.verdict.cell, each.verdict.figure): each._replace(verdict=permitted(each.verdict, policy, rules.today))
        for each in together.changes()
    }
    kinds = {each.name: each.candidates[-1].machine.hardware_id for each in machines}
    labels = {each.name: kind_label(each.candidates[-1].machine) for each in machines}
    verdicts = [_with_kind(each, kinds, labels) for each in _verdicts(gates, changes, machines)]
    gates = _with_notes_on_approvals(gates, ready, verdicts, rules)
    judged = [MachineGate(name, labels[name], gate, policy.unjudged_only_warns) for name, gate in gates.items()]
    judged += [
        MachineGate(name, "", failed_gate(Lab4Error(fault)), policy.unjudged_only_warns)
        for name, fault in (faults or {}).items()
    ]
    detectable = [
        seen
        for cell, name in together.cells
        if FIGURES[name].essential and (seen := together.detectable(cell, name)) is not None
    ]
    return ReleaseResult(
        judged,
        verdicts,
        missing_machines(candidates, policy.machines),
        _notes(machines, gates, absent_machines(candidates, baselines, machines), rules),
        sorted(detectable),
    )


@dataclass(frozen=True, slots=True)
class _Ready:
    """A machine that can be judged: both sides with approvals and selected cells, and notes on them.

    ``everything`` has the candidates with all of their cells, ``held`` the approvals that hold here.
    """

    sides: tuple[list[RunFigures], list[RunFigures]]
    compared: Comparison
    notes: list[str]
    everything: Sequence[RunFigures]
    held: Sequence[Approval]


def _prepared(machine: ReleaseMachine, rules: ReleaseRules) -> _Ready | GateResult:
    """What is judged of a machine; or the gate of a first run, or one that says why it cannot be judged."""
    try:
        cells = like(rules.cells, [*machine.candidates, *machine.baselines])
        candidates, baselines = only_cells(machine.candidates, cells), list(machine.baselines)
        if not baselines:
            first = judge_first_run(candidates, rules.policy, ok=rules.first_run_ok)
            return _of_selected(first, rules, candidates, machine.candidates)
        _, notes = as_one_machine(baselines, candidates, cross_machine=False, assume_same=rules.assume_same_machine)
        notes += differences(baselines, candidates)
        held = holding(rules.approvals, candidates, baselines)
        notes += notes_on(held, only_cells(baselines, cells))
        baselines = with_approvals(baselines, held)
        compared = comparison_of(baselines, machine.candidates, rules.policy, cells=cells)
        return _Ready((only_cells(baselines, cells), candidates), compared, notes, machine.candidates, held)
    except Lab4Error as error:
        return failed_gate(error)


def _of_selected(
    gate: GateResult, rules: ReleaseRules, candidates: Sequence[RunFigures], everything: Sequence[RunFigures]
) -> GateResult:
    """The gate without budgets of cells that were not selected."""
    return gate if rules.cells is None else without_unselected_budgets(gate, candidates, everything)


def _judged(one: _Ready, rules: ReleaseRules, rate: float, count: int, together: Together) -> GateResult:
    """The gate of one machine, by limits that hold over all machines."""
    tests = one.compared.tests
    policy = replace(rules.policy, false_alarms=max(rate * len(tests) / max(1, count), 1e-12))
    timed = judge_timed(one.compared, at_equal_parts(tests, rate, count))
    timed = [without_blind(each, together, policy.must_detect) for each in timed]
    try:
        gate = whole(timed, one.notes, one.sides, policy, rules.today)
        return _of_selected(gate, rules, one.sides[1], one.everything)
    except Lab4Error as error:
        return failed_gate(error)


def _with_notes_on_approvals(
    gates: Mapping[str, GateResult],
    ready: Mapping[str, _Ready | GateResult],
    verdicts: Iterable[ReleaseVerdict],
    rules: ReleaseRules,
) -> dict[str, GateResult]:
    """The gates with notes where what stops the release on a machine was approved on others alone."""
    stopping: dict[str, set[tuple[str, str]]] = {name: set() for name in gates}
    for each in verdicts:
        for name in each.machines if each.verdict.stops else ():
            stopping[name].add((each.verdict.cell, each.verdict.figure))
    return {
        name: with_notes_on_others(gate, rules.approvals, one.held, stopping[name])
        if isinstance(one := ready[name], _Ready)
        else gate
        for name, gate in gates.items()
    }


def _without_budgets_of_others(gates: Mapping[str, GateResult]) -> dict[str, GateResult]:
    """The gates without verdicts on budgets that cover no cell of a machine, but cells of another one."""

    def is_unmatched(verdict: Verdict) -> bool:
        return verdict.is_budget and verdict.outcome is VerdictOutcome.MISSING

    unmatched = [
        {(each.cell, each.figure) for each in gate.verdicts if is_unmatched(each)}
        for gate in gates.values()
        if gate.fault is None
    ]
    nowhere = set.intersection(*unmatched) if unmatched else set()
    return {
        name: replace(
            gate,
            verdicts=[each for each in gate.verdicts if not is_unmatched(each) or (each.cell, each.figure) in nowhere],
        )
        for name, gate in gates.items()
    }


def _verdicts(
    gates: Mapping[str, GateResult],
    changes: Mapping[tuple[str, str], SharedChange],
    machines: Iterable[ReleaseMachine],
) -> list[ReleaseVerdict]:
    """One verdict per cell and figure and outcome, of all machines together or of those that have it."""
    having = [
        {key for run in (*each.baselines, *each.candidates) for key in run.cells} for each in machines if each.baselines
    ]
    found: dict[tuple[str, str, bool], dict[str, Verdict]] = {}
    for name, gate in gates.items():
        for verdict in gate.verdicts:
            if verdict.outcome in _OUTCOMES and (verdict.stops or verdict.evidence.change is not None):
                found.setdefault((verdict.cell, verdict.figure, verdict.is_budget), {})[name] = verdict
    rows: list[ReleaseVerdict] = []
    for cell, figure, is_budget in dict.fromkeys([*((*key, False) for key in changes), *found]):
        own = found.get((cell, figure, is_budget), {})
        among = max(sum(cell in cells for cells in having), len(own))
        change = None if is_budget else changes.get((cell, figure))
        if change is not None:
            own_ones = [name for name, each in own.items() if each.outcome is change.verdict.outcome]
            sharing = tuple(name for name in gates if name in {*change.machines, *own_ones})
            rows.append(ReleaseVerdict(change.verdict, sharing, change.among, is_shared=True))
            own = {name: each for name, each in own.items() if _adds(each, change.verdict)}
        outcomes = dict.fromkeys(each.outcome for each in own.values())
        rows += [_of_machines({n: v for n, v in own.items() if v.outcome is outcome}, among) for outcome in outcomes]
    return rows


def _adds(own: Verdict, shared: Verdict) -> bool:
    """Whether a machine's verdict says more than that of all together: that it may have changed too is no news."""
    is_other = own.outcome not in {shared.outcome, VerdictOutcome.INCONCLUSIVE}
    return is_other or _SEVERITY.index(own.stops) > _SEVERITY.index(shared.stops)


def _of_machines(own: Mapping[str, Verdict], among: int) -> ReleaseVerdict:
    """The verdict of the machine with the largest change, for all machines that have the outcome."""
    most = max(own.values(), key=lambda each: (each.stops is ExitCode.REGRESSION, bool(each.stops), _size(each)))
    return ReleaseVerdict(most, tuple(own), among)


def _size(verdict: Verdict) -> float:
    return abs(verdict.evidence.change or 0.0)


def _with_kind(found: ReleaseVerdict, kinds: Mapping[str, str], labels: Mapping[str, str]) -> ReleaseVerdict:
    """The verdict with the name of the kind of machine, where it holds on all machines of one kind and on no other."""
    of_these = {kinds[name] for name in found.machines}
    if len(of_these) != 1 or len(found.machines) in {1, len(kinds)}:
        return found
    (kind,) = of_these
    is_whole = {name for name, own in kinds.items() if own == kind} == set(found.machines)
    return replace(found, kind=labels[found.machines[0]]) if is_whole else found


def _notes(
    machines: Sequence[ReleaseMachine], gates: Mapping[str, GateResult], absent: Sequence[str], rules: ReleaseRules
) -> list[str]:
    """Machines that changed their names, are unlike their kind or have no candidate; and what differs, each once."""
    notes = [
        f"{each.name} has no baseline by its name: it is judged against {counted(len(each.baselines), 'run')} of "
        f"{', '.join(each.earlier_names)}, which has the same hardware"
        for each in machines
        if each.earlier_names
    ]
    notes += [each.reason for each in unusual_machines({each.name: each.candidates for each in machines})]
    if absent:
        notes.append(f"in the baselines and not in this release: {', '.join(absent)}")
    differing: dict[str, list[str]] = {}
    for name, gate in gates.items():
        for note in gate.notes if gate.first is None else ():
            differing.setdefault(note, []).append(name)
    notes += [f"{note} ({_named(names, len(gates))})" for note, names in differing.items()]
    everything = GateResult([each for gate in gates.values() for each in gate.verdicts], (), (), ())
    runs = [run for each in machines for run in each.candidates]
    return [*notes, *with_notes_on_policy(everything, rules.policy, runs).notes]


def _named(names: Sequence[str], total: int) -> str:
    return f"all {total} machines" if len(names) == total else ", ".join(names)
