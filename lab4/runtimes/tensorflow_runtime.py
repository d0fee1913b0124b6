"""TensorFlow: compiled functions of Keras files, SavedModels and TensorFlow.js files, and ``model.predict``."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import DeviceCode, RuntimeTraits
from lab4.domain.errors import ConversionError
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tensorflow, tensorflowjs
from lab4.runtimes.keras_files import keras_inputs, keras_outputs, load_model, load_web_model
from lab4.runtimes.runtime import TENSORFLOW_PROCESS, Load, PythonRuntime, Runner
from lab4.tensor_names import input_names
from lab4.xla import compiling


class TensorFlowRunner(Runner):
    """Calls ``function`` (tensors in the order of ``names`` to a list of tensors) on the place of ``spec``.

    ``outputs`` are the names of what it returns. The copy of the results to the host waits for the device, so that the
    call is synchronous on a GPU too. TensorFlow has one pool for the whole process: ``threads`` is what that was made
    with.
    """

    clock = "input copy, compiled function, output copy to the host"
    compute_only_clock = "compiled function, device waited for"

    def __init__(self, function: Callable[..., Any], names: Sequence[str], outputs: Sequence[str], spec: Load) -> None:
        self._function, self._names, self._outputs = function, names, outputs
        self._place = spec.place
        self.threads = spec.threads
        self._constant = tensorflow().constant
        self.run = self._first_run

    def scope(self) -> AbstractContextManager[object]:
        """Strict placement."""
        return self._place.scope()

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped:
        """Put the inputs in the function's order."""
        return [inputs[name] for name in self._names]

    def _first_run(self, inputs: Untyped) -> Untyped:
        # Where results live cannot change between calls, so it is asked once, outside of what is timed later.
        results = self._function(*map(self._constant, inputs))
        for result in results:
            self._place.check(result)
        self.run = self._run_one if len(inputs) == len(results) == 1 else self._run
        return [result.numpy() for result in results]

    def _run(self, inputs: Untyped) -> Untyped:
        return [result.numpy() for result in self._function(*map(self._constant, inputs))]

    def _run_one(self, inputs: Untyped) -> Untyped:
        return (self._function(self._constant(inputs[0]))[0].numpy(),)

    def bind(self, inputs: Untyped) -> Callable[[], Any]:
        """Copy the inputs to the device once; the results stay there."""
        function, tensors, wait = self._function, [*map(self._constant, inputs)], self._place.wait

        def call() -> Untyped:
            results = function(*tensors)
            wait()
            return results

        return call

    def settle(self, result: Untyped) -> None:
        """Copy the results to the host, which waits for them, and wait for everything else."""
        for each in result:
            if hasattr(each, "numpy"):
                each.numpy()
        self._place.wait()

    def finish(self, outputs: Untyped) -> Mapping[str, Any]:
        """Give the outputs their names."""
        return dict(zip(self._outputs, outputs, strict=True))


class CompiledRunner(TensorFlowRunner):
    """The same of a function that XLA compiles at its first call, as one program."""

    clock = "input copy, program compiled by XLA, output copy to the host"
    compute_only_clock = "program compiled by XLA, device waited for"

    def _first_run(self, inputs: Untyped) -> Untyped:
        with compiling():
            return super()._first_run(inputs)


class PredictRunner(Runner):
    """Keras's own loop around the model."""

    clock = "model.predict: Keras's loop, input copy, model, output copy to the host"
    compute_only_clock = ""

    def __init__(self, model: Untyped, spec: Load) -> None:
        self._model = model
        self._place = spec.place
        self.threads = spec.threads
        self.run = partial(model.predict, batch_size=len(next(iter(spec.call.values()))), verbose=0)

    def scope(self) -> AbstractContextManager[object]:
        """Loose placement, since ``predict`` makes an input pipeline."""
        return self._place.loose_scope()

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped:
        """Check that the weights live where they should."""
        for weight in self._model.weights:
            self._place.check(weight)
        return keras_inputs(self._model, inputs)

    def settle(self, result: Untyped) -> None:  # noqa: ARG002
        """The results are NumPy arrays."""
        self._place.wait()

    def finish(self, outputs: Untyped) -> Mapping[str, Any]:
        """Give the outputs their names."""
        return keras_outputs(self._model, outputs)


def _traced(model: Untyped, spec: Load, kind: type[TensorFlowRunner] = TensorFlowRunner) -> TensorFlowRunner:
    """Compile a Keras model in inference mode for inputs like those of a call; it is traced at its first call."""
    tf = tensorflow()
    own = input_names(spec.call, list(model.input_names))
    names = [own[name] for name in model.input_names]
    signature = [tf.TensorSpec(spec.call[name].shape, tf.as_dtype(spec.call[name].dtype)) for name in names]

    def call(*tensors: Untyped) -> Untyped:
        outputs = model(tensors[0] if len(tensors) == 1 else list(tensors), training=False)
        return list(keras_outputs(model, outputs).values())

    function = tf.function(call, input_signature=signature, jit_compile=_compiles(kind))
    return kind(function, names, list(model.output_names), spec)


def _compiles(kind: type[TensorFlowRunner]) -> bool | None:
    """Whether TensorFlow shall compile the whole function by XLA; ``None`` leaves it to TensorFlow."""
    return issubclass(kind, CompiledRunner) or None


def _load_keras(path: Path, spec: Load, kind: type[TensorFlowRunner] = TensorFlowRunner) -> Runner:
    with spec.place.scope():
        return _traced(load_model(path), spec, kind)


def _load_saved_model(path: Path, spec: Load, kind: type[TensorFlowRunner] = TensorFlowRunner) -> Runner:
    """Load the serving signature."""
    try:
        with spec.place.scope():
            loaded = tensorflow().saved_model.load(str(path))
    except (OSError, ValueError, KeyError) as error:
        raise ConversionError(f"{path.name} does not load in TensorFlow: {error}") from error
    if "serving_default" not in loaded.signatures:
        raise ConversionError(f"{path.name} has no signature serving_default to call; export the model with one")
    signature = loaded.signatures["serving_default"]
    own = input_names(spec.call, list(signature.structured_input_signature[1]))
    outputs = list(signature.structured_outputs)

    # ``loaded`` owns the variables: the signature alone does not keep them alive.
    def call(*tensors: Untyped, _owner: Untyped = loaded) -> Untyped:
        results = signature(**dict(zip(own, tensors, strict=True)))
        return [results[name] for name in outputs]

    names = list(own.values())
    if not _compiles(kind):
        return kind(call, names, outputs, spec)
    # Shapes are those of the call: XLA compiles no others.
    shapes = [tensorflow().TensorSpec(spec.call[name].shape, spec.call[name].dtype) for name in names]

    def without_owner(*tensors: Untyped) -> Untyped:
        return call(*tensors)

    compiled = tensorflow().function(without_owner, input_signature=shapes, jit_compile=True)
    return kind(compiled, names, outputs, spec)


def _load_to_predict(path: Path, spec: Load) -> Runner:
    with spec.place.scope():
        return PredictRunner(load_model(path), spec)


def _load_tfjs(path: Path, spec: Load) -> Runner:
    """Rebuild the model and trace it.

    It shows that the files that a browser would fetch are whole and compute the same; speed in a JavaScript runtime is
    not measured by it.
    """
    with spec.place.scope():
        return _traced(load_web_model(path), spec)


#: Before TensorFlow touches a device: its pool is of the process.
_CODE = (
    DeviceCode(
        "cpu",
        (
            "import tensorflow as tf",
            "tf.config.threading.set_intra_op_parallelism_threads({threads})",
            "tf.config.threading.set_inter_op_parallelism_threads(1)",
        ),
    ),
)
TENSORFLOW = PythonRuntime(
    RuntimeTraits("tensorflow", "TensorFlow", host="python", is_native=True, devices=("cpu", "gpu"), code=_CODE),
    process=TENSORFLOW_PROCESS,
    loaders={"hdf5": _load_keras, "saved_model": _load_saved_model},
    thread_setting="tensorflow intra-op in inference",
    import_package=keras,
    distributions=("tensorflow", "tf-keras"),
    places_by_tensorflow=True,
    pool_per_process=True,
)
#: On a GPU a call is otherwise a launch for each operator, and that is what its time shows.
XLA = replace(
    TENSORFLOW,
    traits=RuntimeTraits(
        "tensorflow_xla",
        "TensorFlow, compiled by XLA",
        host="python",
        is_native=True,
        devices=("cpu", "gpu"),
        launches_once=True,
    ),
    loaders={
        "hdf5": partial(_load_keras, kind=CompiledRunner),
        "saved_model": partial(_load_saved_model, kind=CompiledRunner),
    },
)
PREDICT = replace(
    TENSORFLOW,
    traits=RuntimeTraits("predict", "model.predict", host="python", is_native=True, devices=("cpu", "gpu"), code=_CODE),
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
    import_package=tensorflowjs,
    distributions=("tensorflow", "tf-keras", "tensorflowjs"),
)
