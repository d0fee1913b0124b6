"""A loaded artifact, and what it is loaded with."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from lab4.domain.untyped import Untyped

__all__ = ["Load", "Runner", "WorkPlacement"]


class WorkPlacement(Protocol):
    """Where a runtime shall work, as `lab4.devices` defines it."""

    @property
    def onnx_provider(self) -> str:
        """ONNX Runtime's execution provider for this device."""

    def scope(self) -> AbstractContextManager[object]:
        """Place TensorFlow's work strictly: what cannot run here raises."""

    def loose_scope(self) -> AbstractContextManager[object]:
        """Place TensorFlow's work but leave input pipelines where their kernels are."""

    def check(self, tensor: Untyped) -> None:
        """Raise `DisagreementError` unless the TensorFlow tensor or variable lives here."""

    def wait(self) -> None:
        """Wait until TensorFlow's devices are idle; nothing to wait for on a CPU."""


@dataclass(frozen=True, slots=True)
class Load:
    """How an artifact shall be loaded: for calls of ``batch_size`` images of ``image_shape``.

    ``threads`` is what the runtime shall use; ``None`` where its pool belongs to the process and is left as it is.
    """

    place: WorkPlacement
    image_shape: tuple[int, int, int]
    batch_size: int
    threads: int | None


class Runner(Protocol):
    """A loaded artifact at one batch size, synchronous: `run` returns when the result is on the host.

    ``run`` is what a clock may be put around; ``clock`` says in words what it contains. ``prepare``
    (for int8: quantization of the input) and ``finish`` (dequantization) stay outside. So may the callable that
    ``bind`` returns, which is the compute-only call; ``compute_only_clock`` is its content in words.
    """

    @property
    def clock(self) -> str:
        """What `run` contains, in words."""

    @property
    def compute_only_clock(self) -> str:
        """What the callable of `bind` contains, in words."""

    @property
    def threads(self) -> int | None:
        """Threads that the runtime was given; ``None`` where its pool belongs to the process."""

    def scope(self) -> AbstractContextManager[object]:
        """Be entered around `run`, once for many calls."""

    def prepare(self, images: Untyped) -> Untyped:
        """Turn float32 (batch, height, width, channels) in 0..1 into what `run` takes."""

    def run(self, inputs: Untyped) -> Untyped:
        """Infer one batch."""

    def bind(self, inputs: Untyped) -> Callable[[], Any] | None:
        """Put the inputs where the model reads them; returns the compute-only call, synchronous, without copies.

        ``None`` where the runtime does not let the copies be left out.
        """

    def settle(self, result: Untyped) -> None:
        """Wait until ``result``, of `run` or of the call of `bind`, is on the host and every device idle."""

    def finish(self, outputs: Untyped) -> Untyped:
        """Turn what `run` returned into probabilities, float32 (batch, classes)."""
