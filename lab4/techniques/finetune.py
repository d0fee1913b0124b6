"""The control: trained on for the same epochs as a pruned model, without pruning.

A pruned model has had more training than its original, so its loss against the original mixes the two.
Against this control the loss is pruning's own.
"""

from lab4.domain.catalogue import TechniqueTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.techniques.technique import Check, Trainer


class FineTuning:
    """Training on, and nothing else."""

    traits = TechniqueTraits("finetuned", "Control (trained on, not pruned)", kind="control")
    checks: tuple[Check, ...] = ()
    distributions: tuple[str, ...] = ()

    def apply(self, model: Untyped, trainer: Trainer) -> Untyped:
        """Return a copy of ``model`` with its weights, trained on."""
        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        trainer.fit(copy)
        return copy


FINETUNED = FineTuning()
