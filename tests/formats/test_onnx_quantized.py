"""Frozen ONNX files at lower precision: files that nobody here wrote, and small graphs with one trap each."""

import logging
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from lab4_zoo import zoo_file
from onnx import TensorProto, helper, numpy_helper

from lab4.domain.errors import ConversionError
from lab4.formats.onnx_quantized import dynamic_int8, float16, static_int8
from lab4.inspection import inspect_model

KINDS = {"dynamic_int8": (dynamic_int8, "int8"), "float16": (float16, "float16"), "static_int8": (static_int8, "int8")}
ALL = pytest.mark.parametrize("kind", KINDS)
#: Least cosine of outputs with the source's: 8 bits of nets that were not trained for it lose some, float16 hardly any.
COSINE = {"dynamic_int8": 0.99, "float16": 0.9999, "static_int8": 0.95}


def weights(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def model(nodes, inputs, outputs, constants, opset=17):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def two_ends():
    """Two inputs and two outputs, with a dynamic batch."""
    return model(
        [
            helper.make_node("MatMul", ["left", "w"], ["product"]),
            helper.make_node("Add", ["product", "b"], ["sum"]),
            helper.make_node("Relu", ["sum"], ["first"]),
            helper.make_node("Add", ["first", "right"], ["second"]),
        ],
        {"left": ["n", 64], "right": ["n", 256]},
        {"first": ["n", 256], "second": ["n", 256]},
        {"w": weights(0, 64, 256), "b": weights(1, 1, 256)},
    )


def shared_bias(opset=17):
    """Convolutions with one bias, of which the copies that the quantizer makes have the names of other values."""
    return model(
        [
            helper.make_node("Conv", ["x", "w"], ["b3"]),
            helper.make_node("Conv", ["x", "v", "b"], ["b2"]),
            helper.make_node("Conv", ["x", "u", "b"], ["b1"]),
            helper.make_node("Neg", ["b2"], ["negative"]),
            helper.make_node("Add", ["negative", "b1"], ["sum"]),
            helper.make_node("Add", ["sum", "b3"], ["y"]),
        ],
        {"x": [1, 16, 6, 6]},
        {"y": [1, 64, 4, 4]},
        {name: weights(index, 64, 16, 3, 3) for index, name in enumerate("wvu")} | {"b": weights(5, 64)},
        opset,
    )


def branched():
    """An If on the sign of a sum, with weights in its branches only."""
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node("MatMul", ["x", f"{name}_w"], [f"{name}_y"])],
            name,
            [],
            [helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, [1, 128])],
            [numpy_helper.from_array(weights(len(name), 64, 128), f"{name}_w")],
        )
        for name in ("then", "else")
    }
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["positive"]),
        helper.make_node("If", ["positive"], ["y"], **branches),
    ]
    return model(nodes, {"x": [1, 64]}, {"y": [1, 128]}, {"zero": np.float32(0)})


@pytest.fixture
def saved(tmp_path):
    def save(made, **options):
        path = tmp_path / "model.onnx"
        onnx.save(made, str(path), **options)
        return path

    return save


def calls_for(path, sizes=(), fixed=()):
    """Four calls of normal numbers, or of whole ones below 250; dynamic sizes are 1 where none is given."""
    rng, sizes = np.random.default_rng(0), dict(sizes)
    return [
        {
            each.name: dict(fixed)[each.name]
            if each.name in dict(fixed)
            else (rng.integers(0, 250, shape) if "int" in each.dtype else rng.standard_normal(shape) / 3).astype(
                each.dtype
            )
            for each in inspect_model(str(path)).contract.inputs
            for shape in [sizes.get(each.name, [size.size or 1 for size in each.dimensions])]
        }
        for _ in range(4)
    ]


def outputs(path, call):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return dict(zip([each.name for each in session.get_outputs()], session.run(None, call), strict=True))


def cosines(source, made, calls):
    left, right = outputs(source, calls[0]), outputs(made, calls[0])
    assert list(left) == list(right)
    pairs = [(np.ravel(left[name]).astype(float), np.ravel(right[name]).astype(float)) for name in left]
    return [float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) for a, b in pairs]


def bytes_by_dtype(path):
    return {each.dtype: each.bytes for each in inspect_model(str(path)).weights}


def ends(path):
    contract = inspect_model(str(path)).contract
    return [(each.name, each.dtype) for each in (*contract.inputs, *contract.outputs)]


def quantized(kind, source, calls):
    """What a function made, after the checks that hold for all."""
    target = source.parent / f"{kind}.onnx"
    function, dtype = KINDS[kind]
    function(source, calls, target)
    found = bytes_by_dtype(target)
    assert found[dtype] > 2 * found.get("float32", 0)
    assert ends(target) == ends(source)
    return target


@ALL
@pytest.mark.parametrize("made", [two_ends, shared_bias, lambda: shared_bias(opset=11)])
def test_small_graphs_become_smaller_and_compute_the_same(kind, made, saved):
    source = saved(made())
    calls = calls_for(source, {"left": [3, 64], "right": [3, 256]})
    target = quantized(kind, source, calls)
    assert target.stat().st_size < 0.7 * source.stat().st_size
    assert min(cosines(source, target, calls)) > COSINE[kind]


@pytest.mark.parametrize("kind", ["dynamic_int8", "float16"])
def test_weights_inside_an_if_are_reached(kind, saved):
    source = saved(branched())
    calls = calls_for(source)
    assert min(cosines(source, quantized(kind, source, calls), calls)) > COSINE[kind]


def test_static_int8_says_that_it_does_not_reach_inside_an_if(saved, tmp_path):
    source = saved(branched())
    with pytest.raises(ConversionError, match=r"nothing of model\.onnx can be made int8 .* dynamic quantization only"):
        static_int8(source, calls_for(source), tmp_path / "made.onnx")
    assert not (tmp_path / "made.onnx").exists()


def test_dynamic_int8_does_not_saturate_where_the_processor_lacks_vnni(saved):
    """Two products of the largest activation and weight are beyond int16 in 8 bits, and within in 7."""
    made = model(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        {"x": [1, 64]},
        {"y": [1, 64]},
        {"w": np.ones((64, 64), np.float32)},
    )
    source = saved(made)
    calls = [{"x": np.ones((1, 64), np.float32)}]
    target = quantized("dynamic_int8", source, calls)
    assert outputs(target, calls[0])["y"] == pytest.approx(np.full((1, 64), 64.0), rel=0.01)
    integers = [
        numpy_helper.to_array(each) for each in onnx.load(target).graph.initializer if each.name == "w_quantized"
    ]
    assert np.abs(integers[0].astype(int)).max() <= 64


@ALL
def test_external_data_ends_in_the_one_file_that_is_written(kind, saved, tmp_path):
    source = saved(two_ends(), save_as_external_data=True, location="weights.bin", size_threshold=0)
    calls = calls_for(source)
    target = quantized(kind, source, calls)
    expected = outputs(source, calls[0])
    (tmp_path / "weights.bin").unlink()
    assert outputs(target, calls[0])["first"] == pytest.approx(expected["first"], abs=0.2)
    with pytest.raises(ConversionError, match=r"model\.onnx has its weights in weights\.bin, which is not next to it"):
        KINDS[kind][0](source, calls, tmp_path / "again.onnx")


@ALL
def test_what_is_quantized_already_is_refused(kind, saved, tmp_path):
    source = saved(two_ends())
    calls = calls_for(source)
    target = quantized(kind, source, calls)
    for function, _ in KINDS.values():
        with pytest.raises(ConversionError, match=r"already; quantize the float32 model"):
            function(target, calls, tmp_path / "again.onnx")


@ALL
def test_a_model_without_weights_is_said_to_be_that(kind, saved, tmp_path):
    source = saved(model([helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 4]}, {"y": [1, 4]}, {}))
    with pytest.raises(ConversionError, match=r"nothing of model\.onnx .*\(Relu\); it has no float32 weights"):
        KINDS[kind][0](source, calls_for(source), tmp_path / "made.onnx")
    assert not (tmp_path / "made.onnx").exists()


@ALL
def test_an_operator_that_onnx_runtime_does_not_have_is_one_sentence(kind, saved, tmp_path):
    made = two_ends()
    made.graph.node[2].domain = "somebody.else"
    made.opset_import.append(helper.make_opsetid("somebody.else", 1))
    with pytest.raises(ConversionError, match=r"^[^\n]*Relu[^\n]*$"):
        KINDS[kind][0](saved(made), [{"left": weights(0, 1, 64), "right": weights(0, 1, 256)}], tmp_path / "made.onnx")


@ALL
@pytest.mark.parametrize("content", [b"", b"no model", b"\x00" * 64])
def test_damaged_files_are_one_sentence(kind, content, tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(ConversionError, match=r"^broken\.onnx [^\n]*$"):
        KINDS[kind][0](path, [], tmp_path / "made.onnx")


@ALL
def test_a_file_that_is_not_there_is_one_sentence(kind, tmp_path):
    with pytest.raises(ConversionError, match=r"^absent\.onnx does not read[^\n]*$"):
        KINDS[kind][0](tmp_path / "absent.onnx", [], tmp_path / "made.onnx")


def test_inputs_that_a_converter_renamed_are_found_in_the_calls(saved, tmp_path):
    model = two_ends()
    for tensor in model.graph.input:
        uses = [(node.input, place) for node in model.graph.node for place, name in enumerate(node.input)]
        for inputs, place in uses:
            if inputs[place] == tensor.name:
                inputs[place] = f"serving_default_{tensor.name}:0"
        tensor.name = f"serving_default_{tensor.name}:0"
    made = tmp_path / "made.onnx"
    static_int8(saved(model), [{"left": weights(0, 1, 64), "right": weights(0, 1, 256)}], made)
    assert made.is_file()


def test_static_int8_asks_for_calls_of_all_inputs(saved, tmp_path):
    source = saved(two_ends())
    with pytest.raises(ConversionError, match="at least one call"):
        static_int8(source, [], tmp_path / "made.onnx")
    with pytest.raises(ConversionError, match="input right is none of the model's, which are left"):
        static_int8(source, [{"left": weights(0, 1, 64)}], tmp_path / "made.onnx")
    with pytest.raises(ConversionError, match="refused the model"):
        static_int8(source, [{"left": weights(0, 1, 3), "right": weights(0, 1, 256)}], tmp_path / "made.onnx")


@ALL
def test_nothing_is_printed_logged_or_left(kind, saved, tmp_path, monkeypatch, capfd):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    source, handlers = saved(two_ends()), logging.root.handlers[:]
    KINDS[kind][0](source, calls_for(source), tmp_path / "made.onnx")
    assert capfd.readouterr() == ("", "")
    assert logging.root.handlers == handlers
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["here", "made.onnx", "model.onnx"]


@pytest.fixture
def real(tmp_path):
    """A function that copies a model out of a package, as packages are not written to."""

    def copied(name):
        path = tmp_path / Path(name).name
        path.write_bytes(zoo_file(name).read_bytes())
        return path

    return copied


@ALL
def test_basic_pitch(kind, real):
    source = real("basic_pitch/saved_models/icassp_2022/nmp.onnx")
    calls = calls_for(source)
    target = quantized(kind, source, calls)
    assert len(set(cosines(source, target, calls))) == 3
    assert min(cosines(source, target, calls)) > COSINE[kind]
    # A third of the file is weights: static int8 adds two operators a value, of long names, and grows it.
    assert (target.stat().st_size < source.stat().st_size) == (kind != "static_int8")


@ALL
def test_magika(kind, real):
    source = real("magika/models/standard_v3_3/model.onnx")
    calls = calls_for(source)
    target = quantized(kind, source, calls)
    assert target.stat().st_size < 0.55 * source.stat().st_size
    assert min(cosines(source, target, calls)) > COSINE[kind]


def silero_calls(source):
    return calls_for(source, {"input": [1, 576], "state": [2, 1, 128]}, {"sr": np.array(16000)})


def test_silero_vad_with_its_if_in_float16(real):
    source = real("silero_vad/data/silero_vad.onnx")
    calls = silero_calls(source)
    target = quantized("float16", source, calls)
    assert target.stat().st_size < 0.6 * source.stat().st_size
    assert min(cosines(source, target, calls)) > COSINE["float16"]
    assert outputs(target, calls[0])["output"] == pytest.approx(outputs(source, calls[0])["output"], abs=1e-3)


def test_silero_vad_with_its_if_in_int8(real, tmp_path):
    """Its state is another one with int8 convolutions, so that no cosine is promised; it runs, and is smaller."""
    source = real("silero_vad/data/silero_vad.onnx")
    calls = silero_calls(source)
    target = quantized("dynamic_int8", source, calls)
    assert target.stat().st_size < 0.45 * source.stat().st_size
    assert [value.shape for value in outputs(target, calls[0]).values()] == [(1, 1), (2, 1, 128)]
    with pytest.raises(ConversionError, match="inside If, Loop and Scan"):
        static_int8(source, calls, tmp_path / "made.onnx")
