"""The dataset, models and artifacts of a run; what is built once by content is kept in the cache."""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import NoReturn

import numpy as np

from lab4 import datasets
from lab4.bench.keys import artifact_key, technique_key, trained_key, training_plan
from lab4.bench.profiles import Profile
from lab4.bench.python_host import Lane, Processes
from lab4.bench.specs import Built, Calibration, LoadedDataset, TrainSpec
from lab4.bench.tensorflow_jobs import (
    MODEL_FILE,
    REFERENCE_FILE,
    apply_technique,
    convert,
    export,
    train_model,
    write_calibration,
)
from lab4.bench.worker import Worker
from lab4.cache import Cache
from lab4.domain.catalogue import RECONSTRUCTION
from lab4.domain.cell import Variant
from lab4.domain.errors import CrashError, Lab4Error, UnavailableError
from lab4.domain.run import DatasetInfo
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL, required_route
from lab4.inputs import StoredExamples, array_file
from lab4.models import MODELS


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A variant that was built: the folder with its Keras file and reference outputs, and its content key."""

    variant: Variant
    folder: Path
    key: str


@dataclass(frozen=True, slots=True)
class Material:
    """What artifacts are made from: a model in a container, which ``original`` names the format of, and its key."""

    name: str
    container: str
    original: str
    path: Path
    key: str


class _NoProcesses:
    """Takes the place of processes where nothing shall be built."""

    @property
    def builder(self) -> "_NoProcesses":
        return self

    def converting(self, _container: str) -> "_NoProcesses":
        return self

    def call(self, *_: object) -> NoReturn:
        raise UnavailableError("it is not built yet")


@dataclass
class Builds:
    """Builds what is asked for, unless the cache has it.

    ``rebuild`` builds everything again, once per run. ``warn`` receives a sentence per repaired entry.
    A build that failed is not tried again in the same run: its error is raised again. One whose process died is,
    since that may have come from outside.
    """

    cache: Cache
    processes: Processes | Lane | _NoProcesses
    profile: Profile
    seed: int
    load_dataset: Callable[[], LoadedDataset]
    rebuild: bool
    warn: Callable[[str], None]
    _done: dict[str, Path] = field(default_factory=dict)
    _failed: dict[str, Lab4Error] = field(default_factory=dict)
    #: Of what all models have in common.
    _lock: Lock = field(default_factory=Lock)

    @property
    def keys(self) -> tuple[str, ...]:
        """The content keys of all that was built, or that the cache had."""
        return tuple(sorted(self._done))

    def look_up(self, artifacts: Iterable[tuple[Variant, str]]) -> None:
        """Find which of these artifacts, and of what they are made of, the cache has; nothing is built."""
        finding = replace(self, processes=_NoProcesses(), _failed={})
        for variant, form in artifacts:
            with suppress(Lab4Error):  # whoever needs it builds it
                finding.artifact(finding.model(variant), form)

    @property
    def dataset(self) -> LoadedDataset:
        """The dataset, loaded when models are first trained on it."""
        return self.load_dataset()

    def model(self, variant: Variant) -> BuiltModel:
        """Train the model and apply its techniques, in order."""
        plan = training_plan(self.profile.epochs, self.seed)
        key = trained_key(variant.model, plan, self.dataset.info)
        spec = TrainSpec(variant.model, "cpu", plan, self.dataset)
        folder = self.cached(key, "model", variant.model, partial(self.processes.builder.call, train_model, spec, ()))
        finetune = training_plan(self.profile.finetune_epochs, self.seed)
        for depth, technique in enumerate(variant.techniques, 1):
            key = technique_key(key, technique, finetune)
            spec = TrainSpec(variant.model, "cpu", finetune, self.dataset)
            build = partial(self.processes.builder.call, apply_technique, technique, folder, spec)
            folder = self.cached(key, "model", Variant(variant.model, variant.techniques[:depth]).id, build)
        return BuiltModel(variant, folder, key)

    def adopt(self, model: str, trained: Path) -> None:
        """Keep a model that a training cell has trained, so that it is not trained again."""
        key = trained_key(model, training_plan(self.profile.epochs, self.seed), self.dataset.info)
        self.cached(key, "model", model, partial(shutil.copytree, trained, dirs_exist_ok=True))

    def artifact(self, model: BuiltModel, form: str) -> Built:
        """Write ``model`` in the format ``form``."""
        path = self.written(form, self.material(model), self.calibration)
        reference, dataset = model.folder / REFERENCE_FILE, self.dataset
        task = MODELS[model.variant.model].traits.task
        expected = array_file(dataset.examples) if task == RECONSTRUCTION else dataset.labels
        return Built(form, path, reference, model.variant.techniques, dataset.examples, expected)

    def material(self, model: BuiltModel) -> Material:
        """What artifacts of a model that was built are made from."""
        return Material(model.variant.id, KERAS_MODEL, "", model.folder / MODEL_FILE, model.key)

    def calibration(self) -> Path:
        """The training images that int8 ranges are chosen from, as examples."""
        folder = self.dataset.path.with_name("calibration")
        with self._lock:
            if not folder.is_dir():
                images = self.profile.quantization_images
                self.processes.builder.call(write_calibration, self.dataset.path, images, self.seed, folder)
        return folder

    def written(self, form: str, material: Material, calibration: Callable[[], Path]) -> Path:
        """The artifact of ``material`` in the format ``form``; ``calibration`` returns examples, where they are needed.

        Raises:
            UnavailableError: where there is no way from the one to the other.
            Lab4Error: what went wrong on the way.
        """
        if form == material.original:
            return material.path
        return self.step(form, self.before(form, material, calibration), calibration).path

    def before(self, form: str, material: Material, calibration: Callable[[], Path]) -> Material:
        """What the last step to the format ``form`` is made from; raises as `written`."""
        steps = required_route(form, material.container, material.original)
        for step in steps[:-1]:
            material = self.step(step, material, calibration)
        return material

    def step(self, step: str, material: Material, calibration: Callable[[], Path]) -> Material:
        """The artifact of ``material`` in a format that is made from it directly, as material; raises `Lab4Error`."""
        key = artifact_key(material.key, step, self.profile.quantization_images, self.seed)
        build = partial(self.write, step, material, calibration)
        folder = self.cached(key, "artifact", f"{material.name} {step}", build)
        fmt = FORMATS[step]
        return Material(material.name, fmt.traits.container or "", step, folder / fmt.filename, key)

    def write(self, step: str, material: Material, calibration: Callable[[], Path], into: Path) -> None:
        """Make an artifact in one step, into a folder; raises `Lab4Error` with what went wrong."""
        chosen = Calibration(calibration(), self.profile.quantization_images)
        if material.container == KERAS_MODEL:
            self.processes.builder.call(export, step, material.path, chosen, into)
        else:
            worker = self.processes.converting(material.container)
            worker.call(convert, step, material.path, material.container, chosen, into)

    def cached(self, key: str, kind: str, description: str, build: Callable[[Path], object]) -> Path:
        """The folder of a cache entry, which ``build`` fills where it is not there; raises what went wrong before."""
        if key in self._failed:
            raise self._failed[key]
        if key in self._done and self._done[key].is_dir():
            return self._done[key]
        try:
            hit = self.cache.get_or_build(
                key, kind, description, lambda into: _drop(build(into)), rebuild=self.rebuild and key not in self._done
            )
        except CrashError:
            raise
        except Lab4Error as error:
            self._failed[key] = error
            raise
        self._done[key] = hit.path
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
    examples, labels = target.with_name("examples"), target.with_name("labels.npy")
    StoredExamples({"images": datasets.images(data.x_validation)}, is_batched=True).write(examples)
    np.save(labels, data.y_validation)
    return LoadedDataset(target, examples, labels, info, (height, width, channels), data.classes, data.remark)


def dataset_process(processes: Processes, name: str) -> Worker:
    """The process that loads the dataset called ``name``: that of TensorFlow only where the dataset needs it."""
    return processes.builder if datasets.needs_tensorflow(name) else processes.of("dataset")


def load_in(processes: Processes, name: str) -> LoadedDataset:
    """Let a process of the run load the dataset.

    A process that dies is asked twice: without images there is no cell that could say so. Raises `Lab4Error` where it
    cannot be had or used.
    """
    worker = dataset_process(processes, name)
    path = processes.folder / "dataset.npz"
    try:
        return worker.call(load_dataset, name, path)
    except CrashError:
        return worker.call(load_dataset, name, path)
    finally:
        if worker is not processes.builder:
            worker.close()  # it is not needed again, and its memory is
