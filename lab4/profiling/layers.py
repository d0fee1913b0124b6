"""How much of each layer's signal a quantized model keeps, and which layers lost it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab4.domain.errors import Lab4Error
from lab4.domain.profiled import LayerError
from lab4.domain.untyped import Untyped

#: The signal-to-noise ratio of equal values, in dB: float64 has no more digits.
_MOST_DB = 300.0


@dataclass(frozen=True, slots=True)
class Graph:
    """A model whose inner values can be had.

    ``values(call)`` returns real arrays by name; ``types`` are the types of the operators that make them, and
    ``inputs`` by value the values that its operator takes.
    """

    values: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    types: Mapping[str, str]
    inputs: Mapping[str, tuple[str, ...]]


@dataclass
class _Sums:
    """Sums over all values of a layer: of squares of both, of their products, of squared differences.

    Values that are not finite in one of the models are left out.
    """

    signal: float = 0.0
    quantized: float = 0.0
    product: float = 0.0
    noise: float = 0.0

    def add(self, expected: Untyped, found: Untyped) -> None:
        one, other = (np.asarray(each, np.float64).ravel() for each in (expected, found))
        finite = np.isfinite(one) & np.isfinite(other)  # the logarithm of 0, say
        one, other = one[finite], other[finite]
        apart = other - one
        self.signal += float(one @ one)
        self.quantized += float(other @ other)
        self.product += float(one @ other)
        self.noise += float(apart @ apart)

    @property
    def noise_to_signal(self) -> float:
        least = 10 ** (-_MOST_DB / 10)
        if not self.signal:
            return 1.0 if self.noise else least
        return max(least, self.noise / self.signal)

    @property
    def snr_db(self) -> float:
        return -10 * math.log10(self.noise_to_signal)

    @property
    def noise_share(self) -> float:
        """From 0 to 1, so that what is lost once is not lost again where it is amplified."""
        return self.noise_to_signal / (1 + self.noise_to_signal)

    @property
    def cosine(self) -> float:
        lengths = (self.signal * self.quantized) ** 0.5
        return max(-1.0, min(1.0, self.product / lengths)) if lengths else float(not self.noise)


def snr_db(expected: Untyped, found: Untyped) -> float:
    """The signal-to-noise ratio of an array, in dB; 300 for equal ones."""
    sums = _Sums()
    sums.add(expected, found)
    return sums.snr_db


def layer_errors(original: Graph, quantized: Graph, calls: Iterable[Mapping[str, Any]]) -> tuple[LayerError, ...]:
    """The layers that both models have, under one name and shape; those that add most noise first.

    Raises:
        Lab4Error: where the models have no inner value in common: they are of different graphs.
    """
    sums: dict[str, _Sums] = {}
    for call in calls:
        expected, found = original.values(call), quantized.values(call)
        for name, array in expected.items():
            if name in found and np.shape(array) == np.shape(found[name]):
                sums.setdefault(name, _Sums()).add(array, found[name])
    if not sums:
        raise Lab4Error(
            "the two models have no inner value of one name and shape in common; give a float model and the file that "
            "was quantized from it"
        )
    errors = [_error(name, sums, original) for name in sums]
    return tuple(sorted(errors, key=lambda each: -each.added))


def _error(name: str, sums: Mapping[str, _Sums], graph: Graph) -> LayerError:
    own = sums[name]
    before = max((sums[each].noise_share for each in _known(name, sums, graph)), default=0.0)
    added = max(0.0, own.noise_share - before)
    return LayerError(name, graph.types[name], own.snr_db, own.cosine, added)


def _known(name: str, sums: Mapping[str, _Sums], graph: Graph) -> set[str]:
    """The nearest values before a layer that were compared."""
    found: set[str] = set()
    seen = {name}
    waiting = [*graph.inputs.get(name, ())]
    while waiting:
        each = waiting.pop()
        if each in sums:
            found.add(each)
        elif each not in seen:
            waiting += graph.inputs.get(each, ())
        seen.add(each)
    return found
