"""Which cells a run has, from the traits of what was chosen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from lab4.devices import DEVICES
from lab4.domain.catalogue import FULL_PRECISION, Catalogue, ModelTraits
from lab4.domain.cell import EXAMINE, KINDS, LATENCY, TRAIN, Cell, ChangedSettings
from lab4.domain.source import KERAS_CONTAINERS, Source
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL, route
from lab4.metrics import METRICS
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES
from lab4.techniques import TECHNIQUES

#: The lab's own, in images per optimizer step.
TRAINING_BATCH_SIZE = 128


@dataclass(frozen=True, slots=True)
class Axes:
    """What the user chose to measure: registry names, numbers of examples per call or optimizer step, and of threads.

    Each of ``techniques`` is a chain, in the order in which they are applied. Without ``runtimes`` formats are timed in
    those that they name; artifacts are examined whatever they are timed in. ``sources`` are the user's own models, by
    their names among ``models``, and ``source_formats`` the formats that they are measured in. ``settings`` are the
    combinations of settings that a runtime is timed with, by its name; others are timed with their defaults. ``kinds``
    are those of the cells that are measured.
    """

    models: tuple[str, ...]
    techniques: tuple[tuple[str, ...], ...]
    devices: tuple[str, ...]
    batch_sizes: tuple[int, ...]
    formats: tuple[str, ...]
    threads: tuple[int, ...] = (1,)
    train_batch_sizes: tuple[int, ...] = (TRAINING_BATCH_SIZE,)
    runtimes: tuple[str, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    source_formats: tuple[str, ...] = ()
    settings: Mapping[str, tuple[ChangedSettings, ...]] = field(default_factory=dict)
    kinds: tuple[str, ...] = KINDS

    def traits(self, model: str) -> ModelTraits:
        """What a model is."""
        return self.sources[model].traits if model in self.sources else MODELS[model].traits


def cells(kind: str, axes: Axes) -> Iterator[Cell]:
    """Yield the cells of a kind, in the order of a run."""
    plan = {TRAIN: _training, LATENCY: _latency, EXAMINE: _examined}[kind]
    for model in axes.models:
        if model in axes.sources:
            yield from _of_source(kind, axes.sources[model], axes)
        else:
            yield from plan(model, axes)


def _of_source(kind: str, source: Source, axes: Axes) -> Iterator[Cell]:
    """The cells of a user's model: every format is examined, or says why not; those that can be had are timed."""
    if kind == EXAMINE:
        for form in axes.source_formats:
            device = RUNTIMES[FORMATS[form].traits.runtimes[0]].traits.devices[0]
            yield Cell(EXAMINE, source.name, (), device, None, form)
    elif kind == LATENCY:
        material = KERAS_MODEL if source.container in KERAS_CONTAINERS else source.container
        forms = [each for each in axes.source_formats if route(each, material, source.original_format) is not None]
        is_batched = source.contract is None or source.contract.is_batched
        sizes = axes.batch_sizes if is_batched else (1,)
        yield from _latency(source.name, replace(axes, techniques=(), formats=tuple(forms), batch_sizes=sizes))


def runtimes_of(form: str, chosen: Sequence[str]) -> list[str]:
    """The runtimes that the format names; of chosen ones, those of them and those too that read its container."""
    traits = FORMATS[form].traits
    if not chosen:
        return list(traits.runtimes)
    readers = [name for name in chosen if traits.container in RUNTIMES[name].traits.containers]
    return [name for name in dict.fromkeys((*traits.runtimes, *readers)) if name in chosen]


def _training(model: str, axes: Axes) -> Iterator[Cell]:
    original = MODELS[model].traits.original_format
    if original in axes.formats:
        for device, batch_size in product(axes.devices, axes.train_batch_sizes):
            yield Cell(TRAIN, model, (), device, batch_size, original)


def _latency(model: str, axes: Axes) -> Iterator[Cell]:
    variants = [(), *(chain for chain in axes.techniques if not _is_control(chain))]
    for techniques, device, batch_size in product(variants, axes.devices, axes.batch_sizes):
        # Threads are those of the host: elsewhere the axis would measure the same again.
        for threads in axes.threads if DEVICES[device].traits.is_host else (1,):
            for form in axes.formats:
                for runtime in _timed_in(form, device, axes.runtimes):
                    for settings in axes.settings.get(runtime or FORMATS[form].traits.runtimes[0], ((),)):
                        yield Cell(LATENCY, model, techniques, device, batch_size, form, threads, runtime, settings)


def _timed_in(form: str, device: str, chosen: Sequence[str]) -> Iterator[str]:
    """The runtimes of the format whose time on the device counts; the usual one is written without its name."""
    for name in runtimes_of(form, chosen):
        traits = RUNTIMES[name].traits
        if traits.is_native and device in traits.devices:
            yield "" if name == FORMATS[form].traits.runtimes[0] else name


def _examined(model: str, axes: Axes) -> Iterator[Cell]:
    """Each artifact once, on the first device of its format's usual runtime: size and accuracy are of the artifact."""
    original = MODELS[model].traits.original_format
    for techniques in ((), *axes.techniques):
        for form in axes.formats:
            traits = FORMATS[form].traits
            is_lowered = traits.precision != FULL_PRECISION and not _is_control(techniques)
            is_asked = not techniques or form == original or is_lowered
            if is_asked:
                device = RUNTIMES[traits.runtimes[0]].traits.devices[0]
                yield Cell(EXAMINE, model, techniques, device, None, form)


def _is_control(techniques: tuple[str, ...]) -> bool:
    return any(TECHNIQUES[name].traits.kind == "control" for name in techniques)


def catalogue_of(axes: Axes, metrics: Iterable[str] = ()) -> Catalogue:
    """The traits of usual entries and of all that was chosen: they travel with the record."""
    techniques = [name for chain in axes.techniques for name in chain]
    formats = {name: FORMATS[name].traits for name in (*FORMATS.default, *axes.formats, *axes.source_formats)}
    runtimes = [*(name for traits in formats.values() for name in traits.runtimes), *axes.runtimes]
    return Catalogue(
        models={name: axes.traits(name) for name in axes.models},
        techniques={name: TECHNIQUES[name].traits for name in (*TECHNIQUES.own, *techniques)},
        formats=formats,
        runtimes={name: RUNTIMES[name].traits for name in runtimes},
        devices={name: DEVICES[name].traits for name in (*DEVICES.own, *axes.devices)},
        metrics={name: METRICS[name].traits for name in metrics},
    )
