"""TensorFlow SavedModel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.formats.format import ExportSource, Format, Tolerance
from lab4.frameworks import tensorflow


def export(source: ExportSource, path: Path) -> None:
    """Write the inference function and the weights; training state stays out."""
    source.model.export(path)


def kernels(path: Path) -> Iterator[Any]:
    """Read the variables from the checkpoint inside the folder."""
    checkpoint = tensorflow().train.load_checkpoint(str(path / "variables" / "variables"))
    for name, shape in checkpoint.get_variable_to_shape_map().items():
        if len(shape) >= 2:  # noqa: PLR2004
            yield checkpoint.get_tensor(name)


SAVED_MODEL = Format(
    traits=FormatTraits(
        "saved_model", "SavedModel", "saved_model", "float32", "float32", runtimes=("tensorflow",), targets=("server",)
    ),
    filename="saved_model",
    distributions=("tensorflow", "tf-keras"),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    kernels=kernels,
    excluded_from_size=frozenset({"fingerprint.pb"}),
)
