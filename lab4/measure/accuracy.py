"""Predictions over a whole set, and what follows from them and from the weights: one function for every runtime."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from lab4.domain.observed import Sparsity
from lab4.domain.untyped import Untyped
from lab4.measure.outputs import finite_outputs


class _Infers(Protocol):
    """The part of a runner that is used here: `lab4.runtimes.Runner` says what these take and return."""

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped: ...
    def run(self, inputs: Untyped) -> Untyped: ...
    def finish(self, outputs: Untyped) -> Mapping[str, Any]: ...


class _Examples(Protocol):
    """The part of `lab4.inputs.StoredExamples` that is used here."""

    @property
    def count(self) -> int: ...
    @property
    def is_batched(self) -> bool: ...
    @property
    def states(self) -> Mapping[str, str]: ...
    def calls(self, batch_size: int, count: int | None = None) -> Iterator[dict[str, Any]]: ...


def predict_all(runner: _Infers, examples: _Examples, batch_size: int, count: int | None = None) -> dict[str, Any]:
    """The outputs of the first ``count`` examples, or of all, by name.

    Outputs of a batched model are put together along their first dimension, one example per index; those of another
    model, and outputs that have no batch, along a new one, one call per index. State is fed back from call to call.

    Raises:
        DisagreementError: if the runner returns something that is not finite.
    """
    found: list[Mapping[str, Any]] = []
    for call in examples.calls(batch_size, count):
        state = {name: found[-1][output] for name, output in examples.states.items()} if found else {}
        found.append(runner.finish(runner.run(runner.prepare({**call, **state}))))
    examined = examples.count if count is None else count
    joined = {name: _joined([each[name] for each in found], examples, batch_size, examined) for name in found[0]}
    return finite_outputs(joined)


def _joined(outputs: list[Any], examples: _Examples, batch_size: int, count: int) -> Untyped:
    is_batched = examples.is_batched and np.shape(outputs[0])[:1] == (batch_size,)
    return np.concatenate(outputs)[:count] if is_batched else np.stack(outputs)


def contradictions(probabilities: Untyped, reference: Untyped, rounding: float) -> int:
    """How many predictions, both float (n, classes), differ by more than ``rounding`` explains.

    Where the two predict different classes, the probabilities of these have moved against each other: by what one puts
    between them, and by what the other puts between them the other way round. Classes that tie need hardly move.
    """
    rows = np.arange(len(reference))
    ours, theirs = probabilities.argmax(axis=1), reference.argmax(axis=1)
    moved = probabilities[rows, ours] - probabilities[rows, theirs] + (reference[rows, theirs] - reference[rows, ours])
    return int((moved > rounding).sum())


def count_zeros(kernels: Iterable[Any]) -> Sparsity:
    """Count zeros among all values of the arrays, as an artifact holds them."""
    counts = [(int(kernel.size - np.count_nonzero(kernel)), int(kernel.size)) for kernel in kernels]
    return Sparsity(sum(zeros for zeros, _ in counts), sum(size for _, size in counts))
