import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.domain.errors import DatasetError, Lab4Error
from lab4.inputs import parse_rule

RNG = np.random.default_rng(7)


def drawn(written, shape=(2, 3), dtype="float32"):
    return parse_rule(written).draw(shape, dtype, np.random.default_rng(7))


@given(st.floats(-1e6, 1e6, width=32), st.floats(-1e6, 1e6, width=32), st.sampled_from(["float32", "float64"]))
def test_a_range_of_real_numbers_stays_within_its_ends(one, other, dtype):
    low, high = sorted((one, other))
    values = drawn(f"range:{low!r},{high!r}", (50,), dtype)
    assert values.dtype == dtype
    assert ((values >= low) & (values <= high)).all()


@given(st.integers(-128, 127), st.integers(-128, 127))
def test_a_range_of_whole_numbers_has_both_ends(one, other):
    low, high = sorted((one, other))
    values = drawn(f"range:{low},{high}", (2_000,), "int8")
    assert values.dtype == np.int8
    assert values.min() >= low
    assert values.max() <= high
    if high - low < 20:
        assert set(values.tolist()) == set(range(low, high + 1))


def test_below_has_the_numbers_of_a_vocabulary():
    assert set(drawn("below:5", (500,), "int64").tolist()) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("written", "dtype", "expected"),
    [
        ("const:16000", "int64", {16000}),
        ("const:0.5", "float32", {0.5}),
        ("const:true", "bool", {True}),
        ("choice:8000,16000", "int32", {8000, 16000}),
        ("choice:true,false", "bool", {True, False}),
        ("const:hello", "string", {"hello"}),
    ],
)
def test_constants_and_choices(written, dtype, expected):
    assert set(drawn(written, (100,), dtype).tolist()) == expected


def test_a_scalar_has_no_dimensions():
    assert drawn("const:16000", (), "int64").shape == ()


def test_the_same_generator_draws_the_same_values():
    assert np.array_equal(drawn("range:0,1", (10,)), drawn("range:0,1", (10,)))


def test_a_file_gives_its_examples_in_turn(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(10).reshape(5, 2))
    np.savez(tmp_path / "d.npz", x=np.arange(10).reshape(5, 2))
    for written in (f"file:{tmp_path}/x.npy", f"file:{tmp_path}/d.npz:x"):
        rule = parse_rule(written)
        calls = [rule.draw((2, 2), "float32", RNG)[:, 0].tolist() for _ in range(3)]
        assert calls == [[0, 2], [4, 6], [8, 0]]


def test_a_function_is_called_with_shape_dtype_and_generator(tmp_path):
    (tmp_path / "mine.py").write_text("import numpy as np\ndef ones(shape, dtype, rng): return np.ones(shape)\n")
    values = drawn(f"call:{tmp_path}/mine.py:ones", (2, 2), "int8")
    assert values.dtype == np.int8
    assert values.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("zeros", "is no rule for the values of an input; write one of range:0,1, below:30522"),
        ("range:1", "2 numbers are wanted"),
        ("range:2,1", "2 is above 1"),
        ("range:a,b", "could not convert"),
        ("range:nan,1", "2 numbers are wanted"),
        ("below:0", "0 is not a whole number from 1"),
        ("below:2.5", "2.5 is not a whole number from 1"),
        ("file:d.npz", "name the array of an .npz file"),
    ],
)
def test_what_is_no_rule_is_refused_as_it_is_read(written, said):
    with pytest.raises(Lab4Error) as refused:
        parse_rule(written)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "dtype", "said"),
    [
        ("range:0,300", "int8", "300 is no int8, which is a whole number from -128 to 127"),
        ("const:0.5", "int32", "0.5 is no int32"),
        ("const:word", "float32", "'word' is no number, and the input is float32"),
        ("file:absent.npy", "float32", "absent.npy cannot be read as an array"),
        ("call:absent.py:f", "float32", "there is no file absent.py"),
    ],
)
def test_what_does_not_fit_the_input_is_refused_as_it_is_drawn(written, dtype, said):
    with pytest.raises(Lab4Error) as refused:
        drawn(written, (2,), dtype)
    assert said in str(refused.value)


def test_arrays_of_another_size_name_both(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((5, 3)))
    with pytest.raises(DatasetError, match="holds an array of 5 x 3, and the input takes 2 x 4"):
        drawn(f"file:{tmp_path}/x.npy", (2, 4))
    (tmp_path / "mine.py").write_text("def f(shape, dtype, rng): return [1]\ndef g(*_): raise ValueError('no')\n")
    with pytest.raises(DatasetError, match="returned an array of 1; the input takes 2 x 4"):
        drawn(f"call:{tmp_path}/mine.py:f", (2, 4))
    with pytest.raises(DatasetError, match="raised ValueError: no"):
        drawn(f"call:{tmp_path}/mine.py:g", (2, 4))
    np.savez(tmp_path / "d.npz", x=[1])
    with pytest.raises(DatasetError, match="has no array 'y'; it has x"):
        drawn(f"file:{tmp_path}/d.npz:y", (2, 4))


def test_an_array_with_objects_is_not_unpickled(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DatasetError, match="cannot be read as an array"):
        drawn(f"file:{tmp_path}/x.npy", (1,))


@pytest.mark.parametrize(
    ("values", "dtype", "said"),
    [
        ([0.5, 2.0], "int8", "holds real numbers, and the input takes int8; quantize or round them"),
        ([float("nan"), 2.0], "int64", "holds real numbers, and the input takes int64"),
        ([300, 2], "uint8", "300 is no uint8"),
        ([-1, 2], "uint8", "-1 is no uint8"),
        ([float("inf"), 2.0], "int64", "holds real numbers, and the input takes int64"),
        ([1e9, 2.0], "float16", "holds values that are too large for float16"),
        ([1, 2], "bool", "holds other values than 0 and 1"),
        (["a", "b"], "float32", "holds <U1, and the input takes float32"),
    ],
)
def test_given_values_that_the_input_cannot_hold_are_refused_and_none_is_cut_off(tmp_path, values, dtype, said):
    np.save(tmp_path / "x.npy", np.array(values))
    (tmp_path / "mine.py").write_text(
        f"def f(shape, dtype, rng):\n    nan, inf = float('nan'), float('inf')\n    return {values!r}\n"
    )
    for written in (f"file:{tmp_path}/x.npy", f"call:{tmp_path}/mine.py:f"):
        with pytest.raises(DatasetError) as refused:
            drawn(written, (2,), dtype)
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([1.0, 2.0], "int8"), ([True, False], "int64"), ([1, 0], "bool"), ([1, 2], "float16"), (["a", "bc"], "string")],
)
def test_given_values_that_it_can_hold_are_of_its_dtype(tmp_path, values, dtype):
    np.save(tmp_path / "x.npy", np.array(values))
    found = drawn(f"file:{tmp_path}/x.npy", (2,), dtype)
    assert found.dtype == ("object" if dtype == "string" else dtype)
    assert found.tolist() == values
