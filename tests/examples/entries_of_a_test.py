"""Techniques for one run: a second control, and one that says that it preserves a pruned model's zeros and does not."""

from lab4.domain.catalogue import TechniqueTraits
from lab4.frameworks import keras


class Longer:
    """Trained on twice as long."""

    traits = TechniqueTraits("longer", "Control (trained on twice)", "control")
    checks, distributions = (), ()

    def apply(self, model, trainer):
        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        trainer.fit(copy)
        trainer.fit(copy)
        return copy


class Forgetful(Longer):
    """Lets zeros grow again."""

    traits = TechniqueTraits("forgetful", "Forgetful Model", "compression", preserves=("sparsity",))


LONGER, FORGETFUL = Longer(), Forgetful()
