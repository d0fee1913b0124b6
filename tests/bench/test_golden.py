"""Golden outputs: what is kept, what counts as a change, and what is said of it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.golden import Golden, golden_of, golden_path, read_golden, require_golden, require_outputs, write_golden
from lab4.domain.errors import DatasetError, DisagreementError, OutputError
from lab4.domain.source import Source
from lab4.inputs import StoredExamples


def examples(count=4):
    return StoredExamples({"x": np.arange(count * 3, dtype=np.float32).reshape(count, 3)}, is_batched=True)


def outputs(count=4):
    return {"y": np.linspace(-2, 2, count * 2, dtype=np.float32).reshape(count, 2), "label": np.arange(count)}


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "net.onnx.golden.npz"
    write_golden(path, golden_of(outputs(), examples()))
    return path


def test_what_was_written_is_read(kept):
    golden = read_golden(kept)
    assert {name: each.tolist() for name, each in golden.outputs.items()} == {
        name: each.tolist() for name, each in outputs().items()
    }
    assert list(golden.inputs) == ["x"]


def test_the_same_outputs_make_the_same_bytes(kept):
    before = kept.read_bytes()
    write_golden(kept, golden_of(outputs(), examples()))
    assert kept.read_bytes() == before


@given(st.integers(1, 40), st.integers(1, 2**17))
def test_a_file_is_small_unless_one_example_is_large(count, width):
    found = golden_of({"y": np.zeros((count, width), np.float32)}, examples(count))
    assert 1 <= found.count <= min(16, count)
    assert found.count == 1 or found.outputs["y"].nbytes <= 2**20


@given(st.sampled_from(["float32", "", "float16", "int8", "uint8"]), st.floats(1e-3, 1e3), st.floats(0, 2))
def test_a_difference_counts_by_the_share_of_the_largest_value(precision, scale, part):
    share = {"float16": 1e-2, "int8": 5e-2, "uint8": 5e-2}.get(precision, 1e-3)
    before = np.array([[scale, -scale / 2]])
    now = {"y": before + np.array([[0, scale * share * part]])}
    if part > 1.001:
        with pytest.raises(DisagreementError, match=r"y differs by up to .* \(allowed .*\), in example 0; remedy"):
            require_outputs({"y": before}, now, "the golden outputs", precision, "remedy")
    elif part < 0.999:
        require_outputs({"y": before}, now, "the golden outputs", precision, "remedy")


def test_whole_numbers_are_exact_unless_the_weights_are_quantized(kept):
    now = outputs() | {"label": np.arange(4) + np.array([0, 0, 1, 0])}
    with pytest.raises(DisagreementError, match=r"label differs by up to 1 \(allowed 0\), in example 2;"):
        require_golden(kept, now, examples(), "float32")
    require_golden(kept, now, examples(), "int8")


def test_values_that_are_no_numbers_are_a_change(kept):
    now = outputs()
    now["y"][1, 0] = np.nan
    with pytest.raises(DisagreementError, match="y differs by up to nan"):
        require_golden(kept, now, examples(), "float32")


def test_outputs_of_other_inputs_are_not_compared(kept):
    other = StoredExamples({"x": examples().arrays["x"] + 1}, is_batched=True)
    with pytest.raises(DatasetError, match=r"are of other inputs \(x\), .* write them anew with --lab4-update"):
        require_golden(kept, outputs(), other, "float32")
    with pytest.raises(DatasetError, match="other inputs"):  # there are fewer examples
        require_golden(kept, outputs(3), examples(3), "float32")
    require_golden(kept, outputs(), StoredExamples({"x": np.vstack([examples().arrays["x"]] * 2)}, True), "float32")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"label": None}, "the model has no label"),
        ({"more": np.zeros(4)}, "they lack more"),
        ({"y": np.zeros((4, 3))}, "y was 4 x 2 and is 4 x 3"),
    ],
)
def test_outputs_that_came_or_went_are_named(kept, changed, sentence):
    now = {name: each for name, each in (outputs() | changed).items() if each is not None}
    with pytest.raises(DatasetError, match=f"are of other outputs: {sentence}; .* --lab4-update"):
        require_golden(kept, now, examples(), "float32")


def test_a_file_that_is_none_is_one_sentence(tmp_path):
    damaged, other = tmp_path / "damaged.npz", tmp_path / "other.npz"
    write_golden(damaged, golden_of(outputs(), examples()))
    damaged.write_bytes(damaged.read_bytes()[:-40])
    np.savez(other, x=np.zeros(3))
    with pytest.raises(DatasetError, match="whole"):
        read_golden(damaged)
    with pytest.raises(DatasetError, match="it holds no golden outputs"):
        read_golden(other)


def test_text_is_kept_without_pickle(tmp_path):
    path = tmp_path / "text.npz"
    write_golden(path, golden_of({"words": np.array([["a"], ["bc"], [""], ["d"]], object)}, examples()))
    assert read_golden(path).outputs["words"].tolist() == [["a"], ["bc"], [""], ["d"]]


@pytest.mark.parametrize(
    ("name", "written", "file"),
    [
        ("net", "/models/net.onnx", "/models/net.onnx.golden.npz"),
        ("net.onnx", "/models/net.onnx", "/models/net.onnx.golden.npz"),
        ("small", "/models/net.onnx", "/models/net.onnx.small.golden.npz"),
        ("build", "/models/nets.py:build", "/models/nets.py.build.golden.npz"),
    ],
)
def test_they_are_beside_the_model_under_a_name_of_their_own(name, written, file):
    assert golden_path(Source(name, written, "onnx")) == Path(file)
    assert golden_path(Source(name, written, "onnx", golden="/else.npz")) == Path("/else.npz")


def test_those_of_a_package_are_beside_its_module():
    import lab4.models.cnn as module

    place = Path(module.__file__).parent / "lab4.models.cnn.build.golden.npz"
    assert golden_path(Source("build", "lab4.models.cnn:build", "function")) == place


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*; name another file for golden outputs, with golden = in"):
        write_golden(tmp_path, golden_of(outputs(), examples()))


def test_none_of_no_outputs():
    assert Golden({}, {}).count == 0
