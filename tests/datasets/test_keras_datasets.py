"""Keras's datasets, from files that are already there or not at all: in their real formats, without a network."""

import gzip
import hashlib
import io
import pickle
import re
import socket
import struct
import sys
import tarfile
import urllib.request

import numpy as np
import pytest

from lab4 import datasets
from lab4.datasets import keras_datasets
from lab4.domain.errors import DatasetError
from lab4.frameworks import keras

FASHION = {
    "train-images-idx3-ubyte.gz": (20, 28, 28),
    "train-labels-idx1-ubyte.gz": (20,),
    "t10k-images-idx3-ubyte.gz": (10, 28, 28),
    "t10k-labels-idx1-ubyte.gz": (10,),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of files already there; no network, and a home where Keras has kept nothing."""
    (tmp_path / "home" / ".keras").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there: refused at once
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it keeps the proxies of its first use
    chosen = tmp_path / "data"
    chosen.mkdir()
    monkeypatch.setenv("LAB4_DATA_DIR", str(chosen))
    return chosen


def pictures(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def labels(count):
    return (np.arange(count) % 10).astype(np.uint8)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write_idx(path, array):
    """Write an array of bytes as the idx format has it: type 8 (unsigned byte), dimensions, sizes, content."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def write_fashion(folder):
    arrays = {
        name: pictures(shape, len(name)) if len(shape) == 3 else labels(*shape) for name, shape in FASHION.items()
    }
    for name, array in arrays.items():
        write_idx(folder / name, array)
    return list(arrays.values())


def test_mnist_is_read_from_its_file(folder):
    x_train, x_test = pictures((30, 28, 28)), pictures((10, 28, 28), 1)
    np.savez_compressed(folder / "mnist.npz", x_train=x_train, y_train=labels(30), x_test=x_test, y_test=labels(10))
    data = datasets.load("mnist")
    assert (data.name, data.classes) == ("mnist", 10)
    np.testing.assert_array_equal(data.x_train[..., 0], x_train)
    np.testing.assert_array_equal(data.x_validation[..., 0], x_test)
    np.testing.assert_array_equal(data.y_train, labels(30))
    np.testing.assert_array_equal(data.y_validation, labels(10))


def test_a_damaged_mnist_file_is_named_and_kept(folder):
    path = folder / "mnist.npz"
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DatasetError, match=str(path)):
        datasets.load("mnist")
    assert path.read_bytes() == b"PK\x03\x04 cut off"


@pytest.mark.parametrize("place", ["", "fashion-mnist"])
def test_fashion_mnist_is_read_from_its_files(folder, place):
    x_train, y_train, x_test, y_test = write_fashion(folder / place)
    before = contents(folder)
    data = datasets.load("fashion_mnist")
    assert (data.name, data.classes) == ("fashion_mnist", 10)
    for found, written in (
        (data.x_train[..., 0], x_train),
        (data.y_train, y_train),
        (data.x_validation[..., 0], x_test),
        (data.y_validation, y_test),
    ):
        np.testing.assert_array_equal(found, written)
    assert contents(folder) == before


@pytest.mark.parametrize("name", FASHION)
def test_a_damaged_file_of_fashion_mnist_is_named_and_kept(folder, name):
    write_fashion(folder)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    before = contents(folder)
    with pytest.raises(DatasetError) as error:
        datasets.load("fashion_mnist")
    assert [each for each in FASHION if each in str(error.value)] == [name]
    assert contents(folder) == before


def test_a_missing_file_of_fashion_mnist_is_named(folder):
    write_fashion(folder)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match=r"t10k-labels-idx1-ubyte\.gz is missing"):
        datasets.load("fashion_mnist")


def test_labels_that_do_not_fit_the_images_are_refused(folder):
    write_fashion(folder)
    write_idx(folder / "train-labels-idx1-ubyte.gz", labels(19))
    with pytest.raises(DatasetError, match=r"train-images-idx3-ubyte\.gz"):
        datasets.load("fashion_mnist")


def batch(images, ys):
    """One file of CIFAR-10's Python version: rows of 3 x 32 x 32, red first."""
    rows = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
    return pickle.dumps({b"batch_label": b"a batch", b"labels": ys.tolist(), b"data": rows}, protocol=2)


def write_cifar(path):
    """The archive: five files of 10,000 images, here all of one picture per class, and one of tests."""
    # One dot of a colour: nearly all black is quickly packed, and a turned picture would show.
    small = np.zeros((10, 32, 32, 3), np.uint8)
    small[:, 3, 5] = pictures((10, 3))
    train, test = batch(np.tile(small, (1000, 1, 1, 1)), np.tile(labels(10), 1000)), batch(small, labels(10))
    names = {**{f"data_batch_{number}": train for number in range(1, 6)}, "test_batch": test}
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in names.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return small


def test_cifar10_is_read_from_its_archive(folder, monkeypatch):
    path = folder / "cifar-10-python.tar.gz"
    small = write_cifar(path)
    before = contents(folder)
    # Both compare the published file's checksum, which no small file has.
    monkeypatch.setattr(keras_datasets, "_CIFAR_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    loader = sys.modules[keras().utils.get_file.__module__]
    monkeypatch.setattr(loader, "validate_file", lambda *_, **__: True)
    data = datasets.load("cifar10")
    assert (data.name, data.classes, data.x_train.shape) == ("cifar10", 10, (50_000, 32, 32, 3))
    np.testing.assert_array_equal(data.x_train[-10:], small)
    np.testing.assert_array_equal(data.x_validation, small)
    assert data.y_train.shape == (50_000,)
    np.testing.assert_array_equal(data.y_validation, labels(10))
    assert contents(folder) == before


@pytest.mark.parametrize("name", ["cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz"])
def test_an_archive_of_cifar10_that_is_not_the_published_one_is_named_and_kept(folder, name):
    path = folder / name
    path.write_bytes(b"something else")
    with pytest.raises(DatasetError, match=rf"{re.escape(name)}.*checksum"):
        datasets.load("cifar10")
    assert path.read_bytes() == b"something else"


@pytest.mark.parametrize(
    ("name", "file"),
    [("mnist", "mnist.npz"), ("fashion_mnist", "train-images-idx3-ubyte.gz"), ("cifar10", "cifar-10-python.tar.gz")],
)
def test_without_a_network_it_says_which_file_to_put_where(name, file):
    with pytest.raises(DatasetError) as error:
        datasets.load(name)
    text = str(error.value)
    assert f"{name} could not be downloaded" in text
    assert "refused" in text
    assert file in text
    assert "LAB4_DATA_DIR" in text
    assert "\n" not in text


def test_a_host_that_never_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(keras_datasets, "_SILENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(DatasetError, match=r"mnist could not be downloaded .*timed out.*LAB4_DATA_DIR"):
            datasets.load("mnist")
    assert socket.getdefaulttimeout() is None


def test_a_folder_of_files_that_is_not_there_is_told(folder, monkeypatch):
    monkeypatch.setenv("LAB4_DATA_DIR", str(folder / "nowhere"))
    with pytest.raises(DatasetError, match=r"LAB4_DATA_DIR.*not a folder"):
        datasets.load("mnist")


def test_with_all_that_is_embedded_no_environment_matters(folder, monkeypatch):
    monkeypatch.setenv("LAB4_DATA_DIR", str(folder / "nowhere"))
    assert datasets.load("mnist_10k").name == "mnist_10k"
