"""Magnitude pruning with TFMOT: the smallest weights are set to zero and kept there while training continues.

Method: Zhu and Gupta, "To prune, or not to prune", 2017 (the polynomial schedule), as TFMOT implements it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab4.domain.catalogue import Promise, TechniqueTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tfmot
from lab4.techniques.technique import Check, Trainer

#: TFMOT rounds the number of weights to prune in each kernel.
_SLACK = 0.005


def _share_of_zeros(kernels: Iterable[Any]) -> float:
    values = zeros = 0
    for kernel in kernels:
        values += kernel.size
        zeros += kernel.size - np.count_nonzero(kernel)
    return zeros / values if values else 0.0


@dataclass(frozen=True, slots=True)
class MagnitudePruning:
    """Prunes every kernel to ``target_sparsity``, a fraction 0..1, starting from the trained weights."""

    name: str
    label: str
    target_sparsity: float
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
        """Return a pruned copy of ``model``, the pruning wrappers stripped."""
        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        sparsity = tfmot().sparsity.keras
        # TFMOT updates masks only at multiples of the frequency, and a schedule that ends past the last
        # update ends below its target: so the ramp ends at two thirds of the steps, and the rest recovers.
        end = max(2, trainer.steps * 2 // 3)
        schedule = sparsity.PolynomialDecay(
            initial_sparsity=min(0.5, self.target_sparsity / 2),
            final_sparsity=self.target_sparsity,
            begin_step=0,
            end_step=end,
            frequency=max(1, end // 10),
        )
        wrapped = sparsity.prune_low_magnitude(copy, pruning_schedule=schedule)
        trainer.fit(wrapped, callbacks=[sparsity.UpdatePruningStep()])
        return sparsity.strip_pruning(wrapped)


PRUNED_50 = MagnitudePruning("pruned50", "Pruned Model (50%)", 0.50)
PRUNED_80 = MagnitudePruning("pruned80", "Pruned Model (80%)", 0.80)
PRUNED_90 = MagnitudePruning("pruned90", "Pruned Model (90%)", 0.90)
PRUNED_95 = MagnitudePruning("pruned95", "Pruned Model (95%)", 0.95)
