"""What a technique must do: return a new trained model that keeps its promises, and leave the old one alone."""

from pathlib import Path
from typing import ClassVar

import numpy as np

from lab4.bench.keys import training_plan
from lab4.bench.tensorflow_jobs import MODEL_FILE, open_tensorflow
from lab4.domain.untyped import Untyped
from lab4.techniques import TECHNIQUES, Check
from lab4.testing.conformance import TraitsConformance, require
from lab4.testing.tiny import cell_of, examined, kernels_of, tiny_bench

#: The format of models before and after a technique.
_ORIGINAL = "keras"


class TechniqueConformance(TraitsConformance):
    """The suite of techniques; a small model is trained, changed and exported as a run does it."""

    kind = "technique"
    optional = frozenset({"promises", "preserves"})
    models: ClassVar[tuple[str, ...]] = ("cnn",)
    formats: ClassVar[tuple[str, ...]] = (_ORIGINAL, "tflite_float16", "tflite_int8")

    def counterexample(self, check: Check) -> list[Untyped]:  # noqa: ARG002
        """Kernels that break the promise of a check: those of the model before the technique."""
        return kernels_of(cell_of(self.models[0], (), _ORIGINAL))

    def test_each_promise_has_a_check(self, name: str) -> None:
        """What is promised to a reader is what is verified."""
        technique = TECHNIQUES[name]
        promises = tuple(check.promise for check in technique.checks)
        require(
            promises == technique.traits.promises, f"{name} promises {technique.traits.promises}, checks {promises}"
        )
        for promise in promises:
            limits = promise.at_least, promise.at_most
            require(limits != (None, None), f"the promise of {promise.property} has no limit, and so says nothing")

    def test_a_model_without_it_breaks_each_promise(self, name: str) -> None:
        """A promise that every model keeps verifies nothing."""
        for check in TECHNIQUES[name].checks:
            counted = check.count(self.counterexample(check))
            require(not check.is_kept(counted), f"a {check.promise.label} of {counted:g} does not prove {name}")

    def test_its_promises_are_kept_in_the_files(self, name: str) -> None:
        """Each format that keeps the promises is examined; outputs must be the changed model's."""
        for model in self.models:
            for form in self.formats:
                measured = examined(cell_of(model, (name,), form))  # raises DisagreementError
                agreed = measured.agreement
                require(agreed is not None and agreed.total > 0, f"{model} in {form} was not compared")

    def test_it_changes_a_copy(self, name: str) -> None:
        """The model before it is the parent of other variants."""
        bench = tiny_bench()
        cell = cell_of(self.models[0], (), _ORIGINAL)
        folder = bench.builds.model(cell.variant).folder
        plan = training_plan(1, bench.order.seed)
        before, after, shape, is_same = bench.processes.builder.call(_applied, name, folder, plan, bench.dataset.path)
        require(before == after, f"{name} changes the weights of the model that it is given")
        require(not is_same, f"{name} returns the model that it is given, not a new one")
        require(shape == (None, bench.dataset.classes), f"{name} returns a model with outputs {shape}")

    def test_it_preserves_what_it_says(self, name: str) -> None:
        """After each technique of ours that promises such a property, the promise is kept in the file."""
        preserved = set(TECHNIQUES[name].traits.preserves)
        for earlier in TECHNIQUES.own:
            promised = {promise.property for promise in TECHNIQUES[earlier].traits.promises}
            if earlier != name and promised & preserved:
                examined(cell_of(self.models[0], (earlier, name), _ORIGINAL))  # raises DisagreementError

    def test_its_packages_have_names(self, name: str) -> None:
        """Their versions are part of what decides what it makes."""
        technique = TECHNIQUES[name]
        require(all(isinstance(each, str) for each in technique.distributions), "distributions are names of packages")


def _applied(name: str, folder: Path, plan: Untyped, dataset: Path) -> tuple[str, str, Untyped, bool]:
    from lab4 import datasets
    from lab4.measure.training import FitTrainer, weights_sha256
    from lab4.runtimes.keras_files import load_model

    open_tensorflow()
    data = datasets.load_arrays(dataset)
    model = load_model(folder / MODEL_FILE)
    before = weights_sha256(model)
    changed = TECHNIQUES[name].apply(model, FitTrainer(datasets.images(data.x_train), data.y_train, plan))
    outputs = np.asarray(changed(datasets.images(data.x_validation[:10])))
    if not np.isfinite(outputs).all():
        raise ValueError(f"{name} makes a model whose outputs are not finite")
    return before, weights_sha256(model), tuple(changed.output_shape), changed is model
