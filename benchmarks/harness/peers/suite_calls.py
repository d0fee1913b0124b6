"""The suite's own runtimes and its training, as contenders."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness.peers.calls import Calls
from lab4 import datasets
from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.bench.train_by import TRAIN_BY
from lab4.devices import DEVICES
from lab4.devices.device import place, synchronise
from lab4.formats import FORMATS, ExportSource
from lab4.frameworks import keras
from lab4.models import MODELS
from lab4.runtimes import Load, python_runtime

__all__ = ["Net", "digits", "epoch", "inference", "net_of"]

LEARNING_RATE = 1e-3


def digits(count: int) -> tuple[Any, Any]:
    """Training images of MNIST, float32 in 0..1 (n, 28, 28, 1), and their classes, int64 (n,)."""
    data = datasets.load("mnist_10k")
    return datasets.images(data.x_train[:count]), data.y_train[:count].astype(np.int64)


@dataclass(frozen=True)
class Net:
    """A model, its weights in Keras's order, and the folder that its artifacts are in."""

    model: str
    weights: list[Any]
    folder: Path


def net_of(model: str, forms: tuple[str, ...], folder: Path) -> Net:
    """Make a model with weights of a seed, and write it in these formats."""
    open_tensorflow()
    folder.mkdir()
    with place(DEVICES["cpu"]).scope():
        keras().utils.set_random_seed(1)
        net = MODELS[model].build((28, 28, 1), 10)
        for form in forms:
            if (export := FORMATS[form].export) is not None:
                export(ExportSource(net), folder / FORMATS[form].filename)
        return Net(model, list(net.get_weights()), folder)


def inference(named: tuple[str, str], folder: Path, device: str, threads: int | None, images: Any) -> tuple[Calls, Any]:
    """Calls in one of the suite's runtimes of the artifact in a format; both are ``named``."""
    runtime, form = named
    entry, fmt = python_runtime(runtime), FORMATS[form]
    if entry.places_by_tensorflow:
        open_tensorflow(threads)
        place(DEVICES[device])
    call = {"images": images}
    runner = entry.load(folder / fmt.filename, fmt.traits.container or "", Load(DEVICES[device], call, threads))
    scope = runner.scope()
    scope.__enter__()  # for as long as the process lives
    inputs = runner.prepare(call)
    outputs = next(iter(runner.finish(runner.run(inputs)).values()))
    compute = runner.bind(inputs)
    whole: dict[str, Callable[[], Any]] = {"whole": partial(runner.run, inputs)}
    return whole | ({} if compute is None else {"compute": compute}), np.array(outputs)


def epoch(by: str, model: str, device: str, batch_size: int, count: int) -> Callable[[], None]:
    """An epoch of the suite's training, by a way of ``--lab4-train-by``; raises `Lab4Error` where it cannot be had."""
    open_tensorflow()
    images, labels = digits(count)
    placement = place(DEVICES[device])
    with placement.loose_scope():
        keras().utils.set_random_seed(1)
        net = MODELS[model].build(images.shape[1:], 10)
        net.compile(keras().optimizers.legacy.Adam(LEARNING_RATE), keras().losses.SparseCategoricalCrossentropy())
        epochs = TRAIN_BY[by](placement)(net, images, labels, batch_size)
        epochs.trace()
    placement.check(net.weights[0])
    rng = np.random.default_rng(1)

    def run() -> None:
        with placement.loose_scope():
            epochs.run(rng.permutation(count))
        synchronise()

    return run
