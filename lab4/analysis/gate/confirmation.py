"""Flagged cells are measured again before they may stop the gate."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import sqrt

from lab4.analysis.figures import is_timed
from lab4.analysis.gate.adjustments import with_peer_group
from lab4.analysis.gate.hypotheses import CellSubset, corrections_of
from lab4.analysis.gate.machines import is_one_machine
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import logged
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import ExitCode, Runs, Verdict
from lab4.domain.errors import Lab4Error

__all__ = ["Remeasure", "after_second_stage", "confirmed", "flagged_cells", "flagged_note", "superseded", "two_stage"]

#: Measures these cells now, and returns the runs.
Remeasure = Callable[[Sequence[str]], Runs]


def two_stage(policy: Policy) -> Policy:
    """The policy of each of two stages that must agree: together they have the false alarm rate of ``policy``."""
    return replace(policy, false_alarms=sqrt(policy.false_alarms))


def flagged_cells(verdicts: Sequence[Verdict]) -> list[str]:
    """The cells that a timed figure would stop; figures that do not vary need no second stage."""
    return list(
        dict.fromkeys(
            verdict.cell for verdict in verdicts if verdict.stops is ExitCode.REGRESSION and is_timed(verdict.figure)
        )
    )


def confirmed(
    timed: Sequence[Verdict], baselines: Runs, candidates: Runs, policy: Policy, measure: Remeasure
) -> tuple[list[Verdict], list[str]]:
    """The verdicts after flagged cells were measured again, and notes; ``policy`` is that of the whole gate.

    Their peer groups are measured too, to estimate what the machine does to both. Whether dividing by the frequency
    probe helps is known from all cells of both sides: the flagged ones are too few to decide it.

    Raises:
        Lab4Error: where the new runs are of another machine than the baseline: they would judge the machine.
    """
    flagged = flagged_cells(timed)
    if not flagged:
        return list(timed), []
    runs = measure(with_peer_group(flagged, dict.fromkeys(verdict.cell for verdict in timed)))
    if not is_one_machine([*baselines, *runs]):
        raise Lab4Error(
            f"flagged cells were measured again on another machine ({runs[-1].machine.cpu}; the baseline: "
            f"{baselines[-1].machine.cpu}); leave out --confirm, or run the gate on the baseline's machine"
        )
    subset = CellSubset(flagged, corrections_of(logged(baselines), logged(candidates), paired=False))
    second, _ = judge_timed(baselines, runs, two_stage(policy), subset=subset)
    return after_second_stage(timed, flagged, second, runs)


def after_second_stage(
    timed: Sequence[Verdict], flagged: Sequence[str], second: Sequence[Verdict], runs: Runs
) -> tuple[list[Verdict], list[str]]:
    """The verdicts after the second stage, and notes about it.

    ``runs`` are the candidate's new ones. A cell that failed or was interrupted in one keeps its first verdict, as does
    a figure without a second one.
    """
    broken = {
        key: cell.reason or cell.state
        for run in runs
        for key, cell in run.cells.items()
        if key in flagged and cell.state in {"failed", "interrupted"}
    }
    notes = [
        f"{cell} could not be measured again ({broken[cell]}); its first verdict remains"
        for cell in flagged
        if cell in broken
    ]
    sound = [cell for cell in flagged if cell not in broken]
    return superseded(timed, sound, second), [flagged_note(len(flagged)), *notes]


def superseded(timed: Sequence[Verdict], flagged: Collection[str], second: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, with the second ones of flagged cells; a figure without a second verdict keeps its first."""
    latest = {(verdict.cell, verdict.figure): verdict for verdict in second if verdict.cell in flagged}
    return [*(verdict for verdict in timed if (verdict.cell, verdict.figure) not in latest), *latest.values()]


def flagged_note(cells: int) -> str:
    """The note that says how many cells are measured again."""
    return "1 cell was flagged and measured again" if cells == 1 else f"{cells} cells were flagged and measured again"
