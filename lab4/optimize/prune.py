"""Magnitude pruning with TFMOT: the smallest weights are set to zero and kept there while training goes on.

Method: Zhu and Gupta, "To prune, or not to prune", 2017 (the polynomial schedule), as TFMOT implements it.
"""

from dataclasses import dataclass
from typing import Any

from lab4.frameworks import keras, tfmot
from lab4.optimize.technique import Trainer

__all__ = ["PRUNED_50", "PRUNED_80", "PRUNED_90", "MagnitudePruning"]


@dataclass(frozen=True, slots=True)
class MagnitudePruning:
    """Prunes every kernel to ``target_sparsity``, starting from the trained weights."""

    name: str
    label: str
    target_sparsity: float
    control: bool = False

    def apply(self, model: Any, trainer: Trainer) -> Any:  # noqa: ANN401
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
