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
_BROWSER, _MOBILE = "browser", "mobile"


@dataclass(frozen=True, slots=True)
class Axes:
    """What the user chose to measure: registry names, numbers of examples per call or optimizer step, and of threads.

    Each of ``techniques`` is a chain, in the order in which they are applied. Without ``runtimes`` formats are timed in
    those that they name; artifacts are examined whatever they are timed in. ``sources`` are the user's own models, by
    their names among ``models``, and ``source_formats`` the formats that they are measured in. ``formats_are_named``:
    the user has chosen the formats. What is made by the techniques ``only_examined`` is examined in the model's
    original format, and not timed. ``settings`` are the combinations of settings that a runtime is timed with, by its
    name; others are timed with their defaults. ``kinds`` are those of the cells that are measured.
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
    formats_are_named: bool = False
    only_examined: tuple[tuple[str, ...], ...] = ()
    settings: Mapping[str, tuple[ChangedSettings, ...]] = field(default_factory=dict)
    kinds: tuple[str, ...] = KINDS

    @property
    def wants_extra_runtimes(self) -> bool:
        """Whether models as they were trained are timed in extra runtimes too: a format for browsers was named."""
        targets = [target for form in self.formats for target in FORMATS[form].traits.targets or ()]
        return self.formats_are_named and not self.runtimes and _BROWSER in targets

    def traits(self, model: str) -> ModelTraits:
        """What a model is."""
        return self.sources[model].traits if model in self.sources else MODELS[model].traits


def formats_of_sources(sources: Iterable[Source]) -> tuple[str, ...]:
    """The formats that a user's models are measured in where none are named."""
    given = {source.original_format for source in sources}
    return tuple(name for name in FORMATS.own if name in given or not FORMATS[name].is_for_few)


def cells(kind: str, axes: Axes) -> Iterator[Cell]:
    """Yield the cells of a kind, in the order of a run."""
    plan = {TRAIN: _training, LATENCY: _latency, EXAMINE: _examined}[kind]
    for model in axes.models:
        if model in axes.sources:
            yield from _of_source(kind, axes.sources[model], axes)
        else:
            yield from plan(model, axes)


def decides(cell: Cell, axes: Axes) -> bool:
    """Whether an artifact is chosen by what the cell measures, or an original is shown by it; others add detail.

    Of latencies these are the original's, those at the largest batch size, by which servers choose, and on the host
    those of files for phones at the smallest.
    """
    if cell.kind != LATENCY or cell.model in axes.sources:
        return True
    if cell.runtime or cell.settings:
        return False
    if not cell.techniques and cell.format == MODELS[cell.model].traits.original_format:
        return True
    is_for_phones = bool(DEVICES[cell.device].traits.is_host) and _MOBILE in (FORMATS[cell.format].traits.targets or ())
    return cell.batch_size == max(axes.batch_sizes) or (is_for_phones and cell.batch_size == min(axes.batch_sizes))


def runtime_of(cell: Cell) -> str:
    """The name of the runtime that the cell's artifact runs in; that of an examined one may not be here."""
    return cell.runtime or FORMATS[cell.format].traits.runtimes[0]


def _of_source(kind: str, source: Source, axes: Axes) -> Iterator[Cell]:
    """The cells of a user's model: every format is examined, or says why not; those that can be had are timed."""
    if kind == EXAMINE:
        for form in axes.source_formats:
            yield _examination(source.name, (), form)
        yield from _examined_elsewhere(_of_source(LATENCY, source, axes))
    elif kind == LATENCY:
        material = KERAS_MODEL if source.container in KERAS_CONTAINERS else source.container
        forms = [each for each in axes.source_formats if route(each, material, source.original_format) is not None]
        is_batched = source.contract is None or source.contract.is_batched
        sizes = axes.batch_sizes if is_batched else (1,)
        own = replace(axes, techniques=(), formats=tuple(forms), batch_sizes=sizes, formats_are_named=False)
        yield from _latency(source.name, own)


def runtimes_of(form: str, chosen: Sequence[str]) -> list[str]:
    """The runtimes that the format names; of chosen ones, those of them and those too that read its container."""
    traits = FORMATS[form].traits
    if not chosen:
        return list(traits.runtimes)
    readers = [name for name in chosen if traits.container in RUNTIMES[name].traits.containers]
    return [name for name in dict.fromkeys((*traits.runtimes, *readers)) if name in chosen]


def extra_runtimes(form: str) -> list[str]:
    """The extra runtimes that read the format's container."""
    faults = RUNTIMES.faults()
    usable = (RUNTIMES[name] for name in RUNTIMES if name not in faults)
    return [each.name for each in usable if each.is_extra and FORMATS[form].traits.container in each.traits.containers]


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
                for runtime in _timed_in(form, device, axes, is_original=not techniques):
                    for settings in axes.settings.get(runtime or FORMATS[form].traits.runtimes[0], ((),)):
                        yield Cell(LATENCY, model, techniques, device, batch_size, form, threads, runtime, settings)


def _timed_in(form: str, device: str, axes: Axes, *, is_original: bool) -> Iterator[str]:
    """The runtimes of the format whose time on the device counts; the usual one is written without its name.

    What launches a call's work at once is for devices that work is launched on; on the host it is timed where it is
    named.
    """
    place = DEVICES[device].traits
    names = runtimes_of(form, axes.runtimes)
    if axes.wants_extra_runtimes and is_original:
        names += [name for name in extra_runtimes(form) if name not in names]
    for name in names:
        traits = RUNTIMES[name].traits
        is_meant = axes.runtimes or not (traits.launches_once and place.is_host)
        if traits.is_native and is_meant and {place.name, place.kind} & {*traits.devices}:
            yield "" if name == FORMATS[form].traits.runtimes[0] else name


def _examined(model: str, axes: Axes) -> Iterator[Cell]:
    """Each artifact once, on the first device of its format's usual runtime: size and accuracy are of the artifact.

    What it computes in an extra runtime that it is timed in is examined there too.
    """
    original = MODELS[model].traits.original_format
    for techniques in ((), *axes.techniques):
        for form in axes.formats:
            traits = FORMATS[form].traits
            is_lowered = traits.precision != FULL_PRECISION and not _is_control(techniques)
            is_asked = not techniques or form == original or is_lowered
            if is_asked:
                yield _examination(model, techniques, form)
    if original in axes.formats:
        for techniques in axes.only_examined:
            if techniques not in axes.techniques:
                yield _examination(model, techniques, original)
    yield from _examined_elsewhere(_latency(model, axes))


def _examined_elsewhere(timed: Iterable[Cell]) -> Iterator[Cell]:
    """Each artifact in each extra runtime that it is timed in, on the first device that it is timed on."""
    found: dict[tuple[object, ...], Cell] = {}
    for cell in timed:
        if cell.runtime and RUNTIMES[cell.runtime].is_extra:
            found.setdefault((cell.variant, cell.format, cell.runtime), cell)
    for cell in found.values():
        yield replace(cell, kind=EXAMINE, batch_size=None, threads=1, settings=())


def _examination(model: str, techniques: tuple[str, ...], form: str) -> Cell:
    return Cell(EXAMINE, model, techniques, RUNTIMES[FORMATS[form].traits.runtimes[0]].traits.devices[0], None, form)


def _is_control(techniques: tuple[str, ...]) -> bool:
    return any(TECHNIQUES[name].traits.kind == "control" for name in techniques)


def catalogue_of(axes: Axes, metrics: Iterable[str] = ()) -> Catalogue:
    """The traits of usual entries and of all that was chosen: they travel with the record."""
    techniques = [name for chain in axes.techniques for name in chain]
    formats = {name: FORMATS[name].traits for name in (*FORMATS.default, *axes.formats, *axes.source_formats)}
    extra = [name for form in axes.formats for name in extra_runtimes(form)] if axes.wants_extra_runtimes else []
    runtimes = [*(name for traits in formats.values() for name in traits.runtimes), *axes.runtimes, *extra]
    return Catalogue(
        models={name: axes.traits(name) for name in axes.models},
        techniques={name: TECHNIQUES[name].traits for name in (*TECHNIQUES.own, *techniques)},
        formats=formats,
        runtimes={name: RUNTIMES[name].traits for name in runtimes},
        devices={name: DEVICES[name].traits for name in (*DEVICES.default, *axes.devices)},
        metrics={name: METRICS[name].traits for name in metrics},
    )
