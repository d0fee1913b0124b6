"""What a format's file provides, and what it is given."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Format", "Load", "Place", "Runner", "Source", "Tolerance", "first_line"]


def first_line(error: BaseException) -> str:
    """What an exception says, without the pages that converters add."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


class Place(Protocol):
    """Where a runtime shall work, as `lab4.devices` tells it."""

    @property
    def onnx_provider(self) -> str:
        """ONNX Runtime's execution provider for this device."""

    def scope(self) -> AbstractContextManager[object]:
        """Place TensorFlow's work strictly: what cannot run here raises."""

    def loose_scope(self) -> AbstractContextManager[object]:
        """Place TensorFlow's work but leave input pipelines where their kernels are."""

    def check(self, tensor: Any) -> None:  # noqa: ANN401
        """Raise `DisagreementError` unless the TensorFlow tensor or variable lives here."""

    def wait(self) -> None:
        """Wait until TensorFlow's devices are idle; nothing to wait for on a CPU."""


@dataclass(frozen=True, slots=True)
class Load:
    """How an artifact shall be loaded: for calls of ``batch_size`` images of ``image_shape``.

    ``threads`` is what the runtime is told to use; ``None`` where its pool belongs to the process and is left as it is.
    """

    place: Place
    image_shape: tuple[int, int, int]
    batch_size: int
    threads: int | None


class Runner(Protocol):
    """A loaded artifact at one batch size, synchronous: `run` returns when the result is on the host.

    ``run`` is what a clock may be put around; ``clock`` says in words what it contains. ``prepare``
    (for int8: quantization of the input) and ``finish`` (dequantization) stay outside. So may the callable that
    ``bind`` returns, which is the model call alone; ``alone_clock`` is its content in words.
    """

    @property
    def clock(self) -> str:
        """What `run` contains, in words."""

    @property
    def alone_clock(self) -> str:
        """What the callable of `bind` contains, in words."""

    @property
    def threads(self) -> int | None:
        """Threads the runtime was told to use; ``None`` where its pool belongs to the process."""

    def scope(self) -> AbstractContextManager[object]:
        """Be entered around `run`, once for many calls."""

    def prepare(self, images: Any) -> Any:  # noqa: ANN401
        """Turn float32 (batch, height, width, channels) in 0..1 into what `run` takes."""

    def run(self, inputs: Any) -> Any:  # noqa: ANN401
        """Infer one batch."""

    def bind(self, inputs: Any) -> Callable[[], Any] | None:  # noqa: ANN401
        """Put the inputs where the model reads them; returns the model call alone, synchronous, without copies.

        ``None`` where the runtime does not let the copies be left out.
        """

    def settle(self, result: Any) -> None:  # noqa: ANN401
        """Wait until ``result``, of `run` or of the call of `bind`, is on the host and every device idle."""

    def finish(self, outputs: Any) -> Any:  # noqa: ANN401
        """Turn what `run` returned into probabilities, float32 (batch, classes)."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an artifact's outputs may be from its original's: probability 0..1, share of equal predictions.

    ``rounding`` is how far the format's arithmetic may move the probabilities of two classes against each other;
    nearer ones tie, and which of them comes first says nothing of the artifact. The default is float32's.
    """

    max_abs_difference: float
    min_agreement: float
    rounding: float = 1e-5


@dataclass(frozen=True, slots=True)
class Source:
    """What is exported: a trained Keras model, and training images for int8 ranges, float32 (n, h, w, c) in 0..1."""

    model: Any
    quantization_calibration: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a model and to run what was written.

    ``artifact`` names the file that is written, so that two formats can run one file. ``runtime`` names the
    process that loads it, ``distributions`` the packages whose versions decide what is written. ``parts`` are
    the worksheet's parts in which the format has cells; ``baseline`` marks the one that others are compared with.

    ``export(source, path)`` writes the artifact, a file or a folder; it raises `ConversionError` or
    `UnavailableError`. ``load(path, load)`` returns a runner. ``kernels(path)`` yields every weight of two or
    more dimensions as it stands in the artifact, as NumPy arrays. ``arithmetic`` is what its runtime multiplies in,
    ``float32`` or ``int8``, whatever the weights are stored in. ``unweighed`` are names of files that tell one export
    from another, and are of another length each time that the same model is written.
    """

    name: str
    label: str
    artifact: str
    filename: str
    runtime: str
    distributions: tuple[str, ...]
    devices: frozenset[str]
    parts: frozenset[str]
    tolerance: Tolerance
    export: Callable[[Source, Path], None]
    load: Callable[[Path, Load], Runner]
    kernels: Callable[[Path], Iterator[Any]]
    baseline: bool = False
    arithmetic: str = "float32"
    unweighed: frozenset[str] = frozenset()
