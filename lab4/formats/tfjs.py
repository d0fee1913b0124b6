"""TensorFlow.js layers model, written by the converter."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.formats.format import ExportSource, Format, Tolerance, conversion_errors
from lab4.frameworks import tensorflowjs


def export(source: ExportSource, path: Path) -> None:
    """Write model.json and its weight shards."""
    with conversion_errors("the TensorFlow.js converter"):
        tensorflowjs().converters.save_keras_model(source.model, str(path))


def kernels(path: Path) -> Iterator[Any]:
    """Read the weight shards as the manifest describes them."""
    manifest = json.loads((path / "model.json").read_text(encoding="utf-8"))["weightsManifest"]
    for entry in tensorflowjs().read_weights.read_weights(manifest, str(path), flatten=True):
        if entry["data"].ndim >= 2:  # noqa: PLR2004
            yield entry["data"]


TFJS = Format(
    traits=FormatTraits(
        "tfjs",
        "TensorFlow.js",
        "tfjs",
        "float32",
        "float32",
        runtimes=("tfjs_node", "tfjs_loader"),
        targets=("browser",),
    ),
    filename="tfjs",
    distributions=("tensorflow", "tf-keras", "tensorflowjs"),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    kernels=kernels,
)
