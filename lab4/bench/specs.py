"""What is sent to a runtime's process: plain data, so that it can be pickled and logged."""

from dataclasses import dataclass
from pathlib import Path

from lab4.domain.run import DatasetInfo
from lab4.measure.training import TrainingPlan


@dataclass(frozen=True, slots=True)
class LoadedDataset:
    """A dataset that was written for the processes of this run; ``remark`` is what a user should know of it.

    ``examples`` is a folder of `lab4.inputs.StoredExamples`, the validation images as float32 (n, height, width,
    channels) in 0..1, and ``labels`` a ``.npy`` file of their classes, int64 (n,).
    """

    path: Path
    examples: Path
    labels: Path
    info: DatasetInfo
    image_shape: tuple[int, int, int]
    classes: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """Train ``model`` on ``device``, by epochs of a name in `lab4.bench.train_by`."""

    model: str
    device: str
    plan: TrainingPlan
    dataset: LoadedDataset
    by: str = "loop"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What int8 ranges are chosen from: so many examples of a folder of `lab4.inputs.StoredExamples`."""

    examples: Path
    count: int


@dataclass(frozen=True, slots=True)
class Built:
    """An artifact and the outputs it must reproduce, both on disk.

    ``reference`` is a ``.npz`` of its original's outputs for ``examples``, a folder of `lab4.inputs.StoredExamples`;
    ``labels`` is a ``.npy`` file of what is right for each, if that is known: classes, values, or the inputs.
    ``techniques`` are those that were applied: what they promise is verified in the artifact.
    """

    format: str
    path: Path
    reference: Path
    techniques: tuple[str, ...]
    examples: Path
    labels: Path | None
