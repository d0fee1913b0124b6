"""Seconds per epoch, with tracing and compilation outside the clock."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from time import perf_counter_ns
from typing import Any

import numpy as np

from lab4.domain.observed import Training
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tensorflow


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Adam with Keras's defaults."""

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int


def weights_sha256(model: Untyped) -> str:
    """Digest of all weights, in order, as hex."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()


def _compile(model: Untyped, optimizer: Untyped, targets: Untyped) -> None:
    """By categorical cross-entropy for integer labels, by the mean squared error for real values."""
    losses = keras().losses
    loss = losses.MeanSquaredError() if targets.dtype.kind == "f" else losses.SparseCategoricalCrossentropy()
    # No metrics: accuracy is computed by one function of ours from predictions, the same for every runtime.
    model.compile(optimizer=optimizer, loss=loss)


def train(
    model: Untyped, images: Untyped, targets: Untyped, plan: TrainingPlan, synchronise: Callable[[], None]
) -> Training:
    """Train ``model`` in place on float32 images (n, h, w, c) in 0..1, and labels (n,) or values float32 (n, ...).

    Data, batches, loss, formula of the optimizer and ``model.train_step`` are those of ``fit``; what runs them is a
    loop on the device. The first step, which traces and compiles, is made and timed apart and undone, so that each
    epoch is in steady state. The same plan gives the same weights on a CPU. Validation is not part of it.
    """
    keras().utils.set_random_seed(plan.seed)
    # Adam as one kernel a weight, where Keras's newer class has one an arithmetic step; the formula is the same.
    _compile(model, keras().optimizers.legacy.Adam(plan.learning_rate), targets)
    loop = _Loop(model, images, targets, plan.batch_size, synchronise)
    return Training(
        first_step_s=loop.first_step(plan.seed),
        epoch_s=loop.epochs(plan),
        samples_per_epoch=len(images),
        batch_size=plan.batch_size,
        seed=plan.seed,
        weights_sha256=weights_sha256(model),
    )


class _Loop:
    """Trains a compiled model on the images of an order, in batches, the last of what is left, as ``fit`` does.

    Images and targets are put on the device once; there must be memory for them there. Seconds are of devices that
    ``synchronise`` has waited for at both ends.
    """

    def __init__(
        self, model: Untyped, images: Untyped, targets: Untyped, batch_size: int, synchronise: Callable[[], None]
    ) -> None:
        tf = tensorflow()
        self.model, self.count, self.synchronise = model, len(images), synchronise
        dtype = tf.float32 if targets.dtype.kind == "f" else tf.int64
        on_device = tf.constant(images), tf.constant(targets, dtype)
        sizes = (batch_size, self.count % batch_size)
        self._graphs = {size: _steps(model, *on_device, size) for size in sizes if 0 < size <= self.count}

    def _train(self, order: Untyped) -> None:
        """Train on the images with these numbers, int64 (m,); m is a sum of whole batches and the partial one."""
        for size, graph in self._graphs.items():
            whole = len(order) // size * size
            # int64: TensorFlow keeps int32 on the host.
            graph(tensorflow().constant(order[:whole], tensorflow().int64))
            order = order[whole:]

    def _seconds(self, order_of: Callable[[], Untyped]) -> float:
        self.synchronise()
        start = perf_counter_ns()
        self._train(order_of())
        self.synchronise()
        return (perf_counter_ns() - start) / 1e9

    def first_step(self, seed: int) -> float:
        """Trace by a step of each batch size, then put weights, optimizer and random state back."""
        weights = self.model.get_weights()
        seconds = self._seconds(lambda: np.arange(sum(self._graphs)))
        self.model.set_weights(weights)
        for variable in self.model.optimizer.weights:  # Adam's step count and moments
            variable.assign(tensorflow().zeros_like(variable))
        self.model.reset_metrics()
        keras().utils.set_random_seed(seed)
        # A new seed makes TensorFlow drop its prepared graphs; no step at all prepares them outside the clock.
        self._train(np.arange(0))
        return seconds

    def epochs(self, plan: TrainingPlan) -> tuple[float, ...]:
        """Seconds of each epoch, a new order of all images drawn within it."""
        rng = np.random.default_rng(plan.seed)
        return tuple(self._seconds(lambda: rng.permutation(self.count)) for _ in range(plan.epochs))


def _steps(model: Untyped, images: Untyped, targets: Untyped, batch_size: int) -> Untyped:
    """A graph that takes an order of images, int64 (k * batch_size,), and makes k steps; none where k is 0.

    The loop runs on the device, with no Python and no input pipeline between its steps. Not by XLA: on a CPU it takes
    four times as long for the CNN's steps, and no clear gain was seen for the FCNN's.
    """
    tf = tensorflow()

    def run(order: Untyped) -> None:
        def step(start: Untyped) -> Untyped:
            # A slice of a size known to the graph: a tenth faster for the FCNN than one that is cut at the end.
            batch = tf.slice(order, [start], [batch_size])
            model.train_step((tf.gather(images, batch), tf.gather(targets, batch)))
            return start + batch_size

        tf.while_loop(lambda start: start < tf.size(order), step, [tf.constant(0)])

    # Any length of the order is one trace, so that the first step's serves every epoch.
    return tf.function(run, input_signature=[tf.TensorSpec([None], tf.int64)])


@dataclass(frozen=True, slots=True)
class FitTrainer:
    """Trains a model on, for the techniques: same data, optimizer, loss and seed as the original's training."""

    images: Any
    targets: Any
    plan: TrainingPlan

    @property
    def steps(self) -> int:
        """Optimizer steps of one `fit`."""
        return self.plan.epochs * ceil(len(self.images) / self.plan.batch_size)

    def fit(self, model: Untyped, callbacks: Sequence[Any] = ()) -> None:
        """Compile ``model`` with a fresh optimizer and train it in place."""
        keras().utils.set_random_seed(self.plan.seed)
        # Not by the loop of `train`: callbacks that act at every batch, as pruning's do, need Python between steps.
        _compile(model, keras().optimizers.Adam(self.plan.learning_rate), self.targets)
        model.fit(
            self.images,
            self.targets,
            batch_size=self.plan.batch_size,
            epochs=self.plan.epochs,
            verbose=0,
            callbacks=list(callbacks),
        )
