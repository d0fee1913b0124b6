"""The control: trained on for the same epochs as a pruned model, without pruning.

A pruned model has had more training than its original, so its loss against the original mixes the two.
Beside this control the loss is pruning's own.
"""

from dataclasses import dataclass
from typing import Any

from lab4.frameworks import keras
from lab4.optimize.technique import Trainer

__all__ = ["FINETUNED", "FineTuning"]


@dataclass(frozen=True, slots=True)
class FineTuning:
    """Training on, and nothing else."""

    name: str = "finetuned"
    label: str = "Control (trained on, not pruned)"
    target_sparsity: float | None = None
    control: bool = True

    def apply(self, model: Any, trainer: Trainer) -> Any:  # noqa: ANN401
        """Return a copy of ``model`` with its weights, trained on."""
        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        trainer.fit(copy)
        return copy


FINETUNED = FineTuning()
