"""What models and techniques must do: fit any images and learn; change a copy, and keep what they promise of it."""

from math import prod
from pathlib import Path
from typing import ClassVar

import numpy as np

from lab4 import datasets
from lab4.bench.keys import training_plan
from lab4.bench.tensorflow_jobs import MODEL_FILE, open_tensorflow
from lab4.domain.catalogue import RECONSTRUCTION
from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS
from lab4.models import MODELS
from lab4.techniques import TECHNIQUES, Check
from lab4.testing.conformance import CLASSES, TraitsConformance, cell_of, examined, kernels_of, require, tiny_bench

_SHAPES = (((28, 28, 1), 10), ((32, 32, 3), 7), ((8, 8, 1), 2))
#: A model may refuse these, which would be nothing after a few convolutions.
_SMALL = ((8, 8, 1),)
#: The share of right predictions that shows learning: half way between chance and all.
_LEARNED = (1 + 1 / CLASSES) / 2


class ModelConformance(TraitsConformance):
    """The suite of models; each is built for several images, and trained on small ones for so many ``epochs``."""

    kind = "model"
    epochs = 4
    # A contract is of a user's own model: a registered one is built for the images of each dataset.
    optional = frozenset({"architecture", "contract"})

    def test_it_gives_outputs_of_its_task_for_any_images_and_classes(self, name: str) -> None:
        """It takes images of a shape; it returns a probability for each class, or the values of the image."""
        for shape, classes in _SHAPES:
            try:
                facts = tiny_bench().processes.builder.call(_facts, name, shape, classes)
            except UnavailableError:  # images too small for it, and it says so
                require(shape in _SMALL, f"{name} refuses images of {shape}")
                continue
            require(facts["input"] == (None, *shape), f"{name} takes {facts['input']} for images of {shape}")
            require(not facts["compiled"], f"{name} is compiled; the suite compiles it with the run's optimizer")
            if _reconstructs(name):
                require(facts["output"] == (None, prod(shape)), f"{name} returns {facts['output']} for {shape}")
                require(np.isfinite(facts["outputs"]).all(), f"{name} returns {facts['outputs']}")
            else:
                _require_probabilities(name, facts, classes)

    def test_the_same_seed_gives_the_same_weights(self, name: str) -> None:
        """What is trained is kept by what decides it: the seed is a part of that."""
        first, second, other = (
            tiny_bench().processes.builder.call(_facts, name, *_SHAPES[0], seed)["weights"] for seed in (1, 1, 2)
        )
        require(first == second, f"two builds of {name} from one seed differ")
        require(first != other, f"{name} does not take its first weights from the seed")

    def test_it_learns(self, name: str) -> None:
        """Trained and examined as in a run, it is right far more often than by chance."""
        original = MODELS[name].traits.original_format or ""
        require(original in FORMATS, f"{name} is first saved as {original!r}, which is not a format")
        measured = examined(cell_of(name, (), original), self.epochs)
        if _reconstructs(name):
            far, bench = measured.metrics["mae"].value, tiny_bench()
            limit = bench.processes.builder.call(_mean_error, bench.dataset.path)
            require(far < limit, f"{name} is off by {far:.3f}, the mean of the training images by {limit:.3f}")
            return
        share = measured.per_example.value if measured.per_example is not None else 0.0
        require(share >= _LEARNED, f"{name} is right in {share:.0%} of {CLASSES} classes that are easy to tell apart")


def _reconstructs(name: str) -> bool:
    return bool(MODELS[name].traits.task == RECONSTRUCTION)


def _require_probabilities(name: str, facts: dict[str, Untyped], classes: int) -> None:
    outputs = facts["outputs"]
    require(facts["output"] == (None, classes), f"{name} returns {facts['output']} for {classes} classes")
    require(np.isfinite(outputs).all() and (outputs >= 0).all(), f"{name} returns no probabilities: {outputs}")
    require(np.allclose(outputs.sum(axis=1), 1, atol=1e-4), f"the probabilities of {name} do not add up to 1")


def _mean_error(dataset: Path) -> float:
    """The mean absolute error of giving the mean of the training images for every image."""
    data = datasets.load_arrays(dataset)
    train, examined = datasets.images(data.x_train), datasets.images(data.x_validation)
    return float(np.abs(examined - train.mean(axis=0)).mean())


def _facts(name: str, shape: tuple[int, int, int], classes: int, seed: int = 1) -> dict[str, Untyped]:
    from lab4.frameworks import tensorflow
    from lab4.measure.training import weights_sha256

    open_tensorflow()
    tensorflow().keras.utils.set_random_seed(seed)
    model = MODELS[name].build(shape, classes)
    images = np.random.default_rng(seed).random((3, *model.input_shape[1:]), dtype=np.float32)
    return {
        "input": tuple(model.input_shape),
        "output": tuple(model.output_shape),
        "compiled": getattr(model, "optimizer", None) is not None,
        "outputs": np.asarray(model(images, training=False)),
        "weights": weights_sha256(model),
    }


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
        """After the technique of ours that promises most of such a property, the promise is kept in the file."""
        strictest: dict[str, tuple[float, str]] = {}
        for earlier in (each for each in TECHNIQUES.own if each != name):
            for promise in TECHNIQUES[earlier].traits.promises:
                limit = promise.at_least if promise.at_least is not None else -(promise.at_most or 0.0)
                strictest[promise.property] = max((limit, earlier), strictest.get(promise.property, (limit, earlier)))
        kept = [earlier for key, (_, earlier) in strictest.items() if key in TECHNIQUES[name].traits.preserves]
        for earlier in dict.fromkeys(kept):
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
