"""What a dataset must be: images and labels of the suite's shapes, the same each time, no image in both parts."""

from functools import cache

import numpy as np
import pytest

from lab4 import datasets
from lab4.datasets import DATASETS, Dataset
from lab4.datasets.arrays import checked_dataset
from lab4.domain.errors import DatasetError, UnavailableError
from lab4.testing.conformance import Conformance, require, run_python

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
