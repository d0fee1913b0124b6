"""Outputs of an artifact and of its original: which belong together, and how much they differ."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import sqrt
from typing import Any

import numpy as np

from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Difference
from lab4.domain.untyped import Untyped


def matched(outputs: Mapping[str, Any], reference: Mapping[str, Any]) -> dict[str, str]:
    """By name of each output of the original, the artifact's output that it is compared with.

    Outputs of one name and shape belong together. Converters rename them: then those of equal shape, nearest in value
    first.

    Raises:
        DisagreementError: where an output has no counterpart.
    """
    pairs = sorted(_distances(outputs, reference))
    found = {original: name for _, original, name in pairs if original == name}
    for _, original, name in pairs:
        if original not in found and name not in found.values():
            found[original] = name
    missing = [name for name in reference if name not in found]
    if missing:
        raise DisagreementError(
            f"the model returned {_described(outputs)}; its original {_described(reference)}: "
            f"{', '.join(missing)} {'has' if len(missing) == 1 else 'have'} no counterpart"
        )
    return {name: found[name] for name in reference}


def _distances(outputs: Mapping[str, Any], reference: Mapping[str, Any]) -> Iterator[tuple[float, str, str]]:
    for (original, expected), (name, output) in product(reference.items(), outputs.items()):
        if np.shape(output) == np.shape(expected):
            distance = difference(output, expected).mean_abs
            yield (float("inf") if np.isnan(distance) else distance), original, name


def _described(outputs: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} ({' x '.join(map(str, np.shape(each))) or 'a number'})" for name, each in outputs.items())


def difference(output: Untyped, expected: Untyped) -> Difference:
    """How much two arrays of equal shape differ; texts and truth values are 0 apart where equal, else 1.

    The cosine is of both as vectors: 1 for equal directions, and for two that are all zeros.
    """
    if output.dtype.kind not in "iuf" or expected.dtype.kind not in "iuf":
        unequal = (output != expected).astype(np.float64)
        return Difference(float(unequal.max(initial=0)), _mean(unequal), 1.0 - _mean(unequal), 1.0)
    ours, theirs = output.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    apart = np.abs(ours - theirs)
    # Not by BLAS, whose threads wait for each other: on a busy machine for longer than all else here takes.
    lengths = sqrt(float(np.square(ours).sum())) * sqrt(float(np.square(theirs).sum()))
    cosine = float((ours * theirs).sum()) / lengths if lengths else float(not apart.any())
    return Difference(
        float(apart.max(initial=0)), _mean(apart), min(1.0, max(-1.0, cosine)), float(np.abs(theirs).max(initial=0))
    )


def _mean(values: Untyped) -> float:
    return float(values.mean()) if values.size else 0.0


def finite_outputs(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs as arrays of numbers, truth values or NumPy's own texts.

    Raises:
        DisagreementError: where a value is not finite.
    """
    arrays = {name: _without_objects(np.asarray(each)) for name, each in outputs.items()}
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DisagreementError(f"the output {name} has values that are not finite (NaN or infinity)")
    return arrays


def _without_objects(array: Untyped) -> Untyped:
    """Texts as NumPy's own: of Python's objects a file would be a pickle."""
    if array.dtype.kind not in "OS":
        return array
    texts = [each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in array.ravel()]
    return np.array(texts, np.str_).reshape(array.shape)


def are_class_scores(reference: Untyped) -> bool:
    """Whether rows look like a probability of each class: float (n, classes) from 0 to 1 that sum to 1."""
    if reference.ndim != 2 or reference.shape[1] < 2 or reference.dtype.kind != "f":  # noqa: PLR2004
        return False
    rows = reference.astype(np.float64)
    return bool((rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=0.02))
