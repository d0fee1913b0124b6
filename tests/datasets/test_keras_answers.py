"""What Keras answers or raises, and what lies in LAB4_DATA_DIR, without opening Keras: told in one sentence."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab4.datasets import keras_datasets, load
from lab4.domain.errors import DatasetError

X, Y = np.zeros((20, 8, 8), np.uint8), np.arange(20) % 2
FILES = keras_datasets._FASHION


@pytest.fixture
def answer(monkeypatch, tmp_path):
    """Sets what Keras's Fashion-MNIST answers or raises; its files are in LAB4_DATA_DIR."""
    monkeypatch.setenv("LAB4_DATA_DIR", str(tmp_path))
    for name in FILES:
        (tmp_path / name).write_bytes(b"mine")

    def set_answer(arrays):
        def load_data(**_):
            if isinstance(arrays, Exception):
                raise arrays
            return arrays

        fake = SimpleNamespace(datasets=SimpleNamespace(fashion_mnist=SimpleNamespace(load_data=load_data)))
        monkeypatch.setattr(keras_datasets, "keras", lambda: fake)

    return set_answer


def refused(name):
    with pytest.raises(DatasetError) as caught:
        load(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (((X[:0], Y[:0]), (X, Y)), "x_train holds no images"),
        (((X, Y), (X[:0], Y[:0])), "x_test holds no images"),
        (((X, Y[:-1]), (X, Y)), "x_train has 20 images and y_train 19 labels"),
        (((X, Y), (X, Y[:-1])), "x_test has 20 images and y_test 19 labels"),
        (((X, Y * 2), (X, Y)), "y_train has labels up to 2 but none of 1"),
    ],
)
def test_files_that_hold_no_usable_arrays_are_refused(answer, arrays, words):
    answer(arrays)
    assert refused("fashion_mnist").startswith(f"fashion_mnist: {words}")


@pytest.mark.parametrize("error", [EOFError("cut\noff"), ValueError("cannot reshape"), OSError("Not a gzipped file")])
def test_what_keras_raises_on_a_file_is_told_with_the_files(answer, error):
    answer(error)
    message = refused("fashion_mnist")
    assert str(error).partition("\n")[0] in message
    assert all(name in message for name in FILES)


@pytest.mark.parametrize("kept", [FILES[:1], FILES[1:]], ids=["one file", "all but one"])
def test_files_that_are_only_some_are_told_with_one_that_is_missing(answer, tmp_path, kept):
    answer(((X, Y), (X, Y)))
    for name in set(FILES) - set(kept):
        (tmp_path / name).unlink()
    message = refused("fashion_mnist")
    assert "only some of the files" in message
    assert any(f"{name} is missing" in message for name in set(FILES) - set(kept))
    assert {path.name for path in tmp_path.iterdir()} == set(kept)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Exception("URL fetch failure on https://a.example/b: None -- [Errno -2] Name\nor more"), "([Errno -2] Name)"),
        (TimeoutError(), "(TimeoutError)"),
    ],
)
def test_a_download_that_fails_is_told_with_what_to_do(answer, monkeypatch, error, words):
    monkeypatch.delenv("LAB4_DATA_DIR")
    answer(error)
    message = refused("fashion_mnist")
    assert words in message
    assert "set LAB4_DATA_DIR" in message
    assert all(name in message for name in FILES)


@pytest.mark.parametrize("kind", ["absent", "a file"])
def test_a_folder_that_is_none_is_told_by_its_variable(answer, monkeypatch, tmp_path, kind):
    answer(((X, Y), (X, Y)))
    place = tmp_path / ("nowhere" if kind == "absent" else FILES[0])
    monkeypatch.setenv("LAB4_DATA_DIR", str(place))
    assert refused("fashion_mnist") == f"LAB4_DATA_DIR is {str(place)!r}, which is not a folder"
