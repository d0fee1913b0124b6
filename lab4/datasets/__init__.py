"""Images by name: embedded MNIST, Keras's own datasets, a user's ``.npz``."""

from collections.abc import Callable
from pathlib import Path

from lab4.datasets.dataset import Dataset, features, images, load_arrays, representative, save_arrays
from lab4.domain.errors import DatasetError, UnknownNameError
from lab4.domain.registry import OWN_PACKAGE, Registry

__all__ = [
    "DATASETS",
    "Dataset",
    "features",
    "images",
    "load",
    "load_arrays",
    "needs_tensorflow",
    "representative",
    "save_arrays",
]

#: Where those are that Keras loads; NumPy is enough for all others.
_BY_KERAS = "lab4.datasets.keras_datasets"

DATASETS: Registry[Callable[[], Dataset]] = Registry(
    "dataset",
    {
        "mnist_10k": "lab4.datasets.arrays:mnist_10k",
        "mnist": f"{_BY_KERAS}:mnist",
        "fashion_mnist": f"{_BY_KERAS}:fashion_mnist",
        "cifar10": f"{_BY_KERAS}:cifar10",
    },
    "lab4.datasets",
    Callable,
)


def needs_tensorflow(name: str) -> bool:
    """Whether loading the dataset opens TensorFlow."""
    return name in DATASETS and DATASETS.module_of(name) == _BY_KERAS


def load(name: str) -> Dataset:
    """Load a dataset by its name, or an ``.npz`` by its path; another package's is checked as a user's file is.

    Raises `UnknownNameError` for a name that is neither, and `DatasetError` naming the file or array at fault.
    """
    if name.endswith(".npz"):
        from lab4.datasets.arrays import load_npz

        return load_npz(Path(name))
    if name not in DATASETS:
        raise UnknownNameError.among("dataset", name, [*DATASETS, "a path to an .npz file"])
    data = DATASETS[name]()
    if DATASETS.package_of(name) == OWN_PACKAGE:
        return data
    from lab4.datasets.arrays import checked_dataset

    with DatasetError.prefixed(f"the dataset {name!r} of the package {DATASETS.package_of(name)}: "):
        checked = checked_dataset(name, data.arrays, "validation")
    if checked.classes != data.classes:
        raise DatasetError(
            f"the dataset {name!r} declares {data.classes} classes, and its labels have {checked.classes}"
        )
    return checked
