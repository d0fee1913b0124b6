"""The user's models of a run: opened once, their inputs drawn, and artifacts made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lab4.bench.builds import Builds
from lab4.bench.keys import source_key
from lab4.bench.processes import Processes
from lab4.bench.source_jobs import SAVED_MODEL, Drawn, contract_of, convert, draw, open_keras
from lab4.bench.specs import Built
from lab4.bench.tensorflow_jobs import MODEL_FILE, REFERENCE_FILE, export
from lab4.domain.catalogue import ModelTraits
from lab4.domain.contract import Contract
from lab4.domain.errors import Lab4Error, UnavailableError
from lab4.domain.source import Source
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL, route

#: Examples that are drawn where the user gives none.
_DRAWN = 16
#: Containers that Keras opens.
KERAS_CONTAINERS = frozenset({"hdf5", "keras", "function"})
#: Processes in which models are opened and converted.
_CONVERSION = "conversion"


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A model that was opened: the artifact at ``path`` is in ``original``, or is a Keras model where that is empty.

    ``examples`` is a folder of `lab4.inputs.StoredExamples`, which ``drawn`` describes; ``labels`` is a ``.npy`` file.
    """

    source: Source
    contract: Contract
    material: str
    original: str
    path: Path
    reference: Path
    examples: Path
    drawn: Drawn
    labels: Path | None
    key: str


@dataclass
class Sources:
    """Opens models and makes artifacts of them, through the cache of ``builds``.

    ``predict(format, path, examples)`` returns the outputs of an artifact by name. What went wrong with a model is
    raised again for each of its cells.
    """

    sources: Mapping[str, Source]
    processes: Processes
    builds: Callable[[], Builds]
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
        """What the record says of the model; of one that does not open, what its file's name says."""
        source = self.sources[name]
        bare = ModelTraits(name, name, original_format=source.original_format or None, container=source.container)
        try:
            found = self.opened(name)
        except Lab4Error:
            return replace(bare, contract=source.contract)
        task = None if found.contract.task is None else found.contract.task.text
        original = found.original or FORMATS["keras"].name
        return replace(bare, task=task, original_format=original, contract=found.contract, values=found.drawn.values)

    def _open(self, source: Source) -> OpenedSource:
        builder = self.processes.builder
        contract = source.contract or builder.call(contract_of, source)
        folder = self.processes.folder / "sources" / source.name
        worker = builder if source.container in KERAS_CONTAINERS else self.processes.of(_CONVERSION)
        drawn = worker.call(draw, source, contract, _DRAWN, self.seed, folder / "examples")
        key = source_key(source, drawn.sha256)
        opened = OpenedSource(
            source,
            contract,
            source.container,
            source.original_format,
            Path(source.written),
            Path(),
            folder / "examples",
            drawn,
            None,
            key,
        )
        return self._from_keras(opened) if source.container in KERAS_CONTAINERS else self._with_reference(opened)

    def _from_keras(self, opened: OpenedSource) -> OpenedSource:
        build = partial(self.processes.builder.call, open_keras, opened.source, opened.examples)
        folder = self.builds().cached(opened.key, "model", opened.source.name, build)
        if (folder / SAVED_MODEL).is_dir():
            path = folder / SAVED_MODEL
            return self._with_reference(
                replace(opened, material=SAVED_MODEL, original=FORMATS["saved_model"].name, path=path)
            )
        return replace(opened, material=KERAS_MODEL, original="", path=folder, reference=folder / REFERENCE_FILE)

    def _with_reference(self, opened: OpenedSource) -> OpenedSource:
        """The outputs that artifacts are compared with: those of the model as it was given, in its usual runtime."""
        if not opened.original:
            container = opened.source.container
            precision = opened.source.precision or "unknown"
            raise UnavailableError(
                f"no format of lab4 is {container} with weights of {precision}; lab4 inspect shows what the file holds"
            )

        def build(folder: Path) -> None:
            outputs = self.predict(opened.original, opened.path, opened.examples)
            np.savez(folder / REFERENCE_FILE, **outputs)

        key = f"{opened.key}"
        folder = self.builds().cached(source_key(opened.source, key), "reference", opened.source.name, build)
        return replace(opened, reference=folder / REFERENCE_FILE)

    def artifact(self, name: str, form: str) -> Built:
        """The model in the format ``form``.

        Raises:
            UnavailableError: where there is no way from the model to the format.
            Lab4Error: what went wrong on the way.
        """
        opened = self.opened(name)
        steps = route(form, opened.material, opened.original)
        if steps is None:
            raise UnavailableError(f"{FORMATS[form].label} cannot be made from {opened.material} files")
        path, key = opened.path, opened.key
        container = opened.material
        for step in steps:
            key = self.builds().step_key(key, step)
            build = partial(self._step, opened, step, path, container)
            folder = self.builds().cached(key, "artifact", f"{name} {step}", build)
            path, container = folder / FORMATS[step].filename, FORMATS[step].traits.container or ""
        return Built(form, path, opened.reference, (), opened.examples, opened.labels)

    def _step(self, opened: OpenedSource, step: str, path: Path, container: str, into: Path) -> None:
        calls = self.builds().profile.quantization_images
        if container == KERAS_MODEL:
            self.processes.builder.call(export, step, path / MODEL_FILE, opened.examples, calls, into)
        else:
            worker = self.processes.builder if container == SAVED_MODEL else self.processes.of(_CONVERSION)
            worker.call(convert, step, path, container, opened.examples, calls, into)
