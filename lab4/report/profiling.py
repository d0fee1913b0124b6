"""Time by operator and error by layer: as a terminal shows them, as JSON, as a page, as Model Explorer's node data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from textwrap import shorten

from lab4.analysis.document import Document, Section
from lab4.analysis.operators import operator_blocks
from lab4.domain.profiled import LayerError, Leaving, LeftInFloat, OperatorTime, Profile, by_type
from lab4.domain.text import printable, printable_values
from lab4.report import Student
from lab4.report.columns import fitted
from lab4.report.web_page import render

#: Rows of a table at most; JSON has all.
_MOST = 20
_LONGEST_NAME = 60


def profile_json(model: str, profile: Profile) -> str:
    """Everything, in base units."""
    found = {"model": model, **asdict(profile), "types": [asdict(each) for each in by_type(profile.operators)]}
    return json.dumps(printable_values(found), indent=2)


def profile_text(model: str, profile: Profile, width: int | None = None) -> str:
    """The calls, a table by type of operator, and one of the operators that take longest, so many characters wide."""
    lines = [
        f"{model} in {profile.runtime} {profile.version}, {profile.threads} thread, {profile.calls} calls",
        f"Call: {_ms(profile.call_s)} ms under the profiler (median), {_ms(profile.plain_call_s)} ms without it",
        f"Operators: {1 - profile.outside:.1%} of the profiled calls' time; {profile.outside:.1%} is outside them",
        *_doubts(profile),
        "",
        *_types(by_type(profile.operators), width),
        "",
        *_operators(profile.operators, width),
    ]
    return "\n".join(map(printable, lines))


def _doubts(profile: Profile) -> list[str]:
    remarks = [f"note: {profile.remark}"] if profile.remark else []
    if not profile.is_rough:
        return remarks
    step = f"{profile.resolution_s * 1e6:g} us"
    return [
        *remarks,
        f"note: the profiler rounds each time down to {step}; the shares of operators as short as these are rough",
    ]


def _types(types: Sequence[OperatorTime], width: int | None) -> list[str]:
    rows = [("Type", "Input", "In", "Count", "Per call", "ms per call", "Share")]
    rows += [(each.type, _dtype(each), each.where, each.name, *_figures(each)) for each in types]
    return fitted(rows, width, right={3, 4, 5, 6})


def _operators(operators: Sequence[OperatorTime], width: int | None) -> list[str]:
    rows = [("Operator", "Type", "Input", "In", "Per call", "ms per call", "Share")]
    rows += [(_short(each.name), each.type, _dtype(each), each.where, *_figures(each)) for each in operators[:_MOST]]
    return [*fitted(rows, width, right={4, 5, 6}), *_more(len(operators), "operators")]


def _dtype(each: OperatorTime) -> str:
    return each.dtype or "-"


def _figures(each: OperatorTime) -> tuple[str, str, str]:
    return f"{each.per_call:g}", _ms(each.seconds), f"{each.share:.1%}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3f}"


def _short(name: str) -> str:
    return shorten(name, _LONGEST_NAME, placeholder="...") if " " in name else name[:_LONGEST_NAME]


def _more(count: int, what: str) -> list[str]:
    return [f"and {count - _MOST:,} more {what} (--json lists them)"] if count > _MOST else []


def layers_json(original: str, quantized: str, errors: Sequence[LayerError], left: Leaving) -> str:
    """Everything."""
    found = {
        "float": original,
        "quantized": quantized,
        "layers": [asdict(each) for each in errors],
        "left_in_float": [asdict(each) for each in left.quantized],
        "float_model": None if left.original is None else asdict(left.original),
        "left_in_float_reason": left.reason,
    }
    return json.dumps(printable_values(found), indent=2)


def layers_text(
    original: str, quantized: str, errors: Sequence[LayerError], left: Leaving, width: int | None = None
) -> str:
    """A table of the layers that add most noise, and one of what leaving the worst in float gives."""
    rows = [("Layer", "Type", "SNR (dB)", "Cosine", "Noise added")]
    rows += [
        (_short(each.name), each.type, f"{each.snr_db:.1f}", f"{each.cosine:.4f}", f"{each.added:.2e}")
        for each in errors[:_MOST]
    ]
    lines = [
        f"{quantized} against {original}: {len(errors)} layers in common, those that add most noise first",
        "SNR: the signal-to-noise ratio of a layer. Noise added: the noise's share of power, less that of its inputs.",
        "",
        *fitted(rows, width, right={2, 3, 4}),
        *_more(len(errors), "layers"),
        *_left(left, width),
    ]
    return "\n".join(map(printable, lines))


def _left(left: Leaving, width: int | None) -> list[str]:
    reason = [f"not measured with layers in float: {left.reason}"] if left.reason else []
    if left.original is None or not left.quantized:
        return ["", *reason]
    metric = left.original.metric
    named = [(str(len(each.layers)), each) for each in left.quantized]
    rows = [("Layers left in float", "SNR of outputs (dB)", "Cosine", "Same class", "Bytes", metric.capitalize())]
    rows += [_left_row(layers, each) for layers, each in (*named, ("the float model", left.original))]
    title = "The float model quantized again (static int8), with the worst layers left in float:"
    shown = [row if metric else row[:-1] for row in rows]
    return ["", title, *fitted(shown, width, right={1, 2, 3, 4, 5}), *reason]


def _left_row(layers: str, each: LeftInFloat) -> tuple[str, str, str, str, str, str]:
    same = f"{each.agreeing} of {each.examined}" if each.examined else "no class scores"
    value = "-" if each.value is None else f"{each.value:.4f}"
    return layers, f"{each.snr_db:.1f}", f"{each.cosine:.4f}", same, f"{each.bytes:,}", value


def profile_nodes(profile: Profile) -> str:
    """Model Explorer's node data: seconds by operator's name.

    https://github.com/google-ai-edge/model-explorer/wiki/2.-User-Guide, "Custom node data".
    """
    return _nodes({each.name: each.seconds for each in profile.operators}, ("white", "red"))


def layers_nodes(errors: Iterable[LayerError]) -> str:
    """Model Explorer's node data: the signal-to-noise ratio in dB by the name of the value that a node makes."""
    return _nodes({each.name: each.snr_db for each in errors}, ("red", "white"))


def _nodes(values: Mapping[str, float], colours: tuple[str, str]) -> str:
    gradient = [{"stop": stop, "bgColor": colour} for stop, colour in enumerate(colours)]
    results = {name: {"value": value} for name, value in values.items()}
    return json.dumps({"results": results, "gradient": gradient}, indent=2)


def profile_html(model: str, profile: Profile) -> str:
    """A page that needs nothing else: a chart of the operators, and tables by type and by operator."""
    blocks = tuple(operator_blocks(model, model, profile))
    document = Document("profile", f"Time by operator: {model}", (), (Section("Operators", blocks),))
    return render(document, Student())
