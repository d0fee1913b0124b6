"""Content keys: everything that decides what a build makes, and nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import Any

from lab4.bench.cells import TRAINING_BATCH_SIZE
from lab4.bench.sources import sources_digest
from lab4.bench.specs import DatasetFacts
from lab4.cache import content_key
from lab4.devices import DEVICES
from lab4.domain.cell import Cell
from lab4.domain.registry import OWN_PACKAGE, Registry
from lab4.formats import FORMATS
from lab4.measure.training import TrainingPlan
from lab4.models import MODELS
from lab4.techniques import TECHNIQUES

__all__ = ["artifact_key", "package_versions", "technique_key", "trained_key"]

_TRAINERS = ("tensorflow", "tf-keras", "numpy")


def _code(registry: Registry[Any], name: str) -> list[str]:
    """What the entry's own package has to do with it: the package's version, and its sources that are imported."""
    package = registry.package_of(name)
    own = [] if package == OWN_PACKAGE else [_version(package)]
    return [*own, sources_digest(registry.module_of(name))]


@cache  # for the same reason
def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def package_versions(cells: Iterable[Cell]) -> dict[str, str]:
    """Versions of the other packages whose entries the cells name, by the package's name."""
    packages = {package for cell in cells for package in _packages(cell)}
    return {name: _version(name) for name in sorted(packages - {OWN_PACKAGE})}


def _packages(cell: Cell) -> Iterator[str]:
    yield MODELS.package_of(cell.model)
    yield FORMATS.package_of(cell.format)
    yield DEVICES.package_of(cell.device)
    yield from map(TECHNIQUES.package_of, cell.techniques)


def _key(kind: str, code: Sequence[str], distributions: Iterable[str], **facts: object) -> str:
    libraries = {name: _version(name) for name in distributions}
    return content_key({"kind": kind, "code": [*code], "libraries": libraries, **facts})


def trained_key(model: str, plan: TrainingPlan, facts: DatasetFacts) -> str:
    """Key of a model trained from its seed."""
    code = [*_code(MODELS, model), sources_digest("lab4.measure.training")]
    return _key("trained", code, _TRAINERS, model=model, plan=asdict(plan), dataset=facts.info.sha256)


def technique_key(parent: str, technique: str, plan: TrainingPlan) -> str:
    """Key of the model with key ``parent`` after a technique."""
    code = [*_code(TECHNIQUES, technique), sources_digest("lab4.measure.training")]
    libraries = (*_TRAINERS, *TECHNIQUES[technique].distributions)
    return _key("technique", code, libraries, parent=parent, technique=technique, plan=asdict(plan))


def artifact_key(parent: str, form: str, quantization_images: int, seed: int) -> str:
    """Key of the model with key ``parent`` in the format ``form``."""
    libraries, quantization = FORMATS[form].distributions, [quantization_images, seed]
    return _key("artifact", _code(FORMATS, form), libraries, parent=parent, format=form, quantization=quantization)


def training_plan(epochs: int, seed: int, batch_size: int = TRAINING_BATCH_SIZE) -> TrainingPlan:
    """The lab's hyperparameters."""
    return TrainingPlan(epochs=epochs, batch_size=batch_size, learning_rate=1e-3, seed=seed)
