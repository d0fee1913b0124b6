"""A user's data fitted to a model: keys, layouts, dtypes, labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.contract import Contract, Dimension, Quantization, Stated, TensorSpec
from lab4.domain.errors import DatasetError, Lab4Error
from lab4.inputs import labelled_for, parse_rule
from lab4.inputs.preparing import parse_preparation

N, Y = 6, np.array([0, 1, 2, 0, 1, 2])
ROWS = np.arange(N * 4, dtype=np.float32).reshape(N, 4)
IMAGES = np.arange(N * 5 * 4 * 3, dtype=np.uint8).reshape(N, 5, 4, 3)


def tensor(*sizes, name="in", dtype="float32", layout=None, quantization=None):
    dimensions = tuple(Dimension(each) if isinstance(each, int) else Dimension(None, each) for each in sizes)
    return TensorSpec(name, dtype, dimensions, None if layout is None else Stated(layout), quantization)


def fit(inputs, arrays, rules=None, sizes=None):
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return labelled_for(Contract(inputs, ()), arrays, rules or {}, sizes or {}, "d.npz")


VECTOR = tensor("batch", 4)
NCHW, NHWC = tensor("batch", 3, 5, 4, layout="NCHW"), tensor("batch", 5, 4, 3, layout="NHWC")


@pytest.mark.parametrize(
    ("arrays", "train"),
    [
        ({"in": ROWS, "y": Y}, False),
        ({"x": ROWS, "labels": Y[:, None]}, False),
        ({"x_train": ROWS[:2], "y_train": Y[:2], "x_test": ROWS, "y_test": Y}, True),
        (
            {
                "train_images": ROWS[:2],
                "train_labels": Y[:2, None],
                "val_images": ROWS[:1],
                "val_labels": Y[:1, None],
                "test_images": ROWS,
                "test_labels": Y[:, None],
            },
            True,
        ),
        ({"in": ROWS, "y": np.eye(3)[Y]}, False),
    ],
    ids=["input name", "kaggle", "keras", "medmnist", "one-hot"],
)
def test_usual_keys_are_understood(arrays, train):
    found = fit(VECTOR, arrays)
    assert (found.examined.arrays["in"] == ROWS).all()
    assert found.examined.labels.tolist() == Y.tolist()
    assert (found.training is not None) == train
    if found.training is not None:
        assert found.training.count == 2
    assert found.values["in"].text.startswith("dataset d.npz: ")


def test_one_hot_labels_are_reported():
    assert (
        "y is one-hot: the label of each example is the column of its 1, of 3 classes"
        in fit(VECTOR, {"in": ROWS, "y": np.eye(3)[Y]}).remarks
    )


def test_data_without_labels_say_so():
    found = fit(VECTOR, {"x": ROWS})
    assert found.examined.labels is None
    assert "have no labels (y), so that no metric is computed" in found.remarks[0]


def test_two_inputs_go_by_their_names_and_one_may_be_left_to_its_rule():
    inputs = (tensor("batch", 4, name="a"), tensor("batch", name="b", dtype="int64"), tensor("batch", 4, name="c"))
    found = fit(inputs, {"a": ROWS, "b": Y, "y": Y, "c": ROWS}, {"c": "const:1"})
    assert list(found.values) == ["a", "b"]
    assert found.examined.arrays["b"].dtype == np.int64


@pytest.mark.parametrize(
    ("given", "model", "other"), [(IMAGES, NCHW, "NHWC"), (IMAGES.transpose(0, 3, 1, 2), NHWC, "NCHW")]
)
def test_images_are_transposed_only_where_their_layout_is_stated(given, model, other):
    with pytest.raises(DatasetError) as caught:
        fit(model, {"images": given, "labels": Y})
    said = f"it fits only if it is {other}; if so, say it with --lab4-input in=dataset:layout={other}"
    assert str(caught.value).endswith(said)
    rules = {"in": f"dataset:layout={other},scale=1/255"}
    found = fit(model, {"images": given, "labels": Y}, rules)
    axes = (0, 3, 1, 2) if other == "NHWC" else (0, 2, 3, 1)
    np.testing.assert_allclose(found.examined.arrays["in"], given.transpose(axes) / 255, rtol=1e-6)
    assert found.values["in"].origin == "user"


def test_images_that_are_read_in_a_layout_need_no_statement():
    found = labelled_for(Contract((NCHW,), ()), {"images": IMAGES, "labels": Y}, {}, {}, "photos", layout="NHWC")
    assert (found.examined.arrays["in"] == IMAGES.transpose(0, 3, 1, 2)).all()
    assert "NHWC to NCHW" in found.values["in"].text


def test_what_is_not_done_to_images_is_stated_too():
    as_is = fit(NHWC, {"images": IMAGES / np.float32(255), "labels": Y})
    assert as_is.values["in"] == Stated("dataset d.npz: images, as NHWC, not scaled", "user")
    scaled = fit(NHWC, {"images": IMAGES, "labels": Y}, {"in": "dataset:scale=1/255"})
    assert scaled.values["in"] == Stated("dataset d.npz: images, as NHWC, times 0.00392157", "user")


def test_a_layout_that_does_not_fit_the_input_is_refused():
    with pytest.raises(DatasetError, match=r"as NHWC, it is \d+ x 3 x 5 x 4; the input in takes any x 3 x 5 x 4"):
        fit(NCHW, {"images": IMAGES.transpose(0, 3, 1, 2), "labels": Y}, {"in": "dataset:layout=NHWC"})


def test_what_the_user_says_is_no_guess():
    rules = {"in": "dataset:scale=1/255,mean=10:20:30,layout=NHWC"}
    found = fit(NCHW, {"images": IMAGES, "labels": Y}, rules)
    expected = ((IMAGES - np.array([10.0, 20, 30])) / 255).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found.examined.arrays["in"], expected, rtol=1e-6)
    assert found.values["in"].origin == "user"
    assert found.values["in"].text == ("dataset d.npz: images, NHWC to NCHW, minus 10:20:30, times 0.00392157")


def test_whole_numbers_for_a_float_input_are_not_scaled_silently():
    found = fit(NHWC, {"images": IMAGES, "labels": Y})
    assert found.examined.arrays["in"].max() == 255
    assert "uint8 from 0 to 255, not scaled (guessed)" in found.values["in"].text


def test_axes_of_one_are_added_and_dropped():
    grey = IMAGES[..., 0]
    assert fit(tensor("batch", 1, 5, 4), {"x": grey}).examined.arrays["in"].shape == (N, 1, 5, 4)
    assert fit(tensor("batch", 5, 4), {"x": grey[..., None]}).examined.arrays["in"].shape == (N, 5, 4)


def test_a_model_of_one_example_per_call_gets_calls():
    assert fit(tensor(1, 4), {"x": ROWS}).examined.arrays["in"].shape == (N, 1, 4)
    assert fit(tensor(2, 4), {"x": ROWS.reshape(3, 2, 4)}).examined.arrays["in"].shape == (3, 2, 4)
    with pytest.raises(DatasetError, match="the model takes 2 x 4 in one call"):
        fit(tensor(2, 4), {"x": ROWS})


def test_dynamic_dimensions_are_bound_by_the_data():
    assert fit(tensor("batch", "length"), {"x": ROWS}).sizes == {"length": 4}


@given(st.floats(0.01, 1), st.integers(-5, 5))
def test_real_values_are_quantized_for_an_integer_input(scale, zero):
    q = tensor("batch", 4, dtype="int8", quantization=Quantization((scale,), (zero,)))
    values = fit(q, {"x": ROWS}).examined.arrays["in"]
    assert values.dtype == np.int8
    meant = (values.astype(float) - zero) * scale
    is_clipped = (values == 127) | (values == -128)
    assert (np.abs(meant - ROWS)[~is_clipped] <= scale / 2 + 1e-6).all()


BAD = [
    (VECTOR, {"input": ROWS, "y": Y}, r"it has the arrays input, y, and none for the input in \(in, x, X, images"),
    (VECTOR, {"x": ROWS[:, :3], "y": Y}, "x: it is 6 x 3; the input in takes any x 4: resize or reshape it"),
    (NCHW, {"x": IMAGES[:, :4], "y": Y}, "x: it is 6 x 4 x 4 x 3; the input in takes any x 3 x 5 x 4"),
    (VECTOR, {"x": np.where(ROWS == 9, np.nan, ROWS), "y": Y}, "x: it holds NaN or infinity, first in example 2"),
    (VECTOR, {"x": ROWS.astype(str), "y": Y}, r"x: it holds <U\d+, and the input in takes numbers \(float32\)"),
    (VECTOR, {"x": ROWS[:0], "y": Y}, "x: it holds no examples"),
    (VECTOR, {"x": ROWS, "y": Y[:5]}, "y: it has 5 labels and x 6 examples; each example needs one"),
    (VECTOR, {"x": ROWS, "y": np.array(list("abcabc"))}, "y: labels are text, such as 'a'; number the classes from 0"),
    (VECTOR, {"x": ROWS, "y": np.full(N, np.nan)}, "y: labels hold NaN or infinity, first at 0"),
    (tensor("batch", 4, dtype="int32"), {"x": ROWS + 0.5}, "takes int32, whole numbers from -2147483648 to 2147483647"),
    (
        tensor("batch", 5, 4, 3, dtype="int8", quantization=Quantization((0.1,), (0,))),
        {"x": IMAGES},
        "it has values from 0 to 255, and the input in takes int8, .*prepare it as real values, with scale=",
    ),
    (
        (tensor("batch", 4, name="a"), tensor("batch", 4, name="b")),
        {"a": ROWS, "b": ROWS[:3]},
        "a has 6 rows and b has 3",
    ),
]


@pytest.mark.parametrize(("inputs", "arrays", "sentence"), BAD)
def test_data_that_do_not_fit_say_why(inputs, arrays, sentence):
    with pytest.raises(DatasetError, match=sentence):
        fit(inputs, arrays)


def test_an_array_that_the_user_names_must_be_there():
    with pytest.raises(DatasetError, match="it has the arrays x, y, and none for the input in"):
        fit(VECTOR, {"x": ROWS, "y": Y}, {"in": "dataset:key=z"})
    with pytest.raises(DatasetError, match="2 numbers are given for 3 channels"):
        fit(NHWC, {"x": IMAGES, "y": Y}, {"in": "dataset:mean=1:2"})


@pytest.mark.parametrize("written", ["dataset:", "dataset:size=3", "dataset:scale=x", "dataset:layout=HWC"])
def test_a_rule_that_is_none(written):
    with pytest.raises(Lab4Error, match="is no rule for the values of an input"):
        parse_rule(written)


def test_a_rule_without_data_says_so():
    with pytest.raises(DatasetError, match="no data set is given; name one with --lab4-dataset"):
        parse_rule("dataset:scale=2").draw((1,), "float32", np.random.default_rng(0))


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000))
def test_fractions_are_read_as_written(number):
    assert parse_preparation(f"scale={number}").scale == (float(number),)


@pytest.mark.parametrize("part", ["val", "validation", "valid"])
def test_what_models_are_chosen_by_is_a_part_whatever_it_is_called(part):
    whole = fit(VECTOR, {"x_train": ROWS[:2], "y_train": Y[:2], f"x_{part}": ROWS, f"y_{part}": Y})
    assert (whole.examined.count, whole.training.count) == (N, 2)
    assert not any("training examples" in each for each in whole.remarks)


def test_training_examples_are_not_examined_without_a_word():
    found = fit(VECTOR, {"x_train": ROWS, "y_train": Y, "x_test": ROWS[:, :0]})
    assert found.examined.count == N
    assert "examined are the training examples of d.npz, as no other part of it has inputs and labels" in found.remarks
