"""TensorFlow.js layers model: written by the converter, read back by the converter's own loader.

The loader rebuilds the model in Keras from the very files that a browser would fetch, which shows that they
are whole and compute the same. Speed in a JavaScript runtime is not told by it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.errors import ConversionError, UnavailableError
from lab4.formats.format import Format, Load, Runner, Source, Tolerance, first_line
from lab4.formats.keras_config import check_config
from lab4.formats.tensorflow_runner import traced
from lab4.frameworks import tensorflowjs

__all__ = ["TFJS"]


def export(source: Source, path: Path) -> None:
    """Write model.json and its weight shards."""
    try:
        tensorflowjs().converters.save_keras_model(source.model, str(path))
    except UnavailableError:
        raise
    except Exception as error:  # the converter raises whatever its passes raise
        raise ConversionError(f"the TensorFlow.js converter refused the model: {first_line(error)}") from error


def load(path: Path, spec: Load) -> Runner:
    """Rebuild the model from model.json and its shards, and trace it."""
    try:
        document = json.loads((path / "model.json").read_text(encoding="utf-8"))
        check_config(document["modelTopology"], path.name)
        with spec.place.scope():
            model = tensorflowjs().converters.load_keras_model(str(path / "model.json"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConversionError(f"{path.name} does not load: {first_line(error)}") from error
    return traced(model, spec)


def kernels(path: Path) -> Iterator[Any]:
    """Read the weight shards as the manifest describes them."""
    manifest = json.loads((path / "model.json").read_text(encoding="utf-8"))["weightsManifest"]
    for entry in tensorflowjs().read_weights.read_weights(manifest, str(path), flatten=True):
        if entry["data"].ndim >= 2:  # noqa: PLR2004
            yield entry["data"]


TFJS = Format(
    name="tfjs",
    label="TensorFlow.js",
    artifact="tfjs",
    filename="tfjs",
    runtime="tensorflow",
    distributions=("tensorflow", "tf-keras", "tensorflowjs"),
    devices=frozenset({"cpu"}),
    parts=frozenset({"deployment"}),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    load=load,
    kernels=kernels,
)
