"""A cell's artifact in the host that runs it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeVar

from lab4.bench.judging import agreement_of
from lab4.bench.specs import Built
from lab4.domain.errors import Lab4Error
from lab4.domain.rounds import TimingWindow, WarmRunner
from lab4.domain.timing import TimingBudget
from lab4.runtimes import RuntimeHost
from lab4.runtimes.host import Handle, RunSpec, StaleHandleError

__all__ = ["HostedCell"]

T = TypeVar("T")

#: Calls and examples compared with the original's outputs before a latency counts, whichever is reached first:
#: ``predict`` needs 40 ms per call. The whole validation set is compared where an artifact is examined.
_CHECKED_CALLS, _CHECKED_EXAMPLES = 3, 32


@dataclass
class HostedCell:
    """The artifact of one cell, and its handle once it is open: a window looks nothing up.

    ``iterations`` are the calls of each sample so far, with copies and compute-only, which all samples have in common.
    """

    host: RuntimeHost
    spec: RunSpec
    built: Built
    iterations: tuple[int, int] | None = None
    _handle: Handle | None = None

    def open(self, warmup_s: float) -> WarmRunner:
        """Open the artifact and compare its outputs with its original's.

        Raises:
            DisagreementError: where they differ; the artifact is closed again.
            Lab4Error: whatever the host raises.
        """
        calls = min(_CHECKED_CALLS, ceil(_CHECKED_EXAMPLES / self.spec.batch_size))
        opened = self.host.open(self.spec, warmup_s, calls * self.spec.batch_size, self.iterations)
        self._handle = opened.handle
        try:
            agreed = agreement_of(self.built, self.spec.device, opened.outputs)
        except Lab4Error:
            self.close()
            raise
        self.iterations = opened.iterations, opened.compute_only_iterations
        return WarmRunner(
            opened.load_s,
            opened.first_call_s,
            opened.warmup,
            agreed,
            opened.threads,
            opened.cores,
            opened.clock,
            opened.compute_only_clock,
            opened.iterations,
            opened.compute_only_iterations,
        )

    def time_window(self, budget: TimingBudget) -> TimingWindow:
        """Time calls for a while; an artifact that is not open, as after a crash, is opened first."""
        before = self._handle
        window = self.ask(lambda handle: self.host.time_window(handle, budget), budget.seconds)
        return window if self._handle is before else replace(window, fresh=True)

    def ask(self, question: Callable[[Handle], T], warmup_s: float = 0.0) -> T:
        """Ask the host something of the opened artifact, which is opened and warmed up if it is not."""
        if self._handle is not None:
            with suppress(StaleHandleError):
                return question(self._handle)
        self.open(warmup_s)
        assert self._handle is not None  # noqa: S101  # `open` raises or sets it
        return question(self._handle)

    def close(self) -> None:
        """Let the host forget the artifact."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(Lab4Error):
                self.host.close(handle)
