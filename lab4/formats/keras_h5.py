"""Keras H5 without optimizer state."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab4.domain.catalogue import FormatTraits
from lab4.domain.untyped import Untyped
from lab4.formats.format import ExportSource, Format, Tolerance
from lab4.frameworks import h5py


def export(source: ExportSource, path: Path) -> None:
    """Save without optimizer state: with Adam's two slots the file would be three times as large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras calls H5 legacy; it is the worksheet's 100%
        source.model.save(path, save_format="h5", include_optimizer=False)


def kernels(path: Path) -> Iterator[Any]:
    """Read the weights from the HDF5 file itself."""
    found: list[Any] = []

    def visit(_name: str, item: Untyped) -> None:
        if isinstance(item, h5py().Dataset) and item.ndim >= 2:  # noqa: PLR2004
            found.append(item[...])

    with h5py().File(path, "r") as file:
        file["model_weights"].visititems(visit)
    return iter(found)


KERAS = Format(
    traits=FormatTraits(
        "keras",
        "Keras (H5)",
        "hdf5",
        "float32",
        "float32",
        runtimes=("tensorflow", "predict", "tensorflow_xla"),
        targets=("server",),
    ),
    filename="model.h5",
    distributions=("tensorflow", "tf-keras", "h5py"),
    tolerance=Tolerance(1e-4, 1.0),
    export=export,
    kernels=kernels,
)
