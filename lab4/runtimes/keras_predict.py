"""Keras's own loop: ``model.predict``, as people call it."""

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab4.domain.catalogue import RuntimeTraits
from lab4.domain.untyped import Untyped
from lab4.runtimes.keras_files import load_model
from lab4.runtimes.runtime import Load, Runner
from lab4.runtimes.tensorflow_runtime import TENSORFLOW


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


def _load(path: Path, spec: Load) -> Runner:
    with spec.place.scope():
        return PredictRunner(load_model(path), spec)


PREDICT = replace(
    TENSORFLOW,
    traits=RuntimeTraits("predict", "model.predict", host="python", is_native=True, devices=("cpu", "gpu")),
    loaders={"hdf5": _load},
    thread_setting="",
)
