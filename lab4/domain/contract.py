"""A model's contract: what its inputs and outputs are, and where each statement about them comes from."""

from dataclasses import dataclass

from lab4.domain.fields import Count, Number, Whole, Words

#: Where a statement comes from: the model's file, a guess by what is usual, or the user.
FILE, GUESSED, USER = "file", "guessed", "user"


@dataclass(frozen=True, slots=True)
class Stated:
    """Something that is said of a model, and where it comes from: ``file``, ``guessed`` or ``user``."""

    text: Words
    origin: Words = FILE


@dataclass(frozen=True, slots=True)
class Dimension:
    """A tensor's extent along one axis: ``size`` is ``None`` where it is dynamic; ``name`` is empty where it has none.

    >>> str(Dimension(28)), str(Dimension(None, "batch")), str(Dimension(None))
    ('28', 'batch', '?')
    """

    size: Count | None
    name: Words = ""

    def __str__(self) -> str:
        return (self.name or "?") if self.size is None else str(self.size)


@dataclass(frozen=True, slots=True)
class Quantization:
    """How integers mean real values, ``(q - zero_point) * scale``: one for a tensor, or one per channel of ``axis``."""

    scales: tuple[Number, ...]
    zero_points: tuple[Whole, ...]
    axis: Count | None = None


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output: its name, dtype as NumPy calls it, and dimensions, ``None`` where even the rank is unknown.

    ``layout`` names the axes of images, such as ``NHWC``.
    """

    name: Words
    dtype: Words
    dimensions: tuple[Dimension, ...] | None
    layout: Stated | None = None
    quantization: Quantization | None = None

    @property
    def dynamic(self) -> dict[int, str]:
        """The axes whose size the caller chooses, with their names: ``TENSOR.AXIS`` where the file gives none."""
        axes = enumerate(self.dimensions or ())
        return {axis: each.name or f"{self.name}.{axis}" for axis, each in axes if each.size is None}


@dataclass(frozen=True, slots=True)
class State:
    """An output that is an input of the next call; or, with neither name, state that the model keeps itself."""

    input: Words
    output: Words
    origin: Words = FILE


@dataclass(frozen=True, slots=True)
class Contract:
    """What a model takes and returns, by name, in the order of its file."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    states: tuple[State, ...] = ()
    task: Stated | None = None
