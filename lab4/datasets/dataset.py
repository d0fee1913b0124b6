"""A dataset: training and validation images, in the dtype they came in."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab4.domain.untyped import Untyped

_ARRAYS = ("x_train", "y_train", "x_validation", "y_validation")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Images and their labels.

    ``x_train`` and ``x_validation`` have shape (n, height, width, channels), uint8 in 0..255 or float32 in
    0..1; ``y_train`` and ``y_validation`` are int64 (n,) in 0..classes-1. ``remark`` is what a user should know of how
    they were read, empty where nothing was assumed.
    """

    name: str
    x_train: Any
    y_train: Any
    x_validation: Any
    y_validation: Any
    classes: int
    remark: str = ""

    @property
    def arrays(self) -> dict[str, Any]:
        """The four arrays by name."""
        return {name: getattr(self, name) for name in _ARRAYS}

    @property
    def sha256(self) -> str:
        """Digest of all four arrays with their shapes and dtypes, as hex."""
        digest = hashlib.sha256()
        for name, array in self.arrays.items():
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()


def images(x: Untyped) -> Untyped:
    """Pixels as float32 in 0..1, from uint8 in 0..255 or as they are."""
    import numpy as np

    return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x.astype(np.float32, copy=False)


def features(x: Untyped) -> Untyped:
    """The values of images (n, height, width, channels), as (n, height * width * channels)."""
    return x.reshape(len(x), -1)


def save_arrays(dataset: Dataset, path: Path) -> None:
    """Write one ``.npz``, uncompressed, so that other processes read it quickly."""
    import numpy as np

    np.savez(path, name=np.array(dataset.name), classes=np.array(dataset.classes), **dataset.arrays)


def load_arrays(path: Path) -> Dataset:
    """Read back what `save_arrays` wrote."""
    import numpy as np

    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in _ARRAYS}
        return Dataset(name=str(file["name"]), classes=int(file["classes"]), **arrays)


def representative(dataset: Dataset, count: int, seed: int) -> Untyped:
    """Choose ``count`` TRAINING images, classes in turn, for the ranges of int8 quantization.

    Returns float32 (count, height, width, channels) in 0..1; fewer where there are fewer. Validation images are
    never among them: ranges fitted to the images that are scored would flatter the score.
    """
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(dataset.y_train))
    labels = dataset.y_train[order]
    # How many of its class came before: sorting by it takes one of each class, then a second of each, ...
    rank = np.empty(len(labels), dtype=np.int64)
    for each in range(dataset.classes):
        chosen = labels == each
        rank[chosen] = np.arange(chosen.sum())
    turn = np.argsort(rank, kind="stable")[:count]
    return images(dataset.x_train[order[turn]])
