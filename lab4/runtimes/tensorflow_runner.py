"""A TensorFlow function as a runner: shared by the formats that TensorFlow itself runs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow
from lab4.runtimes.runner import Load

__all__ = ["TensorFlowRunner", "traced"]


class TensorFlowRunner:
    """Calls ``function`` (tensor to tensor) on ``place``.

    The copy of the result to the host waits for the device, so that the call is synchronous on a GPU too.
    TensorFlow has one pool for the whole process: ``threads`` is what that was made with.
    """

    clock: str = "input copy, compiled function, output copy to the host"
    compute_only_clock: str = "compiled function, device waited for"

    def __init__(self, function: Callable[[Any], Any], spec: Load) -> None:
        self._function = function
        self._place = spec.place
        self.threads = spec.threads
        self._constant = tensorflow().constant
        self.run: Callable[[Any], Any] = self._first_run

    def scope(self) -> AbstractContextManager[object]:
        """Strict placement."""
        return self._place.scope()

    def prepare(self, images: Untyped) -> Untyped:
        """Nothing to do: the input is float32."""
        return images

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

    def finish(self, outputs: Untyped) -> Untyped:
        """Nothing is left to do."""
        return outputs


def traced(model: Untyped, spec: Load) -> TensorFlowRunner:
    """Compile a Keras model in inference mode for one batch size; it is traced at its first call."""
    tf = tensorflow()
    function = tf.function(
        lambda images: model(images, training=False),
        input_signature=[tf.TensorSpec((spec.batch_size, *spec.image_shape), tf.float32)],
    )
    return TensorFlowRunner(function, spec)
