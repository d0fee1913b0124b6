"""ONNX, written by tf2onnx."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.domain.errors import ConversionError
from lab4.domain.inspected import Inspected
from lab4.domain.text import shortened
from lab4.environment import child_environment
from lab4.formats import onnx_quantized
from lab4.formats.format import ConversionSource, ExportSource, Format, Tolerance, conversion_errors
from lab4.formats.quantizing import Quantize
from lab4.frameworks import litert_schema, onnx, tensorflow, tf2onnx
from lab4.onnx_graphs import constants

#: Operators that quantize values as they come.
_DYNAMIC = frozenset({"DynamicQuantizeLinear", "DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"})
#: Exceptions of Python that are no answer of a converter's.
_BREAKS = ("AssertionError", "AttributeError", "IndexError", "KeyError", "NameError", "TypeError", "UnboundLocalError")
_OPSET = 15  # tf2onnx's own default, and old enough for every runtime in the field


def export(source: ExportSource, path: Path) -> None:
    """Convert with a free batch dimension."""
    tf = tensorflow()
    # The only input of a model has one name in all artifacts; several keep theirs.
    names = source.model.input_names if len(source.model.inputs) > 1 else ["images"]
    inputs = zip(names, source.model.inputs, strict=True)
    signature = [tf.TensorSpec((None, *each.shape[1:]), each.dtype, name=name) for name, each in inputs]
    with conversion_errors("tf2onnx"):
        tf2onnx().convert.from_keras(source.model, input_signature=signature, opset=_OPSET, output_path=str(path))


def convert(flag: str, source: ConversionSource, path: Path) -> None:
    """Convert a file by tf2onnx's command, its only public door for them; ``flag`` names the container."""
    given = source.path
    command = [sys.executable, "-m", "tf2onnx.convert", flag, str(given), "--output", str(path)]
    answer = subprocess.run(  # noqa: S603  # our own interpreter, with a path
        [*command, "--opset", str(_OPSET)], capture_output=True, text=True, check=False, env=child_environment()
    )
    if answer.returncode or not path.is_file():
        lines = [line for line in answer.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise ConversionError(_refusal(given, shortened(lines[-1].strip())))


def _refusal(path: Path, last: str) -> str:
    """What tf2onnx cannot convert; ``last`` is the last line that it printed."""
    without = _without_outputs(path) if path.suffix == ".tflite" else []
    if without:
        return (
            f"tf2onnx does not convert operators without outputs, and {path.name} has {', '.join(without)}: state "
            "that the model keeps inside; export the model that it was made from to ONNX, with its state as inputs"
        )
    if last.startswith(_BREAKS):
        return f"tf2onnx breaks off ({last}): a fault of tf2onnx at an operator or type of {path.name} that it lacks"
    return f"tf2onnx refused the model: {last}"


def _without_outputs(path: Path) -> list[str]:
    """The types of a TFLite model's operators that have no output."""
    schema = litert_schema()
    try:
        model = schema.Model.GetRootAs(path.read_bytes(), 0)
        graph = model.Subgraphs(0)
        operators = [graph.Operators(index) for index in range(graph.OperatorsLength())]
        without = [each for each in operators if not each.OutputsLength()]
        codes = {model.OperatorCodes(each.OpcodeIndex()).BuiltinCode() for each in without}
    except Exception:  # noqa: BLE001  # a damaged file raises anything: what tf2onnx says of it is enough
        return []
    return sorted(name for name, code in vars(schema.BuiltinOperator).items() if code in codes)


def kernels(path: Path) -> Iterator[Any]:
    """Read the constants from the file itself, those of inner graphs too."""
    library = onnx()
    for constant in constants(library.load(str(path)).graph):
        if len(constant.dims) >= 2:  # noqa: PLR2004
            yield library.numpy_helper.to_array(constant)


def companions(path: Path) -> list[Path]:
    """The files of external data that a file names and that are there; they may be anywhere below its folder."""
    content = path.read_bytes()
    if b"location" not in content:  # the key of each such name: most files have none, and are not parsed
        return []
    graph = onnx().ModelProto.FromString(content).graph
    named = {each.value for tensor in constants(graph) for each in tensor.external_data if each.key == "location"}
    folder = path.parent.resolve()
    found = [(folder / name).resolve() for name in sorted(named)]
    return [file for file in found if file.is_relative_to(folder) and file.is_file()]


ONNX = Format(
    traits=FormatTraits(
        "onnx",
        "ONNX",
        "onnx",
        "float32",
        "float32",
        runtimes=("onnxruntime", "onnxruntime_bound"),
        targets=("server",),
    ),
    filename="model.onnx",
    distributions=("tensorflow", "tf-keras", "tf2onnx", "onnx"),
    tolerance=Tolerance(1e-3, 0.999),
    export=export,
    converts={
        "saved_model": partial(convert, "--saved-model"),
        "tflite": partial(convert, "--tflite"),
    },
    kernels=kernels,
    companions=companions,
)


def _quantized(quantize: Quantize, source: ConversionSource, path: Path) -> None:
    quantize(source.path, source.calibration, path)


def _has_dynamic_operators(found: Inspected) -> bool:
    return any(each.type in _DYNAMIC for each in found.operators)


def _lower(traits: FormatTraits, tolerance: Tolerance, quantize: Quantize) -> Format:
    return replace(
        ONNX,
        traits=replace(traits, container="onnx", runtimes=("onnxruntime",), targets=("server",)),
        distributions=("onnx", "onnxruntime", "onnxruntime-gpu"),
        tolerance=tolerance,
        export=None,
        converts={"onnx": partial(_quantized, quantize)},
    )


# On a CPU most operators of ONNX Runtime compute float16 values as float32.
FLOAT16 = _lower(
    FormatTraits("onnx_float16", "ONNX (Float16)", precision="float16", arithmetic="float32"),
    Tolerance(0.05, 0.99, 1e-3, 0.99),
    onnx_quantized.float16,
)
_INT8 = Tolerance(1.0, 0.95, 2 / 256, 0.9)
STATIC_INT8 = replace(
    _lower(
        FormatTraits("onnx_static_int8", "ONNX (Static Int8)", precision="int8", arithmetic="int8"),
        _INT8,
        onnx_quantized.static_int8,
    ),
    is_of=lambda found: not _has_dynamic_operators(found),
)
DYNAMIC_INT8 = replace(
    _lower(
        FormatTraits("onnx_dynamic_int8", "ONNX (Dynamic Int8)", precision="int8", arithmetic="int8"),
        _INT8,
        onnx_quantized.dynamic_int8,
    ),
    is_of=_has_dynamic_operators,
)
