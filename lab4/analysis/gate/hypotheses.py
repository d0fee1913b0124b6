"""What is asked of figures that vary: each cell and figure is a hypothesis or several, all believed together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.beside_peers import beside_peers
from lab4.analysis.gate.common_state import without_common_state
from lab4.analysis.gate.correction import Correction, correction_of, where_told
from lab4.analysis.gate.discovery import believed
from lab4.analysis.gate.policy import Policy
from lab4.analysis.gate.sides import Sides, logs
from lab4.analysis.gate.timed import Finding, findings
from lab4.domain.figures import RunFigures

__all__ = ["Few", "Hypothesis", "Logged", "corrections_of", "hypotheses_of", "logged"]

#: A run's logarithms by cell, for each figure as it is and corrected.
Logged = Mapping[tuple[str, bool], Mapping[str, float]]
#: For each figure what its cells tell of the reference kernel.
Corrections = Mapping[str, Correction]

#: The figures that are judged here.
_JUDGED = {name: figure for name, figure in FIGURES.items() if figure.nature is Nature.TIMED and figure.judged}
#: What a cell is compared beside.
_PEERS, _STATE = "the other cells of its format", "what the machine did to all cells"


@dataclass(frozen=True, slots=True)
class Few:
    """Of a suite only few cells were measured: those ``asked`` about, and others that say how the machine was.

    These tell nothing of the reference kernel; ``corrections`` are what runs of the whole suite told.
    """

    asked: Collection[str]
    corrections: Corrections


class _Compared(NamedTuple):
    """What was found of a figure, of the cell by itself or ``beside`` something else."""

    name: str
    beside: str
    finding: Finding


class Hypothesis(NamedTuple):
    """A finding of a figure, of the cell by itself or beside something else; what became of it."""

    name: str
    finding: Finding
    beside: str
    believed: bool
    limit: float


def logged(runs: Sequence[RunFigures]) -> list[Logged]:
    """The runs with the logarithms of every figure that is judged here, to be judged in several ways."""
    return [
        {
            (name, way): logs(run, name, higher_is_better=figure.higher_is_better, corrected=way)
            for name, figure in _JUDGED.items()
            for way in (False, True)
        }
        for run in runs
    ]


def hypotheses_of(
    baselines: Sequence[Logged],
    candidates: Sequence[Logged],
    policy: Policy,
    *,
    paired: bool,
    few: Few | None = None,
) -> tuple[dict[tuple[str, str], list[Hypothesis]], dict[str, Sides], list[str]]:
    """The hypotheses about each cell and figure, with what is believed; each figure's sides, as it is; and notes.

    ``few`` is said of runs of fewer cells than the suite's.
    """
    compared: list[_Compared] = []
    notes: list[str] = []
    plain: dict[str, Sides] = {}
    for name in _JUDGED:
        raw, corrected = _both_ways(name, baselines, candidates, paired=paired)
        correction = correction_of(raw, corrected) if few is None else few.corrections[name]
        found = _compared(name, where_told(raw, corrected, helps=correction.helps), policy)
        compared += [each for each in found if few is None or each.finding.cell in few.asked]
        notes += _told(FIGURES[name].label, correction) if few is None else []  # told of the whole suite
        plain[name] = raw
    return _by_cell(_decided(compared, policy.false_alarms)), plain, notes


def corrections_of(baselines: Sequence[Logged], candidates: Sequence[Logged], *, paired: bool) -> Corrections:
    """What these runs tell of the reference kernel, for each figure."""
    return {name: correction_of(*_both_ways(name, baselines, candidates, paired=paired)) for name in _JUDGED}


def _both_ways(
    name: str, baselines: Sequence[Logged], candidates: Sequence[Logged], *, paired: bool
) -> tuple[Sides, Sides]:
    """The figure's sides, as they are and corrected."""
    raw, corrected = (
        Sides([run[name, way] for run in baselines], [run[name, way] for run in candidates], paired)
        for way in (False, True)
    )
    return raw, corrected


def _by_cell(hypotheses: Sequence[Hypothesis]) -> dict[tuple[str, str], list[Hypothesis]]:
    found: dict[tuple[str, str], list[Hypothesis]] = {}
    for each in hypotheses:
        found.setdefault((each.finding.cell, each.name), []).append(each)
    return found


def _decided(compared: Sequence[_Compared], rate: float) -> list[Hypothesis]:
    """Believe changes for the worse at this rate of false ones, and apart from them changes for the better."""
    weights = [FIGURES[each.name].weight for each in compared]
    directions = [each.finding.change > 0 for each in compared]
    found = {
        worse: believed(
            [
                each.finding.chance if direction is worse else 1.0
                for each, direction in zip(compared, directions, strict=True)
            ],
            weights,
            rate,
        )
        for worse in (True, False)
    }
    return [
        Hypothesis(
            each.name,
            each.finding,
            each.beside,
            believed=found[worse][0][index],
            limit=min(0.5, found[worse][1] * weights[index]),
        )
        for index, (each, worse) in enumerate(zip(compared, directions, strict=True))
    ]


def _told(label: str, correction: Correction) -> list[str]:
    if not correction.total:
        return []
    does = "is of undisturbed calls, " + ("" if correction.helps else "not ") + "divided by the reference kernel's time"
    fewer = f"{correction.better} of {correction.total} cells"
    return [f"{label} {does}: with it {fewer} varied less between runs of one side"]


def _compared(name: str, sides: Sides, policy: Policy) -> list[_Compared]:
    figure = FIGURES[name]
    tolerances = {cell: policy.tolerance(cell, name, figure.tolerance) for cell in sides.cells()}
    compared = {"": sides, _PEERS: beside_peers(sides), _STATE: without_common_state(sides)}
    return [
        _Compared(name, beside, each)
        for beside, which in compared.items()
        for each in findings(which, tolerances, figure.lone_freedom)
    ]
