"""Names and paths to datasets."""

from collections.abc import Callable
from pathlib import Path

from lab4.datasets.dataset import Dataset, arrays_of
from lab4.domain.errors import DatasetError, UnknownNameError
from lab4.domain.registry import OWN_PACKAGE, Registry

__all__ = ["DATASETS", "load", "needs_tensorflow"]

DATASETS: Registry[Callable[[], Dataset]] = Registry(
    "dataset",
    {
        "mnist_10k": "lab4.datasets.mnist_10k:load",
        "mnist": "lab4.datasets.keras_datasets:mnist",
        "fashion_mnist": "lab4.datasets.keras_datasets:fashion_mnist",
        "cifar10": "lab4.datasets.keras_datasets:cifar10",
    },
    "lab4.datasets",
    Callable,
)


#: Those that Keras loads; NumPy is enough for all others.
_BY_KERAS = "lab4.datasets.keras_datasets"


def needs_tensorflow(name: str) -> bool:
    """Whether loading the dataset opens TensorFlow."""
    return name in DATASETS and DATASETS.module_of(name) == _BY_KERAS


def load(name: str) -> Dataset:
    """Load a dataset by its name, or an ``.npz`` by its path; another package's is checked as a user's file is.

    Raises:
        UnknownNameError: for a name that is neither.
        DatasetError: naming the file or array at fault.
    """
    if name.endswith(".npz"):
        from lab4.datasets.npz_file import load as load_npz

        return load_npz(Path(name))
    if name not in DATASETS:
        raise UnknownNameError.among("dataset", name, [*DATASETS, "a path to an .npz file"])
    data = DATASETS[name]()
    return data if DATASETS.package_of(name) == OWN_PACKAGE else _checked(name, data)


def _checked(name: str, data: Dataset) -> Dataset:
    from lab4.datasets.checks import checked_dataset

    with DatasetError.prefixed(f"the dataset {name!r} of the package {DATASETS.package_of(name)}: "):
        checked = checked_dataset(name, arrays_of(data), "validation")
    if checked.classes != data.classes:
        raise DatasetError(
            f"the dataset {name!r} declares {data.classes} classes, and its labels have {checked.classes}"
        )
    return checked
