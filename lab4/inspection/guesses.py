"""What a file does not say and names and shapes suggest; every answer is marked as a guess."""

from collections.abc import Iterator, Mapping, Sequence

from lab4.domain.contract import GUESSED, Dimension, Stated, TensorSpec

_IMAGE_RANK = 4
_CHANNELS = {1, 3, 4}
#: Endings of an output's name, and beginnings of both, by which an input of the same shape is its state.
_ENDINGS = ("n", "N", "_n", "_out", "out", "_next", ".1")
_BEGINNINGS = (("in_", "out_"), ("input_", "output_"), ("past_", "present_"), ("past", "present"))


def image_layout(dimensions: Sequence[Dimension], first: str = "NHWC") -> Stated | None:
    """Where the channels of images are, by the dimension that is 1, 3 or 4; ``first`` is what the container prefers.

    >>> image_layout([Dimension(None), Dimension(3), Dimension(224), Dimension(224)])
    Stated(text='NCHW', origin='guessed')
    """
    if len(dimensions) != _IMAGE_RANK:
        return None
    axes = {"NHWC": dimensions[3].size, "NCHW": dimensions[1].size}
    for layout in (first, *axes):
        if axes[layout] in _CHANNELS:
            return Stated(layout, GUESSED)
    return None


def fed_back(inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> Iterator[tuple[str, str]]:
    """Inputs and outputs of one dtype, of sizes that may be equal, whose names make a pair: ``state``, ``stateN``.

    Where every input would be one there is none: a model that takes nothing new returns what it is called for.
    """
    pairs = [
        (each.name, other.name)
        for each in inputs
        for other in outputs
        if _is_pair(each.name, other.name) and each.dtype == other.dtype and _may_be_equal(each, other)
    ]
    if {name for name, _ in pairs} != {each.name for each in inputs}:
        yield from pairs


def _may_be_equal(one: TensorSpec, other: TensorSpec) -> bool:
    """Whether both have as many dimensions, and no two that are known and differ."""
    sizes, others = ([each.size for each in tensor.dimensions or ()] for tensor in (one, other))
    known = zip(sizes, others, strict=False)
    return len(sizes) == len(others) and all(a is None or b is None or a == b for a, b in known)


def _is_pair(name: str, other: str) -> bool:
    if any(other == f"{name}{ending}" for ending in _ENDINGS):
        return True
    return any(
        name.startswith(mine) and other.startswith(theirs) and name[len(mine) :] == other[len(theirs) :]
        for mine, theirs in _BEGINNINGS
    )


def task_of(outputs: Sequence[TensorSpec], made_by: Mapping[str, str]) -> Stated | None:
    """Classification where the one output has two dimensions and comes from a softmax; ``made_by`` is by output."""
    if len(outputs) != 1 or "softmax" not in made_by.get(outputs[0].name, "").lower():
        return None
    dimensions = outputs[0].dimensions
    if dimensions is None or len(dimensions) != 2:  # noqa: PLR2004  # examples and classes
        return None
    return Stated("classification", GUESSED)
