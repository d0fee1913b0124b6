"""A user's own images: taken as they are, or refused with the file, the array and the mend."""

import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab4 import datasets
from lab4.domain.errors import DatasetError

SHAPES = [(8, 8), (28, 28), (9, 12, 1), (16, 8, 3)]


def grey(count, shape=(8, 8), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def parts(**changed):
    """Keras's layout, valid but for what is changed; ``None`` leaves an array out."""
    arrays = {
        "x_train": grey(20),
        "y_train": np.arange(20) % 2,
        "x_test": grey(6, seed=1),
        "y_test": np.arange(6) % 2,
        **changed,
    }
    return {name: array for name, array in arrays.items() if array is not None}


def load(folder, arrays, save=np.savez):
    path = folder / "digits.npz"
    save(path, **arrays)
    return datasets.load(str(path))


def refused(folder, arrays, *words):
    """The file is refused in one sentence that names it and holds the words."""
    with pytest.raises(DatasetError) as error:
        load(folder, arrays)
    text = str(error.value)
    assert str(folder / "digits.npz") in text
    assert "\n" not in text
    for word in words:
        assert re.search(word, text), text


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_given_split_is_kept_as_it_is(tmp_path_factory, data):
    shape = data.draw(st.sampled_from(SHAPES))
    fractions = data.draw(st.booleans())
    counts = data.draw(st.tuples(st.integers(4, 20), st.integers(1, 9)))
    x_train, x_test = ((grey(n, shape) / 255).astype(np.float32) if fractions else grey(n, shape) for n in counts)
    kind = data.draw(st.sampled_from([np.uint8, np.int32, np.int64]))
    y_train, y_test = ((np.arange(n) % 3).astype(kind) for n in counts)
    save = data.draw(st.sampled_from([np.savez, np.savez_compressed]))
    folder = tmp_path_factory.mktemp("npz")
    found = load(folder, {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}, save)
    channels = (1,) if len(shape) == 2 else ()
    for given_images, kept in ((x_train, found.x_train), (x_test, found.x_validation)):
        assert kept.dtype == given_images.dtype
        np.testing.assert_array_equal(kept, given_images.reshape(*given_images.shape, *channels))
    for given_labels, kept in ((y_train, found.y_train), (y_test, found.y_validation)):
        assert kept.dtype == np.int64
        np.testing.assert_array_equal(kept, given_labels)
    assert found.classes == 3


@given(st.lists(st.integers(5, 30), min_size=2, max_size=5), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_images_without_a_split_are_split_by_class_and_none_is_lost(tmp_path_factory, sizes, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    x = grey(len(labels))
    folder = tmp_path_factory.mktemp("npz")
    found = load(folder, {"x": x, "y": labels})
    label = {image.tobytes(): int(y) for image, y in zip(x, labels, strict=True)}
    kept = [
        (image.tobytes(), int(y))
        for images, ys in ((found.x_train, found.y_train), (found.x_validation, found.y_validation))
        for image, y in zip(images, ys, strict=True)
    ]
    assert sorted(kept) == sorted(label.items())
    assert len(found.x_validation) == round(len(x) * 0.2)
    assert (np.abs(np.bincount(found.y_validation, minlength=len(sizes)) - 0.2 * np.array(sizes)) < 1.1).all()
    assert load(folder, {"x": x, "y": labels}).sha256 == found.sha256


@pytest.mark.parametrize("levels", [4, 16, 127])
@pytest.mark.parametrize("split", [True, False])
def test_grey_levels_that_do_not_use_their_dtype_are_scaled_by_the_range_of_both_sets(tmp_path, levels, split):
    """As if they had been saved as floats in 0..1; the highest level may be in one set only."""
    x, y = np.minimum(grey(40), levels - 1), np.arange(40) % 2
    x[:, 0, 0] = 0
    x[35, 0, 0] = levels

    def saved(x):
        return load(
            tmp_path,
            parts(x_train=x[:30], x_test=x[30:36]) | {"y_train": y[:30], "y_test": y[30:36]}
            if split
            else {"x": x, "y": y},
        )

    found, same = saved(x), saved(x.astype(np.float32) / np.float32(levels))
    np.testing.assert_array_equal(found.x_train, same.x_train)
    np.testing.assert_array_equal(found.x_validation, same.x_validation)
    assert f"values of at most {levels}, so {levels} was taken for white" in found.remark
    assert same.remark == ""


def test_grey_levels_that_use_their_dtype_are_taken_as_they_are(tmp_path):
    x = np.minimum(grey(20), 128)
    found = load(tmp_path, parts(x_train=x))
    assert found.x_train.dtype == np.uint8
    assert found.remark == ""


def test_labels_as_keras_has_them_are_taken(tmp_path):
    found = load(tmp_path, parts(y_train=(np.arange(20) % 2).reshape(-1, 1)))
    assert found.y_train.shape == (20,)


def test_float64_within_0_to_1_is_taken_as_float32(tmp_path):
    found = load(tmp_path, parts(x_train=grey(20) / 255, x_test=grey(6) / 255))
    assert found.x_train.dtype == found.x_validation.dtype == np.float32


def test_more_arrays_than_are_needed_are_no_mistake(tmp_path):
    assert load(tmp_path, parts(notes=np.array(["ours"]))).classes == 2


def test_the_name_says_which_file(tmp_path):
    assert "digits.npz" in load(tmp_path, parts()).name


def with_value(value, kind=np.float32):
    x = np.zeros((20, 8, 8), kind)
    x[3, 2, 1] = value
    return x


def floats(count):
    return grey(count).astype(np.float32)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"x_test": None}, ["no array x_test", "expected"]),
        ({"y_train": None}, ["no array y_train"]),
        ({"x_train": grey(20).astype(object)}, ["x_train", "objects"]),
        ({"x_train": np.array(["a"] * 20)}, ["x_train", "dtype", "uint8"]),
        ({"x_train": np.zeros((20, 8, 8), complex)}, ["x_train", "dtype"]),
        ({"x_train": np.zeros((20, 8, 8), bool)}, ["x_train", "dtype"]),
        ({"x_train": grey(20).reshape(20, 64)}, ["x_train", r"\(20, 64\)", "height"]),
        ({"x_train": np.uint8(3)}, ["x_train", "shape"]),
        ({"x_train": grey(20, (3, 32, 32))}, ["x_train", r"\(20, 3, 32, 32\)"]),
        ({"x_train": grey(20, (8, 8, 4))}, ["x_train", "1 or 3"]),
        ({"x_train": grey(20, (7, 28))}, ["x_train", "7x28", "8x8"]),
        ({"x_train": grey(20) % 2}, ["x_train", "multiply it by 255"]),
        ({"x_train": grey(0), "y_train": np.zeros(0, int)}, ["x_train", "no images"]),
        ({"x_test": grey(0), "y_test": np.zeros(0, int)}, ["x_test", "no images"]),
        ({"x_train": with_value(np.nan)}, ["x_train", "NaN", "image 3"]),
        ({"x_train": with_value(np.inf)}, ["x_train", "infinity", "image 3"]),
        ({"x_train": with_value(1e300, np.float64)}, ["x_train"]),
        ({"x_train": with_value(-0.5)}, ["x_train", "-0.5", "scale"]),
        ({"x_train": with_value(300)}, ["x_train", "300", "scale"]),
        ({"x_train": floats(20), "x_test": floats(6)}, ["x_train", "divide it by 255"]),
        ({"x_train": with_value(16)}, ["x_train", "from 0 to 16", "divide it by 16"]),
        ({"x_train": (grey(20) / 255).astype(np.float32)}, ["x_test", "dtype", "alike"]),
        ({"x_test": grey(6, (8, 9))}, ["x_test", r"\(8, 9, 1\)", r"\(8, 8, 1\)", "alike"]),
        ({"y_train": np.arange(19) % 2}, ["x_train has 20 images", "y_train 19 labels"]),
        ({"y_test": np.arange(7) % 2}, ["x_test has 6 images", "y_test 7 labels"]),
        ({"y_train": np.eye(2)[np.arange(20) % 2]}, ["y_train", "one-hot"]),
        ({"y_train": np.arange(20) % 2 + 0.0}, ["y_train", "dtype float64"]),
        ({"y_train": np.uint8(3)}, ["y_train", "shape"]),
        ({"y_train": np.arange(20) % 2 - 1}, ["y_train", "label -1"]),
        ({"y_train": np.arange(20) % 2 * 2}, ["y_train", "none of 1", "gaps"]),
        ({"y_train": np.arange(20) % 2 * 10**12}, ["y_train", "gaps"]),
        ({"y_train": np.arange(20, dtype=np.uint64) % 2 * np.uint64(2**63)}, ["y_train", "gaps"]),
        ({"y_train": np.zeros(20, int)}, ["y_train", "two"]),
        ({"y_test": np.full(6, 2)}, ["y_test", "label 2"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_named_with_its_array(tmp_path, changed, words):
    refused(tmp_path, parts(**changed), *words)


def test_a_class_too_small_to_hold_some_out_is_named(tmp_path):
    refused(tmp_path, {"x": grey(24), "y": np.repeat([0, 1], [20, 4])}, "y has", "class 1", "hold some out")


def test_an_array_that_is_missing_is_named_with_what_was_found(tmp_path):
    refused(tmp_path, {"x": grey(10)}, "no array y", "found x")
    refused(tmp_path, {"images": grey(10)}, "no array x, y", "found images")
    refused(tmp_path, {}, "found none")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"hello", b"\x80\x04K\x01.", b"PK\x05\x06" + bytes(18)],
    ids=["empty", "PK", "text", "pickle", "zip"],
)
def test_a_file_that_is_no_npz_is_refused(tmp_path, content):
    path = tmp_path / "digits.npz"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=re.escape(str(path))):
        datasets.load(str(path))


def test_an_npy_under_the_name_of_an_npz_is_refused(tmp_path):
    with (tmp_path / "digits.npz").open("wb") as file:
        np.save(file, grey(4))
    with pytest.raises(DatasetError, match=r"digits\.npz.*savez"):
        datasets.load(str(tmp_path / "digits.npz"))


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir], ids=["absent", "folder"])
def test_a_file_that_is_not_there_is_told(tmp_path, make):
    make(tmp_path / "digits.npz")
    with pytest.raises(DatasetError, match=r"digits\.npz.*no such file"):
        datasets.load(str(tmp_path / "digits.npz"))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_refused_or_read_whole_and_never_half(tmp_path_factory, data):
    """Cut off or with a flipped bit, it is either a `DatasetError` or, where the bit says nothing, the same images."""
    folder = tmp_path_factory.mktemp("npz")
    save = data.draw(st.sampled_from([np.savez, np.savez_compressed]))
    whole = load(folder, parts(), save)
    path = folder / "digits.npz"
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with suppress(DatasetError):
        assert datasets.load(str(path)).sha256 == whole.sha256
