"""Which machines are slower or noisier than others of their kind: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from lab4.domain.figures import RunFigures
from lab4.sampling.quantiles import median

#: A difference that is worth a sentence, as a fraction, and how far beyond the usual spread of the kind it is.
_WORTH, _SPREADS = 0.05, 4.0
#: The median absolute deviation of a normal distribution, as a fraction of its standard deviation.
_MAD = 0.6745
#: Fewer cells than this do not show how a machine is.
_LEAST_CELLS = 3
#: Of two machines that differ, nothing says which one is as it should be.
_LEAST_MACHINES = 3


@dataclass(frozen=True, slots=True)
class MachineRuns:
    """A machine's name and kind, and the runs that were measured on it."""

    name: str
    kind: str
    runs: Sequence[RunFigures]

    def values(self, figure: str) -> dict[str, float]:
        """The figure by cell, where it was measured."""
        cells = {key: cell for run in self.runs for key, cell in run.cells.items()}
        return {key: cell.values[figure] for key, cell in cells.items() if figure in cell.values}


def outliers(machines: Sequence[MachineRuns]) -> list[str]:
    """A sentence about each machine that is slower or noisier than its kind, with what to look at."""
    kinds: dict[str, list[MachineRuns]] = {}
    for machine in machines:
        kinds.setdefault(machine.kind, []).append(machine)
    return [sentence for several in kinds.values() for sentence in _of_kind(several)]


def _of_kind(machines: Sequence[MachineRuns]) -> list[str]:
    slower = _beyond({each.name: each.values("latency") for each in machines})
    noisier = _beyond({each.name: _tails(each) for each in machines})
    total = f"the {len(machines)} machines of its kind"
    return [
        *(
            f"{name} is {ratio - 1:.0%} slower than the median of {total}; run there: lab4 doctor"
            for name, ratio in slower.items()
        ),
        *(
            f"{name} is noisier: its median calls are {ratio - 1:.0%} further from its fast ones than in the median of "
            f"{total}; run there: lab4 doctor"
            for name, ratio in noisier.items()
        ),
    ]


def _tails(machine: MachineRuns) -> dict[str, float]:
    """How much slower a usual call is than a fast one, by cell: what shares the machine delays usual ones."""
    fast, usual = machine.values("latency"), machine.values("p50")
    return {key: usual[key] / fast[key] for key in fast if key in usual}


def _beyond(values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The machines whose values are larger than their kind's beyond its spread, and by which factor.

    A machine's factor is the median over cells of its ratio to the median machine.
    """
    shared = sorted(set.intersection(*(set(each) for each in values.values()))) if values else []
    if len(values) < _LEAST_MACHINES or len(shared) < _LEAST_CELLS:
        return {}
    usual = {key: median(sorted(each[key] for each in values.values())) for key in shared}
    logs = {name: median(sorted(log(each[key] / usual[key]) for key in shared)) for name, each in values.items()}
    centre = median(sorted(logs.values()))
    spread = median(sorted(abs(value - centre) for value in logs.values())) / _MAD
    least = max(log(1 + _WORTH), _SPREADS * spread)
    return {name: exp(value - centre) for name, value in logs.items() if value - centre > least}
