"""What a model must do: fit any images and classes, give probabilities or its inputs again, and learn."""

from math import prod
from pathlib import Path

import numpy as np

from lab4 import datasets
from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.domain.catalogue import RECONSTRUCTION
from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS
from lab4.models import MODELS
from lab4.testing.conformance import TraitsConformance, require
from lab4.testing.tiny import CLASSES, cell_of, examined, tiny_bench

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
