"""Machines of one kind, which is one hardware: which of them is slower or noisier than the others.

Names are no part of a kind: a machine that changes its name stays of its kind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import fmean, median
from typing import Literal, NamedTuple

from lab4.analysis.figures import FIGURES
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.machine import Machine
from lab4.domain.text import counted
from lab4.sampling.student import critical, tail

#: The share of kinds of equal machines in which one may be named.
FALSE_ALARMS = 0.01
#: A single slow cell is not a slow machine.
MIN_CELLS = 3
_INTERVAL = 0.025
#: What assumed spreads of a kind are worth next to those seen: degrees of freedom.
_FREEDOM = 8.0
_GIB = 2**30

#: What is compared of a cell.
_Value = Callable[[CellFigures], float | None]
#: How a machine may differ from its kind.
Fault = Literal["slower", "noisier"]


class _Question(NamedTuple):
    """``usual``: the assumed standard deviation of logarithms in a kind; ``least``: the ratio that is worth naming."""

    fault: Fault
    what: str
    usual: float
    least: float


_SLOWER = _Question("slower", "times", 0.02, 1.05)
#: The distance from the median to the 90th percentile varies by a quarter between equal machines.
_NOISIER = _Question("noisier", "spreads of calls", 0.25, 1.5)


@dataclass(frozen=True, slots=True)
class UnusualMachine:
    """A machine that is slower or noisier than the ``others`` of its kind, and the evidence.

    ``factor`` is how many times as long its calls take, or how many times as far their 90th percentile is from the
    median: the median over so many ``cells``, with its 95% interval. ``p_value``: the probability of such a factor, or
    a greater one, where machines are alike; one-sided.
    """

    machine: str
    kind: str
    fault: Fault
    factor: float
    low: float
    high: float
    cells: int
    others: tuple[str, ...]
    p_value: float

    @property
    def reason(self) -> str:
        """The evidence as one sentence without a full stop."""
        what = _SLOWER.what if self.fault == _SLOWER.fault else _NOISIER.what
        others = "the other machine" if len(self.others) == 1 else f"the {len(self.others)} other machines"
        return (
            f"{self.machine} is {self.fault} than {others} of its kind: its {what} are {self.factor:.2f} times theirs "
            f"({self.low:.2f} to {self.high:.2f}, {counted(self.cells, 'cell')}, p = {self.p_value:.2g})"
        )


def kind_label(machine: Machine) -> str:
    """The hardware in words: CPU, cores, memory and GPUs, of which unknown facts are left out."""
    memory = f"{machine.memory_bytes / _GIB:.0f} GiB" if machine.memory_bytes else ""
    cores = counted(machine.logical_cores, "core") if machine.logical_cores else ""
    return ", ".join(filter(None, (machine.cpu, cores, memory, *(gpu.name for gpu in machine.gpus)))) or "unknown"


def kinds_of(machines: Mapping[str, Sequence[RunFigures]]) -> dict[str, list[str]]:
    """The names of the machines of each kind, by `Machine.hardware_id` of their last run; each has a run at least.

    A machine of unknown hardware is a kind of its own.
    """
    found: dict[str, list[str]] = {}
    for name, runs in machines.items():
        found.setdefault(runs[-1].machine.hardware_id, []).append(name)
    return found


def unusual_machines(machines: Mapping[str, Sequence[RunFigures]]) -> tuple[UnusualMachine, ...]:
    """Name the machines that are slower or noisier than others of their kind, the most certain first.

    ``machines`` has the runs of each machine by its name, at least one. A machine is compared with the median of the
    others of its kind, cell by cell; three cells or more must be comparable. Of equal machines at most one kind in
    a hundred has a machine named (for each of both faults). Of two machines the slower one is named: which of them is
    at fault is unknown.
    """
    found: list[UnusualMachine] = []
    for kind, names in kinds_of(machines).items():
        if len(names) > 1:
            for question, value in ((_SLOWER, _time), (_NOISIER, _spread)):
                levels = {name: _levels(machines[name], value) for name in names}
                found += filter(None, (_unusual(name, kind, question, levels) for name in names))
    return tuple(sorted(found, key=lambda each: each.p_value))


def _time(cell: CellFigures) -> float | None:
    """What a cell takes, of the figures that are essential: as measured, not corrected for the machine's speed."""
    return next(
        (cell.values[name] for name, traits in FIGURES.items() if traits.essential and name in cell.values), None
    )


def _spread(cell: CellFigures) -> float | None:
    """How far the slow calls of a cell are from its median, as a share of that; ``None`` where that is not known."""
    middle, slow = cell.values.get("p50"), cell.values.get("p90")
    return slow / middle - 1 if middle and slow and slow > middle else None


def _levels(runs: Sequence[RunFigures], value: _Value) -> dict[str, float]:
    """The mean logarithm of each measured cell over the runs."""
    found: dict[str, list[float]] = {}
    for run in runs:
        for key, cell in run.cells.items():
            known = value(cell) if cell.state == "measured" else None
            if known is not None and 0 < known < inf:
                found.setdefault(key, []).append(log(known))
    return {key: fmean(values) for key, values in found.items()}


def _distance(own: Mapping[str, float], others: Sequence[Mapping[str, float]]) -> tuple[float, int]:
    """The median over cells of the distance to the median of the others, and the number of these cells."""
    apart = [
        level - median(there) for key, level in own.items() if (there := [each[key] for each in others if key in each])
    ]
    return (median(apart), len(apart)) if apart else (0.0, 0)


def _unusual(
    name: str, kind: str, question: _Question, levels: Mapping[str, Mapping[str, float]]
) -> UnusualMachine | None:
    """The machine, if its distance from the others is beyond what they differ by among themselves."""
    others = {other: level for other, level in levels.items() if other != name}
    distance, cells = _distance(levels[name], list(others.values()))
    if cells < MIN_CELLS or distance < log(question.least):
        return None
    # How others differ from each other, none of which is this one.
    apart = [_distance(level, [each for each in others.values() if each is not level]) for level in others.values()]
    known = [each for each, count in apart if count >= MIN_CELLS]
    middle = fmean(known) if known else 0.0
    seen = max(0, len(known) - 1)
    squares = sum((each - middle) ** 2 for each in known)
    freedom = _FREEDOM + seen
    error = sqrt((_FREEDOM * question.usual**2 + squares) / freedom * (1 + 1 / len(others)))
    p_value = tail(distance / error, freedom)
    if p_value > FALSE_ALARMS / len(levels):
        return None
    margin = critical(_INTERVAL, freedom) * error
    factor, low, high = (exp(each) for each in (distance, distance - margin, distance + margin))
    return UnusualMachine(name, kind, question.fault, factor, low, high, cells, tuple(others), p_value)
