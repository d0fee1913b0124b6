"""The protocol of a runtime's host: the process, or processes, in which artifacts run and are timed.

All that crosses it is plain data, so that a host can be a process of Python, of Node or a page of a browser. The clock
is always inside the host, next to the calls: a host answers with samples, and nothing outside of it times anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lab4.domain.catalogue import FormatTraits
from lab4.domain.cell import ChangedSettings
from lab4.domain.errors import Lab4Error
from lab4.domain.observed import Counters, Energy, PeakMemory, WarmUp
from lab4.domain.rounds import TimingWindow
from lab4.domain.timing import TimingBudget


class StaleHandleError(Lab4Error):
    """A handle of a process that has ended since: open the artifact again."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """Run the artifact at ``path`` in ``runtime`` on ``device``, ``batch_size`` examples per call.

    ``threads`` is what the runtime shall use on the host's own CPU; ``None``, for other devices, leaves its own pool as
    it is. ``examples`` is a folder of `lab4.inputs.StoredExamples`: a ``.npy`` file for each input, and an index.
    ``settings`` are those of the runtime that differ from its defaults; `RuntimeTraits.values_of` has all.
    ``compute_only``: calls without copies are timed too, where the runtime separates them.
    """

    runtime: str
    path: Path
    format: FormatTraits
    device: str
    batch_size: int
    threads: int | None
    examples: Path
    settings: ChangedSettings = ()
    compute_only: bool = True

    @property
    def calling_threads(self) -> int:
        """How many cores the calls are pinned to: work for a GPU is handed over by one thread.

        Left to wander over 16 cores, it was never known to have one to itself.
        """
        return self.threads or 1


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a host says of one of its runtimes.

    ``clock`` names the clock that it times with, and ``clock_resolution_s`` is the smallest step that it was seen to
    take, in seconds.
    ``versions`` are those of all software that can change a figure, by name; they go into the record.
    """

    runtime: str
    version: str
    clock: str
    clock_resolution_s: float
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handle:
    """An opened artifact: its number within one process of the host, and which process that is, counted from 1."""

    spec: RunSpec
    number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened and warmed-up artifact: its cold start, its warm-up, and how it is timed.

    ``iterations`` are the calls of each sample, ``compute_only_iterations`` those of compute-only samples. The clocks
    say in words what lies between start and stop; ``compute_only_clock`` is empty where copies cannot be left out.
    ``cores`` are those that calls are pinned to, ``None`` where they are free. ``outputs`` are those of the first
    examples by name, one example per index of the first dimension: the caller judges them.
    """

    handle: Handle
    load_s: float
    first_call_s: float
    warmup: WarmUp
    threads: int | None
    cores: tuple[int, ...] | None
    clock: str
    compute_only_clock: str
    iterations: int
    compute_only_iterations: int
    outputs: Mapping[str, Any]


class RuntimeHost(Protocol):
    """Where artifacts of one or more runtimes run.

    Every method may raise `UnavailableError` (not to be had here, with the reason), `ConversionError` (the artifact
    does not load) and `WorkerError` (a process died, hung or answered nonsense). After any of them the host can be
    asked again. Methods with a handle raise `StaleHandleError` where its process has ended since.
    """

    def describe(self, runtime: str) -> HostFacts:
        """Say what the runtime is, and with which clock it is timed."""

    def prepare(self, runtime: str, threads: int | None, *, for_memory: bool) -> None:
        """Start whatever ``require`` and, if ``for_memory``, ``peak_memory`` need, without waiting for it."""

    def require(self, runtime: str, threads: int | None) -> None:
        """Wait until the runtime can open artifacts; ``threads`` is as in `RunSpec`."""

    def open(self, spec: RunSpec, warmup_s: float, checked: int, iterations: tuple[int, int] | None = None) -> Opened:
        """Load the artifact, call it for the first time, warm it up for ``warmup_s`` at most, and keep it.

        ``checked`` is how many examples' outputs are wanted. ``iterations`` are those of its samples so far, with
        copies and compute-only, for one that was opened before.
        """

    def time_window(self, handle: Handle, budget: TimingBudget) -> TimingWindow:
        """Time calls for a while by the host's own clock.

        A host without a contention probe answers with no bursts, one without a frequency probe with 0 seconds of it.
        """

    def time_loads(self, spec: RunSpec, loads: int) -> tuple[float, ...]:
        """Seconds from the artifact's file to its first result, for each of so many loads."""

    def predict(self, spec: RunSpec) -> Mapping[str, Any]:
        """Return the outputs of all examples by name, one example per index of the first dimension."""

    def peak_memory(self, spec: RunSpec) -> PeakMemory:
        """Bytes that loading and calling the artifact takes at most, beyond the runtime itself."""

    def energy(self, handle: Handle) -> Energy:
        """Joules of calls."""

    def counters(self, handle: Handle) -> Counters:
        """Events of the processor in calls."""

    def close(self, handle: Handle) -> None:
        """Forget an opened artifact; a stale handle is no error."""

    def quiet(self) -> None:
        """Wait until nothing of the host works in the background: nothing may run next to a clock."""

    def shutdown(self) -> None:
        """End every process. Never raises; a second time does nothing."""


class HostContext(Protocol):
    """What a host is given of the run: a folder for its files, and the most seconds that an answer may take."""

    limit_s: float

    @property
    def folder(self) -> Path:
        """The run's temporary folder; made when it is first asked for."""
