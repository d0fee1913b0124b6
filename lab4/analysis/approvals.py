"""Deliberate changes: approved once, with a reason, and part of the baseline from then on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab4.analysis.figures import Nature, is_timed, known_figures
from lab4.analysis.gate.verdict import MEASUREMENT, GateResult, Runs, Verdict, VerdictOutcome
from lab4.analysis.observations import machine_of
from lab4.analysis.policy import PolicyRule
from lab4.domain.fields import moment
from lab4.domain.figures import Approval, RunFigures
from lab4.domain.text import counted, listed

#: Machines that a note names.
_MOST_NAMES = 3


def holding(approvals: Iterable[Approval], candidates: Runs, baselines: Runs = ()) -> list[Approval]:
    """The approvals that hold on the machine of the candidates: those of all machines, and those of this one.

    A machine is its hardware and its name. Where no baseline has the candidates' names they distinguish nothing, as
    those of containers do: then the hardware alone counts.
    """
    places = set(map(machine_of, candidates))
    is_named = places <= set(map(machine_of, baselines))
    nodes, hardware = {node for node, _ in places}, {own for _, own in places}
    return [
        each
        for each in approvals
        if each.hardware in {None, *hardware} and (not is_named or each.machine in {None, *nodes})
    ]


def with_notes_on_others(
    gate: GateResult, approvals: Iterable[Approval], held: Sequence[Approval], also: Iterable[tuple[str, str]] = ()
) -> GateResult:
    """The gate with a note where what stops it was approved on other machines alone, with what approves it here.

    ``held`` are the approvals that hold here; ``also`` has further cells with figures that stop a release.
    """
    stopping = {(each.cell, each.figure) for each in gate.verdicts if each.stops} | set(also)
    others = [each for each in approvals if each not in held and (each.cell, each.figure) in stopping]
    if not others:
        return gate
    count = len({(each.cell, each.figure) for each in others})
    names = listed(list(dict.fromkeys(each.machine or each.hardware or "" for each in others)), _MOST_NAMES)
    note = (
        f"{counted(count, 'change')} of these {'was' if count == 1 else 'were'} approved on {names} alone; approve "
        "here too, or once with lab4 approve --all-machines"
    )
    return replace(gate, notes=[*gate.notes, note])


def notes_on(approvals: Iterable[Approval], runs: Runs, *, whenever: bool = False) -> list[str]:
    """A note on the approvals by which `with_approvals` changes these runs; none where there is none."""
    found = [
        f"{each.figure} of {each.cell}{_amount(each)} ({each.reason}, {each.by})"
        for each in approvals
        if any(_is_new_to(run, each, whenever=whenever) and each.cell in run.cells for run in runs)
    ]
    return [f"the baseline has {counted(len(found), 'approved change')}: {listed(found, _MOST_NAMES)}"] if found else []


def _amount(approval: Approval) -> str:
    return "" if approval.factor is None else f", {approval.factor - 1:+.1%}"


def with_approvals(runs: Runs, approvals: Iterable[Approval], *, whenever: bool = False) -> list[RunFigures]:
    """The runs as if they had every approved change; runs that started after an approved run have it already.

    ``whenever``: apply each approval to every run, for older code that was measured after the approved runs.
    """
    changed = list(runs)
    for approval in sorted(approvals, key=lambda approval: moment(approval.started_at)):
        changed = [_with(run, approval) if _is_new_to(run, approval, whenever=whenever) else run for run in changed]
    return changed


def _is_new_to(run: RunFigures, approval: Approval, *, whenever: bool) -> bool:
    """Whether the run may not have the approved change yet."""
    return whenever or moment(run.started_at) < moment(approval.started_at)


def _with(run: RunFigures, approval: Approval) -> RunFigures:
    cell, figure = run.cells.get(approval.cell), approval.figure
    if cell is None:
        return run
    if figure == MEASUREMENT:
        return replace(run, cells={key: value for key, value in run.cells.items() if key != approval.cell})
    values, corrected, correct = dict(cell.values), dict(cell.corrected), cell.correct
    if approval.factor is approval.value is None:  # the figure's absence was approved
        values.pop(figure, None)
        corrected.pop(figure, None)
    elif figure in values and is_timed(figure) and approval.factor is not None:
        values[figure] *= approval.factor
        if figure in corrected:
            corrected[figure] *= approval.factor
    elif figure in values:
        values[figure] = values[figure] if approval.value is None else approval.value
        correct = correct if approval.correct is None else approval.correct
    changed = replace(cell, values=values, corrected=corrected, correct=correct)
    return replace(run, cells={**run.cells, approval.cell: changed})


def on_machine_of(approval: Approval, run: RunFigures) -> Approval:
    """The approval for the machine of a run alone."""
    return replace(approval, machine=run.machine.node, hardware=run.machine.hardware_id)


def approvals_of(  # noqa: PLR0913  # what an approval records
    verdicts: Iterable[Verdict], candidates: Runs, rule: PolicyRule, reason: str, by: str, *, paired: bool = False
) -> list[Approval]:
    """Approve every worse or missing figure that stops the gate and that ``rule`` covers.

    The approved value is that of the candidate's last run. Budgets do not belong to the baseline and cannot be
    approved. The approval holds for runs from the candidate's first one on; for interleaved sides (``paired``) from
    its last one on, because the baseline's runs lie between the candidate's.
    """
    since = candidates[-1].started_at if paired else min((run.started_at for run in candidates), key=moment)
    paired_ones = {name for name, figure in known_figures(candidates).items() if figure.nature is Nature.PAIRED}
    approved = []
    for verdict in verdicts:
        is_change = verdict.outcome in {VerdictOutcome.WORSE, VerdictOutcome.MISSING} and not verdict.is_budget
        if verdict.stops and is_change and rule.covers(verdict.cell, verdict.figure):
            plain = Approval(verdict.cell, verdict.figure, since, reason, by)
            approved.append(_with_value(plain, verdict, candidates, is_paired=verdict.figure in paired_ones))
    return approved


def _with_value(plain: Approval, verdict: Verdict, runs: Runs, *, is_paired: bool) -> Approval:
    """The approval with the value of the last run that has one: a cell that was decided early is not in later runs."""
    for cell in (run.cells[verdict.cell] for run in reversed(runs) if verdict.cell in run.cells):
        if cell.state == "measured" and verdict.figure in cell.values:
            if is_timed(verdict.figure):
                return replace(plain, factor=1 + (verdict.evidence.change or 0.0))
            return replace(plain, value=cell.values[verdict.figure], correct=cell.correct if is_paired else None)
    return plain  # the cell or the figure is missing
