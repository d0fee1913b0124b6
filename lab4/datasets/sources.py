"""Names and paths to datasets."""

from collections.abc import Callable
from pathlib import Path

from lab4.datasets.dataset import Dataset
from lab4.domain.errors import UnknownNameError
from lab4.domain.registry import Registry

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
)


#: Those that Keras loads; NumPy is enough for all others.
_BY_KERAS = "lab4.datasets.keras_datasets"


def needs_tensorflow(name: str) -> bool:
    """Whether loading the dataset opens TensorFlow."""
    return name in DATASETS and DATASETS.module_of(name) == _BY_KERAS


def load(name: str) -> Dataset:
    """Load a dataset by its name, or an ``.npz`` by its path.

    Raises:
        UnknownNameError: for a name that is neither.
        DatasetError: naming the file or array at fault.
    """
    if name.endswith(".npz"):
        from lab4.datasets.npz_file import load as load_npz

        return load_npz(Path(name))
    if name not in DATASETS:
        raise UnknownNameError.among("dataset", name, [*DATASETS, "a path to an .npz file"])
    return DATASETS[name]()
