"""Time by operator of a TFLite model, by LiteRT's profiler, with its XNNPACK delegate."""

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
from lab4.frameworks import litert
from lab4.profiling.calls import plain_call_s
from lab4.profiling.fixed_sizes import with_fixed_sizes
from lab4.profiling.litert_library import ProfiledModel
from lab4.profiling.operators import Step, operator_times

_STEP_S = 1e-6
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
    for _ in range(calls):
        call_s, events = model.profiled()
        calls_s.append(call_s)
        steps.append([*steps_of(events)])
    operators = operator_times(steps, calls_s)
    outside = 1 - sum(each.share for each in operators)
    version = metadata.version("ai-edge-litert")
    return Profile("LiteRT", version, calls, 1, median(calls_s), seconds, outside, _STEP_S, False, operators)


def steps_of(events: Iterable[Any]) -> Iterable[Step]:
    """The operators of one call. An operator of the graph that holds a delegate's is what the delegate runs in."""
    part = 0
    after_inside = True
    for event in events:
        if event.kind & _OPERATOR:
            tag = event.tag.decode(errors="replace")
            yield Step(f"{event.graph}.{event.node}", tag, "LiteRT", event.elapsed * _STEP_S)
            after_inside = True
        elif event.kind & _INSIDE:
            part += after_inside
            after_inside = False
            tag = event.tag.decode(errors="replace")
            yield Step(f"part {part}.{event.node}", tag, "XNNPACK", event.elapsed * _STEP_S)


def _require_model(path: Path) -> None:
    try:
        litert().Interpreter(model_path=str(path))
    except (RuntimeError, ValueError) as error:
        raise ConversionError(f"{path.name} does not load in LiteRT: {first_line(error)}") from error
