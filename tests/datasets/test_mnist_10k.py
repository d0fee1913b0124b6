"""The embedded default: the same split of the same real digits, everywhere."""

import subprocess
import sys
from importlib.resources import files
from time import perf_counter

import numpy as np
import pytest

from lab4 import datasets

#: Of the split images and labels. Another value means that runs before and after cannot be compared.
DIGEST = "e6f122401c273e4b294d4d6c20d88e781df2e3f9d0f9ff28b0b9e63a66d8a80e"
COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]


@pytest.fixture(scope="module")
def data():
    return datasets.load("mnist_10k")


@pytest.fixture(scope="module")
def source():
    with (files("lab4.datasets") / "data" / "mnist_10k.npz").open("rb") as file, np.load(file) as arrays:
        return arrays["x"], arrays["y"]


def rows(images):
    return [image.tobytes() for image in images]


def test_it_is_what_it_says(data):
    assert (data.name, data.classes) == ("mnist_10k", 10)
    assert (data.x_train.shape, data.x_validation.shape) == ((8000, 28, 28, 1), (2000, 28, 28, 1))
    assert data.x_train.dtype == data.x_validation.dtype == np.uint8
    assert (data.y_train.shape, data.y_validation.shape) == ((8000,), (2000,))
    assert data.y_train.dtype == data.y_validation.dtype == np.int64


def test_the_split_is_the_stated_one(data):
    assert data.sha256 == DIGEST


def test_the_split_does_not_depend_on_random_state_and_leaves_it_alone(data):
    np.random.seed(1)  # noqa: NPY002  # the state that must not matter
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    assert datasets.load("mnist_10k").sha256 == data.sha256
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_training_and_validation_share_no_image_and_lose_none(data, source):
    train, validation = rows(data.x_train), rows(data.x_validation)
    assert not set(train) & set(validation)
    assert sorted(train + validation) == sorted(rows(source[0]))


def test_every_image_keeps_its_label(data, source):
    label = dict(zip(rows(source[0]), source[1].tolist(), strict=True))
    for images, labels in ((data.x_train, data.y_train), (data.x_validation, data.y_validation)):
        assert [label[row] for row in rows(images)] == labels.tolist()


def test_each_class_has_its_share_to_within_one_image(data):
    assert np.bincount(source_labels := np.concatenate([data.y_train, data.y_validation])).tolist() == COUNTS
    assert len(source_labels) == 10_000
    held_out = np.bincount(data.y_validation)
    assert (np.abs(held_out - 0.2 * np.array(COUNTS)) < 1).all()


def test_rows_are_shuffled(data):
    """In class order, a batch would show one digit and a short prefix of validation would lack the last ones."""
    for labels in (data.y_train, data.y_validation):
        starts = range(0, len(labels), 128)
        assert (
            min(len(set(labels[start : start + 128].tolist())) for start in starts if start + 128 <= len(labels)) == 10
        )


def test_it_loads_fast():
    seconds = []
    for _ in range(3):
        start = perf_counter()
        datasets.load("mnist_10k")
        seconds.append(perf_counter() - start)
    assert min(seconds) < 0.3


def test_its_attribution_ships_beside_it():
    text = (files("lab4.datasets") / "data" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for owed in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "MIT"):
        assert owed in text


def test_the_room_opens_neither_numpy_nor_tensorflow():
    code = "import sys, lab4.datasets; print({'numpy', 'tensorflow'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_loading_it_opens_no_tensorflow():
    code = "import sys; from lab4 import datasets; datasets.load('mnist_10k'); print('tensorflow' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
