"""The interface of an external tool."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness.crosscheck.results import SUITE, LatencyKind, ModelFile
from lab4.domain.outcome import Unavailable

__all__ = ["ExternalTool", "ReportedLatency", "RoundResult", "TimingTask"]

#: One round's value: seconds per call, or why the tool gave none.
RoundResult = float | Unavailable


@dataclass(frozen=True, slots=True)
class TimingTask:
    """Time ``model_file`` with ``threads`` threads; ``inputs`` are those of one call, arrays by name.

    ``seconds`` is the duration, ``calls`` about how many calls that is, for tools that take a number; ``warmup_calls``
    come before the first timed call.
    """

    model_file: ModelFile
    inputs: Mapping[str, Any]
    threads: int
    seconds: float
    calls: int
    warmup_calls: int

    @property
    def wider(self) -> dict[str, int]:
        """By name, the dynamic dimensions that shall have another size than 1, which tools give them by themselves."""
        return {name: size for name, size in self.model_file.bound.items() if size != 1}


@dataclass(frozen=True, slots=True)
class ReportedLatency:
    """A latency that a tool reports, and what its timed region contains, in words."""

    kind: LatencyKind
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalTool:
    """A tool that times model files.

    ``lines`` are the latencies that it reports, by file suffix. ``measure(task, folder)`` runs it once in a process of
    its own, with ``folder`` for its output, and returns a result for each of them; it raises `UnavailableError` with
    the reason if it cannot. ``references`` are the names that its latencies are compared with.
    """

    lines: Mapping[str, tuple[ReportedLatency, ...]]
    measure: Callable[[TimingTask, Path], dict[LatencyKind, RoundResult]]
    note: str = ""
    references: tuple[str, ...] = (SUITE,)
