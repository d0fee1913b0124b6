"""TensorFlow: compiled functions of Keras files and SavedModels."""

from pathlib import Path

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tensorflow
from lab4.runtimes.keras_files import load_model
from lab4.runtimes.runner import Load, Runner
from lab4.runtimes.runtime import TENSORFLOW_PROCESS, PythonRuntime
from lab4.runtimes.tensorflow_runner import TensorFlowRunner, traced

__all__ = ["TENSORFLOW"]


def _load_keras(path: Path, spec: Load) -> Runner:
    """Load and trace in inference mode for one batch size."""
    with spec.place.scope():
        model = load_model(path)
    return traced(model, spec)


def _load_saved_model(path: Path, spec: Load) -> Runner:
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
    def call(images: Untyped, _owner: Untyped = loaded) -> Untyped:
        return signature(**{name: images})[output]

    return TensorFlowRunner(call, spec)


TENSORFLOW = PythonRuntime(
    RuntimeTraits("tensorflow", "TensorFlow", host="python", is_native=True, devices=("cpu", "gpu")),
    process=TENSORFLOW_PROCESS,
    loaders={"hdf5": _load_keras, "saved_model": _load_saved_model},
    thread_setting="tensorflow intra-op in inference",
    import_package=keras,
    distributions=("tensorflow", "tf-keras"),
    places_by_tensorflow=True,
    pool_per_process=True,
)
