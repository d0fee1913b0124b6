"""Which machines a release has, and which baseline runs are a machine's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lab4.analysis.observations import machine_names, machine_of
from lab4.domain.figures import RunFigures


@dataclass(frozen=True, slots=True)
class ReleaseMachine:
    """A machine's runs on both sides; ``earlier_names`` are those of its baselines where it has none by its own."""

    name: str
    candidates: tuple[RunFigures, ...]
    baselines: tuple[RunFigures, ...]
    earlier_names: tuple[str, ...] = ()


def release_machines(candidates: Sequence[RunFigures], baselines: Sequence[RunFigures]) -> list[ReleaseMachine]:
    """The machines of the candidates, in the order of their runs, each with its own baselines.

    A machine is its name and its hardware. Where no baseline run has both, the name is new: then all new names of one
    hardware are one machine, and its baselines are the runs of that hardware under names that no candidate has. So
    containers, whose names are random, are one machine, and so is a machine that changed its name.
    """
    present = {machine_of(run) for run in candidates}
    known = {machine_of(run) for run in baselines}
    names = machine_names([*candidates, *baselines])
    groups: dict[tuple[str, str], list[RunFigures]] = {}
    for run in candidates:
        node, hardware = machine_of(run)
        groups.setdefault((node if (node, hardware) in known else "", hardware), []).append(run)
    found = []
    for (_, hardware), runs in groups.items():
        place = machine_of(runs[0])
        own = [run for run in baselines if machine_of(run) == place]
        others = [run for run in baselines if run.machine.hardware_id == hardware and machine_of(run) not in present]
        used = own or others
        earlier = dict.fromkeys(names[machine_of(run)] for run in used if machine_of(run) != place)
        name = ", ".join(dict.fromkeys(names[machine_of(run)] for run in runs))
        found.append(ReleaseMachine(name, tuple(runs), tuple(used), tuple(earlier)))
    return found


def absent_machines(
    candidates: Sequence[RunFigures], baselines: Sequence[RunFigures], machines: Sequence[ReleaseMachine]
) -> list[str]:
    """The machines that have baselines and no candidate; those whose runs are another name's baselines are left out."""
    names = machine_names([*candidates, *baselines])
    present = {machine_of(run) for run in candidates}
    renamed = {machine_of(run) for machine in machines for run in machine.baselines}
    return list(dict.fromkeys(names[each] for each in map(machine_of, baselines) if each not in present | renamed))


def missing_machines(candidates: Sequence[RunFigures], required: Sequence[str]) -> list[str]:
    """The patterns of required machines, by name, that no candidate's machine matches."""
    nodes = {run.machine.node for run in candidates}
    return [pattern for pattern in required if not any(fnmatchcase(node, pattern) for node in nodes)]
