"""A function of the user's as a metric."""

import math

import numpy as np

from lab4.domain.catalogue import MetricTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.observed import PerExample, Score
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.functions import function_of
from lab4.metrics import Metric, metric_name


def metric_of_function(written: str) -> Metric:
    """The metric that a function ``(outputs, labels)`` computes: a number, or a truth value for each example.

    Attributes of the function, where it has them, are its traits: ``label``, ``unit`` (``share`` or ``number``),
    ``higher_is_better`` and ``tolerance``. A metric that does not say which way is better is reported, and not gated.

    Raises:
        Lab4Error: where there is no such function, or importing it raises.
    """
    function = function_of(written)
    name = metric_name(written)
    traits = MetricTraits(
        name,
        str(getattr(function, "label", name)),
        unit=str(getattr(function, "unit", "number")),
        higher_is_better=getattr(function, "higher_is_better", None),
        tolerance=getattr(function, "tolerance", None),
    )

    def compute(outputs: Untyped, labels: Untyped) -> PerExample | Score:
        try:
            found = np.asarray(function(outputs, labels))
        except Exception as error:
            raise UnavailableError(f"{written} raised {type(error).__name__}: {first_line(error)}") from error
        return _judged(written, found, len(labels))

    return Metric(traits, compute)


def traits_of_functions(written: list[str]) -> list[MetricTraits]:
    """The traits of these functions; raises `Lab4Error` where one cannot be imported."""
    return [metric_of_function(each).traits for each in written]


def _judged(written: str, found: Untyped, count: int) -> PerExample | Score:
    if found.dtype.kind == "b" and found.shape == (count,):
        return PerExample(tuple(found.tolist()))
    if found.size == 1 and found.dtype.kind in "iufb" and math.isfinite(found.item()):
        return Score(float(found.item()))
    raise UnavailableError(
        f"{written} returned {found.dtype} of the shape {found.shape}; "
        f"return one finite number, or {count} truth values"
    )
