"""TensorFlow: compiled functions of Keras files and SavedModels."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tensorflow
from lab4.runtimes.keras_files import load_model
from lab4.runtimes.runtime import TENSORFLOW_PROCESS, Load, PythonRuntime, Runner


class TensorFlowRunner(Runner):
    """Calls ``function`` (tensor to tensor) on ``place``.

    The copy of the result to the host waits for the device, so that the call is synchronous on a GPU too.
    TensorFlow has one pool for the whole process: ``threads`` is what that was made with.
    """

    clock = "input copy, compiled function, output copy to the host"
    compute_only_clock = "compiled function, device waited for"

    def __init__(self, function: Callable[[Any], Any], spec: Load) -> None:
        self._function = function
        self._place = spec.place
        self.threads = spec.threads
        self._constant = tensorflow().constant
        self.run = self._first_run

    def scope(self) -> AbstractContextManager[object]:
        """Strict placement."""
        return self._place.scope()

    def _first_run(self, inputs: Untyped) -> Untyped:
        # Where results live cannot change between calls, so it is asked once, outside of what is timed later.
        result = self._function(self._constant(inputs))
        self._place.check(result)
        self.run = self._run
        return result.numpy()

    def _run(self, inputs: Untyped) -> Untyped:
        return self._function(self._constant(inputs)).numpy()

    def bind(self, inputs: Untyped) -> Callable[[], Any]:
        """Copy the input to the device once; the result stays there."""
        function, tensor, wait = self._function, self._constant(inputs), self._place.wait

        def call() -> Untyped:
            result = function(tensor)
            wait()
            return result

        return call

    def settle(self, result: Untyped) -> None:
        """Copy the result to the host, which waits for it, and wait for everything else."""
        if hasattr(result, "numpy"):
            result.numpy()
        self._place.wait()


def traced(model: Untyped, spec: Load) -> TensorFlowRunner:
    """Compile a Keras model in inference mode for one batch size; it is traced at its first call."""
    tf = tensorflow()
    function = tf.function(
        lambda images: model(images, training=False),
        input_signature=[tf.TensorSpec((spec.batch_size, *spec.image_shape), tf.float32)],
    )
    return TensorFlowRunner(function, spec)


def _load_keras(path: Path, spec: Load) -> Runner:
    with spec.place.scope():
        return traced(load_model(path), spec)


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
