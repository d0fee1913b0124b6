"""A fleet's run: builds, measures on every machine, keeps what ends, and goes on after any of them died."""

import platform
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lab4 import __version__
from lab4.analysis.kinds import unusual_machines
from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error, RecordError, UnavailableError
from lab4.domain.passwords import masked
from lab4.domain.text import counted
from lab4.fleet import node as on_node
from lab4.fleet.artifacts import KeptArtifacts
from lab4.fleet.cluster import Cluster, FailedError, LostError, Ref, connected, require_ray
from lab4.fleet.facts import ClusterNode, NodeFacts, Versions, one_folder, other_versions, refusal, remarks
from lab4.fleet.orders import Built, Ended, RunOrder
from lab4.fleet.recording import RunRecord
from lab4.fleet.shared import SharedCache
from lab4.fleet.state import DONE, INCOMPLETE, MEASURING, FleetState, MachineState, read_state
from lab4.fleet.units import BuildUnit, build_units
from lab4.interrupts import ending_like_an_interrupt
from lab4.reading.store import opened
from lab4.storage.atomic import output_errors
from lab4.storage.folders import OwnedFolder

#: Options of the suite that the fleet gives itself, and what to give in their place.
_OWN_OPTIONS = {
    "--lab4-output": "name the driver's folder with --output",
    "--lab4-cache": "each node has a cache of its own; one that all reach is named with --shared-cache",
    "--lab4-resume": "run the same command again, which goes on where it ended",
    "--lab4-gate": "judge the history afterwards: lab4 gate --history ...",
    "--lab4-update": "write golden outputs in a run on one machine",
    "--lab4-build-only": "leave it out",
    "--lab4-report": "make reports of its runs afterwards: lab4 report lab4-fleet/machines",
    "--lab4-progress": "leave it out",
    "--lab4-tune": "run it on one machine: pytest ... --lab4-tune",
}
_REBUILD = "--lab4-rebuild"
#: How long the driver waits for the next message: seconds.
_POLL_S = 0.25
#: How often the state is written while cells come: seconds.
_WRITE_S = 1.0
#: How often nodes are looked for that have joined the cluster: seconds.
_LOOK_S = 5.0
#: How often a run is begun on one node.
_ATTEMPTS = 3
_MACHINES, _ARTIFACTS = "machines", "artifacts"

Show = Callable[[str], None]
#: Nodes that can measure, by machine.
_Nodes = dict[str, tuple[ClusterNode, NodeFacts]]
#: The results of a unit: what was built, and the packed entries.
Parts = tuple[Ref, Ref]


@dataclass(frozen=True, slots=True)
class FleetRequest:
    """What a fleet is asked for: ``address`` of the cluster, ``None`` for this machine; ``shared`` is a cache's URL."""

    arguments: tuple[str, ...]
    address: str | None
    history: str | None
    output: Path
    shared: str = ""
    project: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True, slots=True)
class FleetReport:
    """What came of it: the machines, sentences on those that differ from their kind, and where it is kept."""

    machines: Sequence[MachineState]
    outliers: Sequence[str]
    history: str
    output: Path


@dataclass(slots=True)
class _Task:
    """A run that a node measures for a machine, which may be another one of its kind."""

    machine: MachineState
    node: ClusterNode
    on: MachineState
    order: RunOrder


def run_fleet(request: FleetRequest, show: Show) -> FleetReport:
    """Measure on every machine of the cluster; ``show`` gets sentences on what happens.

    Raises `Lab4Error` where nothing can be measured, or some machines could not measure all: one sentence with the
    remedy. What has ended is then in the history, and the same command goes on from there.
    """
    _check(request.arguments)
    require_ray()  # before a history, whose packages its extra has as well
    owned = OwnedFolder(request.output, "--output")
    owned.claim()
    try:
        with closing(opened(request.history, show)) as store, store.held(), ending_like_an_interrupt():
            state = _state(request, store.name)
            with connected(request.address, request.project) as cluster:
                return _Driver(request, state, cluster, store, show).run()
    finally:
        owned.release()


def _check(arguments: Sequence[str]) -> None:
    for word in arguments:
        name = word.partition("=")[0]
        if name in _OWN_OPTIONS:
            raise Lab4Error(f"a fleet gives {name} itself; {_OWN_OPTIONS[name]}")


def _state(request: FleetRequest, history: str) -> FleetState:
    """The run to continue, or a new one."""
    before = read_state(request.output)
    if before is None or before.ended:
        return FleetState.new(request.arguments, history)
    if before.arguments != request.arguments or before.history != history:
        raise RecordError(
            f"{request.output} has a run that has not ended, with the arguments {' '.join(before.arguments)!r} into "
            f"{masked(before.history)}; give the same again to go on, or name another folder with --output"
        )
    return before


def _make_way(output: Path) -> None:
    """Move the runs of an ended fleet to the folder ``earlier``; its artifacts, which are large, are not needed."""
    before = read_state(output)
    if before is None or not before.ended:
        return
    place = output / "earlier" / before.fleet
    with output_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            (output / _MACHINES).rename(place / _MACHINES)
    shutil.rmtree(output / _ARTIFACTS, ignore_errors=True)


class _Driver:
    def __init__(self, request: FleetRequest, state: FleetState, cluster: Cluster, store: Any, show: Show) -> None:  # noqa: ANN401  # SQLAlchemy is loaded late
        self._request, self._state, self._cluster, self._store, self._show = request, state, cluster, store, show
        self._commit = _commit(request.project)
        shared = SharedCache(request.shared) if request.shared else None
        self._kept = KeptArtifacts(request.output / _ARTIFACTS, shared)
        self._records: dict[str, RunRecord] = {}
        self._begun: dict[str, int] = {}
        self._nodes: _Nodes = {}
        self._heard_of: set[str] = set()
        self._moved: set[str] = set()
        self._said: set[str] = set()
        self._is_behind, self._written_s, self._looked_s = False, 0.0, 0.0

    def run(self) -> FleetReport:
        with ExitStack() as stack:
            stack.callback(self._close)
            for machine in self._state.machines:
                for name in machine.runs:
                    self._record(name)
            nodes = self._take_part()
            if not self._state.cells:
                self._state.cells = self._collected([node for node, _ in nodes.values()])
            _make_way(self._request.output)  # only now: nothing has moved where the cluster cannot measure
            self._plan(nodes)
            parts = self._build()
            self._measure_all(nodes, parts)
            return self._report()

    def _close(self) -> None:
        for record in self._records.values():
            record.close()

    # ----------------------------------------------------------------- who takes part

    def _take_part(self) -> _Nodes:
        """The nodes that can measure, by machine; raises `UnavailableError` where there is none."""
        found, refused = self._asked()
        if not found:
            raise UnavailableError(f"no node of the cluster can measure: {'; '.join(refused) or 'it has none'}")
        return found

    def _asked(self) -> tuple[_Nodes, list[str]]:
        """The nodes that can measure, by machine, and why others cannot, which is shown."""
        asked = [(node, self._cluster.ask_for_facts(node)) for node in self._measuring_nodes()]
        self._heard_of |= {node.ray_id for node, _ in asked}
        found: _Nodes = {}
        refused = []
        for node, ref in asked:
            facts = self._fitting(node, ref, [each for _, each in found.values()])
            if isinstance(facts, str):
                refused.append(facts)
            else:
                found[facts.machine_id] = node, facts
        self._nodes = dict(found)
        for sentence in [*refused, *remarks([facts for _, facts in found.values()])]:
            self._say_once(sentence)
        return found, refused

    def _measuring_nodes(self) -> list[ClusterNode]:
        return [node for node in self._cluster.nodes() if node.cpus >= 1]

    def _fitting(self, node: ClusterNode, ref: Ref, others: Sequence[NodeFacts]) -> NodeFacts | str:
        """What the node has answered, or why it cannot measure next to ``others``."""
        try:
            answer = self._cluster.value(ref)
            if not isinstance(answer, NodeFacts):
                return other_versions(node.name, Versions(*answer), Versions(platform.python_version(), __version__))
            facts = replace(answer, skew_s=self._skew_s(node))
        except FailedError as error:
            return f"{node.name} takes no part: {error}"
        except LostError as error:
            return f"{node.name} does not answer ({error}); start Ray there again"
        return refusal(facts) or one_folder(facts, others) or facts

    def _skew_s(self, node: ClusterNode) -> float:
        """How far the node's clock is ahead of ours, at least."""
        before = time.time()
        theirs: float = self._cluster.value(self._cluster.ask(node, on_node.clock))
        return min(theirs - before, 0.0) or max(theirs - time.time(), 0.0)

    def _collected(self, nodes: Sequence[ClusterNode]) -> tuple[str, ...]:
        """The cells, which the first node that answers has found."""
        node, *others = nodes
        try:
            found = self._cluster.value(self._cluster.ask(node, on_node.cells, self._order("", None)))
        except LostError:
            if not others:
                raise
            return self._collected(others)
        if isinstance(found, str):
            raise Lab4Error(found)
        return tuple(found)

    def _plan(self, nodes: _Nodes) -> None:
        """Give every machine its cells; one that was there before keeps them, whatever it is called now."""
        known = {machine.machine_id: machine for machine in self._state.machines}
        for machine_id, (_, facts) in nodes.items():
            machine = known.get(machine_id)
            if machine is None:
                names = [each.name for each in self._state.machines]
                name = _free(facts.name, names)
                planned = _cells_for(facts, self._state.cells)
                self._state.machines.append(MachineState(machine_id, name, facts.kind, planned))
            elif machine.name.partition("#")[0] != facts.name:
                self._show(f"the machine {machine.name} is called {facts.name} now; its results stay together")
                machine.name = _free(facts.name, [each.name for each in self._state.machines])
        measured = {key for machine in self._state.machines for key in machine.planned}
        left_out = [key for key in self._state.cells if key not in measured]
        if left_out:
            self._say_once(
                f"no node has a GPU, so that {counted(len(left_out), 'cell')} are left out, such as {left_out[0]}"
            )
        self._write()

    # ----------------------------------------------------------------- build

    def _build(self) -> list[Parts]:
        """Build every unit that has not been; returns what each has made."""
        planned = {key for machine in self._state.machines for key in machine.planned}
        units = build_units(key for key in self._state.cells if key in planned)
        self._state.builds = len(units)
        self._write()
        parts: dict[str, Parts] = {}
        started: dict[Ref, tuple[BuildUnit, Parts]] = {}
        waiting = list(units)
        while waiting or started:
            for unit in [each for each in waiting if each.after is None or each.after in parts]:
                waiting.remove(unit)
                if kept := self._built_before(unit):
                    parts[unit.name] = kept
                else:
                    before = [parts[name] for name in _ancestors(unit, units)]
                    refs = self._start(unit, before, self._unfit)
                    started[refs[0]] = unit, refs
            for ref in self._cluster.ended(list(started), _POLL_S):
                unit, refs = started.pop(ref)
                before = [parts[name] for name in _ancestors(unit, units)]
                if again := self._again(unit, before, refs):
                    started[again[0]] = unit, again
                else:
                    parts[unit.name] = self._built(unit, refs)
        return list(parts.values())

    def _start(self, unit: BuildUnit, before: Sequence[Parts], without: Collection[str]) -> Parts:
        anew = _REBUILD in self._state.arguments
        order = replace(self._order(f"build-{unit.name}", unit.cells), anew=anew)
        return self._cluster.build(order, before, without)

    def _again(self, unit: BuildUnit, before: Sequence[Parts], refs: Parts) -> Parts | None:
        """Build a unit elsewhere, where a node cannot: its disk may be full. A second time each machine builds it."""
        try:
            built: Built = self._cluster.value(refs[0])
        except LostError:
            return None
        node = next((each for each, _ in self._nodes.values() if each.ray_id == built.node), None)
        if not built.problem or node is None or len(self._nodes) == 1 or unit.name in self._moved:
            return None
        self._moved.add(unit.name)
        self._show(f"{unit.name} was not built on {node.name}, and is built on another node: {built.problem}")
        return self._start(unit, before, {*self._unfit, node.ray_id})

    @property
    def _unfit(self) -> set[str]:
        """Nodes that have been asked, and cannot measure: they build nothing."""
        return self._heard_of - {node.ray_id for node, _ in self._nodes.values()}

    def _built(self, unit: BuildUnit, parts: Parts) -> Parts:
        """Keep what a task has built on this machine, so that a node that dies takes none of it along."""
        try:
            built, packed = self._cluster.value(parts[0]), self._cluster.value(parts[1])
        except LostError as error:
            built, packed = Built(problem=str(error)), {}
        if built.problem:
            self._show(f"{unit.name} was not built ahead, so that each machine builds it: {built.problem}")
        self._kept.keep(packed)
        if not built.problem:
            self._state.built[unit.name] = dict(built.digests)
        self._write()
        return self._cluster.kept(built), self._cluster.kept(packed)

    def _built_before(self, unit: BuildUnit) -> Parts | None:
        """What a driver before this one has kept of the unit; ``None`` where some of it is missing or damaged."""
        digests = self._state.built.get(unit.name)
        if digests is None:
            return None
        packed = self._kept.whole(digests)
        if packed is None:
            self._show(f"{unit.name} is built again: what was kept of it is missing or damaged")
            return None
        return self._cluster.kept(Built(digests)), self._cluster.kept(packed)

    # ----------------------------------------------------------------- measure

    def _measure_all(self, nodes: _Nodes, parts: Sequence[Parts]) -> None:
        """Measure on every machine, and what one that was lost has left on others of its kind."""
        self._measure([self._task(machine, *own) for machine, own in self._pairs(nodes)], parts)
        for _ in range(_ATTEMPTS - 1):
            if not any(map(self._missing, self._state.machines)):
                return
            found, _ = self._asked()  # a machine that is back goes on by itself
            self._plan(found)
            tasks = [self._task(machine, *own) for machine, own in self._pairs(found)]
            if not tasks:
                return
            self._measure(tasks, parts)

    def _pairs(self, nodes: _Nodes) -> Iterator[tuple[MachineState, tuple[ClusterNode, MachineState]]]:
        """Machines that lack cells, each with the node that measures them: its own, or one of its kind."""
        by_id = {machine.machine_id: machine for machine in self._state.machines}
        free = {machine_id: node for machine_id, (node, _) in nodes.items()}
        lacking = [machine for machine in self._state.machines if self._missing(machine)]
        for machine in [each for each in lacking if each.machine_id in free]:
            yield machine, (free.pop(machine.machine_id), machine)
        for machine in [each for each in lacking if each.machine_id not in nodes]:
            other = next((each for each in free if by_id[each].kind == machine.kind), None)
            if other is not None:
                yield machine, (free.pop(other), by_id[other])

    def _missing(self, machine: MachineState) -> tuple[str, ...]:
        ended = {key for name in machine.runs for key in self._record(name).ended}
        return tuple(key for key in machine.planned if key not in ended)

    def _task(self, machine: MachineState, node: ClusterNode, on: MachineState) -> _Task:
        """The run that goes on where it ended, on its own node; any other has only what is missing."""
        own = _own_run(machine)
        is_own = on is machine and set(machine.runs) <= {own} and self._begun.get(own, 0) < _ATTEMPTS - 1
        run = own if is_own else f"{own}-{len(machine.runs) + 1}"
        cells = machine.planned if is_own else self._missing(machine)
        if run not in machine.runs:
            machine.runs = (*machine.runs, run)
        self._begun[run] = self._begun.get(run, 0) + 1
        machine.turn(MEASURING, "" if on is machine else f"on {on.name}, of the same kind")
        return _Task(machine, node, on, self._order(run, None if cells == self._state.cells else cells))

    def _measure(self, tasks: Sequence[_Task], parts: Sequence[Parts]) -> None:
        running = {self._cluster.measure(task.node, task.order, parts): task for task in tasks}
        joining: dict[Ref, ClusterNode] = {}
        self._write()
        while self._look_for_joining(joining, at_once=not running) or running:
            ended = self._cluster.ended([*running, *joining], _POLL_S)
            self._take_messages()  # all of those that have ended are here
            for ref in ended:
                if ref in running:
                    self._end(running.pop(ref), ref)
                elif task := self._joined(joining.pop(ref), ref, list(running.values())):
                    running[self._cluster.measure(task.node, task.order, parts)] = task

    def _look_for_joining(self, joining: dict[Ref, ClusterNode], *, at_once: bool) -> bool:
        """Ask nodes that have joined the cluster since the last look; returns whether some have not answered yet."""
        if at_once or time.monotonic() > self._looked_s + _LOOK_S:
            self._looked_s = time.monotonic()
            for node in self._measuring_nodes():
                if node.ray_id not in self._heard_of:
                    self._heard_of.add(node.ray_id)
                    joining[self._cluster.ask_for_facts(node)] = node
        return bool(joining)

    def _joined(self, node: ClusterNode, ref: Ref, running: Sequence[_Task]) -> _Task | None:
        """The run of a node that has joined; ``None`` where it cannot measure, or its machine lacks nothing."""
        up = {each.ray_id for each in self._cluster.nodes()}
        facts = self._fitting(node, ref, [own for each, own in self._nodes.values() if each.ray_id in up])
        if isinstance(facts, str):
            self._say_once(facts)
            return None
        self._nodes[facts.machine_id] = node, facts
        for sentence in remarks([own for _, own in self._nodes.values()]):
            self._say_once(sentence)
        self._plan({facts.machine_id: (node, facts)})
        machine = next(each for each in self._state.machines if each.machine_id == facts.machine_id)
        is_busy = any(machine in (task.machine, task.on) for task in running)
        if is_busy or not self._missing(machine):
            return None
        self._show(f"{machine.name} has joined the cluster, and measures as the others do")
        return self._task(machine, node, machine)

    def _take_messages(self) -> None:
        lines: dict[str, list[bytes]] = {}
        for message in self._cluster.messages():
            lines.setdefault(message.run, []).extend(message.content)
        for run, own in lines.items():  # one transaction for all that have come of a run
            for reason in self._record(run).take(own):
                self._say_once(
                    f"{self._owner(run).name}: a line of its journal is not kept ({reason}); what was in it is "
                    "measured again, or reported as missing"
                )
            self._is_behind = True
        if self._is_behind and time.monotonic() > self._written_s + _WRITE_S:
            self._write()

    def _end(self, task: _Task, ref: Ref) -> None:
        try:
            ended: Ended = self._cluster.value(ref)
        except FailedError as error:
            ended = Ended(None, str(error))
        except LostError as error:
            ended = Ended(None, f"it was lost while it measured ({error})")
        refused = self._record(task.order.name).end(ended.content)
        if refused:
            ended = Ended(None, f"what it has sent at its end is not kept ({refused})")
        missing = self._missing(task.machine)
        if not missing:
            task.machine.turn(DONE)
        else:
            problem = ended.problem or "its run was interrupted"
            task.machine.turn(
                INCOMPLETE, f"{problem}; {counted(len(missing), 'cell')} of {len(task.machine.planned)} missing"
            )
        self._show(_line(task, missing))
        self._write()

    # ----------------------------------------------------------------- what is kept

    def _record(self, name: str) -> RunRecord:
        if name not in self._records:
            self._records[name] = RunRecord(self._request.output / _MACHINES / name, self._store, self._commit)
        return self._records[name]

    def _owner(self, run: str) -> MachineState:
        return next(each for each in self._state.machines if run in each.runs)

    def _say_once(self, sentence: str) -> None:
        """Show a sentence, unless it was: a run that goes on sends all of its lines again."""
        if sentence not in self._said:
            self._said.add(sentence)
            self._show(sentence)

    def _order(self, name: str, cells: tuple[str, ...] | None) -> RunOrder:
        arguments = tuple(word for word in self._state.arguments if word != _REBUILD)
        return RunOrder(self._state.fleet, name, arguments, cells, self._cluster.folder, self._request.shared)

    def _write(self) -> None:
        for machine in self._state.machines:
            machine.done = len(machine.planned) - len(self._missing(machine))
        self._state.write(self._request.output)
        self._is_behind, self._written_s = False, time.monotonic()

    def _report(self) -> FleetReport:
        for record in self._records.values():  # of a driver that was killed after the last cell of a run
            if record.is_behind:
                record.end(None)
        # Its own run alone: what another machine has measured for it says nothing of it.
        own = {each.name: self._record(_own_run(each)).figures for each in self._state.machines}
        unusual = unusual_machines({name: [figures] for name, figures in own.items() if figures is not None})
        found = [f"{each.reason}; run there: lab4 doctor" for each in unusual]
        lacking = [f"{each.name}: {each.problem}" for each in self._state.machines if self._missing(each)]
        self._state.ended = not lacking
        self._write()
        for sentence in found if lacking else ():
            self._show(sentence)
        if lacking:
            raise Lab4Error(
                f"{len(lacking)} of {counted(len(self._state.machines), 'machine')} lack cells ({'; '.join(lacking)}); "
                "what ended is in the history: start them, and run the same command again"
            )
        return FleetReport(self._state.machines, found, self._store.name, self._request.output)


def _own_run(machine: MachineState) -> str:
    """The name of the run that a machine goes on with, wherever it stopped."""
    return machine.machine_id[:8]


def _line(task: _Task, missing: Sequence[str]) -> str:
    machine = task.machine
    where = "" if task.on is machine else f" on {task.on.name}, of the same kind"
    if missing:
        return f"{machine.name}: {machine.problem}"
    return f"{machine.name}: {counted(len(machine.planned), 'cell')}{where}"


def _ancestors(unit: BuildUnit, units: Sequence[BuildUnit]) -> list[str]:
    """The units that one begins with, the nearest last."""
    by_name = {each.name: each for each in units}
    return [] if unit.after is None else [*_ancestors(by_name[unit.after], units), unit.after]


def _cells_for(facts: NodeFacts, keys: Sequence[str]) -> tuple[str, ...]:
    """The cells of a node: those of other devices than the host's processor only where it has a GPU."""
    from lab4.devices import DEVICES

    return tuple(key for key in keys if facts.has_gpu or DEVICES[Cell.from_key(key).device].traits.is_host)


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, with a number where several machines are called so."""
    several = [each for each in taken if each.partition("#")[0] == name]
    return f"{name}#{len(several) + 1}" if several else name


def _commit(project: Path) -> dict[str, Any]:
    """The project's revision, which nodes do not have: pytest-benchmark's own words for it."""
    try:
        from pytest_benchmark.utils import get_commit_info
    except ImportError:
        raise UnavailableError("a fleet needs pytest-benchmark; run: pip install 'lab4[fleet]'") from None
    found: dict[str, Any] = get_commit_info(project.name)  # type: ignore[no-untyped-call]
    return found
