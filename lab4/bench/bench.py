"""Cells in, what was observed out."""

import shutil
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp

from lab4.bench.builds import Builds, Model
from lab4.bench.keys import training_plan
from lab4.bench.order import Order
from lab4.bench.runtime_jobs import dataset_ready, examine, infer, open_runtime
from lab4.bench.specs import Built, LoadedDataset, RunSpec, RuntimeFacts, TrainSpec
from lab4.bench.tensorflow_jobs import load_dataset, open_tensorflow, train_model
from lab4.bench.worker import Worker
from lab4.cache import Cache
from lab4.devices import DEVICES
from lab4.domain.cell import Cell
from lab4.domain.errors import OutputError, UnavailableError
from lab4.domain.outcome import Measured
from lab4.formats import FORMATS
from lab4.measure.latency import Budget

__all__ = ["RUNTIME_THREADS", "Bench"]

#: Threads of LiteRT and ONNX Runtime alike: their defaults differ (one; every core, spinning).
RUNTIME_THREADS = 1


class Bench:
    """One run's processes, builds and measurements; close it.

    ``warn`` is told, in one sentence each, what a user should know and that is no error.
    """

    def __init__(self, order: Order, warn: Callable[[str], None]) -> None:
        self.order = order
        self._warn = warn
        self._workers: dict[str, Worker] = {}
        self._examined: dict[Built, Measured] = {}

    @cached_property
    def _folder(self) -> Path:
        """What only this run needs; made when something is first started, so that a refused run leaves nothing."""
        try:
            return Path(mkdtemp(prefix="lab4-"))
        except OSError as error:
            raise OutputError(f"no temporary folder can be made: {error}") from None

    def _worker(self, runtime: str) -> Worker:
        if runtime not in self._workers:
            self._workers[runtime] = Worker(runtime, self._folder / f"{runtime}.log")
        return self._workers[runtime]

    def preload(self, runtimes: set[str]) -> None:
        """Open the runtimes in the background, each in its process."""
        for runtime in sorted(runtimes, key=lambda name: name != "tensorflow"):
            self._worker(runtime).preload(open_runtime, runtime)

    @cached_property
    def tensorflow(self) -> RuntimeFacts:
        """What TensorFlow says of this machine."""
        return self._worker("tensorflow").call(open_tensorflow)

    @cached_property
    def dataset(self) -> LoadedDataset:
        """The dataset, loaded once and written for all processes."""
        return self._worker("tensorflow").call(load_dataset, self.order.dataset, self._folder / "dataset.npz")

    @cached_property
    def builds(self) -> Builds:
        """The builds of this run."""
        order = self.order
        worker = self._worker("tensorflow")
        cache = Cache(order.cache)
        return Builds(cache, worker, order.profile, order.seed, self.dataset, order.rebuild, self._warn)

    @property
    def threads(self) -> dict[str, str]:
        """Thread settings of every runtime, by name."""
        ours = {"litert": str(RUNTIME_THREADS), "onnxruntime intra-op": str(RUNTIME_THREADS)}
        return {**self.tensorflow.threads, **ours}

    def require(self, cell: Cell) -> None:
        """Raise `UnavailableError` where the cell's device or runtime is not here."""
        if cell.device not in self.tensorflow.devices:
            raise UnavailableError(f"no {DEVICES[cell.device].label} visible to TensorFlow")
        runtime = FORMATS[cell.format].runtime
        self._worker(runtime).call(open_runtime, runtime)

    def model(self, cell: Cell) -> Model:
        """The cell's model, trained and after its techniques."""
        return self.builds.model(cell.variant)

    def artifact(self, cell: Cell, model: Model) -> Built:
        """``model`` in the cell's format."""
        return self.builds.artifact(model, cell.format)

    def training(self, cell: Cell) -> Measured:
        """Train the cell's model from its seed on its device, with the clock on."""
        plan = training_plan(self.order.profile.epochs, self.order.seed)
        folder = Path(mkdtemp(dir=self._folder))
        spec = TrainSpec(cell.model, cell.device, plan, self.dataset)
        training, accuracy = self._worker("tensorflow").call(train_model, spec, folder)
        if cell.device == "cpu":
            self.builds.adopt(cell.model, folder)
        shutil.rmtree(folder)
        return Measured(training=training, accuracy=accuracy)

    def inference(self, cell: Cell, built: Built) -> Measured:
        """Measure latency at the cell's batch size, after checking the outputs."""
        budget = Budget(self.order.profile.latency_s, self.order.profile.min_calls)
        return self._worker(FORMATS[cell.format].runtime).call(infer, self._spec(cell, built), budget)

    def examine(self, cell: Cell, built: Built) -> Measured:
        """Measure accuracy, size, sparsity and loading in the artifact's own runtime.

        An artifact that several parts of the worksheet show, such as the original, is examined once a run, so that
        they show the same figures.
        """
        if built not in self._examined:
            loads = self.order.profile.loads
            worker = self._worker(FORMATS[cell.format].runtime)
            self._examined[built] = worker.call(examine, self._spec(cell, built), loads)
        return self._examined[built]

    def _spec(self, cell: Cell, built: Built) -> RunSpec:
        return RunSpec(built, cell.device, cell.batch_size or 1, RUNTIME_THREADS, self.dataset)

    def warm_images(self) -> None:
        """Let every process read the validation images ahead of its first cell."""
        for runtime, worker in self._workers.items():
            if runtime != "tensorflow":
                worker.preload(dataset_ready, self.dataset)

    def dismiss(self) -> None:
        """Let the processes end by themselves, while something else is done; nothing can be measured any more."""
        for worker in self._workers.values():
            worker.dismiss()

    def close(self) -> None:
        """End the processes and remove what only this run needed."""
        for worker in self._workers.values():
            worker.close()
        if "_folder" in self.__dict__:
            shutil.rmtree(self._folder, ignore_errors=True)
