"""What an inspected model is, as a terminal shows it and as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from textwrap import shorten, wrap

from lab4.domain.contract import Quantization, Stated, TensorSpec
from lab4.domain.inspected import Inspected, Reach
from lab4.domain.text import printable, printable_values
from lab4.report.columns import aligned, fitted, wrapped

#: Operators and refusals that are listed at most; JSON has all of them.
_MOST_OPERATORS = 12
#: Exporters write the size of a computed dimension as a formula of hundreds of characters.
_LONGEST_DIMENSION = 32
#: Names with one answer are many for some files.
_LABELS_WIDTH = 60

#: By input, the rule that its values would be drawn by.
Values = Mapping[str, Stated]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found out of a model: of its file, the values that its inputs would have, and what can be had of it."""

    name: str
    size_bytes: int | None
    model: Inspected
    values: Values
    reach: Sequence[Reach]


def as_json(found: Inspection) -> str:
    """Everything that was found, in base units."""
    plain = {
        "model": found.name,
        "size_bytes": found.size_bytes,
        **asdict(found.model),
        "macs": found.model.macs,
        "values": {name: asdict(stated) for name, stated in found.values.items()},
        "reach": [asdict(each) for each in found.reach],
    }
    return json.dumps(printable_values(plain), indent=2)


def as_text(found: Inspection, width: int | None = None) -> str:
    """Paragraphs of aligned lines: the file, its contract, its operators and weights, and what can be done with it.

    Lines have at most ``width`` characters, where that is given.
    """
    model = found.model
    size = "" if found.size_bytes is None else f", {found.size_bytes:,} bytes"
    versions = "; ".join(f"{key} {value}" for key, value in model.versions.items())
    parts = [
        [f"{found.name}: {model.container}{size}", *([versions] if versions else [])],
        _contract(model, found.values, width),
        _operators(model),
        _weights(model),
        [*(f"note: {each}" for each in model.remarks), *_hazards(model)],
        *(_reach(kind, found.reach, width) for kind in ("format", "runtime", "technique")),
    ]
    return "\n\n".join("\n".join(wrapped(map(printable, lines), width)) for lines in parts if lines)


def _contract(model: Inspected, values: Values, width: int | None) -> list[str]:
    rows = [("Tensor", "Name", "Type", "Dimensions", "Values", "Remarks")]
    for side, tensors in (("input", model.contract.inputs), ("output", model.contract.outputs)):
        for each in tensors:
            drawn = _stated(values[each.name]) if side == "input" else ""
            rows.append((side, each.name, each.dtype, _dimensions(each), drawn, _remarks(each)))
    lines = fitted(rows, width, keys=2)
    for state in model.contract.states:
        if not state.input:
            lines.append("state: the model keeps state of its own between calls")
        else:
            lines.append(f"state: {state.output} is fed back as {state.input}{_origin(state.origin)}")
    if model.contract.task is not None:
        lines.append(f"task: {_stated(model.contract.task)}")
    return lines


def _dimensions(tensor: TensorSpec) -> str:
    if tensor.dimensions is None:
        return "not declared"
    texts = (shorten(str(each), _LONGEST_DIMENSION, placeholder="...") for each in tensor.dimensions)
    return " x ".join(texts) or "scalar"


def _remarks(tensor: TensorSpec) -> str:
    texts = [] if tensor.layout is None else [_stated(tensor.layout)]
    texts += [] if tensor.quantization is None else [_quantization(tensor.quantization)]
    return ", ".join(texts)


def _quantization(quantization: Quantization) -> str:
    if len(quantization.scales) > 1:
        return f"quantized per channel of axis {quantization.axis}"
    return f"quantized: scale {quantization.scales[0]:.6g}, zero point {quantization.zero_points[0]}"


def _stated(stated: Stated) -> str:
    return f"{stated.text}{_origin(stated.origin)}"


def _origin(origin: str) -> str:
    return "" if origin == "file" else f" ({origin})"


def _operators(model: Inspected) -> list[str]:
    counted = "not counted" if model.macs is None else f"{model.macs:,}"
    rows = [("Operator", "Count", "MACs")]
    shown = model.operators[:_MOST_OPERATORS]
    rows += [(each.type, f"{each.count:,}", "not counted" if each.macs is None else f"{each.macs:,}") for each in shown]
    lines = [f"Multiply-accumulates (MACs): {counted}, {model.macs_note}", *aligned(rows, right={1, 2})]
    if left := model.operators[_MOST_OPERATORS:]:
        more = sum(each.count for each in left)
        lines.append(f"and {more:,} operators of {len(left)} other types (--json lists them)")
    return lines


def _weights(model: Inspected) -> list[str]:
    rows = [("Weights", "Values", "Bytes")]
    rows += [(each.dtype, f"{each.values:,}", f"{each.bytes:,}") for each in model.weights]
    return [f"Parameters: {model.parameters:,}", *aligned(rows, right={1, 2})]


def _hazards(model: Inspected) -> Iterable[str]:
    if model.custom:
        yield f"custom operators: {', '.join(model.custom)}"
    if model.code:
        yield f"code of its own: {', '.join(model.code)}"


def _reach(kind: str, reach: Sequence[Reach], width: int | None) -> list[str]:
    rows = [(kind.capitalize(), "Can be had", "How, or why not")]
    of_kind = [each for each in reach if each.kind == kind]
    for (is_reachable, how), entries in groupby(of_kind, key=lambda each: (each.is_reachable, each.how)):
        first, *others = wrap(", ".join(each.label for each in entries), _LABELS_WIDTH)
        rows.append((first, "yes" if is_reachable else "no", how))
        rows += [(each, "", "") for each in others]
    return fitted(rows, width)
