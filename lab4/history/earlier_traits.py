"""The traits of what runs before schema 3 could hold: those runs have labels only."""

from collections.abc import Mapping
from typing import Any


def _format(container: str, precision: str, runtime: str, *targets: str) -> dict[str, Any]:
    arithmetic = "int8" if precision == "int8" else "float32"
    runtimes = [runtime, "predict"] if container == "hdf5" else [runtime]
    return {
        "container": container,
        "precision": precision,
        "arithmetic": arithmetic,
        "runtimes": runtimes,
        "targets": list(targets),
    }


def _pruning(share: float) -> dict[str, Any]:
    promise = {"property": "sparsity", "label": "share of zero weights", "at_least": share}
    return {"kind": "pruning", "promises": [promise]}


_KERAS_MODEL = {"task": "classification", "original_format": "keras"}
#: By the field of a catalogue, then by name.
_TRAITS: dict[str, dict[str, dict[str, Any]]] = {
    "models": {
        "cnn": {"label": "CNN", "architecture": "convolutional", **_KERAS_MODEL},
        "fcnn": {"label": "FCNN", "architecture": "fully connected", **_KERAS_MODEL},
    },
    "techniques": {
        "finetuned": {"label": "Control (trained on, not pruned)", "kind": "control"},
        "pruned50": {"label": "Pruned Model (50%)", **_pruning(0.5)},
        "pruned80": {"label": "Pruned Model (80%)", **_pruning(0.8)},
        "pruned90": {"label": "Pruned Model (90%)", **_pruning(0.9)},
    },
    "formats": {
        "keras": {"label": "Keras (H5)", **_format("hdf5", "float32", "tensorflow", "server")},
        "tflite_float32": {"label": "TFLite (Float32)", **_format("tflite", "float32", "litert", "mobile", "server")},
        "tflite_float16": {"label": "TFLite (Float16)", **_format("tflite", "float16", "litert", "mobile", "server")},
        "tflite_int8": {"label": "TFLite (Int8)", **_format("tflite", "int8", "litert", "mobile", "server")},
        "onnx": {"label": "ONNX", **_format("onnx", "float32", "onnxruntime", "server")},
        "saved_model": {"label": "SavedModel", **_format("saved_model", "float32", "tensorflow", "server")},
        "tfjs": {"label": "TensorFlow.js", **_format("tfjs", "float32", "tfjs_loader", "browser")},
    },
    "runtimes": {
        "tensorflow": {"label": "TensorFlow", "host": "python", "is_native": True, "devices": ["cpu", "gpu"]},
        "predict": {"label": "model.predict", "host": "python", "is_native": True, "devices": ["cpu", "gpu"]},
        "litert": {"label": "LiteRT", "host": "python", "is_native": True, "devices": ["cpu"]},
        "onnxruntime": {"label": "ONNX Runtime", "host": "python", "is_native": True, "devices": ["cpu", "gpu"]},
        "tfjs_loader": {
            "label": "the TensorFlow.js converter's loader",
            "host": "python",
            "is_native": False,
            "devices": ["cpu"],
        },
    },
    "devices": {
        "cpu": {"label": "CPU", "kind": "cpu", "is_host": True},
        "gpu": {"label": "GPU", "kind": "gpu", "vendor": "NVIDIA", "is_host": False},
    },
    "metrics": {
        "accuracy": {
            "label": "Accuracy",
            "unit": "share",
            "higher_is_better": True,
            "tolerance": 0.0025,
            "is_per_example": True,
        }
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
