"""A user's ONNX file at lower precision, by ONNX Runtime's own quantizer and float16 converter.

Each function reads ``source``, which may have external data next to it, and writes ``target``, one file. Inputs and
outputs keep their names and dtypes. Only ``target`` is written; it is there only where the function returns.

All raise `ConversionError` where the file is damaged, is quantized already or has nothing to quantize, where external
data is missing, and where the library refuses the model or makes one that ONNX Runtime does not load, as with custom
operators; `UnavailableError` where a package is missing.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.formats.format import conversion_errors
from lab4.formats.quantizing import Call, already, calls_of, nothing, quietly
from lab4.frameworks import onnx, onnxruntime, onnxruntime_float16, onnxruntime_quantization
from lab4.onnx_graphs import constants, graphs, inner_graphs

_QUANTIZER = "ONNX Runtime's quantizer"
#: Parts of the names of operators that compute with, or convert to, integers of a scale.
_QUANTIZED = ("QuantizeLinear", "QLinear", "Integer", "DynamicQuantize", "NBits", "QGemm", "QAttention")
_CONVOLUTION = "Conv"
#: Operators with a bias as their third input.
_BIASED = {_CONVOLUTION, "ConvTranspose", "Gemm"}
#: Activations that the quantizer makes part of the operator before.
_FUSED = {"Relu", "Clip"}
#: The first opset whose DequantizeLinear has scales by channel.
_BY_CHANNEL = 13
_INNER_HINT = "; those inside If, Loop and Scan become int8 by dynamic quantization only"


def dynamic_int8(source: Path, calls: Sequence[Call], target: Path) -> None:
    """Make weights int8; activations are float32, and quantized by each call. ``calls`` is unused.

    Matrix products and recurrent layers, with a scale a channel, and convolutions, with one a tensor, are reached,
    inside If, Loop and Scan too. ONNX Runtime's page advises it for recurrent nets and transformers, and `static_int8`
    for convolutions, which may lose much here: silero_vad's do.
    https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "Method selection".

    Weights with a scale a channel use 7 of their 8 bits, so that the file computes the same on every processor: without
    VNNI, sums of two products of uint8 activations and int8 weights are int16, and saturate (same page, "When and why
    do I need to try reduce_range"). Those of convolutions, which fill the range of their one scale in few places, keep
    all: basic_pitch loses more by 7 bits.
    """
    del calls

    def write(prepared: Path, made: Path) -> None:
        library = onnxruntime_quantization()
        # Values whose type shape inference does not find are real numbers: integers are not quantized anyway.
        options = {"EnableSubgraph": True, "DefaultTensorType": onnx().TensorProto.FLOAT}
        excluded = _with_computed_weights(onnx().load(str(prepared)).graph)
        others = [each for each in library.registry.IntegerOpsRegistry if each != _CONVOLUTION]
        for operators, given in (([_CONVOLUTION], prepared), (others, made)):
            library.quantize_dynamic(
                str(given),
                str(made),
                per_channel=True,
                weight_type=library.QuantType.QInt8,
                reduce_range=operators is others,
                op_types_to_quantize=operators,
                nodes_to_exclude=excluded,
                extra_options=options,
            )

    _convert(source, target, "int8", _prepare, write)


def static_int8(source: Path, calls: Sequence[Call], target: Path, kept: Sequence[str] = ()) -> None:
    """Make weights and activations int8 in QDQ form: weights with a scale a channel, activations with one a tensor.

    A value in ``kept`` stays float32, and so do the operators that make and take it.

    Ranges of activations are the least and largest values (MinMax) over ``calls``. It has no parameter to tune, it is
    the library's default and what `lab4.formats.tflite_quantized` does too, so that the two containers compare. Cut
    ranges (percentile, entropy) win for some nets and lose for others, and need many calls for their histograms: Wu
    et al., "Integer Quantization for Deep Learning Inference", arXiv:2004.09602, section 5.2. Scales by channel keep
    accuracy where one a tensor does not: Krishnamoorthi, arXiv:1806.08342, section 3. Signed activations and weights
    in QDQ form are what ONNX Runtime's page (see `dynamic_int8`) advises as the first choice.

    Operators inside If, Loop and Scan stay float32: the library does not calibrate them.
    """

    def write(prepared: Path, made: Path) -> None:
        library = onnxruntime_quantization()
        graph = onnx().load(str(prepared)).graph
        excluded = _around(graph, kept)
        library.quantize_static(
            str(prepared),
            str(made),
            _Reader(named),
            quant_format=library.QuantFormat.QDQ,
            nodes_to_exclude=excluded,
            per_channel=True,
            activation_type=library.QuantType.QInt8,
            weight_type=library.QuantType.QInt8,
            calibrate_method=library.CalibrationMethod.MinMax,
        )

    model = _loaded(source)
    ranks = {each.name: len(each.type.tensor_type.shape.dim) for each in _inputs(model.graph)}
    named = calls_of(calls, [*ranks], ranks)
    _convert(source, target, "int8", _prepare_static, write)


def float16(source: Path, calls: Sequence[Call], target: Path) -> None:
    """Make weights and arithmetic float16, but for inputs and outputs. ``calls`` is unused.

    Numbers beyond float16's 65,504 become that, ones nearer to 0 than its least become that. By the converter that
    ONNX Runtime ships (``onnxruntime.transformers.float16``), which leaves operators that have no float16 in float32.
    """
    del calls

    def write(prepared: Path, made: Path) -> None:
        model = onnx().load(str(prepared))
        converted = onnxruntime_float16().convert_float_to_float16(model, keep_io_types=True)
        ordered = onnxruntime_quantization().onnx_model.ONNXModel(converted)
        ordered.topological_sort()  # the converter appends its casts
        onnx().save(ordered.model, str(made))

    _convert(source, target, "float16", lambda model, path: onnx().save(model, str(path)), write)


class _Reader:
    """Calls as the calibrator asks for them: one by one, then None."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = iter(calls)

    def get_next(self) -> Call | None:
        return next(self._calls, None)


def _convert(
    source: Path,
    target: Path,
    dtype: str,
    prepare: Callable[[Untyped, Path], None],
    write: Callable[[Path, Path], None],
) -> None:
    model = _loaded(source)
    _require_float(model.graph, source.name)
    with TemporaryDirectory() as folder, quietly():
        prepared, made = Path(folder, "prepared.onnx"), Path(folder, "made.onnx")
        with conversion_errors(_QUANTIZER):
            prepare(model, prepared)
            write(prepared, made)
            result = onnx().load(str(made))
        _require_gain(result.graph, model.graph, source.name, dtype)
        _require_same_ends(result.graph, model.graph, source.name)
        # Shapes of inner values are for the quantizer: in a file of long names they need more than int8 weights save.
        del result.graph.value_info[:]
        with conversion_errors(_QUANTIZER):
            onnx().save(result, str(made))
        _require_loads(made, source.name)
        shutil.copyfile(made, target)


def _loaded(source: Path) -> Untyped:
    library = onnx()
    try:
        model = library.load(str(source), load_external_data=False)
    except Exception as error:  # protobuf's own types
        raise ConversionError(f"{source.name} does not read as ONNX: {first_line(error)}") from error
    if not model.graph.node:
        raise ConversionError(f"{source.name} is no ONNX model, or only a part of one: it has no operators")
    _require_external(model.graph, source)
    with conversion_errors("onnx"):
        library.external_data_helper.load_external_data_for_model(model, str(source.parent))
    return model


def _require_external(graph: Untyped, source: Path) -> None:
    locations = {each.value for tensor in constants(graph) for each in tensor.external_data if each.key == "location"}
    for name in sorted(locations):
        if not (source.parent / name).is_file():
            raise ConversionError(f"{source.name} has its weights in {name}, which is not next to it; copy it there")


def _require_float(graph: Untyped, name: str) -> None:
    if any(part in node.op_type for node in _nodes(graph) for part in _QUANTIZED):
        raise already(name, "quantized operators")
    if _count(graph, "float32"):
        return
    if _count(graph, "float16"):
        raise already(name, "float16 weights")
    raise nothing(name, "smaller", [node.op_type for node in _nodes(graph)], "; it has no float32 weights")


def _require_gain(made: Untyped, before: Untyped, name: str, dtype: str) -> None:
    if _count(made, dtype) <= _count(before, dtype):
        hint = _INNER_HINT if any(_inner_weights(before)) else ""
        raise nothing(name, dtype, [node.op_type for node in _nodes(before)], hint)


def _inner_weights(graph: Untyped) -> Iterator[int]:
    for node in graph.node:
        for inner in inner_graphs(node):
            yield _count(inner, "float32")


def _require_same_ends(made: Untyped, before: Untyped, name: str) -> None:
    if _ends(made) != _ends(before):
        raise ConversionError(f"{_QUANTIZER} changed the inputs or outputs of {name}, so the result is not used")


def _require_loads(made: Path, name: str) -> None:
    options = onnxruntime().SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime().InferenceSession(str(made), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own types
        said = first_line(error).replace(f"Load model from {made} failed:", "")
        raise ConversionError(f"what {_QUANTIZER} made of {name} does not load: {said}") from error


def _prepare(model: Untyped, prepared: Path) -> None:
    """Infer shapes, fold constants and batch normalizations; symbolic inference needs sympy, and finds no weights."""
    plain = prepared.with_name("plain.onnx")
    onnx().save(model, str(plain))
    onnxruntime_quantization().quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)


def _prepare_static(model: Untyped, prepared: Path) -> None:
    _prepare(model, prepared)
    ready = onnx().load(str(prepared))
    if any(each.domain in {"", "ai.onnx"} and each.version < _BY_CHANNEL for each in ready.opset_import):
        ready = onnx().version_converter.convert_version(ready, _BY_CHANNEL)
    _separate_biases(ready.graph)
    onnx().save(ready, str(prepared))


def _with_computed_weights(graph: Untyped) -> list[str]:
    """Name the convolutions whose weights their own graph does not have: the quantizer raises for them."""
    return [
        node.name
        for each in graphs(graph)
        for node in each.node
        if node.op_type == _CONVOLUTION and node.input[1] not in {weights.name for weights in each.initializer}
    ]


def _around(graph: Untyped, kept: Sequence[str]) -> list[str]:
    """Name the operators that make and take these values; with an activation, the one that it would be fused with."""
    makers = {output: node for node in graph.node for output in node.output}
    fused = [makers[name].input[0] for name in kept if name in makers and makers[name].op_type in _FUSED]
    made = {*kept, *fused}
    taken = set(kept)
    return [each.name for each in graph.node if not (made.isdisjoint(each.output) and taken.isdisjoint(each.input))]


def _separate_biases(graph: Untyped) -> None:
    """Give each operator a bias of its own, of one dimension.

    The quantizer copies a shared bias under its name and a number, which may be another value's name (basic_pitch), and
    reads one of shape (1, n), which a fused MatMul and Add leaves, as n-tuples by channel (magika).
    """
    helper = onnx().numpy_helper
    weights = {each.name: each for each in graph.initializer}
    for node in graph.node:
        if node.op_type in _BIASED and len(node.input) > 2 and node.input[2] in weights:  # noqa: PLR2004
            bias = helper.to_array(weights[node.input[2]])
            if bias.ndim and bias.size == bias.shape[-1]:
                node.input[2] = f"{node.output[0]}.bias"
                graph.initializer.append(helper.from_array(bias.reshape(-1), node.input[2]))
    used = {name for each in _nodes(graph) for name in each.input} | {each.name for each in graph.output}
    for tensor in [each for each in graph.initializer if each.name not in used]:
        graph.initializer.remove(tensor)


def _inputs(graph: Untyped) -> list[Untyped]:
    constants = {each.name for each in graph.initializer}  # old files list weights among the inputs
    return [each for each in graph.input if each.name not in constants]


def _ends(graph: Untyped) -> list[list[tuple[str, int]]]:
    return [
        [(each.name, each.type.tensor_type.elem_type) for each in values] for values in (_inputs(graph), graph.output)
    ]


def _nodes(graph: Untyped) -> Iterator[Untyped]:
    for each in graphs(graph):
        yield from each.node


def _count(graph: Untyped, dtype: str) -> int:
    """How many constants have a dtype, less scalars and zero points, which are no weights."""
    kinds = onnx().TensorProto
    wanted = {"int8": kinds.INT8, "float16": kinds.FLOAT16, "float32": kinds.FLOAT}[dtype]
    return sum(
        each.data_type == wanted and len(each.dims) > 0 and not each.name.endswith("_zero_point")
        for each in constants(graph)
    )
