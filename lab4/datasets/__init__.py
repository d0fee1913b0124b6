"""Images by name: embedded MNIST, Keras's own datasets, a user's ``.npz``."""

from lab4.datasets.dataset import Dataset, images, load_arrays, representative, save_arrays
from lab4.datasets.sources import DATASETS, load, needs_tensorflow

__all__ = ["DATASETS", "Dataset", "images", "load", "load_arrays", "needs_tensorflow", "representative", "save_arrays"]
