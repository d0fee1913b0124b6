"""Seconds per epoch, with tracing and compilation outside the clock."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from time import perf_counter_ns
from typing import Any

from lab4.domain.observed import Training
from lab4.frameworks import keras, tensorflow

__all__ = ["FitTrainer", "TrainingPlan", "train", "weights_sha256"]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Adam with Keras's defaults, categorical cross-entropy on integer labels."""

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int


def weights_sha256(model: Any) -> str:  # noqa: ANN401
    """Digest of all weights, in order, as hex."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()


def _compile(model: Any, plan: TrainingPlan) -> None:  # noqa: ANN401
    # No metrics: accuracy is computed by one function of ours from predictions, the same for every runtime.
    model.compile(
        optimizer=keras().optimizers.Adam(plan.learning_rate),
        loss=keras().losses.SparseCategoricalCrossentropy(),
    )


def _first_step(model: Any, images: Any, labels: Any, plan: TrainingPlan) -> float:  # noqa: ANN401
    """Trace and compile by the shortest ``fit`` there is, then put everything back; returns its seconds.

    It has a whole batch and, where the epochs have one, a partial one: a batch of another size is traced anew.
    """
    weights = model.get_weights()
    count = plan.batch_size + len(images) % plan.batch_size
    start = perf_counter_ns()
    model.fit(images[:count], labels[:count], batch_size=plan.batch_size, verbose=0)
    seconds = (perf_counter_ns() - start) / 1e9
    model.set_weights(weights)
    for variable in model.optimizer.variables:
        # Adam's step count and moments; the learning rate is among the variables too, and stays.
        if variable is not getattr(model.optimizer, "_learning_rate", None):
            variable.assign(tensorflow().zeros_like(variable))
    return seconds


def _epoch_clock(synchronise: Callable[[], None]) -> Any:  # noqa: ANN401
    """A Keras callback that keeps the seconds of each epoch, devices waited for at both ends."""

    class EpochClock(keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.seconds: list[float] = []
            self._start = 0

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            del epoch, logs
            synchronise()
            self._start = perf_counter_ns()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            del epoch, logs
            synchronise()
            self.seconds.append((perf_counter_ns() - self._start) / 1e9)

    return EpochClock()


def train(model: Any, images: Any, labels: Any, plan: TrainingPlan, synchronise: Callable[[], None]) -> Training:  # noqa: ANN401
    """Train ``model`` in place on float32 images (n, h, w, c) in 0..1 and integer labels (n,).

    The first step, which traces and compiles, is made and timed apart and undone, so that each epoch is in
    steady state. The same plan gives the same weights on a CPU. Validation is not part of it.
    """
    keras().utils.set_random_seed(plan.seed)
    _compile(model, plan)
    first = _first_step(model, images, labels, plan)
    keras().utils.set_random_seed(plan.seed)
    clock = _epoch_clock(synchronise)
    model.fit(images, labels, batch_size=plan.batch_size, epochs=plan.epochs, verbose=0, callbacks=[clock])
    return Training(
        epoch_s=tuple(clock.seconds),
        first_step_s=first,
        samples_per_epoch=len(images),
        batch_size=plan.batch_size,
        seed=plan.seed,
        weights_sha256=weights_sha256(model),
    )


@dataclass(frozen=True, slots=True)
class FitTrainer:
    """Trains a model on, for the techniques: same data, optimizer, loss and seed as the original's training."""

    images: Any
    labels: Any
    plan: TrainingPlan

    @property
    def steps(self) -> int:
        """Optimizer steps of one `fit`."""
        return self.plan.epochs * ceil(len(self.images) / self.plan.batch_size)

    def fit(self, model: Any, callbacks: Sequence[Any] = ()) -> None:  # noqa: ANN401
        """Compile ``model`` with a fresh optimizer and train it in place."""
        keras().utils.set_random_seed(self.plan.seed)
        _compile(model, self.plan)
        model.fit(
            self.images,
            self.labels,
            batch_size=self.plan.batch_size,
            epochs=self.plan.epochs,
            verbose=0,
            callbacks=list(callbacks),
        )
