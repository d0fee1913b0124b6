"""Time by operator of a TFLite model, by LiteRT's profiler, with its XNNPACK delegate."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from lab4.domain.errors import ConversionError, UnavailableError
from lab4.domain.profiled import Profile
from lab4.domain.text import first_line
from lab4.frameworks import litert, litert_flatbuffers, litert_schema
from lab4.profiling.calls import plain_call_s
from lab4.profiling.fixed_sizes import with_fixed_sizes
from lab4.profiling.litert_library import ProfiledModel
from lab4.profiling.operators import Step, dtype_of, operator_times

_STEP_S = 1e-6
#: Of the types in the name of an XNNPACK operator: a letter for real numbers or integers, and the bits.
_TYPES = re.compile(r"\b(?:(F)|Q?[SDCU]{1,2})(8|16|32)W?\b")
_FIXED = (
    "LiteRT's profiler does not run the file itself, which computes sizes of its outputs: they are constants in what "
    "was profiled, and all other operators are the file's"
)
#: Events of operators of the graph, and of operators inside a delegate, which has taken some of the graph.
_OPERATOR, _INSIDE = 1 << 1, (1 << 2) | (1 << 3)


def profile_litert(path: Path, call: Mapping[str, Any]) -> Profile:
    """Call the model, on one thread of the CPU, without and then under the profiler.

    The names of inputs are those of the first signature, else those of the graph. It is run by LiteRT's compiled model,
    the interface that has a profiler; its kernels and its delegate are those of the interpreter. A model that it does
    not run is profiled with the sizes that it computes as constants, which the profile's remark says. Raises
    `UnavailableError` where this LiteRT does not profile it, and `ConversionError` where it does not load.
    """
    _require_model(path)
    try:
        return _profiled(path, call)
    except UnavailableError:
        with TemporaryDirectory() as folder:
            fixed = Path(folder, path.name)
            if not with_fixed_sizes(path, call, fixed):
                raise
            return replace(_profiled(fixed, call), remark=_FIXED)


def _profiled(path: Path, call: Mapping[str, Any]) -> Profile:
    model = ProfiledModel(path, call)
    seconds, calls = plain_call_s(model.run)
    steps, calls_s = [], []
    dtypes = _dtypes(path)
    for _ in range(calls):
        call_s, events = model.profiled()
        calls_s.append(call_s)
        steps.append([*steps_of(events, dtypes)])
    operators = operator_times(steps, calls_s)
    outside = 1 - sum(each.share for each in operators)
    version = metadata.version("ai-edge-litert")
    return Profile("LiteRT", version, calls, 1, median(calls_s), seconds, outside, _STEP_S, False, operators)


def steps_of(events: Iterable[Any], dtypes: Mapping[tuple[str, str], str]) -> Iterable[Step]:
    """The operators of one call. An operator of the graph that holds a delegate's is what the delegate runs in.

    ``dtypes`` are those of the graph's own operators, by name and type.
    """
    part = 0
    after_inside = True
    for event in events:
        if event.kind & _OPERATOR:
            tag = event.tag.decode(errors="replace")
            name = f"{event.graph}.{event.node}"
            yield Step(name, tag, "LiteRT", event.elapsed * _STEP_S, dtypes.get((name, tag), ""))
            after_inside = True
        elif event.kind & _INSIDE:
            part += after_inside
            after_inside = False
            tag = event.tag.decode(errors="replace")
            yield Step(f"part {part}.{event.node}", tag, "XNNPACK", event.elapsed * _STEP_S, delegated_dtype(tag))


def delegated_dtype(tag: str) -> str:
    """The dtype that one of XNNPACK's operators reads, by its name, such as ``Convolution (NHWC, QS8, QC8W) IGEMM``.

    >>> delegated_dtype("Convert (NC, F32, QDU8)"), delegated_dtype("Max Pooling (NHWC, S8)"), delegated_dtype("Copy")
    ('float32', 'int8', '')
    """
    found = _TYPES.search(tag)
    return "" if found is None else f"{'float' if found[1] == 'F' else 'int'}{found[2]}"


def _dtypes(path: Path) -> dict[tuple[str, str], str]:
    """By the names and types that `steps_of` gives the operators of the file's graphs, what they compute in."""
    schema = litert_schema()
    types, operators = (
        {value: name for name, value in vars(each).items() if not name.startswith("_")}
        for each in (schema.TensorType, schema.BuiltinOperator)
    )
    model, found = litert_flatbuffers().read_model(str(path)), {}
    for number, graph in enumerate(model.subgraphs):
        for place, each in enumerate(graph.operators):
            code = model.operatorCodes[each.opcodeIndex]
            inputs = [graph.tensors[index] for index in (each.inputs if each.inputs is not None else ()) if index >= 0]
            kind = operators.get(max(code.builtinCode, code.deprecatedBuiltinCode), "")
            found[f"{number}.{place}", kind] = dtype_of([types.get(tensor.type, "").lower() for tensor in inputs])
    return found


def _require_model(path: Path) -> None:
    try:
        litert().Interpreter(model_path=str(path))
    except (RuntimeError, ValueError) as error:
        raise ConversionError(f"{path.name} does not load in LiteRT: {first_line(error)}") from error
