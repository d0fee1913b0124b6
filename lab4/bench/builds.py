"""The dataset, models and artifacts of a run; what is built once by content is kept in the cache."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from lab4 import datasets
from lab4.bench.keys import artifact_key, technique_key, trained_key, training_plan
from lab4.bench.profiles import Profile
from lab4.bench.python_host import Processes
from lab4.bench.specs import Built, ExportSpec, LoadedDataset, TrainSpec
from lab4.bench.tensorflow_jobs import REFERENCE_FILE, apply_technique, export, train_model
from lab4.bench.worker import Worker
from lab4.cache import Cache
from lab4.domain.cell import Variant
from lab4.domain.errors import CrashError, Lab4Error
from lab4.domain.run import DatasetInfo
from lab4.formats import FORMATS


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A variant that was built: the folder with its Keras file and reference outputs, and its content key."""

    variant: Variant
    folder: Path
    key: str


@dataclass
class Builds:
    """Builds what is asked for, unless the cache has it.

    ``rebuild`` builds everything again, once per run. ``warn`` receives a sentence per repaired entry.
    A build that failed is not tried again in the same run: its error is raised again. One whose process died is,
    since that may have come from outside.
    """

    cache: Cache
    worker: Worker
    profile: Profile
    seed: int
    dataset: LoadedDataset
    rebuild: bool
    warn: Callable[[str], None]
    _done: set[str] = field(default_factory=set)
    _failed: dict[str, Lab4Error] = field(default_factory=dict)

    def model(self, variant: Variant) -> BuiltModel:
        """Train the model and apply its techniques, in order."""
        plan = training_plan(self.profile.epochs, self.seed)
        key = trained_key(variant.model, plan, self.dataset.info)
        spec = TrainSpec(variant.model, "cpu", plan, self.dataset)
        folder = self._get(key, "model", variant.model, partial(self.worker.call, train_model, spec, ()))
        finetune = training_plan(self.profile.finetune_epochs, self.seed)
        for depth, technique in enumerate(variant.techniques, 1):
            key = technique_key(key, technique, finetune)
            build = partial(self.worker.call, apply_technique, technique, folder, finetune, self.dataset)
            folder = self._get(key, "model", Variant(variant.model, variant.techniques[:depth]).id, build)
        return BuiltModel(variant, folder, key)

    def adopt(self, model: str, trained: Path) -> None:
        """Keep a model that a training cell has trained, so that it is not trained again."""
        key = trained_key(model, training_plan(self.profile.epochs, self.seed), self.dataset.info)
        self._get(key, "model", model, partial(shutil.copytree, trained, dirs_exist_ok=True))

    def artifact(self, model: BuiltModel, form: str) -> Built:
        """Export ``model`` in the format ``form``."""
        images = self.profile.quantization_images
        key = artifact_key(model.key, form, images, self.seed)
        spec = ExportSpec(model.folder, form, images, self.seed, self.dataset)
        description = f"{model.variant.id} {form}"
        folder = self._get(key, "artifact", description, partial(self.worker.call, export, spec))
        return Built(form, folder / FORMATS[form].filename, model.folder / REFERENCE_FILE, model.variant.techniques)

    def _get(self, key: str, kind: str, description: str, build: Callable[[Path], object]) -> Path:
        if key in self._failed:
            raise self._failed[key]
        try:
            hit = self.cache.get_or_build(
                key, kind, description, lambda into: _drop(build(into)), rebuild=self.rebuild and key not in self._done
            )
        except CrashError:
            raise
        except Lab4Error as error:
            self._failed[key] = error
            raise
        self._done.add(key)
        if hit.repaired_reason is not None:
            self.warn(f"the cache's {description} was damaged ({hit.repaired_reason}) and was built again")
        return hit.path


def _drop(_result: object) -> None:
    """A build's result is what it wrote."""


def load_dataset(name: str, target: Path) -> LoadedDataset:
    """Load the dataset called ``name``; write its arrays to ``target``, and examples next to it, for other processes.

    Raises `Lab4Error` where it cannot be had or used.
    """
    data = datasets.load(name)
    datasets.save_arrays(data, target)
    info = DatasetInfo(data.name, len(data.x_train), len(data.x_validation), data.sha256)
    height, width, channels = (int(side) for side in data.x_train.shape[1:])
    examples = target.with_name("examples.npy")
    np.save(examples, datasets.images(data.x_validation))
    return LoadedDataset(target, examples, info, (height, width, channels), data.classes, data.remark)


def load_in(processes: Processes, name: str) -> LoadedDataset:
    """Let a process of the run load the dataset, in which TensorFlow is opened only if the dataset needs it.

    A process that dies is asked twice: without images there is no cell that could say so. Raises `Lab4Error` where it
    cannot be had or used.
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
