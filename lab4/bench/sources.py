"""The user's models of a run: opened once, their inputs drawn, and artifacts made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from lab4.bench.builds import Builds, Material
from lab4.bench.golden import compared
from lab4.bench.hosts import Hosts
from lab4.bench.judging import by_example, judged_output
from lab4.bench.keys import reference_key, source_key
from lab4.bench.python_host import Processes
from lab4.bench.source_jobs import Drawn, Limits, contract_of, draw, made_digest, open_keras, require_trusted
from lab4.bench.specs import Built
from lab4.bench.tensorflow_jobs import MODEL_FILE, REFERENCE_FILE
from lab4.domain.catalogue import ModelTraits
from lab4.domain.contract import Contract
from lab4.domain.errors import ConversionError, Lab4Error, UnavailableError
from lab4.domain.run import DatasetInfo
from lab4.domain.source import FUNCTION, KERAS_CONTAINERS, Source
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL, entrance
from lab4.metrics import default_metric

#: Examples that are drawn where the user gives none.
_DRAWN = 16


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A model that was opened, and its outputs for examples that were drawn for it, in ``reference``.

    ``examples`` is a folder of `lab4.inputs.StoredExamples`, which ``drawn`` describes. ``metrics`` are those that its
    artifacts are judged by where labels are known.
    """

    contract: Contract
    material: Material
    reference: Path
    examples: Path
    drawn: Drawn
    metrics: tuple[str, ...] = ()

    def calibration(self) -> Path:
        """The folder of the examples that choose int8 ranges."""
        return self.drawn.calibration or self.examples


@dataclass
class Sources:
    """Opens models and makes artifacts of them, through the cache of ``builds``.

    ``hosts`` run them. ``asked`` are metrics that the user named. ``update`` writes golden outputs. What went wrong
    with a model is raised again for each of its cells.
    """

    sources: Mapping[str, Source]
    processes: Processes
    builds: Builds
    hosts: Hosts
    seed: int
    asked: tuple[str, ...] = ()
    update: bool = False
    _opened: dict[str, OpenedSource] = field(default_factory=dict)
    _errors: dict[str, Lab4Error] = field(default_factory=dict)
    _unexpected: dict[str, Lab4Error] = field(default_factory=dict)

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
            self._compare(self.sources[name])
        return self._opened[name]

    def require_expected(self, name: str) -> None:
        """Raise `Lab4Error` where the model's own outputs are not those that are expected of it."""
        self.opened(name)
        if name in self._unexpected:
            raise self._unexpected[name]

    def _compare(self, source: Source) -> None:
        opened = self._opened[source.name]
        try:
            for said in compared(source, opened.reference, opened.examples, opened.drawn.expected, update=self.update):
                self.builds.warn(f"{source.name}: {said}")
        except Lab4Error as error:
            self._unexpected[source.name] = error
            self.builds.warn(f"{source.name}: {error}")

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
        data = list(dict.fromkeys(each.data for each in found if each.data is not None))
        if len(data) == 1 and all(each.data for each in found):
            return data[0]
        digest = sha256(" ".join(each.sha256 for each in found).encode()).hexdigest()
        names = dict.fromkeys("drawn by rules" if each.data is None else each.data.name for each in found)
        return DatasetInfo(
            ", ".join(names) or "drawn by rules",
            sum(each.train_images for each in data),
            sum(each.count for each in found),
            digest,
        )

    def metrics(self, name: str) -> tuple[str, ...]:
        """The metrics of a model: those that were asked for, or the one that fits; none where it does not open."""
        try:
            return self.opened(name).metrics
        except Lab4Error:
            return ()

    def artifact(self, name: str, form: str) -> Built:
        """The model in the format ``form``.

        Raises:
            UnavailableError: where there is no way from the model to the format, or the way is barred and no one has
                asked for that format by its name.
            Lab4Error: what went wrong on the way.
        """
        opened = self.opened(name)
        try:
            path = self.builds.written(form, opened.material, opened.calibration)
        except ConversionError as error:
            if self.sources[name].formats_are_named:
                raise
            raise UnavailableError(str(error)) from error
        return Built(form, path, opened.reference, (), opened.examples, opened.drawn.labels)

    def _open(self, source: Source) -> OpenedSource:
        require_trusted(source, source.code)
        is_keras = source.container in KERAS_CONTAINERS
        worker = self.processes.builder if is_keras else self.processes.converting(source.container)
        contract = source.contract or worker.call(contract_of, source)
        examples = self.processes.folder / "sources" / source.name
        profile = self.builds.profile
        limits = Limits(_DRAWN, profile.examined, profile.quantization_images)
        drawn = worker.call(draw, source, contract, limits, self.seed, examples)
        for remark in drawn.remarks:
            self.builds.warn(f"{source.name}: {remark}")
        # What a function reads or draws is in neither its file nor its name.
        made = worker.call(made_digest, source) if source.container == FUNCTION else ""
        key = source_key(source, drawn.sha256, made)
        material = Material(source.name, source.container, source.original_format, Path(source.written), key)
        opened = OpenedSource(contract, material, Path(), examples, drawn)
        return self._with_metrics(self._from_keras(source, opened) if is_keras else self._as_given(opened))

    def _with_metrics(self, opened: OpenedSource) -> OpenedSource:
        if opened.drawn.labels is None:
            return opened
        if self.asked:
            return replace(opened, metrics=self.asked)
        labels = np.load(opened.drawn.labels)
        with np.load(opened.reference) as file:
            reference = dict(file)
        output = by_example(reference[judged_output(reference, labels)])
        return replace(opened, metrics=(default_metric(output, labels),))

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

    def _as_given(self, opened: OpenedSource) -> OpenedSource:
        """With outputs of the model as it was given, or else of the first artifact that is made of it."""
        material = opened.material
        if material.original:
            return self._with_reference(opened)
        form = entrance(material.container)
        if not form:
            raise UnavailableError(
                f"no format of lab4 has the container and the weights of {material.path.name}; lab4 inspect says what "
                "the file holds"
            )
        made = self.builds.step(form, material, opened.calibration)
        label = FORMATS[form].label
        self.builds.warn(
            f"{material.name}: no runtime reads {material.container} files, so the model is converted to {label} "
            "first, and the outputs of that are what other formats are compared with"
        )
        return self._with_reference(replace(opened, material=made))

    def _with_reference(self, opened: OpenedSource) -> OpenedSource:
        """Add what artifacts are compared with: outputs of the material in its usual runtime."""
        material = opened.material

        def build(folder: Path) -> None:
            np.savez(folder / REFERENCE_FILE, **self.hosts.predict(material.original, material.path, opened.examples))

        key = reference_key(material.key, self.hosts.examining(material.original))
        folder = self.builds.cached(key, "reference", material.name, build)
        return replace(opened, reference=folder / REFERENCE_FILE)
