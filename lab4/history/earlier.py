"""Records of earlier schema versions, as the present one has them."""

from collections.abc import Callable, Mapping
from typing import Any

from lab4.domain.pattern import current_key
from lab4.domain.untyped import Untyped
from lab4.history.json_text import found_in

#: The version from which on a cell has a kind; before, it had a part of the worksheet.
SCHEMA_WITH_KINDS = 3


def upgraded(plain: object) -> Untyped:  # damaged records come by here too, and are refused later
    """Return a record, header or section as of the present version; what is damaged or present already, as it is."""
    while isinstance(plain, Mapping) and plain.get("schema_version") in list(_STEPS):  # a list: a dict would be asked
        plain = _STEPS[plain["schema_version"]](plain)  # for the hash of whatever a damaged file has there
    return plain


def _changed(
    plain: Mapping[str, Any], version: int, latency_of: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """What every step does: the version, the latency of an outcome, and the records inside."""
    found = dict(plain) | {"schema_version": version}
    if isinstance(latency := found_in(found, "outcome", "latency"), Mapping):
        found["outcome"] = dict(found["outcome"]) | {"latency": latency_of(latency)}
    if isinstance(unmeasured := found.get("unmeasured"), list):
        found["unmeasured"] = [upgraded(each) for each in unmeasured]
    return found


def _latency_from_1(latency: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 knew one contiguous series per cell, its first call and the number of warm-up calls."""
    samples, clock = latency.get("samples"), latency.get("clock")
    sizes = [found_in(samples, "count")]
    return {
        # What version 1 did not have stays out of its names: a field too many is refused as it was.
        **{name: each for name, each in latency.items() if name not in {"samples", "clock", "warmup_calls"}},
        "calls": {"samples": samples, "pass_sizes": sizes, "iterations": 1, "clock": clock},
        "alone": None,
        "reference_s": [],
        "load_s": None,
        "warmup": {"calls": latency.get("warmup_calls"), "seconds": None, "steady": None},
        "ended": "budget",
        "target": None,
    }


def _from_2(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Version 2 had parts of the worksheet in a cell, and labels in place of traits."""
    found = _changed(plain, SCHEMA_WITH_KINDS, _latency_from_2)
    if isinstance(cell := found.get("cell"), Mapping):
        found["cell"] = _cell_from_2(cell)
    if isinstance(outcome := found.get("outcome"), Mapping) and "accuracy" in outcome:
        rest = {name: each for name, each in outcome.items() if name != "accuracy"}
        metrics = {} if outcome["accuracy"] is None else {"accuracy": outcome["accuracy"]}
        found["outcome"] = rest | {"metrics": metrics}
    if "labels" in found:
        found["catalogue"] = catalogue_of_labels(found.pop("labels"))
    if isinstance(planned := found.get("planned"), list):
        found["planned"] = [current_key(key) if isinstance(key, str) else key for key in planned]
    return found


def _renamed(plain: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): each for name, each in plain.items()}


def _latency_from_2(latency: Mapping[str, Any]) -> dict[str, Any]:
    found = _renamed(latency, _LATENCY_NAMES)
    for name in ("calls", "compute_only"):
        if isinstance(series := found.get(name), Mapping):
            found[name] = _renamed(series, {"pass_sizes": "round_sizes"})
    return found


def upgraded_round(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return a round of a journal as of the present version: before 3 its windows had other names."""
    windows = plain.get("windows")
    if not isinstance(windows, Mapping):
        return dict(plain)
    found = {**plain, "windows": {current_key(key): _window_from_2(each) for key, each in windows.items()}}
    if isinstance(runners := plain.get("runners"), Mapping):
        found["runners"] = {
            current_key(key): _renamed(each, _RUNNER_NAMES) if isinstance(each, Mapping) else each
            for key, each in runners.items()
        }
    return found


def _window_from_2(window: Untyped) -> Untyped:  # damaged ones come by here too
    if not isinstance(window, Mapping) or "samples" not in window:
        return window
    found = _renamed(window, _WINDOW_NAMES)
    for name in ("bursts", "compute_only_bursts"):
        if isinstance(bursts := found.get(name), list):
            found[name] = [
                [burst["samples"], [burst["before"], burst["after"]]]
                if isinstance(burst, Mapping) and set(burst) == {"samples", "before", "after"}
                else burst
                for burst in bursts
            ]
    return found


def _cell_from_2(cell: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(cell)
    kind, slash, cell_id = current_key(f"{found.pop('part', '')}/{found.get('id', '')}").partition("/")
    found |= {"kind": kind, "id": cell_id if slash else found.get("id")}
    if found.get("format") == "keras_predict":
        found |= {"format": "keras", "runtime": "predict"}
    return found


#: What fields were called before version 3.
_LATENCY_NAMES = {
    "alone": "compute_only",
    "undisturbed": "uncontended",
    "alone_undisturbed": "compute_only_uncontended",
    "reference_s": "probe_s",
    "disturbance": "system_activity",
}
_RUNNER_NAMES = {"alone_clock": "compute_only_clock", "alone_iterations": "compute_only_iterations"}
_WINDOW_NAMES = {
    "samples": "samples_s",
    "alone": "compute_only_s",
    "reference_s": "probe_s",
    "uncontended": "uncontended_ratios",
    "disturbance": "system_activity",
    "alone_bursts": "compute_only_bursts",
}
_STEPS: dict[int, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    1: lambda plain: _changed(plain, 2, _latency_from_1),
    2: _from_2,
}


def _format(label: str, container: str, precision: str, runtime: str, *targets: str) -> dict[str, Any]:
    return {
        "label": label,
        "container": container,
        "precision": precision,
        "arithmetic": "int8" if precision == "int8" else "float32",
        "runtimes": [runtime, "predict"] if container == "hdf5" else [runtime],
        "targets": list(targets),
    }


def _runtime(label: str, *devices: str, is_native: bool = True) -> dict[str, Any]:
    return {"label": label, "host": "python", "is_native": is_native, "devices": list(devices)}


def _pruning(percent: int) -> dict[str, Any]:
    promise = {"property": "sparsity", "label": "share of zero weights", "at_least": percent / 100}
    return {"label": f"Pruned Model ({percent}%)", "kind": "pruning", "promises": [promise]}


_KERAS_MODEL = {"task": "classification", "original_format": "keras"}
#: By the field of a catalogue, then by name.
_TRAITS: dict[str, dict[str, dict[str, Any]]] = {
    "models": {
        "cnn": {"label": "CNN", "architecture": "convolutional", **_KERAS_MODEL},
        "fcnn": {"label": "FCNN", "architecture": "fully connected", **_KERAS_MODEL},
    },
    "techniques": {
        "finetuned": {"label": "Control (trained on, not pruned)", "kind": "control"},
        "pruned50": _pruning(50),
        "pruned80": _pruning(80),
        "pruned90": _pruning(90),
    },
    "formats": {
        "keras": _format("Keras (H5)", "hdf5", "float32", "tensorflow", "server"),
        "tflite_float32": _format("TFLite (Float32)", "tflite", "float32", "litert", "mobile", "server"),
        "tflite_float16": _format("TFLite (Float16)", "tflite", "float16", "litert", "mobile", "server"),
        "tflite_int8": _format("TFLite (Int8)", "tflite", "int8", "litert", "mobile", "server"),
        "onnx": _format("ONNX", "onnx", "float32", "onnxruntime", "server"),
        "saved_model": _format("SavedModel", "saved_model", "float32", "tensorflow", "server"),
        "tfjs": _format("TensorFlow.js", "tfjs", "float32", "tfjs_loader", "browser"),
    },
    "runtimes": {
        "tensorflow": _runtime("TensorFlow", "cpu", "gpu"),
        "predict": _runtime("model.predict", "cpu", "gpu"),
        "litert": _runtime("LiteRT", "cpu"),
        "onnxruntime": _runtime("ONNX Runtime", "cpu", "gpu"),
        "tfjs_loader": _runtime("the TensorFlow.js converter's loader", "cpu", is_native=False),
    },
    "devices": {
        "cpu": {"label": "CPU", "kind": "cpu", "is_host": True},
        "gpu": {"label": "GPU", "kind": "gpu", "vendor": "NVIDIA", "is_host": False},
    },
    "metrics": {
        "accuracy": {"label": "Accuracy", "unit": "share", "tolerance": 0.0025}
        | dict.fromkeys(("higher_is_better", "is_per_example"), True)
    },
}


def catalogue_of_labels(labels: object) -> dict[str, dict[str, dict[str, Any]]]:
    """Return a catalogue, as plain values, of all names that schema 2 knew, and of further labels without traits.

    Labels do not say what kind of thing they name: a name that is not known gets an entry of every kind.
    """
    given = labels if isinstance(labels, Mapping) else {}
    found = {
        field: {
            name: {"name": name, **traits, "label": given.get(name, traits["label"])} for name, traits in known.items()
        }
        for field, known in _TRAITS.items()
    }
    known_names = {name for known in _TRAITS.values() for name in known} | {"keras_predict"}
    for name in given:
        if name not in known_names:
            for field in ("models", "techniques", "formats", "devices"):
                found[field][name] = {"name": name, "label": given[name]}
    return found
