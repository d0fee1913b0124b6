"""TensorFlow SavedModel, run through its serving signature."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.errors import ConversionError
from lab4.formats.format import Format, Load, Runner, Source, Tolerance
from lab4.formats.tensorflow_runner import TensorFlowRunner
from lab4.frameworks import tensorflow

__all__ = ["SAVED_MODEL"]


def export(source: Source, path: Path) -> None:
    """Write the inference function and the weights; training state stays out."""
    source.model.export(path)


def load(path: Path, spec: Load) -> Runner:
    """Load the serving signature; it takes any batch size."""
    try:
        with spec.place.scope():
            loaded = tensorflow().saved_model.load(str(path))
    except (OSError, ValueError, KeyError) as error:
        raise ConversionError(f"{path.name} does not load in TensorFlow: {error}") from error
    signature = loaded.signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    (output,) = signature.structured_outputs

    # ``loaded`` owns the variables: the signature alone does not keep them alive.
    def call(images: Any, _owner: Any = loaded) -> Any:  # noqa: ANN401
        return signature(**{name: images})[output]

    return TensorFlowRunner(call, spec)


def kernels(path: Path) -> Iterator[Any]:
    """Read the variables from the checkpoint inside the folder."""
    checkpoint = tensorflow().train.load_checkpoint(str(path / "variables" / "variables"))
    for name, shape in checkpoint.get_variable_to_shape_map().items():
        if len(shape) >= 2:  # noqa: PLR2004
            yield checkpoint.get_tensor(name)


SAVED_MODEL = Format(
    name="saved_model",
    label="SavedModel",
    artifact="saved_model",
    filename="saved_model",
    runtime="tensorflow",
    distributions=("tensorflow", "tf-keras"),
    devices=frozenset({"cpu", "gpu"}),
    parts=frozenset({"inference", "deployment"}),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    load=load,
    kernels=kernels,
    unweighed=frozenset({"fingerprint.pb"}),
)
