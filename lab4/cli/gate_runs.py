"""Which runs a gate judges: the candidates, the baselines of their machines, and the cells that are selected."""

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.analysis.observations import machine_of
from lab4.analysis.release.machines import ReleaseMachine, release_machines
from lab4.cli.shared import last_runs, note
from lab4.domain.errors import Lab4Error, RecordError
from lab4.domain.figures import RunFigures
from lab4.domain.identity import distinct, identity
from lab4.reading.runs import baselines_at, runs_at
from lab4.reading.store import opened

if TYPE_CHECKING:
    from lab4.history.store import Store


def candidates_of(arguments: Namespace) -> tuple[list[RunFigures], dict[str, str]]:
    """The candidate's runs, and why files of others could not be read; raises `Lab4Error` where there is no run."""
    paths, faults = [Path(run) for run in arguments.runs], dict[str, str]()
    candidates = runs_at(paths, note, faults)
    if not candidates:
        refuse(faults)
        raise Lab4Error(f"there is no run in {', '.join(map(str, paths))}; measure one with: pytest benchmarks")
    return candidates, faults


def refuse(faults: dict[str, str]) -> None:
    """Raise the first of the files' faults, if there is one."""
    for fault in faults.values():
        raise RecordError(fault)


def baselines_of(arguments: Namespace, candidates: Sequence[RunFigures]) -> list[RunFigures]:
    """The baseline's runs, from files and the history; a candidate that is among them is left out."""
    baselines = baselines_at(arguments.baseline, note)
    if arguments.last is not None or arguments.history is not None:
        baselines = distinct([*_from_history(arguments, candidates), *baselines], note)
    own = {identity(run) for run in candidates}
    others = [run for run in baselines if identity(run) not in own]
    if baselines and not others:
        note("the baseline has no run but the candidate itself")
    return others


def _from_history(arguments: Namespace, candidates: Sequence[RunFigures]) -> list[RunFigures]:
    """The history's last runs of each candidate's machine and profile; of one machine without any, its last of all."""
    candidate = candidates[-1]
    last = last_runs(arguments.last)
    with closing(opened(arguments.history, note, read_only=True)) as store:
        known = _of_each_machine(store, last, candidates)
        if len(machines_of(arguments, candidates, known)) > 1:
            return known
        # One more, because the candidate may be in the history.
        own = store.runs(last + 1, candidate.machine.hardware_id, candidate.settings.profile)
        return [run for run in own if identity(run) != identity(candidate)][-last:] or store.runs(last)


def _of_each_machine(store: "Store", last: int, candidates: Sequence[RunFigures]) -> list[RunFigures]:
    """The last so many runs of each of several machines that the candidates are of; none of a single machine."""
    own, nodes = {identity(run) for run in candidates}, {machine_of(run) for run in candidates}
    places = dict.fromkeys((run.machine.hardware_id, run.settings.profile) for run in candidates)
    pool: list[RunFigures] = []
    for hardware, profile in places if len(nodes) > 1 else ():
        wanted = [place for place in nodes if place[1] == hardware]
        pool += [run for run in _reaching(store, last, wanted, (hardware, profile)) if identity(run) not in own]
    return [run for machine in release_machines(candidates, pool) for run in machine.baselines[-last:]]


def _reaching(store: "Store", last: int, wanted: Sequence[tuple[str, str]], of: tuple[str, str]) -> list[RunFigures]:
    """As many of the last runs as it takes to have so many of each machine: one may have few among many of others.

    A machine of which four times as many runs hold no more than before has no more: its name may be new.
    """
    asked, before = (last + 1) * len(wanted), dict.fromkeys(wanted, -1)
    while True:
        runs = store.runs(asked, *of)
        counts = Counter(map(machine_of, runs))
        lacking = [place for place in wanted if counts[place] <= last]
        if len(runs) < asked or all(counts[place] == before[place] for place in lacking):
            return runs
        asked, before = 4 * asked, {place: counts[place] for place in wanted}


def machines_of(
    arguments: Namespace, candidates: Sequence[RunFigures], baselines: Sequence[RunFigures]
) -> list[ReleaseMachine]:
    """The machines of a release; fewer than two where the runs are to be judged as one side, across machines or not."""
    assumed = arguments.assume_same_machine and not all(run.machine.is_identified for run in candidates)
    if arguments.cross_machine or arguments.interleaved or assumed:
        return []
    return release_machines(candidates, baselines)


def of_its_machine(
    arguments: Namespace, machines: Sequence[ReleaseMachine], baselines: list[RunFigures]
) -> list[RunFigures]:
    """The baselines of a single machine's hardware, where others are among them; else all."""
    if arguments.assume_same_machine:
        return baselines
    hardware = {machine.candidates[-1].machine.hardware_id for machine in machines if machine.baselines}
    own = [run for run in baselines if run.machine.hardware_id in hardware]
    if own and len(own) < len(baselines):
        note(f"baselines of other machines are left out: {len(baselines) - len(own)} of {len(baselines)} runs")
    return own or baselines
