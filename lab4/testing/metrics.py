"""What metrics and datasets must be: figures that follow predictions; images and labels that stay the same."""

from functools import cache

import numpy as np
import pytest

from lab4 import datasets
from lab4.datasets import DATASETS, Dataset
from lab4.datasets.arrays import checked_dataset
from lab4.domain.errors import DatasetError, UnavailableError
from lab4.domain.observed import PerExample, Score
from lab4.domain.untyped import Untyped
from lab4.metrics import METRICS
from lab4.testing.conformance import Conformance, TraitsConformance, require, run_python

_CLASSES, _EXAMPLES = 5, 200


def _predicted(labels: Untyped, sure: float = 0.9) -> Untyped:
    """Probabilities, float32 (n, classes), whose likeliest classes are the labels."""
    rest = (1 - sure) / (_CLASSES - 1)
    return np.where(np.arange(_CLASSES) == labels[:, None], sure, rest).astype(np.float32)


class MetricConformance(TraitsConformance):
    """The suite of metrics of class probabilities."""

    kind = "metric"

    def value(self, name: str, outputs: Untyped, labels: Untyped) -> float:
        """The metric as one number."""
        found = METRICS[name].compute(outputs, labels)
        is_one = isinstance(found, PerExample | Score)
        require(is_one, f"{name} returns a {type(found).__name__}, not a PerExample or Score")
        value = float(found.value)
        require(np.isfinite(value), f"{name} is {value}")
        return value

    def labels(self) -> Untyped:
        """Classes of examples, integers (n,), every class among them."""
        return np.random.default_rng(3).permutation(np.arange(_EXAMPLES) % _CLASSES)

    def test_it_returns_what_its_traits_say(self, name: str) -> None:
        """One truth value for each example, or one number."""
        labels = self.labels()
        found = METRICS[name].compute(_predicted(labels), labels)
        is_per_example = METRICS[name].traits.is_per_example
        require(isinstance(found, PerExample) == is_per_example, f"{name} returns a {type(found).__name__}")
        if isinstance(found, PerExample):
            require(len(found.correct) == len(labels), f"{name} judges {len(found.correct)} of {len(labels)} examples")

    def test_perfect_predictions_are_best(self, name: str) -> None:
        """The more predictions are wrong, the worse it is; all wrong is worse than chance."""
        labels, sign = self.labels(), 1 if METRICS[name].traits.higher_is_better else -1
        values = []
        for wrong in (0, _EXAMPLES // 4, _EXAMPLES // 2, _EXAMPLES):
            shifted = labels.copy()
            shifted[:wrong] = (shifted[:wrong] + 1) % _CLASSES
            values.append(sign * self.value(name, _predicted(shifted), labels))
        require(values[0] == max(values), f"{name} of perfect predictions is not the best: {values}")
        require(values == sorted(values, reverse=True), f"{name} does not get worse with more mistakes: {values}")
        require(values[0] > values[-1], f"{name} is the same for perfect and for wrong predictions")

    def test_a_share_is_within_its_unit(self, name: str) -> None:
        """A share is a fraction of 1, of which perfect predictions have all."""
        if METRICS[name].traits.unit != "share":
            return
        labels = self.labels()
        require(abs(self.value(name, _predicted(labels), labels) - 1) < 1e-6, f"{name} of perfect predictions is not 1")  # noqa: PLR2004
        random = np.random.default_rng(5).dirichlet(np.ones(_CLASSES), _EXAMPLES).astype(np.float32)
        require(0 <= self.value(name, random, labels) <= 1, f"{name} of random predictions is not a share")

    def test_the_order_of_examples_does_not_matter(self, name: str) -> None:
        """Predictions come in the order of the validation set, which says nothing."""
        rng, labels = np.random.default_rng(7), self.labels()
        outputs = rng.dirichlet(np.ones(_CLASSES), _EXAMPLES).astype(np.float32)
        order = rng.permutation(_EXAMPLES)
        values = self.value(name, outputs, labels), self.value(name, outputs[order], labels[order])
        require(abs(values[0] - values[1]) < 1e-9, f"{name} depends on the order of examples: {values}")  # noqa: PLR2004

    def test_it_leaves_its_arguments_alone(self, name: str) -> None:
        """Other metrics are computed of the same arrays."""
        labels = self.labels()
        outputs = _predicted(labels)
        kept = outputs.copy(), labels.copy()
        self.value(name, outputs, labels)
        require((outputs == kept[0]).all() and (labels == kept[1]).all(), f"{name} changes what it is given")

    def test_a_class_that_nobody_predicts_is_no_error(self, name: str) -> None:
        """A quantized model may predict one class only."""
        labels = self.labels()
        self.value(name, _predicted(np.zeros_like(labels)), labels)
        self.value(name, _predicted(labels[:1]), labels[:1])


#: The share of validation images that may be training images too, as some sets have duplicates.
_SHARED = 0.01


@cache
def _loaded(name: str) -> Dataset:
    try:
        return DATASETS[name]()
    except UnavailableError as error:
        pytest.skip(str(error))


class DatasetConformance(Conformance):
    """The suite of datasets."""

    kind = "dataset"

    def test_its_arrays_are_the_suites(self, name: str) -> None:
        """Shapes, dtypes, ranges and labels; raises `DatasetError` that names the array at fault."""
        data = _loaded(name)
        require(isinstance(data, Dataset), f"{name} loads a {type(data).__name__}, not a Dataset")
        require(data.name == name, f"{name} calls itself {data.name!r}")
        checked = checked_dataset(name, data.arrays, "validation")
        require(checked.classes == data.classes, f"{name} has labels of {checked.classes} classes, not {data.classes}")
        for part in ("train", "validation"):
            x, y = getattr(data, f"x_{part}").dtype, getattr(data, f"y_{part}").dtype
            require(y == np.int64, f"y_{part} of {name} is {y}, not int64")
            require(x in {np.dtype(np.uint8), np.dtype(np.float32)}, f"x_{part} of {name} is {x}")

    def test_every_class_is_in_both_parts(self, name: str) -> None:
        """A class that is never validated says nothing."""
        data = _loaded(name)
        for array in ("y_train", "y_validation"):
            present = set(np.unique(getattr(data, array)).tolist())
            missing = ", ".join(map(str, sorted(set(range(data.classes)) - present)))
            require(present == set(range(data.classes)), f"{array} of {name} has no image of {missing}")

    def test_no_image_is_in_both_parts(self, name: str) -> None:
        """Accuracy on images that were trained on is not accuracy."""
        data = _loaded(name)
        trained = {image.tobytes() for image in data.x_train}
        shared = sum(image.tobytes() in trained for image in data.x_validation)
        require(shared <= _SHARED * len(data.x_validation), f"{shared} validation images of {name} are trained on")

    def test_it_is_the_same_each_time(self, name: str) -> None:
        """Another process, with other hashes, loads the same bytes in the same order."""
        code = f"from lab4 import datasets; print(datasets.load({name!r}).sha256)"
        answer = run_python(code)
        require(answer.returncode == 0, f"{name} cannot be loaded in a process of its own: {answer.stderr}")
        require(answer.stdout.strip() == _loaded(name).sha256, f"{name} differs from process to process")

    def test_a_wrong_path_is_no_dataset(self, name: str) -> None:
        """Its name is not taken for that of a file."""
        require(not name.endswith(".npz"), f"{name} looks like a path")
        with pytest.raises(DatasetError):
            datasets.load(f"{name}.npz")
