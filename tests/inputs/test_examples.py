import numpy as np
import pytest
from lab4_zoo import zoo_file

from lab4.domain.contract import FILE, GUESSED, Contract, Dimension, Quantization, State, Stated, TensorSpec
from lab4.domain.errors import DatasetError, UnknownNameError
from lab4.inputs import examples_for, guessed_rule, parse_rule, stated_values
from lab4.inspection import inspect_model

BATCH = Dimension(None, "batch")
IMAGE = TensorSpec("x", "float32", (BATCH, Dimension(8), Dimension(8), Dimension(3)), Stated("NHWC", GUESSED))
WORDS = TensorSpec("ids", "int64", (BATCH, Dimension(None, "length")), vocabulary=30_522)


def guessed(tensor, *states):
    rule = guessed_rule(tensor, Contract((tensor,), (), states))
    return rule.written, rule.origin


def test_what_is_guessed_depends_on_what_the_file_says():
    number = TensorSpec("n", "float32", (BATCH,))
    assert guessed(IMAGE) == ("range:0,1", GUESSED)
    assert guessed(number) == ("range:-1,1", GUESSED)
    assert guessed(WORDS) == ("below:30522", FILE)
    assert guessed(TensorSpec("q", "int8", (BATCH,), None, Quantization((0.1,), (0,)))) == ("range:-128,127", GUESSED)
    assert guessed(TensorSpec("m", "bool", (BATCH,))) == ("choice:true,false", GUESSED)
    assert guessed(number, State("n", "m")) == ("const:0", GUESSED)


@pytest.mark.parametrize(
    "tensor",
    [TensorSpec("sr", "int64", (), is_steering=True), TensorSpec("sr", "string", (BATCH,))],
)
def test_what_decides_what_is_computed_and_text_are_not_guessed(tensor):
    with pytest.raises(DatasetError, match="is not guessed: give it, such as --lab4-input sr=const:"):
        guessed(tensor)


def test_calls_have_every_input_with_its_dimensions_bound():
    contract = Contract((IMAGE, WORDS), ())
    made = examples_for(contract, {}, {"length": 7, "batch": 2}, count=3, seed=1)
    assert len(made.calls) == 3
    for call in made.calls:
        assert {name: (array.shape, str(array.dtype)) for name, array in call.items()} == {
            "x": ((2, 8, 8, 3), "float32"),
            "ids": ((2, 7), "int64"),
        }
    again = examples_for(contract, {}, {"length": 7, "batch": 2}, count=3, seed=1)
    assert all(np.array_equal(a["x"], b["x"]) for a, b in zip(made.calls, again.calls, strict=True))
    other = examples_for(contract, {}, {"length": 7, "batch": 2}, count=3, seed=2)
    assert not np.array_equal(made.calls[0]["x"], other.calls[0]["x"])


def test_what_is_missing_or_does_not_fit_is_said_with_the_input():
    contract = Contract((IMAGE, WORDS), ())
    with pytest.raises(DatasetError, match="'ids' has dimensions of any size: say which, with --lab4-dim length"):
        examples_for(contract, {}, {}, count=1, seed=1)
    with pytest.raises(UnknownNameError, match="unknown input 'y'; valid: x, ids"):
        examples_for(contract, {"y": parse_rule("const:0")}, {"length": 3}, count=1, seed=1)
    with pytest.raises(DatasetError, match=r"the input 'ids' by const:0\.5: 0\.5 is no int64"):
        examples_for(contract, {"ids": parse_rule("const:0.5")}, {"length": 3}, count=1, seed=1)
    with pytest.raises(DatasetError, match="declares no dimensions"):
        examples_for(Contract((TensorSpec("x", "float32", None),), ()), {}, {}, count=1, seed=1)


def test_a_sampling_rate_is_asked_for_and_then_the_net_runs():
    """With its rate, and its state at zero, a voice detector answers with a probability in ONNX Runtime."""
    import onnxruntime

    path = str(zoo_file("silero_vad/data/silero_vad.onnx"))
    contract = inspect_model(path).contract
    assert stated_values(contract)["sr"] == Stated("must be given", FILE)
    sizes = {"input.0": 1, "input.1": 512, "state.1": 1}
    with pytest.raises(DatasetError, match="the input 'sr' decides which part of the model is computed"):
        examples_for(contract, {}, sizes, count=1, seed=1)
    made = examples_for(contract, {"sr": parse_rule("const:16000")}, sizes, count=2, seed=1)
    session = onnxruntime.InferenceSession(path)
    for call in made.calls:
        assert not call["state"].any()
        probability, state = session.run(None, dict(call))
        assert 0 <= probability.item() <= 1
        assert state.shape == (2, 1, 128)


@pytest.mark.parametrize("rules", [{}, {"x": parse_rule("const:0")}], ids=["guessed", "given"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float8e4m3fn", "type 99", "complex64"])
def test_a_dtype_without_arrays_is_refused_in_a_sentence(dtype, rules):
    contract = Contract((TensorSpec("x", dtype, (Dimension(2),)),), ())
    with pytest.raises(DatasetError, match=f"the input 'x' takes {dtype}, of which no values can be made here"):
        examples_for(contract, rules, {}, 1, 1)
    assert stated_values(contract)["x"].text == f"none can be made of {dtype}"


def test_a_dimension_of_no_size_is_one():
    contract = Contract((TensorSpec("x", "float32", (Dimension(2), Dimension(0))),), ())
    (call,) = examples_for(contract, {}, {}, 1, 1).calls
    assert call["x"].shape == (2, 0)
