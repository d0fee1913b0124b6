"""Magnitude pruning with TFMOT: the smallest weights are set to zero and kept there while training continues.

Method: Zhu and Gupta, "To prune, or not to prune", 2017 (the polynomial schedule), as TFMOT implements it. How many
zeros each layer has is decided by the trained weights: Lee, Park, Mo, Ahn and Shin, "Layer-adaptive sparsity for the
magnitude-based pruning", ICLR 2021.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from lab4.domain.catalogue import Promise, TechniqueTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tfmot
from lab4.techniques.technique import Check, Trainer

#: TFMOT rounds the number of weights to prune in each kernel.
_SLACK = 0.005

#: From the prunable weights of each layer and the number of zeros among all to the share of zeros of each layer.
Allocation = Callable[[Sequence[Sequence[Any]], int], list[float]]


def _share_of_zeros(kernels: Iterable[Any]) -> float:
    values = zeros = 0
    for kernel in kernels:
        values += kernel.size
        zeros += kernel.size - np.count_nonzero(kernel)
    return zeros / values if values else 0.0


def layer_adaptive(layers: Sequence[Sequence[Any]], zeros: int) -> list[float]:
    """Shares of zeros by layer that together are so many, from the weights of each layer (arrays of any shape).

    The zeros go to the lowest scores of all layers. The score of a weight is its square, as a share of the squares of
    all that are not smaller in its tensor: the largest of each scores 1, so that no layer loses all of its weights, and
    layers of other scales can be compared.

    >>> layer_adaptive([[np.array([0.0, 0.1, 1.0, 1.0])], [np.array([3.0, 3.0])]], 2)
    [0.5, 0.0]
    """
    scores = [np.concatenate([_scores(weight) for weight in weights]) for weights in layers]
    owners = np.repeat(np.arange(len(layers)), [len(each) for each in scores])
    lowest = np.argsort(np.concatenate(scores), kind="stable")[:zeros]
    counts = np.bincount(owners[lowest], minlength=len(layers))
    return [float(count / len(each)) for count, each in zip(counts, scores, strict=True)]


def _scores(weight: Untyped) -> Untyped:
    squares = np.sort(np.square(weight.ravel().astype(np.float64)))
    rest = np.cumsum(squares[::-1])[::-1]
    return np.divide(squares, rest, out=np.zeros_like(squares), where=rest > 0)


def alike(layers: Sequence[Sequence[Any]], zeros: int) -> list[float]:
    """The same share of zeros in every layer: what TFMOT does by itself."""
    share = zeros / sum(weight.size for weights in layers for weight in weights)
    return [share for _ in layers]


@dataclass(frozen=True, slots=True)
class PruningSchedule:
    """When weights are pruned: over the first ``ramp`` of the steps, a fraction, in about so many ``updates``.

    ``allocation`` says where. The defaults are what was best of all that were tried with the lab's two nets
    (docs/evidence/results.md, benchmarks/harness/pruning_schedules.py): the FCNN's small last layers need most of their
    weights, and a mask that is chosen anew every few steps takes few at once, which the net makes up for between.
    """

    ramp: float = 2 / 3
    updates: int = 40
    allocation: Allocation = layer_adaptive

    def polynomial(self, share: float, steps: int) -> Untyped:
        """TFMOT's schedule of a layer with this share of zeros at the end, for so many optimizer steps.

        TFMOT updates masks at multiples of the frequency only, and a schedule that ends past the last update ends below
        its target: so the ramp ends at one, with steps left to recover in.
        """
        wanted = max(2, int(steps * self.ramp))
        frequency = max(1, wanted // self.updates)
        return tfmot().sparsity.keras.PolynomialDecay(
            initial_sparsity=min(0.5, share / 2),
            final_sparsity=share,
            begin_step=0,
            end_step=wanted // frequency * frequency,
            frequency=frequency,
        )


@dataclass(frozen=True, slots=True)
class MagnitudePruning:
    """Prunes the kernels to ``target_sparsity`` of all of them, a fraction 0..1, starting from the trained weights."""

    name: str
    label: str
    target_sparsity: float
    schedule: PruningSchedule = PruningSchedule()
    distributions: tuple[str, ...] = ("tensorflow-model-optimization",)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The share of zeros among the kernels."""
        promise = Promise("sparsity", "share of zero weights", at_least=self.target_sparsity)
        return (Check(promise, _share_of_zeros, _SLACK),)

    @property
    def traits(self) -> TechniqueTraits:
        """A pruning."""
        return TechniqueTraits(self.name, self.label, "pruning", tuple(check.promise for check in self.checks))

    def apply(self, model: Untyped, trainer: Trainer) -> Untyped:
        """Return a pruned copy of ``model``, the pruning wrappers stripped.

        Raises `UnavailableError` where too many of its kernels are of layers that TFMOT does not prune.
        """
        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        sparsity = tfmot().sparsity.keras
        wrapped = _wrapped(copy, self.shares(copy), lambda share: self.schedule.polynomial(share, trainer.steps))
        trainer.fit(wrapped, callbacks=[sparsity.UpdatePruningStep()])
        return sparsity.strip_pruning(wrapped)

    def shares(self, model: Untyped) -> dict[Untyped, float]:
        """The share of zeros that each layer of a trained model is to have; of those that have none, nothing.

        Zeros are counted among all kernels: where TFMOT leaves some as they are, such as those of depthwise
        convolutions, the others have more. Raises `UnavailableError` as `apply`.
        """
        prunable = {layer: weights for layer in _layers(model) if (weights := _prunable(layer))}
        zeros = ceil(self.target_sparsity * sum(np.size(each) for each in model.get_weights() if np.ndim(each) > 1))
        tensors = [weight for weights in prunable.values() for weight in weights]
        if zeros > sum(weight.size - 1 for weight in tensors):
            raise UnavailableError(
                f"{self.target_sparsity:.0%} zeros cannot be had: too many of the model's weights are of layers that "
                "TFMOT does not prune; choose a lower sparsity"
            )
        found = self.schedule.allocation([*prunable.values()], zeros)
        return {layer: share for layer, share in zip(prunable, found, strict=True) if share > 0}


def _layers(model: Untyped) -> Iterator[Untyped]:
    """The layers of a model, and of the models among them."""
    for layer in model.layers:
        if isinstance(layer, keras().Model):
            yield from _layers(layer)
        else:
            yield layer


def _prunable(layer: Untyped) -> list[Untyped]:
    """The weights of a layer that TFMOT prunes, as arrays."""
    if not layer.weights:
        return []
    wrapper = tfmot().sparsity.keras.prune_low_magnitude(layer)
    return [weight.numpy() for weight in wrapper.layer.get_prunable_weights()]


def _wrapped(model: Untyped, shares: Mapping[Untyped, float], schedule: Callable[[float], Untyped]) -> Untyped:
    """The model with each of these layers pruned by its schedule; weights are those of ``model`` itself."""

    def wrap(layer: Untyped) -> Untyped:
        if isinstance(layer, keras().Model):
            return _wrapped(layer, shares, schedule)
        if layer not in shares:
            return layer
        return tfmot().sparsity.keras.prune_low_magnitude(layer, pruning_schedule=schedule(shares[layer]))

    return keras().models.clone_model(model, clone_function=wrap)


PRUNED_50 = MagnitudePruning("pruned50", "Pruned Model (50%)", 0.50)
PRUNED_80 = MagnitudePruning("pruned80", "Pruned Model (80%)", 0.80)
PRUNED_90 = MagnitudePruning("pruned90", "Pruned Model (90%)", 0.90)
PRUNED_95 = MagnitudePruning("pruned95", "Pruned Model (95%)", 0.95)
