"""TensorFlow.js layers model, written by the converter."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FULL_PRECISION, FormatTraits
from lab4.formats.format import ExportSource, Format, Tolerance, conversion_errors
from lab4.frameworks import tensorflowjs


def export(weights: str, source: ExportSource, path: Path) -> None:
    """Write model.json and its weight shards; ``weights`` is what they are stored in, empty for what they are."""
    quantized = {weights: True} if weights else None
    with conversion_errors("the TensorFlow.js converter"):
        tensorflowjs().converters.save_keras_model(source.model, str(path), quantization_dtype_map=quantized)


def kernels(path: Path) -> Iterator[Any]:
    """Read the weight shards as the manifest describes them; quantized ones as the values that they mean."""
    manifest = json.loads((path / "model.json").read_text(encoding="utf-8"))["weightsManifest"]
    for entry in tensorflowjs().read_weights.read_weights(manifest, str(path), flatten=True):
        if entry["data"].ndim >= 2:  # noqa: PLR2004
            yield entry["data"]


def _format(name: str, label: str, precision: str, weights: str, tolerance: Tolerance) -> Format:
    return Format(
        # Whatever weights are stored in, the library loads them as float32.
        traits=FormatTraits(
            name,
            label,
            "tfjs",
            precision,
            "float32",
            runtimes=("tfjs_node", "tfjs_loader"),
            targets=("browser",),
        ),
        filename="tfjs",
        distributions=("tensorflow", "tf-keras", "tensorflowjs"),
        tolerance=tolerance,
        export=partial(export, weights),
        kernels=kernels,
        is_for_few=precision != FULL_PRECISION,
    )


TFJS = _format("tfjs", "TensorFlow.js", "float32", "", Tolerance(1e-4, 1.0))
FLOAT16 = _format("tfjs_float16", "TensorFlow.js (Float16)", "float16", "float16", Tolerance(0.05, 0.99, 1e-3, 0.99))
# Affine, one scale a tensor: 16 bits are finer than float16 near the largest weight, 8 bits as coarse as int8.
UINT16 = _format("tfjs_uint16", "TensorFlow.js (Uint16)", "uint16", "uint16", Tolerance(0.05, 0.99, 1e-3, 0.99))
UINT8 = _format("tfjs_uint8", "TensorFlow.js (Uint8)", "uint8", "uint8", Tolerance(1.0, 0.95, 2 / 256, 0.9))
