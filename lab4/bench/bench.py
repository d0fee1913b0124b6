"""Cells in, what was observed out."""

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter

from lab4.bench.builds import Builds, BuiltModel, dataset_process, load_in
from lab4.bench.cells import TRAINING_BATCH_SIZE, Axes, catalogue_of, runtime_of
from lab4.bench.examinations import Examination, Key, examined_together
from lab4.bench.hosts import HostedCell, Hosts, threads_of
from lab4.bench.keys import package_versions, training_plan
from lab4.bench.lanes import branches_of, build_together, lanes_for
from lab4.bench.measurement_session import Keep, RoundTiming, Show
from lab4.bench.profiles import Order
from lab4.bench.profiling import profiled
from lab4.bench.python_host import Processes
from lab4.bench.resources import FIGURES, RESOURCES, Resources
from lab4.bench.runtime_jobs import PEAKS_PROCESS, accelerator_peaks_of, nothing, prepare_peaks
from lab4.bench.sources import OpenedSource, Sources
from lab4.bench.specs import Built, LoadedDataset, TrainSpec
from lab4.bench.tensorflow_jobs import OF_TENSORFLOW, open_tensorflow, train_model
from lab4.cache import Cache
from lab4.devices import DEVICES, Device
from lab4.devices.device import tensorflow_threads
from lab4.domain.catalogue import RECONSTRUCTION, Catalogue, MetricTraits
from lab4.domain.cell import LATENCY, TRAIN, Cell, Variant
from lab4.domain.errors import INTERRUPTED, Lab4Error, UnavailableError
from lab4.domain.observed import Loading, Peak
from lab4.domain.outcome import Measured
from lab4.domain.progress import Step
from lab4.domain.rounds import Round
from lab4.domain.run import DatasetInfo
from lab4.domain.source import KERAS_CONTAINERS
from lab4.formats import FORMATS
from lab4.formats.routes import required_route
from lab4.functions import is_function
from lab4.interleaving import Interleaving
from lab4.measure.arena import arena_of
from lab4.measure.epochs import StepLoop
from lab4.metrics import METRICS
from lab4.metrics.own_function import traits_of_functions
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES, PythonRuntime
from lab4.runtimes.host import RunSpec

#: Examples per call when a whole set is predicted: no figure depends on it.
_EXAMINED_BATCH = 100
#: How far the outputs are from the inputs, in the unit of both.
_OF_RECONSTRUCTION = ("mae",)
#: Container and arithmetics of what runs on them.
_ON_MICROCONTROLLERS = ("tflite", ("int8", "int16"))
#: The process that computes their memory.
_MICROCONTROLLER = "microcontroller"


def _has_arena(built: Built) -> bool:
    """Whether an artifact runs on microcontrollers."""
    traits = FORMATS[built.format].traits
    container, arithmetics = _ON_MICROCONTROLLERS
    return traits.container == container and traits.arithmetic in arithmetics


class Bench:
    """One run's processes, builds and measurements; close it.

    ``warn`` receives sentences about what is no error; ``show`` those that the user should read at once, such as which
    process the run waits for. ``is_cut`` says that an interrupt ended the measuring: `latency` still returns what was
    timed, and nothing more is started.
    """

    def __init__(self, order: Order, warn: Callable[[str], None], show: Callable[[str], None] = lambda _: None) -> None:
        self.order = order
        self.processes = Processes(order.cell_limit_s)
        self.hosts = Hosts(self.processes)
        self._warn, self._show = warn, show
        self._interleaving = Interleaving.joined()
        self._timing = RoundTiming(
            order.profile,
            order.seed,
            self._built,
            self.hosted,
            self._interleaving,
            order.patience_s,
        )
        self._examined: dict[Key, Measured] = {}
        self.is_cut = False

    def preload(self, cells: Sequence[Cell], *, for_peaks: bool = True) -> None:
        """Open the runtimes of these cells in the background; TensorFlow too, unless the cells can do without it.

        What was built before can: of cells that are only timed, in runtimes of their own. Nothing is opened for formats
        that a user's model does not reach. ``for_peaks`` where the machine's peaks will be measured too.
        """
        cells = [cell for cell in cells if self._is_reached(cell)]
        if any(map(self._needs_tensorflow, cells)):
            self.processes.builder.preload(open_tensorflow)
        if any(cell.model not in self.order.sources for cell in cells):
            dataset_process(self.processes, self.order.dataset).preload(nothing)
        self.hosts.prepare(cells, for_memory="memory" in self.order.resources)
        threads = [cell.threads for cell in cells if cell.kind == LATENCY and DEVICES[cell.device].traits.is_host]
        if for_peaks and threads and "peaks" in self.order.resources:
            self.processes.of(PEAKS_PROCESS).preload(prepare_peaks, min(threads))

    def frameworks(self, cells: Iterable[Cell]) -> tuple[str, ...]:
        """The modules that these cells cannot do without, runtimes apart: what one of those lacks, its cells say."""
        is_needed = any(self._needs_tensorflow(cell) for cell in cells if self._is_reached(cell))
        return ("tensorflow", "tf_keras") if is_needed else ()

    def _require_way(self, cell: Cell) -> None:
        """Raise `UnavailableError` where a user's file says already that the cell's format is not made of it."""
        source = self.order.sources.get(cell.model)
        if source is not None and source.original_format and source.container not in KERAS_CONTAINERS:
            required_route(cell.format, source.container, source.original_format)

    def _is_reached(self, cell: Cell) -> bool:
        try:
            self._require_way(cell)
        except UnavailableError:
            return False
        return True

    def _needs_tensorflow(self, cell: Cell) -> bool:
        if cell.model in self.order.sources:
            return self.order.sources[cell.model].container in KERAS_CONTAINERS | OF_TENSORFLOW
        return cell.kind != LATENCY or "work" in self.order.resources

    @cached_property
    def _devices(self) -> tuple[str, ...]:
        return self.processes.builder.call(open_tensorflow)

    @cached_property
    def dataset(self) -> LoadedDataset:
        """The dataset, loaded once and written for all processes."""
        loaded = load_in(self.processes, self.order.dataset)
        if loaded.remark:
            self._warn(loaded.remark)
        return loaded

    @cached_property
    def builds(self) -> Builds:
        """The builds of this run."""
        order = self.order
        cache = Cache(order.cache, order.cell_limit_s, self._show)
        return Builds(cache, self.processes, order.profile, order.seed, lambda: self.dataset, order.rebuild, self._warn)

    @cached_property
    def sources(self) -> Sources:
        """The user's models of this run."""
        order = self.order
        return Sources(
            order.sources,
            self.processes,
            self.builds,
            self.hosts,
            order.seed,
            order.source_metrics,
            order.update_golden,
        )

    @cached_property
    def _resources(self) -> Resources:
        return Resources(self.order.resources, self.processes.builder)

    def threads(self, cells: Iterable[Cell]) -> dict[str, str]:
        """Thread settings of the runtimes of these cells, by name."""
        settings = {RUNTIMES[runtime_of(cell)].thread_setting for cell in cells}
        return {
            **tensorflow_threads(os.environ),
            **{name: "as each inference cell says" for name in sorted(settings) if name},
        }

    def versions(self, cells: Sequence[Cell]) -> dict[str, str]:
        """Versions of the software that runs these cells, by name: as its hosts report them, and of other packages."""
        hosted = {name: version for facts in self.hosts.facts(cells) for name, version in facts.versions.items()}
        return {**hosted, **package_versions(cells)}

    def peaks(self, cells: Iterable[Cell]) -> tuple[Peak, ...]:
        """What this machine does at its best, on the devices and with the threads of these inference cells."""
        if "peaks" not in self.order.resources:
            return ()
        threads: dict[str, set[int]] = {}
        for cell in cells:
            if cell.kind == LATENCY:
                threads.setdefault(cell.device, set()).add(cell.threads)
        self.hosts.quiet()
        return tuple(peak for name in sorted(threads) for peak in self._peaks_of(DEVICES[name], sorted(threads[name])))

    def _peaks_of(self, device: Device, threads: Sequence[int]) -> list[Peak]:
        try:
            if device.traits.is_host:
                worker, seconds = self.processes.of(PEAKS_PROCESS), self.order.profile.peak_s
                return [peak for count in threads for peak in worker.call(RESOURCES["peaks"], count, seconds)]
            if device.name not in self._devices:  # its cells say so
                return []
            return list(self.processes.builder.call(accelerator_peaks_of, device.name))
        except Lab4Error as error:
            self._warn(f"the {device.label}'s peaks are not measured: {error}")
            return []

    def require(self, cell: Cell) -> None:
        """Raise `UnavailableError` where the cell's device or runtime is not here, or its format not reached."""
        self._require_way(cell)
        device = DEVICES[cell.device]
        is_python = isinstance(RUNTIMES[runtime_of(cell)], PythonRuntime)  # others find the device themselves
        if is_python and not device.traits.is_host and cell.device not in self._devices:
            raise UnavailableError(f"no {device.label} visible to TensorFlow")
        self.hosts.require(cell)

    def model(self, cell: Cell) -> BuiltModel | OpenedSource:
        """The cell's model: trained and after its techniques, or a user's own, opened.

        None is built for a cell that an interrupt left untimed. Raises `Lab4Error` with what went wrong with the build,
        or that the run was interrupted.
        """
        if self.is_cut and not self._timing.has_windows(cell):
            raise UnavailableError(INTERRUPTED)
        return self.sources.opened(cell.model) if cell.model in self.sources else self.builds.model(cell.variant)

    def artifact(self, cell: Cell, model: BuiltModel | OpenedSource) -> Built:
        """``model`` in the cell's format."""
        if isinstance(model, BuiltModel):
            return self.builds.artifact(model, cell.format)
        if (cell.batch_size or 1) > 1 and not model.contract.is_batched:
            raise UnavailableError(
                f"calls of {cell.batch_size} examples: the inputs of {cell.model} do not all begin with a dynamic "
                "dimension, so that it takes one example per call"
            )
        return self.sources.artifact(cell.model, cell.format)

    def build(self, cells: Sequence[Cell], show: Show) -> None:
        """Build what these cells need of several models and variants, next to each other; ``show`` receives each step.

        Nothing is built for a cell whose device or runtime is not here. What goes wrong is said of the cells that need
        it, when they are measured.
        """
        here = [cell for cell in cells if self.is_here(cell)]
        timed_s = self.order.profile.usual_cell_s * sum(cell.kind == LATENCY for cell in here)
        artifacts = self._artifacts(here)
        branches, total = branches_of(artifacts), len(artifacts)
        count = lanes_for(len(branches))
        if count > 1:
            with suppress(Lab4Error):
                self.builds.dataset  # noqa: B018  # once, before several need it
                lanes = [self.processes.lane(number) for number in range(1, count + 1)]
                start = perf_counter()

                def report(number: int, variant: Variant, form: str) -> None:
                    # As those before; then all cells are timed.
                    left_s = timed_s + (perf_counter() - start) / number * (total - number) if number else None
                    show(Step("building", number, total, f"{variant.id} {form}", left_s=left_s, things="artifacts"))

                build_together(self.builds, lanes, branches, report)
                for lane in lanes[1:]:
                    lane.close()

    def look_up(self, cells: Sequence[Cell]) -> None:
        """Find what is built already of what these cells need: best while packages are imported, next to no clock."""
        with suppress(Lab4Error):  # whoever needs the dataset says so
            self.builds.look_up(self._artifacts(cell for cell in cells if cell.kind != TRAIN))

    def _artifacts(self, cells: Iterable[Cell]) -> Sequence[tuple[Variant, str]]:
        """What is built for these cells, each once: a variant, and the name of its format."""
        return list(
            dict.fromkeys((each.variant, each.format) for each in cells if each.model not in self.order.sources)
        )

    def build_only(self, cells: Sequence[Cell], show: Show) -> tuple[str, ...]:
        """Build all that these cells need; returns a sentence about each artifact that cannot be built."""
        self.build(cells, show)
        faults: dict[str, None] = {}
        for number, cell in enumerate(cells):
            show(Step("building", number, len(cells), f"{cell.variant.id} {cell.format}", things="artifacts"))
            try:
                self.artifact(cell, self.model(cell))
            except UnavailableError:  # as that cell says
                continue
            except Lab4Error as error:
                faults[f"{cell.variant.id} {cell.format}: {error}"] = None
        return tuple(faults)

    def is_here(self, cell: Cell) -> bool:
        """Whether the cell's device and runtime are here."""
        try:
            self.require(cell)
        except Lab4Error:
            return False
        return True

    def _built(self, cell: Cell) -> Built:
        """The artifact of a cell that is timed; none is built where its device or runtime is not here."""
        if not self.is_cut:
            self.require(cell)
        return self.artifact(cell, self.model(cell))

    def catalogue(self, axes: Axes) -> Catalogue:
        """The traits of what is measured; the user's own models are opened for theirs."""
        found = catalogue_of(axes)
        traits = {name: self.sources.traits(name) for name in axes.sources}
        return replace(found, models={**found.models, **traits}, metrics=self._metric_traits(axes))

    def _metric_traits(self, axes: Axes) -> dict[str, MetricTraits]:
        """What the metrics of these models are; functions of the user's are imported in a process of their own.

        In an order that does not depend on how they were asked for: the first decides what artifacts are compared by.
        """
        written = [each for name in (*axes.models, *axes.sources) for each in self._metrics_of(name)]
        functions = [each for each in dict.fromkeys(written) if is_function(each)]
        worker = self.processes.of("metrics")
        own = {each.name: each for each in worker.call(traits_of_functions, functions)} if functions else {}
        return {**{name: METRICS[name].traits for name in METRICS if name in written}, **own}

    def _metrics_of(self, model: str) -> tuple[str, ...]:
        """The metrics of a model: those that were asked for, or those that fit its task."""
        if model in self.sources:
            return self.sources.metrics(model)
        is_classified = MODELS[model].traits.task != RECONSTRUCTION
        return self.order.metrics if is_classified or self.order.source_metrics else _OF_RECONSTRUCTION

    def dataset_info(self, cells: Iterable[Cell]) -> DatasetInfo:
        """What the models of these cells are trained on and judged by; without such models, what was drawn."""
        if all(cell.model in self.sources for cell in cells):
            return self.sources.drawn
        return self.dataset.info

    def training(self, cell: Cell) -> Measured:
        """Train the cell's model from its seed on its device, with the clock on."""
        plan = training_plan(self.order.profile.epochs, self.order.seed, cell.batch_size or TRAINING_BATCH_SIZE)
        self.hosts.quiet()
        folder = Path(mkdtemp(dir=self.processes.folder))
        spec = TrainSpec(cell.model, cell.device, plan, self.dataset, self.order.train_by)
        self._interleaving.next_window(cell.key)
        training, metrics = self.processes.builder.call(train_model, spec, self._metrics_of(cell.model), folder)
        is_usual = training.program == StepLoop.program and plan.batch_size == TRAINING_BATCH_SIZE
        if DEVICES[cell.device].traits.is_host and is_usual:
            self.builds.adopt(cell.model, folder)
        shutil.rmtree(folder)
        return Measured(training=training, metrics=metrics)

    def time_in_rounds(self, cells: Sequence[Cell], show: Show, keep: Keep, before: Sequence[Round] = ()) -> None:
        """Time the calls of these cells in interleaved rounds; `latency` then says what was observed of each.

        ``keep`` is given each round as it ends. ``before`` are the rounds of an interrupted session to continue. Cells
        whose device or runtime is not here are not waited for; `latency` says so of each.
        """
        self.hosts.quiet()
        try:
            self._timing.run([cell for cell in cells if self.is_here(cell)], show, keep, before)
        except BaseException:
            self.is_cut = True
            raise

    def hosted(self, cell: Cell, built: Built) -> HostedCell:
        """The cell's artifact in its host, not opened yet; raises `UnavailableError` where one of them is not here."""
        self.require(cell)
        return HostedCell(self.hosts.of(cell), self._spec(cell, built), built)

    def latency(self, cell: Cell, built: Built) -> Measured:
        """What was observed of the cell's latency; one that no session has timed is timed by itself, in rounds.

        Raises `Lab4Error` with what went wrong with the cell.
        """
        if self.is_cut:
            return replace(self._timing.measured(cell), missing=dict.fromkeys(FIGURES, INTERRUPTED))
        hosted = self._timing.hosted(cell, built)
        return self._resources.added(self._timing.measured(cell), hosted)

    def examine(self, cell: Cell, built: Built) -> Measured:
        """Measure accuracy and loading in the cell's runtime and, where that is the artifact's own, all of its file.

        Raises `Lab4Error` with what went wrong with the cell, or where outputs of a user's model are not as expected.
        """
        if cell.model in self.sources:
            self.sources.require_expected(cell.model)
        asked = self._examination(cell, built)
        load_s = asked.host.time_loads(replace(asked.spec, batch_size=1), self.order.profile.loads)
        inspector = self.processes.inspecting(cell.format)
        measured = self._examined.pop(asked.key, None) or asked.made(asked.host.predict, inspector)
        measured = replace(measured, loading=Loading(load_s, asked.spec.runtime))
        return measured if cell.runtime else self._with_operators(self._with_arena(measured, built), built)

    def examine_ahead(self, cells: Sequence[Cell], show: Show) -> None:
        """Find out next to each other what `examine` then says of these cells, apart from what has a clock.

        The user's own models are left to `examine`: two at a time may be more than there is memory for.
        """
        wanted = list[Examination]()
        for cell in cells:
            if cell.model not in self.order.sources and self.is_here(cell):
                with suppress(Lab4Error):  # the cell says so
                    wanted.append(self._examination(cell, self.artifact(cell, self.model(cell))))

        def report(number: int, total: int, cell: Cell) -> None:
            show(Step("examining", number, total, cell.id, things="artifacts"))

        if any(_has_arena(each.built) for each in wanted):
            self.processes.of(_MICROCONTROLLER).preload(nothing)
        self._examined = examined_together(wanted, self.processes, report)
        self.hosts.quiet()

    def _examination(self, cell: Cell, built: Built) -> Examination:
        size = 1 if cell.model in self.order.sources else _EXAMINED_BATCH
        spec = replace(self._spec(cell, built), batch_size=size)
        return Examination(cell, built, spec, self.hosts.of(cell), self._metrics_of(cell.model))

    def _with_operators(self, measured: Measured, built: Built) -> Measured:
        """Add the time by operator where that was asked for, or the reason why there is none."""
        if not self.order.profile_operators:
            return measured
        container = FORMATS[built.format].traits.container or ""
        try:
            found = profiled(self.processes, built.path, container, built.examples)
        except Lab4Error as error:
            return replace(measured, missing={**measured.missing, "operators": str(error)})
        return replace(measured, operators=found)

    def _with_arena(self, measured: Measured, built: Built) -> Measured:
        """Add what a TFLite file of integers takes of a microcontroller's memory, or the reason why there is none."""
        if not _has_arena(built):
            return measured
        try:
            return replace(measured, arena=self.processes.of(_MICROCONTROLLER).call(arena_of, built.path))
        except Lab4Error as error:
            return replace(measured, missing={**measured.missing, "arena": str(error)})

    def _spec(self, cell: Cell, built: Built) -> RunSpec:
        traits, threads = FORMATS[built.format].traits, threads_of(cell)
        runtime, size = self.hosts.runtime(cell), cell.batch_size or 1
        RUNTIMES[runtime].traits.values_of(cell.settings)  # refuses what a host might ignore
        return RunSpec(
            runtime,
            built.path,
            traits,
            cell.device,
            size,
            threads,
            built.examples,
            cell.settings,
            "compute_only" in self.order.resources,
        )

    def close(self) -> None:
        """End the processes and remove what only this run needed."""
        self._interleaving.close()
        self.hosts.close()
