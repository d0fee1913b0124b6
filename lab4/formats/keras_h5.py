"""Keras H5 without optimizer state: run as a compiled function, or through ``model.predict``."""

import json
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab4.domain.errors import ConversionError
from lab4.formats.format import Format, Load, Runner, Source, Tolerance, first_line
from lab4.formats.keras_config import check_config
from lab4.formats.tensorflow_runner import traced
from lab4.frameworks import h5py, keras

__all__ = ["KERAS", "KERAS_PREDICT", "load_model"]


def load_model(path: Path) -> Any:  # noqa: ANN401
    """Load the model without compiling it.

    Raises:
        ConversionError: where the file cannot be read.
        UnsafeModelError: where it would run code that is not Keras's own.
    """
    try:
        with h5py().File(path, "r") as file:  # of anything else than HDF5 Keras would choose another reader
            check_config(json.loads(file.attrs["model_config"]), path.name)
            return keras().models.load_model(file, compile=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConversionError(f"{path.name} does not load in Keras: {first_line(error)}") from error


class PredictRunner:
    """``model.predict``: Keras's own loop around the model, as people call it."""

    clock: str = "model.predict: Keras's loop, input copy, model, output copy to the host"
    alone_clock: str = ""

    def __init__(self, model: Any, spec: Load) -> None:  # noqa: ANN401
        self._model = model
        self._place = spec.place
        self._batch_size = spec.batch_size
        self.threads = spec.threads

    def scope(self) -> AbstractContextManager[object]:
        """Loose placement, since ``predict`` makes an input pipeline."""
        return self._place.loose_scope()

    def prepare(self, images: Any) -> Any:  # noqa: ANN401
        """Check that the weights live where they should."""
        for weight in self._model.weights:
            self._place.check(weight)
        return images

    def run(self, inputs: Any) -> Any:  # noqa: ANN401
        """Infer one batch; returns a NumPy array."""
        return self._model.predict(inputs, batch_size=self._batch_size, verbose=0)

    def bind(self, inputs: Any) -> None:  # noqa: ANN401
        """``predict`` always copies."""

    def settle(self, result: Any) -> None:  # noqa: ANN401, ARG002
        """The result is a NumPy array."""
        self._place.wait()

    def finish(self, outputs: Any) -> Any:  # noqa: ANN401
        """Nothing is left to do."""
        return outputs


def export(source: Source, path: Path) -> None:
    """Save without optimizer state: with Adam's two slots the file would be three times as large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras calls H5 legacy; it is the worksheet's 100%
        source.model.save(path, save_format="h5", include_optimizer=False)


def load_compiled(path: Path, spec: Load) -> Runner:
    """Load and trace in inference mode for one batch size."""
    with spec.place.scope():
        model = load_model(path)
    return traced(model, spec)


def load_predict(path: Path, spec: Load) -> Runner:
    """Load for ``model.predict``."""
    with spec.place.scope():
        return PredictRunner(load_model(path), spec)


def kernels(path: Path) -> Iterator[Any]:
    """Read the weights from the HDF5 file itself."""
    found: list[Any] = []

    def visit(_name: str, item: Any) -> None:  # noqa: ANN401
        if isinstance(item, h5py().Dataset) and item.ndim >= 2:  # noqa: PLR2004
            found.append(item[...])

    with h5py().File(path, "r") as file:
        file["model_weights"].visititems(visit)
    return iter(found)


KERAS = Format(
    name="keras",
    label="Keras (H5)",
    artifact="keras",
    filename="model.h5",
    runtime="tensorflow",
    distributions=("tensorflow", "tf-keras", "h5py"),
    devices=frozenset({"cpu", "gpu"}),
    parts=frozenset({"training", "inference", "quantization", "pruning", "deployment"}),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    load=load_compiled,
    kernels=kernels,
    baseline=True,
)
KERAS_PREDICT = replace(
    KERAS,
    name="keras_predict",
    label="Keras (model.predict)",
    parts=frozenset({"inference"}),
    load=load_predict,
    baseline=False,
)
