"""Load the dataset of a run: in a process of its own, as a user's file may be large or damaged."""

from pathlib import Path

import numpy as np

from lab4 import datasets
from lab4.bench.processes import Processes
from lab4.bench.specs import DatasetFacts, LoadedDataset
from lab4.domain.errors import CrashError
from lab4.domain.run import DatasetInfo
from lab4.inputs import StoredExamples


def load_dataset(name: str, target: Path) -> LoadedDataset:
    """Load the dataset called ``name``; write its arrays to ``target``, and examples next to it, for other processes.

    Raises:
        Lab4Error: where it cannot be had or used.
    """
    data = datasets.load(name)
    datasets.save_arrays(data, target)
    info = DatasetInfo(data.name, len(data.x_train), len(data.x_validation), data.sha256)
    height, width, channels = (int(side) for side in data.x_train.shape[1:])
    examples = target.with_name("examples")
    StoredExamples({"images": datasets.images(data.x_validation)}, is_batched=True).write(examples)
    np.save(labels := target.with_name("labels.npy"), data.y_validation)
    facts = DatasetFacts(info, (height, width, channels), data.classes)
    return LoadedDataset(target, examples, labels, facts, data.remark)


def load_in(processes: Processes, name: str) -> LoadedDataset:
    """Let a process of the run load the dataset, in which TensorFlow is opened only if the dataset needs it.

    A process that dies is asked twice: without images there is no cell that could say so.

    Raises:
        Lab4Error: where it cannot be had or used.
    """
    by_tensorflow = datasets.needs_tensorflow(name)
    worker = processes.builder if by_tensorflow else processes.of("dataset")
    path = processes.folder / "dataset.npz"
    try:
        return worker.call(load_dataset, name, path)
    except CrashError:
        return worker.call(load_dataset, name, path)
    finally:
        if not by_tensorflow:
            worker.close()  # it is not needed again, and its memory is
