"""Images in one scale, samples of training only, and a file that other processes read back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab4 import datasets
from lab4.datasets.arrays import stratified
from lab4.domain.errors import UnknownNameError


@st.composite
def made(draw, dtype=None):
    """A small valid dataset, each image unlike all others."""
    classes = draw(st.integers(2, 4))
    counts = draw(st.lists(st.integers(1, 12), min_size=classes, max_size=classes))
    held = draw(st.lists(st.integers(1, 4), min_size=classes, max_size=classes))
    shape = draw(st.tuples(st.integers(8, 10), st.integers(8, 10), st.sampled_from([1, 3])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = dtype or draw(st.sampled_from([np.uint8, np.float32]))

    def pictures(count):
        grey = rng.integers(0, 256, (count, *shape), dtype=np.uint8)
        return grey if kind is np.uint8 else (grey / 255).astype(np.float32)

    def labels(sizes):
        return rng.permutation(np.repeat(np.arange(classes), sizes)).astype(np.int64)

    y_train, y_validation = labels(counts), labels(held)
    return datasets.Dataset("made", pictures(len(y_train)), y_train, pictures(len(y_validation)), y_validation, classes)


@given(made())
@settings(max_examples=30, deadline=None)
def test_arrays_come_back_as_they_were_saved(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("arrays") / "dataset.npz"
    datasets.save_arrays(data, path)
    back = datasets.load_arrays(path)
    assert (back.name, back.classes, back.sha256) == (data.name, data.classes, data.sha256)
    for name in ("x_train", "y_train", "x_validation", "y_validation"):
        assert getattr(back, name).dtype == getattr(data, name).dtype
        np.testing.assert_array_equal(getattr(back, name), getattr(data, name))


@given(made(), st.sampled_from(["x_train", "y_train", "x_validation", "y_validation"]))
@settings(max_examples=30, deadline=None)
def test_the_digest_changes_with_any_array(data, name):
    before = data.sha256
    array = getattr(data, name)
    array.flat[0] = 1 if array.flat[0] == 0 else 0
    assert data.sha256 != before


def test_the_digest_tells_shapes_apart():
    y = np.array([0, 1])
    wide, tall = np.zeros((2, 8, 16, 1), np.uint8), np.zeros((2, 16, 8, 1), np.uint8)
    assert datasets.Dataset("a", wide, y, wide, y, 2).sha256 != datasets.Dataset("a", tall, y, tall, y, 2).sha256


def test_grey_levels_become_fractions_and_fractions_stay():
    grey = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    scaled = datasets.images(grey)
    assert scaled.dtype == np.float32
    assert scaled.shape == grey.shape
    np.testing.assert_array_equal(scaled.ravel(), np.arange(256, dtype=np.float32) / np.float32(255))
    assert (scaled.min(), scaled.max()) == (0, 1)
    np.testing.assert_array_equal(datasets.images(scaled), scaled)


@given(made(np.uint8), st.integers(1, 60), st.integers(0, 2**31))
@settings(max_examples=50, deadline=None)
def test_quantization_is_calibrated_on_training_images_only(data, count, seed):
    chosen = datasets.representative(data, count, seed)
    assert chosen.dtype == np.float32
    assert len(chosen) == min(count, len(data.x_train))
    train = {image.tobytes() for image in datasets.images(data.x_train)}
    validation = {image.tobytes() for image in datasets.images(data.x_validation)}
    drawn = [image.tobytes() for image in chosen]
    assert set(drawn) <= train
    assert not set(drawn) & validation
    assert len(set(drawn)) == len(drawn)


@given(made(np.uint8), st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_quantization_sees_every_class_where_it_sees_enough_images(data, seed):
    label = {image.tobytes(): int(y) for image, y in zip(datasets.images(data.x_train), data.y_train, strict=True)}
    chosen = datasets.representative(data, data.classes, seed)
    assert {label[image.tobytes()] for image in chosen} == set(range(data.classes))


def test_quantization_images_are_chosen_by_the_seed():
    data = datasets.load("mnist_10k")
    one, again, other = (datasets.representative(data, 20, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.data())
def test_a_stratified_split_loses_no_row_and_gives_each_class_its_share(sizes, data):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    held_out = data.draw(st.integers(0, len(labels)))
    train, validation = stratified(labels, held_out, seed=1)
    assert len(validation) == held_out
    assert sorted([*train, *validation]) == list(range(len(labels)))
    share = held_out / len(labels)
    found = np.bincount(labels[validation.astype(int)], minlength=len(sizes))
    assert (np.abs(found - share * np.array(sizes)) < 1 + 1e-9).all()


@pytest.mark.parametrize("name", ["rnist", "", "mnist.zip", "data/"])
def test_an_unknown_name_is_answered_with_the_known_ones(name):
    with pytest.raises(UnknownNameError) as error:
        datasets.load(name)
    for known in (*datasets.DATASETS, ".npz"):
        assert known in str(error.value)
