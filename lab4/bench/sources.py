"""The user's models of a run: opened once, their inputs drawn, and artifacts made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from lab4.bench.builds import Builds, Material
from lab4.bench.keys import reference_key, source_key
from lab4.bench.python_host import Processes
from lab4.bench.source_jobs import Drawn, contract_of, draw, open_keras
from lab4.bench.specs import Built
from lab4.bench.tensorflow_jobs import MODEL_FILE, REFERENCE_FILE
from lab4.domain.catalogue import ModelTraits
from lab4.domain.contract import Contract
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.run import DatasetInfo
from lab4.domain.source import KERAS_CONTAINERS, Source
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL

#: Examples that are drawn where the user gives none.
_DRAWN = 16


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A model that was opened, and its outputs for examples that were drawn for it, in ``reference``.

    ``examples`` is a folder of `lab4.inputs.StoredExamples`, which ``drawn`` describes; ``labels`` is a ``.npy`` file
    of what is right for each, if that is known.
    """

    contract: Contract
    material: Material
    reference: Path
    examples: Path
    drawn: Drawn
    labels: Path | None = None


@dataclass
class Sources:
    """Opens models and makes artifacts of them, through the cache of ``builds``.

    ``predict(format, path, examples)`` returns the outputs of an artifact by name. What went wrong with a model is
    raised again for each of its cells.
    """

    sources: Mapping[str, Source]
    processes: Processes
    builds: Builds
    predict: Callable[[str, Path, Path], Mapping[str, Any]]
    seed: int
    _opened: dict[str, OpenedSource] = field(default_factory=dict)
    _errors: dict[str, Lab4Error] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        """Whether a model is the user's own."""
        return name in self.sources

    def opened(self, name: str) -> OpenedSource:
        """Open the model, once; raises `Lab4Error` with what is wrong with it."""
        if name in self._errors:
            raise self._errors[name]
        if name not in self._opened:
            try:
                self._opened[name] = self._open(self.sources[name])
            except Lab4Error as error:
                self._errors[name] = error
                raise
        return self._opened[name]

    def traits(self, name: str) -> ModelTraits:
        """What the record says of the model; of one that does not open, what its file says."""
        source = self.sources[name]
        bare = source.traits
        try:
            found = self.opened(name)
        except Lab4Error:
            return bare
        task = None if found.contract.task is None else found.contract.task.text
        original = found.material.original or bare.original_format
        return replace(bare, task=task, original_format=original, contract=found.contract, values=found.drawn.values)

    @property
    def drawn(self) -> DatasetInfo:
        """The examples that were drawn for all models that opened, as a record names them."""
        found = [self._opened[name].drawn for name in sorted(self._opened)]
        digest = sha256(" ".join(each.sha256 for each in found).encode()).hexdigest()
        return DatasetInfo("drawn by rules", 0, sum(each.count for each in found), digest)

    def artifact(self, name: str, form: str) -> Built:
        """The model in the format ``form``.

        Raises:
            UnavailableError: where there is no way from the model to the format.
            Lab4Error: what went wrong on the way.
        """
        opened = self.opened(name)
        path = self.builds.written(form, opened.material, lambda: opened.examples)
        return Built(form, path, opened.reference, (), opened.examples, opened.labels)

    def _open(self, source: Source) -> OpenedSource:
        is_keras = source.container in KERAS_CONTAINERS
        worker = self.processes.builder if is_keras else self.processes.converting(source.container)
        contract = source.contract or worker.call(contract_of, source)
        examples = self.processes.folder / "sources" / source.name
        drawn = worker.call(draw, source, contract, _DRAWN, self.seed, examples)
        key = source_key(source, drawn.sha256)
        material = Material(source.name, source.container, source.original_format, Path(source.written), key)
        if is_keras:
            return self._from_keras(source, OpenedSource(contract, material, Path(), examples, drawn))
        return self._with_reference(OpenedSource(contract, material, Path(), examples, drawn))

    def _from_keras(self, source: Source, opened: OpenedSource) -> OpenedSource:
        key = opened.material.key
        build = partial(self.processes.builder.call, open_keras, source, opened.examples)
        folder = self.builds.cached(key, "model", source.name, build)
        model = folder / MODEL_FILE
        if model.exists():
            material = Material(source.name, KERAS_MODEL, "", model, key)
            return replace(opened, material=material, reference=folder / REFERENCE_FILE)
        form = FORMATS["saved_model"]  # what a model of Keras 3 was written as
        material = Material(source.name, form.traits.container or "", form.name, folder / form.filename, key)
        return self._with_reference(replace(opened, material=material))

    def _with_reference(self, opened: OpenedSource) -> OpenedSource:
        """Add what artifacts are compared with: outputs of the model as it was given, in its usual runtime."""
        material = opened.material
        if not material.original:
            raise UnavailableError(
                f"no format of lab4 has the container and the weights of {material.path.name}; lab4 inspect says what "
                "the file holds"
            )

        def build(folder: Path) -> None:
            np.savez(folder / REFERENCE_FILE, **self.predict(material.original, material.path, opened.examples))

        folder = self.builds.cached(reference_key(material.key, material.original), "reference", material.name, build)
        return replace(opened, reference=folder / REFERENCE_FILE)
