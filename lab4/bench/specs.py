"""What is sent to a runtime's process: plain data, so that it can be pickled and logged."""

from dataclasses import dataclass
from pathlib import Path

from lab4.domain.run import DatasetInfo
from lab4.measure.training import TrainingPlan


@dataclass(frozen=True, slots=True)
class LoadedDataset:
    """A dataset that was written for the processes of this run; ``remark`` is what a user should know of it.

    ``examples`` is a ``.npy`` file of the validation images, float32 (n, height, width, channels) in 0..1.
    """

    path: Path
    examples: Path
    info: DatasetInfo
    image_shape: tuple[int, int, int]
    classes: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """Train ``model`` on ``device``."""

    model: str
    device: str
    plan: TrainingPlan
    dataset: LoadedDataset


@dataclass(frozen=True, slots=True)
class ExportSpec:
    """Export the model in the folder ``source``; int8 ranges come from so many training images, chosen by seed."""

    source: Path
    format: str
    quantization_images: int
    seed: int
    dataset: LoadedDataset


@dataclass(frozen=True, slots=True)
class Built:
    """An exported artifact and the outputs it must reproduce, both on disk.

    ``reference`` is a ``.npy`` of its Keras model's probabilities on the validation images, float32 (n, classes);
    ``techniques`` are those that were applied: what they promise is verified in the artifact.
    """

    format: str
    path: Path
    reference: Path
    techniques: tuple[str, ...]
