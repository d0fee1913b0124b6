"""The host of runtimes that are JavaScript: engines in processes of Node and in pages, asked by the run's process.

Calls are timed by the engine's own clock, in bursts with probes of the machine between them, as Python's runtimes are.
The probes run in the run's process, on the core that the engine's main thread is pinned to, while the engine waits.
"""

import os
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import psutil

from lab4.devices import DEVICES
from lab4.domain.errors import ConversionError, Lab4Error, UnavailableError
from lab4.domain.observed import Counters, Energy, PeakMemory, SystemActivity, WarmUp
from lab4.domain.rounds import TimingWindow
from lab4.domain.timing import COMPUTE_ONLY_SHARE, TimingBudget
from lab4.domain.untyped import Untyped
from lab4.inputs import examples_in
from lab4.javascript.channel import Channel
from lab4.javascript.node import NodeChannel
from lab4.javascript.packages import installed, node
from lab4.javascript.page import PageChannel, chromium
from lab4.javascript.sizes import write_for_call
from lab4.measure.bursts import NO_BURSTS, Bursts, ContentionMonitor, time_bursts
from lab4.measure.core_waits import CoreWaits, core_waits
from lab4.measure.cores import pinned
from lab4.measure.energy import energy_meters, measure_energy
from lab4.measure.latency import usual_s
from lab4.measure.memory import peak_memory_of
from lab4.measure.outputs import finite_outputs
from lab4.measure.system_activity import difference, snapshot
from lab4.runtimes import RUNTIMES
from lab4.runtimes.engine_runtime import EngineRuntime
from lab4.runtimes.host import Handle, HostContext, HostFacts, Opened, RunSpec, StaleHandleError
from lab4.sampling.steady import LEAST_CALLS, is_steady
from lab4.tensor_names import input_names

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")

#: The clock's cost and its resolution may be this share of what it times: one percent.
_SHARE = 0.01
_MOST_WARM_UP_CALLS = 4096
#: Seconds that a warm-up may take at least: profiles allow what compiled code needs, and engines compile what they have
#: interpreted some hundred times.
_WARM_UP_S = 0.2
#: An engine ends when it has timed calls for so many times as long as it took to start, and to open what it times. Its
#: heap, its compiled code and the caches are in a state that lasts, in which calls may take twice as long.
_TIMED_BY_ONE = 2.0
#: NVML renews its figure every 20 to 100 ms, RAPL every millisecond.
_ENERGY_S = 1.0
#: Calls after the load: the first allocates, the second shows what it keeps.
_CALLS = 3
#: Calls that are timed together at most, to know what one takes, and in how many bursts of how many seconds.
_MOST_TOGETHER, _BURSTS, _TOGETHER_S = 1 << 16, 3, 0.001
_meters = cache(energy_meters)
#: The sizes of a call's inputs, by name.
_Shapes = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(slots=True)
class _Opened:
    """An opened artifact: how long its calls take, and how many each sample holds, with copies and compute-only.

    ``compute_only_s`` is ``None`` where copies cannot be left out.
    """

    call_s: float
    iterations: int
    compute_only_s: float | None
    compute_only_iterations: int


@dataclass(slots=True)
class Engine:
    """A started engine: its process or page, and what it said of itself. ``generation`` counts from 1.

    ``opening_s`` is how long it took to start, and to open artifacts so far, and ``timed_s`` what all timed calls took.
    """

    channel: Channel
    generation: int
    versions: Mapping[str, str]
    threads: int | None
    remark: str
    resolution_s: float
    cost_s: float
    place: str
    opening_s: float
    timed_s: float = 0.0
    opened: dict[int, _Opened] = field(default_factory=dict)

    def iterations_for(self, call_s: float) -> int:
        """How many calls one sample holds, for a call that takes so long."""
        return max(1, ceil(self.lengthy_s / max(call_s, 1e-9)))

    @property
    def clock(self) -> str:
        """The clock and its steps in words, which are the same in every run: finer steps are seen more or less fine."""
        steps_us = self.resolution_s * 1e6
        steps = f"steps of {steps_us:.3g} us" if steps_us >= 1 else "steps below 1 us"
        return f"performance.now of {self.place}, {steps}"

    @property
    def lengthy_s(self) -> float:
        """Seconds of which the clock's cost and its steps are a small share."""
        return max(self.cost_s, self.resolution_s) / _SHARE


@dataclass(slots=True)
class _Loaded:
    """A loaded artifact that was called once, with ``call``; it is closed again, unless it is kept."""

    number: int
    load_s: float
    first_call_s: float
    has_compute_only: bool
    call: Mapping[str, Any]
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class _Key:
    """What engines are kept apart by: a pool of threads, as a device, belongs to a process."""

    runtime: str
    device: str
    threads: int | None


class JavaScriptHost:
    """A `RuntimeHost` of engines of JavaScript."""

    def __init__(self, context: HostContext) -> None:
        self._context = context
        self._engines: dict[_Key, Engine] = {}
        self._generations: dict[_Key, int] = {}
        self._monitor = ContentionMonitor()
        self._here: dict[str, str] = {}
        self._resized: dict[tuple[Path, _Shapes], Path] = {}
        self._refused: dict[tuple[object, ...], str] = {}
        self._has_started = set[tuple[object, ...]]()

    def describe(self, runtime: str) -> HostFacts:
        """Say what an engine of the runtime said of itself; one is started where none was."""
        engine = next((each for key, each in self._engines.items() if key.runtime == runtime), None)
        found = engine or self._engine(_Key(runtime, _entry(runtime).traits.devices[0], 1))
        own = next(iter(found.versions.values()), "")
        return HostFacts(runtime, own, found.clock, found.resolution_s, found.versions)

    def prepare(self, runtime: str, threads: int | None, *, for_memory: bool) -> None:
        """Nothing: an engine starts in less than a second."""

    def require(self, runtime: str, threads: int | None) -> None:  # noqa: ARG002  # how many it has it says when it starts
        """Find what the runtime needs, once and without starting it: a page needs no Node."""
        if runtime not in self._here:
            try:
                (chromium if _entry(runtime).is_page else node)()
                installed()
                self._here[runtime] = ""
            except UnavailableError as error:
                self._here[runtime] = str(error)
        if reason := self._here[runtime]:
            raise UnavailableError(reason)

    def open(self, spec: RunSpec, warmup_s: float, checked: int, iterations: tuple[int, int] | None = None) -> Opened:
        """Open the artifact in the engine of its runtime, device and threads."""
        engine = self._engine(_key(spec))
        with _refusals(spec), self._pinned(engine, spec) as cores:
            self._monitor.learn()
            began = perf_counter()
            with self._loaded(engine, spec) as found:
                most_s = max(warmup_s, _WARM_UP_S)
                warmup, call_s = self._warm_up(engine, found.number, most_s, compute_only=False)
                compute_only_s = None
                if has_compute_only := spec.compute_only and found.has_compute_only:
                    _, compute_only_s = self._warm_up(
                        engine, found.number, most_s * COMPUTE_ONLY_SHARE, compute_only=True
                    )
                outputs = self._outputs(engine, found.number, spec, checked)
                found.is_kept = True
            engine.opening_s += perf_counter() - began
        each, compute_only_each = iterations or (
            engine.iterations_for(call_s),
            1 if compute_only_s is None else engine.iterations_for(compute_only_s),
        )
        engine.opened[found.number] = _Opened(call_s, each, compute_only_s, compute_only_each)
        clock = f"input copy, model, output copy{f' ({engine.remark})' if engine.remark else ''}; {engine.clock}"
        return Opened(
            Handle(spec, found.number, engine.generation),
            found.load_s,
            found.first_call_s,
            warmup,
            engine.threads,
            cores,
            clock,
            f"model without copies; {engine.clock}" if has_compute_only else "",
            each,
            compute_only_each,
            outputs,
        )

    def time_window(self, handle: Handle, budget: TimingBudget) -> TimingWindow:
        """Time calls in bursts; an engine that has timed enough is ended first."""
        engine = self._holding(handle)
        if engine.timed_s >= _TIMED_BY_ONE * engine.opening_s:
            engine.channel.close()
            raise _ended(handle)
        opened = engine.opened[handle.number]
        with self._pinned(engine, handle.spec), core_waits(engine.channel.process_id) as waits:
            start = self._snapshot(engine)
            burst = _Timing(engine, handle.number, opened.iterations).burst
            calls = time_bursts(burst, opened.call_s, budget, opened.iterations, self._monitor, waits=waits)
            left = replace(budget, wait_s=budget.wait_s - calls.waited_s)
            compute_only = self._time_compute_only(engine, handle.number, left, waits)
            activity = difference(start, self._snapshot(engine))
        engine.timed_s += calls.timed_s + compute_only.timed_s
        return TimingWindow(
            calls.samples_s,
            compute_only.samples_s,
            calls.probe_s,
            calls.bursts,
            calls.uncontended,
            activity,
            fresh=False,
            compute_only_bursts=compute_only.bursts,
        )

    def _time_compute_only(self, engine: Engine, number: int, budget: TimingBudget, waits: CoreWaits) -> Bursts:
        opened = engine.opened[number]
        if opened.compute_only_s is None:
            return NO_BURSTS
        each = opened.compute_only_iterations
        burst = _Timing(engine, number, each, compute_only=True).burst
        own = budget.of_compute_only
        return time_bursts(burst, opened.compute_only_s, own, each, self._monitor, waits=waits, continues=True)

    def time_loads(self, spec: RunSpec, loads: int) -> tuple[float, ...]:
        """Load so often, with a first load before that only asks for the names of the inputs."""
        engine = self._engine(_key(spec))
        with _refusals(spec):
            with self._loaded(engine, spec) as found:
                call = found.call
            answer = engine.channel.ask("loads", artifact=self._artifact(engine, spec), count=loads, **call)
        return tuple(answer["seconds"])

    def predict(self, spec: RunSpec) -> Mapping[str, Any]:
        """Run all examples."""
        engine = self._engine(_key(spec))
        with _refusals(spec), self._loaded(engine, spec) as found:
            return self._outputs(engine, found.number, spec, None)

    def peak_memory(self, spec: RunSpec) -> PeakMemory:
        """Load and call in an engine of its own, which has only opened the runtime and read the examples."""
        engine = self._started(_key(spec))
        try:
            pid = engine.channel.process_id
            if pid is None:
                raise UnavailableError("the process of the page was not found, so that its memory is not known")

            def work() -> None:
                with self._loaded(engine, spec) as found:
                    engine.channel.ask("calls", number=found.number, count=_CALLS - 1, limit_s=60, compute_only=False)

            examples = engine.channel.address(spec.examples)
            engine.channel.ask("read", folder=examples, batch_size=spec.batch_size)
            with _refusals(spec):
                return peak_memory_of(pid, work)
        finally:
            engine.channel.close()

    def energy(self, handle: Handle) -> Energy:
        """Joules of calls, of all meters of the machine."""
        found = _meters()
        if not found.meters:
            raise UnavailableError("; ".join(f"{kind}: {reason}" for kind, reason in found.missing.items()))
        engine = self._holding(handle)
        together = engine.opened[handle.number].iterations
        samples: list[float] = []

        def region() -> None:
            samples.extend(_Timing(engine, handle.number, together).burst(_ENERGY_S, 0))

        with self._pinned(engine, handle.spec):
            joules = measure_energy(region, found.meters)
        return Energy(joules, len(samples) * together, sum(samples) * together)

    def counters(self, handle: Handle) -> Counters:
        """Not to be had: the counters that are read here are of Python's own processes."""
        raise UnavailableError(f"the processor's events are not counted in {_entry(handle.spec.runtime).traits.label}")

    def close(self, handle: Handle) -> None:
        """Free the artifact's memory."""
        with suppress(StaleHandleError):
            engine = self._holding(handle)
            engine.opened.pop(handle.number, None)
            engine.channel.ask("close", number=handle.number)

    def quiet(self) -> None:
        """Nothing: an engine works only while it is asked."""

    def shutdown(self) -> None:
        """End every engine."""
        engines, self._engines = list(self._engines.values()), {}
        for engine in engines:
            engine.channel.close()

    def _engine(self, key: _Key) -> Engine:
        """The engine of the key, started again where it has ended."""
        engine = self._engines.get(key)
        if engine is not None and engine.channel.is_ready:
            return engine
        if engine is not None:
            engine.channel.close()
            del self._engines[key]
        self._engines[key] = found = self._started(key)
        return found

    def _started(self, key: _Key) -> Engine:
        return self._once((key.runtime, key.device, key.threads), lambda: self._start(key))

    def _once(self, what: tuple[object, ...], start: Callable[[], T]) -> T:
        """Start something; where that was refused before, at once again: a browser that hangs is waited for once.

        What has started once may start again: engines are started anew for hours.
        """
        if what in self._refused:
            raise UnavailableError(self._refused[what])
        try:
            started = start()
        except UnavailableError as error:
            if what not in self._has_started:
                self._refused[what] = str(error)
            raise
        self._has_started.add(what)
        return started

    def _start(self, key: _Key) -> Engine:
        runtime, device = _entry(key.runtime), DEVICES[key.device]
        if device.index:
            raise UnavailableError(
                f"{runtime.traits.label} cannot be timed on {device.label}: the browser chooses the GPU that it uses; "
                "name the device gpu"
            )
        self._generations[key] = generation = self._generations.get(key, 0) + 1
        place = "a page" if runtime.is_page else "Node"
        name = f"the {'page' if runtime.is_page else 'Node process'} of {runtime.traits.label}"
        is_software = device.traits.is_host is True
        began = perf_counter()
        channel = self._channel(key.runtime, name, is_software=is_software)
        try:
            opening = {"module": runtime.module, "backend": runtime.backend, "threads": key.threads}
            said = channel.ask("start", **opening, is_software=is_software)
            _require_threads(runtime, said["threads"], key.threads)
        except BaseException:
            channel.close()
            raise
        return Engine(channel, generation, place=place, opening_s=perf_counter() - began, **said)

    def _channel(self, runtime: str, name: str, *, is_software: bool) -> Channel:
        """A channel to a new process; every page of one way to draw opens, or none."""
        folder, limit_s = self._context.folder, self._context.limit_s
        if not _entry(runtime).is_page:
            return NodeChannel(name, folder / f"{runtime}.log", limit_s)
        return self._once(("page", is_software), lambda: PageChannel(name, folder, limit_s, is_software=is_software))

    def _holding(self, handle: Handle) -> Engine:
        engine = self._engines.get(_key(handle.spec))
        if engine is None or engine.generation != handle.generation or not engine.channel.is_ready:
            raise _ended(handle)
        return engine

    @contextmanager
    def _loaded(self, engine: Engine, spec: RunSpec) -> Iterator[_Loaded]:
        """Load the artifact and call it for the first time; it is closed again, unless it is kept."""
        loaded = engine.channel.ask("load", artifact=self._artifact(engine, spec))
        found = None
        try:
            call = self._call(engine, spec, loaded)
            first = engine.channel.ask("first", number=loaded["number"], **call)
            found = _Loaded(loaded["number"], loaded["load_s"], first["first_call_s"], first["has_compute_only"], call)
            yield found
        finally:
            if found is None or not found.is_kept:
                with suppress(Lab4Error):  # what ended the engine was said already
                    engine.channel.ask("close", number=loaded["number"])

    def _artifact(self, engine: Engine, spec: RunSpec) -> str:
        """The address of the artifact, or of one that takes calls of this size."""
        if _entry(spec.runtime).resizes:
            return engine.channel.address(spec.path)
        call = examples_in(spec.examples).call(0, spec.batch_size)
        key = spec.path, tuple((name, np.shape(values)) for name, values in sorted(call.items()))
        path = self._resized.get(key)
        if path is None:
            path = self._context.folder / f"resized-{len(self._resized)}{spec.path.suffix}"
            write_for_call(spec.path, call, path)
            self._resized[key] = path
        return engine.channel.address(path)

    def _call(self, engine: Engine, spec: RunSpec, loaded: Mapping[str, Any]) -> dict[str, Any]:
        """How an engine finds the inputs of a call: the folder of the examples, and each input's name there."""
        ranks = {each["name"]: each["rank"] for each in loaded["inputs"]}
        call = examples_in(spec.examples).call(0, spec.batch_size)
        names = input_names(call, list(ranks), ranks)
        return {"names": names, "folder": engine.channel.address(spec.examples), "batch_size": spec.batch_size}

    def _warm_up(self, engine: Engine, number: int, limit_s: float, *, compute_only: bool) -> tuple[WarmUp, float]:
        """As `lab4.measure.latency.warm_up`, for half of ``limit_s`` at least: what was done, and a call's seconds.

        Short calls are steady, and slow, until the engine compiles what it has interpreted so far.
        """
        durations: list[float] = []
        wanted, steady = LEAST_CALLS, False
        began = perf_counter()
        while not steady and len(durations) < _MOST_WARM_UP_CALLS:
            left_s = limit_s - sum(durations)
            if durations and left_s <= 0:
                break
            count = wanted - len(durations)
            answer = engine.channel.ask("calls", number=number, count=count, limit_s=left_s, compute_only=compute_only)
            durations += answer["seconds"]
            if len(durations) >= wanted:
                steady, wanted = is_steady(durations) and sum(durations) >= limit_s / 2, wanted * 2
        done = WarmUp(len(durations), perf_counter() - began, steady)
        call_s = usual_s([round(each * 1e9) for each in durations])
        # Calls that are short against the clock's steps, 0 of them perhaps, are timed together until they are not.
        together = 1
        while call_s * together < engine.lengthy_s and together < _MOST_TOGETHER:
            together *= 2
            burst = _Timing(engine, number, together, compute_only=compute_only).burst
            # On a busy machine a burst may be a single sample, in which another program had the core.
            call_s = min(each for _ in range(_BURSTS) for each in burst(_TOGETHER_S, 0))
        return done, call_s

    def _outputs(self, engine: Engine, number: int, spec: RunSpec, count: int | None) -> dict[str, Any]:
        answer = engine.channel.ask("predict", number=number, count=count)["outputs"]
        examples = examples_in(spec.examples)
        joined = {name: examples.joined(_array(each), spec.batch_size, count) for name, each in answer.items()}
        return finite_outputs(joined)

    @contextmanager
    def _pinned(self, engine: Engine, spec: RunSpec) -> Iterator[tuple[int, ...] | None]:
        """Pin the engine's main thread, and what it starts, to the cores that this thread is pinned to meanwhile.

        Where it has a pool of threads, so are all threads of its process: the pool was started before. Where the engine
        cannot be pinned, neither is this thread: its probes would be of another core than the engine's.
        """
        with ExitStack() as pinning:
            cores = pinning.enter_context(pinned(spec.calling_threads))
            if cores is not None and not _pin(engine.channel.process_id, cores, all_threads=spec.calling_threads > 1):
                pinning.close()
                cores = None
            yield cores

    def _snapshot(self, engine: Engine) -> SystemActivity:
        """What the system did to the engine's process since some moment in the past."""
        own = replace(snapshot(), collections=0, major_faults=None, minor_faults=None, involuntary_switches=None)
        pid = engine.channel.process_id
        if pid is not None:  # of none, psutil would take this process
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                used, switches = process.cpu_times(), process.num_ctx_switches().involuntary
                return replace(own, cpu_s=used.user + used.system, involuntary_switches=switches)
        return replace(own, cpu_s=0.0)


@dataclass(frozen=True, slots=True)
class _Timing:
    """What times the calls of an opened artifact, each sample the mean of ``iterations`` of them."""

    engine: Engine
    number: int
    iterations: int
    compute_only: bool = False

    def burst(self, seconds: float, uncounted: int) -> list[float]:
        """Seconds per call by the engine's clock; a step of the clock that is too coarse is no call of 0 seconds."""
        answer = self.engine.channel.ask(
            "time",
            number=self.number,
            seconds=seconds,
            iterations=self.iterations,
            uncounted=uncounted,
            compute_only=self.compute_only,
        )
        return [max(each, self.engine.resolution_s / self.iterations) for each in answer["samples"]]


def _ended(handle: Handle) -> StaleHandleError:
    return StaleHandleError(f"the engine that had opened {handle.spec.path} has ended; open it again")


def _array(answer: Mapping[str, Any]) -> Untyped:
    return np.frombuffer(b64decode(answer["data"]), answer["dtype"]).reshape(answer["shape"])


@contextmanager
def _refusals(spec: RunSpec) -> Iterator[None]:
    """Say of an artifact that the runtime refuses, at whatever, that it is not to be had in it.

    Not where the runtime is the one that its format names: then something is wrong with the artifact.
    """
    try:
        yield
    except ConversionError as error:
        if _entry(spec.runtime).is_extra:
            raise UnavailableError(str(error)) from None
        raise


def _require_threads(runtime: EngineRuntime, used: int | None, asked: int | None) -> None:
    """Refuse an engine with fewer threads than its cells name; one that draws by a GPU has none of its own."""
    if used is not None and asked is not None and used < asked:
        raise UnavailableError(
            f"{runtime.traits.label} uses {used} of {asked} threads here; time it with --lab4-threads {used}, "
            "or in another runtime"
        )


def _pin(pid: int | None, cores: tuple[int, ...], *, all_threads: bool) -> bool:
    """Pin a process, or all of its threads, to cores; whether that was possible."""
    if pid is None:
        return False
    try:
        for thread in _threads(pid) if all_threads else [pid]:
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(thread, cores)
    except OSError:  # a sandbox may forbid it
        return False
    return True


def _threads(pid: int) -> list[int]:
    """The threads of a process; those that end meanwhile are of no use any more."""
    with suppress(psutil.Error):
        return [each.id for each in psutil.Process(pid).threads()]
    return [pid]


def _key(spec: RunSpec) -> _Key:
    return _Key(spec.runtime, spec.device, spec.threads or 1)


def _entry(runtime: str) -> EngineRuntime:
    return cast("EngineRuntime", RUNTIMES[runtime])
