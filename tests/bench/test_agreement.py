"""How far outputs may be from the original's: by the format, and by the device's own rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench import judging
from lab4.devices import DEVICES
from lab4.domain.errors import DisagreementError
from lab4.formats import FORMATS
from lab4.inputs import StoredExamples
from lab4.measure.accuracy import contradictions

INT8, KERAS = FORMATS["tflite_int8"], FORMATS["keras"]
CPU, GPU = DEVICES["cpu"], DEVICES["gpu"]
STEP = 1 / 256


def checked(form, device, outputs, reference):
    return judging.checked(form, device, {"scores": outputs}, {"scores": reference})


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def hard(seed, count=400, spread=0.05):
    """Probabilities of ten classes that images hardly tell apart, as a model gives them that has learned little."""
    return softmax(np.random.default_rng(seed).normal(0, spread, (count, 10)))


def as_int8(probabilities):
    """What an int8 output tensor keeps of them."""
    return (np.rint(probabilities / STEP) * STEP).astype(np.float32)


def moved(probabilities, by):
    """One probability of every image moved."""
    other = probabilities.copy()
    other[:, 3] += by
    return other


CLEAR = softmax(np.eye(4, dtype=np.float32)[np.arange(32) % 4] * 5)


def test_what_tensorfloat_32_rounds_is_no_fault_of_the_artifact():
    assert checked(KERAS, GPU, moved(CLEAR, 2.7e-4), CLEAR).total == 32


def test_on_a_cpu_float32_is_float32():
    with pytest.raises(DisagreementError, match=r"on the CPU disagrees .* 0.00027 \(allowed 0.0001\)"):
        checked(KERAS, CPU, moved(CLEAR, 2.7e-4), CLEAR)


def test_a_wrong_artifact_is_told_on_a_gpu_too():
    with pytest.raises(DisagreementError, match="on the GPU disagrees"):
        checked(KERAS, GPU, moved(CLEAR, 0.01), CLEAR)


def test_a_format_that_may_differ_more_than_the_device_rounds_still_may():
    assert checked(INT8, GPU, moved(CLEAR, 0.4), CLEAR).agreeing == 32


@pytest.mark.parametrize("seed", range(5))
def test_predictions_that_tie_within_the_formats_steps_are_no_disagreement(seed):
    reference = hard(seed)
    found = checked(INT8, CPU, as_int8(reference), reference)
    assert found.agreeing < 0.95 * found.total  # the record says how many are the same all the same


def test_nor_are_those_that_tie_in_float32():
    reference = hard(0)
    reference[:, 1] = reference[:, 0] = reference.max(axis=1) + 1e-6
    other = reference.copy()
    other[:, 1] += 1e-6
    assert checked(KERAS, CPU, other, reference).agreeing == 0


WRONG = {
    "another image's": lambda outputs: outputs[::-1],
    "another class's": lambda outputs: np.roll(outputs, 1, axis=1),
    "always the same": lambda outputs: np.repeat(outputs[:1], len(outputs), axis=0),
    "another model's": lambda outputs: hard(99, len(outputs)),
    "one class only": lambda outputs: np.eye(10, dtype=np.float32)[np.zeros(len(outputs), int)],
    "sure of a tie": lambda outputs: np.eye(10, dtype=np.float32)[np.argsort(outputs, axis=1)[:, -2]],
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("spread", [0.05, 0.2, 3.0])
def test_a_wrong_artifact_is_refused_even_where_images_are_hardly_told_apart(wrong, spread):
    reference = hard(0, spread=spread)
    with pytest.raises(DisagreementError, match="predictions differ by more than rounding"):
        checked(INT8, CPU, as_int8(wrong(reference)), reference)


@pytest.mark.parametrize("share", [0.04, 0.06])
def test_as_many_contradictions_are_allowed_as_before(share):
    reference = softmax(np.eye(10, dtype=np.float32)[np.arange(400) % 10] * 5)
    outputs = reference.copy()
    wrong = int(share * len(outputs))
    outputs[:wrong] = np.roll(outputs[:wrong], 1, axis=1)
    if share > 0.05:
        with pytest.raises(DisagreementError, match=r"24 of 400 predictions .* \(allowed 20\)"):
            checked(INT8, CPU, outputs, reference)
    else:
        assert checked(INT8, CPU, outputs, reference).agreeing == 384


@given(st.integers(0, 1000), st.integers(1001, 2000), st.floats(0, 1))
def test_who_is_compared_with_whom_does_not_matter_and_a_coarser_format_sees_no_more(one, other, rounding):
    first, second = hard(one, 50), hard(other, 50)
    found = contradictions(first, second, rounding)
    assert found == contradictions(second, first, rounding)
    assert found <= contradictions(first, second, rounding / 2)
    assert contradictions(first, first, 0) == 0


def test_outputs_that_are_no_scores_may_differ_by_the_same_share_of_their_largest_value():
    reference = np.linspace(-1000, 1000, 64, dtype=np.float32).reshape(8, 8)
    assert checked(KERAS, CPU, reference + 0.09, reference).total == 0
    with pytest.raises(DisagreementError, match=r"the output scores differs by up to 0.2 \(allowed 0.1\)"):
        checked(KERAS, CPU, reference + 0.2, reference)


def test_outputs_that_are_no_scores_must_point_the_same_way():
    reference = np.random.default_rng(1).normal(0, 1, (8, 8)).astype(np.float32)
    with pytest.raises(DisagreementError, match=r"cosine of .* \(at least 0.9\); the precision is too low"):
        checked(INT8, CPU, reference[::-1], reference)


def test_every_output_is_judged_whatever_its_name():
    scores, boxes = CLEAR, np.arange(64, dtype=np.float32).reshape(32, 2)
    reference = {"scores": scores, "boxes": boxes}
    found = judging.checked(KERAS, CPU, {"Identity": boxes, "Identity_1": scores}, reference)
    assert (found.agreeing, found.total, set(found.outputs)) == (32, 32, {"scores", "boxes"})
    with pytest.raises(DisagreementError, match="the output boxes differs"):
        judging.checked(KERAS, CPU, {"Identity": boxes[::-1], "Identity_1": scores}, reference)


def test_examples_are_digested_by_their_names_and_values(tmp_path):
    images = np.ones((2, 3), np.float32)
    for folder, name, array in (("a", "x", images), ("b", "x", images), ("c", "y", images), ("d", "x", 2 * images)):
        StoredExamples({name: array}, is_batched=True).write(tmp_path / folder)
    a, b, c, d = (judging.examples_digest(tmp_path / folder) for folder in "abcd")
    assert a == b
    assert len({a, c, d}) == 3


def test_classifiers_that_take_one_example_a_call_are_compared_as_classifiers():
    reference = hard(3)
    found = checked(KERAS, CPU, reference[:, None], reference[:, None])
    assert (found.agreeing, found.total) == (len(reference), len(reference))
