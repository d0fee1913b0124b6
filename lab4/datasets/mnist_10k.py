"""The embedded default: the first 10,000 MNIST training images, 8,000 to train and 2,000 to validate."""

from importlib.resources import as_file, files

import numpy as np

from lab4.datasets.dataset import Dataset, stratified

_VALIDATION, _SEED = 2_000, 2026


def load() -> Dataset:
    """Load the images that ship with the package (see ATTRIBUTION.md in their folder)."""
    with as_file(files("lab4.datasets") / "data" / "mnist_10k.npz") as path, np.load(path) as file:
        x, y = file["x"][..., np.newaxis], file["y"].astype(np.int64)
    train, validation = stratified(y, _VALIDATION, _SEED)
    return Dataset("mnist_10k", x[train], y[train], x[validation], y[validation], classes=10)
