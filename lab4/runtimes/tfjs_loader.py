"""The TensorFlow.js converter's own loader, which rebuilds a model in Keras from the files that a browser would fetch.

It shows that the files are whole and compute the same; speed in a JavaScript runtime is not measured by it.
"""

import json
from dataclasses import replace
from pathlib import Path

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.frameworks import tensorflowjs
from lab4.runtimes.keras_files import check_config
from lab4.runtimes.runtime import Load, Runner
from lab4.runtimes.tensorflow_runtime import TENSORFLOW, traced


def _load(path: Path, spec: Load) -> Runner:
    """Rebuild the model from model.json and its shards, and trace it."""
    try:
        document = json.loads((path / "model.json").read_text(encoding="utf-8"))
        check_config(document["modelTopology"], path.name)
        with spec.place.scope():
            model = tensorflowjs().converters.load_keras_model(str(path / "model.json"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConversionError(f"{path.name} does not load: {first_line(error)}") from error
    return traced(model, spec)


TFJS_LOADER = replace(
    TENSORFLOW,
    traits=RuntimeTraits(
        "tfjs_loader", "the TensorFlow.js converter's loader", host="python", is_native=False, devices=("cpu",)
    ),
    loaders={"tfjs": _load},
    thread_setting="",
    distributions=("tensorflow", "tf-keras", "tensorflowjs"),
)
