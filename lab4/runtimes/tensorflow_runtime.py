"""TensorFlow: compiled functions of Keras files, SavedModels and TensorFlow.js files, and ``model.predict``."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.domain.text import first_line
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tensorflow, tensorflowjs
from lab4.runtimes.keras_files import check_config, load_model
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


class PredictRunner(Runner):
    """Keras's own loop around the model."""

    clock = "model.predict: Keras's loop, input copy, model, output copy to the host"
    compute_only_clock = ""

    def __init__(self, model: Untyped, spec: Load) -> None:
        self._model = model
        self._place = spec.place
        self.threads = spec.threads
        self.run = partial(model.predict, batch_size=spec.batch_size, verbose=0)

    def scope(self) -> AbstractContextManager[object]:
        """Loose placement, since ``predict`` makes an input pipeline."""
        return self._place.loose_scope()

    def prepare(self, images: Untyped) -> Untyped:
        """Check that the weights live where they should."""
        for weight in self._model.weights:
            self._place.check(weight)
        return images

    def settle(self, result: Untyped) -> None:  # noqa: ARG002
        """The result is a NumPy array."""
        self._place.wait()


def _traced(model: Untyped, spec: Load) -> TensorFlowRunner:
    """Compile a Keras model in inference mode for one batch size; it is traced at its first call."""
    tf = tensorflow()
    function = tf.function(
        lambda images: model(images, training=False),
        input_signature=[tf.TensorSpec((spec.batch_size, *spec.image_shape), tf.float32)],
    )
    return TensorFlowRunner(function, spec)


def _load_keras(path: Path, spec: Load) -> Runner:
    with spec.place.scope():
        return _traced(load_model(path), spec)


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


def _load_to_predict(path: Path, spec: Load) -> Runner:
    with spec.place.scope():
        return PredictRunner(load_model(path), spec)


def _load_tfjs(path: Path, spec: Load) -> Runner:
    """Rebuild the model from model.json and its shards by the converter's own loader, and trace it.

    It shows that the files that a browser would fetch are whole and compute the same; speed in a JavaScript runtime is
    not measured by it.
    """
    try:
        document = json.loads((path / "model.json").read_text(encoding="utf-8"))
        check_config(document["modelTopology"], path.name)
        with spec.place.scope():
            model = tensorflowjs().converters.load_keras_model(str(path / "model.json"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConversionError(f"{path.name} does not load: {first_line(error)}") from error
    return _traced(model, spec)


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
PREDICT = replace(
    TENSORFLOW,
    traits=RuntimeTraits("predict", "model.predict", host="python", is_native=True, devices=("cpu", "gpu")),
    loaders={"hdf5": _load_to_predict},
    thread_setting="",
)
TFJS_LOADER = replace(
    TENSORFLOW,
    traits=RuntimeTraits(
        "tfjs_loader", "the TensorFlow.js converter's loader", host="python", is_native=False, devices=("cpu",)
    ),
    loaders={"tfjs": _load_tfjs},
    thread_setting="",
    distributions=("tensorflow", "tf-keras", "tensorflowjs"),
)
