"""A bench as a run has it, with images that are learned in a second: what an entry is tried in."""

import atexit
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.bench.specs import Built
from lab4.domain.cell import EXAMINE, Cell
from lab4.domain.outcome import Measured
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS
from lab4.storage.folders import TemporaryFolder

SIDE, CLASSES = 16, 4
_IMAGES, _SEED = 1_000, 7
_EPOCHS = 4


def _images() -> dict[str, Untyped]:
    """Grey images with a bright patch in one of four corners, and noise: uint8 (n, 16, 16, 1), int64 (n,)."""
    rng = np.random.default_rng(_SEED)
    labels = rng.permutation(np.arange(_IMAGES) % CLASSES)
    images = rng.integers(0, 90, (_IMAGES, SIDE, SIDE, 1))
    down, across = rng.integers(0, 5, (2, _IMAGES))
    for index, label in enumerate(labels):
        top, left = down[index] + 8 * (label // 2), across[index] + 8 * (label % 2)
        images[index, top : top + 4, left : left + 4] += 150
    return {"x": images.astype(np.uint8), "y": labels}


@cache
def tiny_bench(epochs: int = _EPOCHS) -> Bench:
    """The bench of this process that trains for so long, closed when it ends; what it builds is kept for all tests."""
    folder = TemporaryFolder("testing")
    atexit.register(folder.close)
    path = Path(folder.path) / "corners.npz"
    np.savez(path, **_images())
    cache = folder.path / "cache"
    profile = replace(QUICK, name="tiny", epochs=epochs, finetune_epochs=3, loads=1)
    order = Order(str(path), profile, 1, cache, rebuild=False, cell_limit_s=300)
    bench = Bench(order, lambda _: None)
    atexit.register(bench.close)
    return bench


def cell_of(model: str, techniques: tuple[str, ...], form: str, runtime: str = "") -> Cell:
    """The cell that examines an artifact on the CPU."""
    return Cell(EXAMINE, model, techniques, "cpu", None, form, runtime=runtime)


@cache
def built(cell: Cell, epochs: int = _EPOCHS) -> Built:
    """The cell's artifact; raises what a failed cell would."""
    bench = tiny_bench(epochs)
    bench.require(cell)
    return bench.artifact(cell, bench.model(cell))


@cache
def examined(cell: Cell, epochs: int = _EPOCHS) -> Measured:
    """What the suite observes of the cell: raises where outputs disagree or promises are broken."""
    return tiny_bench(epochs).examine(cell, built(cell, epochs))


def kernels_of(cell: Cell) -> list[Untyped]:
    """The weights in the cell's artifact, as its format reads them."""
    return tiny_bench().processes.inspecting(cell.format).call(_kernels, built(cell))


def _kernels(artifact: Built) -> list[Untyped]:
    return [np.array(each) for each in FORMATS[artifact.format].kernels(artifact.path)]
