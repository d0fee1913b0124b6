"""A model's contract: what its inputs and outputs are, and where each statement about them comes from."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab4.domain.errors import UnknownNameError
from lab4.domain.fields import Count, Flag, Number, Positive, Whole, Words

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

    size: Count | None = None
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

    ``layout`` names the axes of images, such as ``NHWC``. ``vocabulary`` is how many values a table has that the input
    chooses from. ``is_steering`` says that its value decides which part of the model is computed.
    """

    name: Words
    dtype: Words
    dimensions: tuple[Dimension, ...] | None = None
    layout: Stated | None = None
    quantization: Quantization | None = None
    vocabulary: Positive | None = None
    is_steering: Flag = False

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

    @property
    def is_batched(self) -> bool:
        """Whether calls may have any number of examples: the first dimension of every input is dynamic."""
        return bool(self.inputs) and all(0 in tensor.dynamic for tensor in self.inputs)


def dimension_sizes(contract: Contract, given: Mapping[str, int]) -> dict[str, int | None]:
    """By name, the size of each dynamic dimension of the inputs; ``None`` for those that are open."""
    dynamic = [(axis, name) for tensor in contract.inputs for axis, name in tensor.dynamic.items()]
    batch = {name for axis, name in dynamic if axis == 0}
    return {name: given.get(name, 1 if name in batch else None) for _, name in dynamic}


def require_known(contract: Contract, given: Mapping[str, int]) -> None:
    """Refuse sizes of dimensions that the model does not have.

    Raises:
        UnknownNameError: with those that it has.
    """
    known = [name for tensor in contract.inputs for name in tensor.dynamic.values()]
    for name in given:
        if name not in known:
            valid = list(dict.fromkeys(known))
            if not valid:
                raise UnknownNameError(f"unknown dimension {name!r}; all dimensions of the inputs are fixed")
            raise UnknownNameError.among("dimension", name, valid)
