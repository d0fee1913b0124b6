"""Suspect cells are measured again before they may stop anybody."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from math import sqrt

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.hypotheses import Few, corrections_of, logged
from lab4.analysis.gate.kin import with_kin
from lab4.analysis.gate.machines import is_one_machine
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.timed_verdicts import judge_timed
from lab4.analysis.gate.verdict import ExitCode, Judged
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures

__all__ = ["Again", "confirmed", "doubts", "looked_again", "staged", "superseded", "suspects"]

#: Runs of these cells, measured now.
Again = Callable[[Sequence[str]], Sequence[RunFigures]]


def staged(policy: Policy) -> Policy:
    """The policy of each of two stages that must agree: both together err as rarely as ``policy`` admits."""
    return replace(policy, false_alarms=sqrt(policy.false_alarms))


def suspects(judged: Sequence[Judged]) -> list[str]:
    """The cells that a timed figure would stop: what does not vary needs no second look."""
    return list(
        dict.fromkeys(
            each.cell
            for each in judged
            if each.stops is ExitCode.REGRESSION and each.figure in FIGURES
            if FIGURES[each.figure].nature is Nature.TIMED
        )
    )


def confirmed(
    timed: Sequence[Judged],
    baselines: Sequence[RunFigures],
    candidates: Sequence[RunFigures],
    policy: Policy,
    measure: Again,
) -> tuple[list[Judged], list[str]]:
    """The verdicts, those of suspect cells by what ``measure`` finds now; ``policy`` is that of the whole gate.

    Their kin are measured beside them, which tell what the machine does to both. Whether the reference kernel helps is
    what all cells of both sides told: these are too few to say.

    Raises:
        Lab4Error: where that is on another machine than the baseline's: it would acquit or condemn the machine.
    """
    doubted = suspects(timed)
    if not doubted:
        return list(timed), []
    found = measure(with_kin(doubted, dict.fromkeys(each.cell for each in timed)))
    if not is_one_machine([*baselines, *found]):
        raise Lab4Error(
            f"suspect cells were measured again on another machine ({found[-1].machine.cpu}; the baseline: "
            f"{baselines[-1].machine.cpu}); leave out --confirm, or judge on the baseline's machine"
        )
    few = Few(doubted, corrections_of(logged(baselines), logged(candidates), paired=False))
    again, _ = judge_timed(baselines, found, staged(policy), few=few)
    return looked_again(timed, doubted, again, found)


def looked_again(
    timed: Sequence[Judged], doubted: Sequence[str], again: Sequence[Judged], found: Sequence[RunFigures]
) -> tuple[list[Judged], list[str]]:
    """The verdicts after the second look, and notes of it: it acquits what it saw whole.

    ``found`` are its runs of the candidate; of a cell that failed or was cut short in one the first verdict stands.
    """
    broken = {
        key: cell.reason or cell.state
        for run in found
        for key, cell in run.cells.items()
        if cell.state in {"failed", "interrupted"}
    }
    notes = [
        f"{cell} could not be measured again ({broken[cell]}): what was found first stands"
        for cell in doubted
        if cell in broken
    ]
    sound = [cell for cell in doubted if cell not in broken]
    return superseded(timed, sound, again), [doubts(len(doubted)), *notes]


def superseded(timed: Sequence[Judged], doubted: Collection[str], again: Sequence[Judged]) -> list[Judged]:
    """The verdicts, those of doubted cells as measured again; a figure that was not told again stays as it was."""
    second = {(each.cell, each.figure): each for each in again if each.cell in doubted}
    return [*(each for each in timed if (each.cell, each.figure) not in second), *second.values()]


def doubts(cells: int) -> str:
    """The note about cells that were measured again."""
    told = "1 cell came" if cells == 1 else f"{cells} cells came"
    return f"{told} out worse and {'was' if cells == 1 else 'were'} measured again before a verdict"
