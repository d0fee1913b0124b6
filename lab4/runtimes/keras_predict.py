"""Keras's own loop: ``model.predict``, as people call it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.untyped import Untyped
from lab4.runtimes.keras_files import keras_inputs, keras_outputs, load_model
from lab4.runtimes.runtime import Load, Runner
from lab4.runtimes.tensorflow_runtime import TENSORFLOW


class PredictRunner:
    """``model.predict``: Keras's own loop around the model, as people call it."""

    clock: str = "model.predict: Keras's loop, input copy, model, output copy to the host"
    compute_only_clock: str = ""

    def __init__(self, model: Untyped, spec: Load) -> None:
        self._model = model
        self._place = spec.place
        self._batch_size = len(next(iter(spec.call.values())))
        self.threads = spec.threads

    def scope(self) -> AbstractContextManager[object]:
        """Loose placement, since ``predict`` makes an input pipeline."""
        return self._place.loose_scope()

    def prepare(self, inputs: Mapping[str, Any]) -> Untyped:
        """Check that the weights live where they should."""
        for weight in self._model.weights:
            self._place.check(weight)
        return keras_inputs(self._model, inputs)

    def run(self, inputs: Untyped) -> Untyped:
        """Infer one batch; returns NumPy arrays."""
        return self._model.predict(inputs, batch_size=self._batch_size, verbose=0)

    def bind(self, inputs: Untyped) -> None:
        """``predict`` always copies."""

    def settle(self, result: Untyped) -> None:  # noqa: ARG002
        """The result is a NumPy array."""
        self._place.wait()

    def finish(self, outputs: Untyped) -> Mapping[str, Any]:
        """Give the outputs their names."""
        return keras_outputs(self._model, outputs)


def _load(path: Path, spec: Load) -> Runner:
    """Load for ``model.predict``."""
    with spec.place.scope():
        return PredictRunner(load_model(path), spec)


PREDICT = replace(
    TENSORFLOW,
    traits=RuntimeTraits("predict", "model.predict", host="python", is_native=True, devices=("cpu", "gpu")),
    loaders={"hdf5": _load},
    thread_setting="",
)
