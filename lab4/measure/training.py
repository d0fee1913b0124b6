"""Seconds per epoch, with tracing and compilation outside the clock."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter_ns
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError
from lab4.domain.observed import Training
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tensorflow
from lab4.measure.epochs import Epochs, StepLoop
from lab4.xla import compiling

#: How good a model is, by names of metrics.
Score = Callable[[Untyped], dict[str, float]]


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


def loss_for(targets: Untyped) -> Untyped:
    """Keras's categorical cross-entropy for integer labels, its mean squared error for real values."""
    losses = keras().losses
    return losses.MeanSquaredError() if targets.dtype.kind == "f" else losses.SparseCategoricalCrossentropy()


def _compile(model: Untyped, optimizer: Untyped, targets: Untyped) -> None:
    # No metrics: accuracy is computed by one function of ours from predictions, the same for every runtime.
    model.compile(optimizer=optimizer, loss=loss_for(targets))


def train(  # noqa: PLR0913  # what is trained, on what, how, and how it is waited for
    model: Untyped,
    images: Untyped,
    targets: Untyped,
    plan: TrainingPlan,
    synchronise: Callable[[], None],
    *,
    epochs: type[Epochs] = StepLoop,
    score: Score = lambda _: {},
) -> Training:
    """Train ``model`` in place on float32 images (n, h, w, c) in 0..1, and labels (n,) or values float32 (n, ...).

    Data, batches, loss, formula of the optimizer and ``model.train_step`` are those of ``fit``; ``epochs`` is what runs
    them on the device. What that traces and compiles first is timed apart and undone, so that each epoch is in steady
    state. The same plan gives the same weights on a CPU by the loop of steps. After each epoch, outside of its time,
    ``score`` says how good the model is, by names.

    Other epochs than the loop's are compared with it: the model is trained by the loop first, from the same weights.
    Where XLA refuses the model, what the loop has trained is kept, and the record says why.
    """
    before, data = model.get_weights(), (images, targets)
    by_loop = _trained(StepLoop, model, data, plan, synchronise, score)
    if epochs is StepLoop:
        return by_loop
    weights = model.get_weights()
    model.set_weights(before)
    try:
        with compiling():
            found = _trained(epochs, model, data, plan, synchronise, score)
    except ConversionError as error:
        model.set_weights(weights)
        return replace(by_loop, refused=str(error))
    return replace(found, loop_epoch_s=by_loop.epoch_s)


def _trained(  # noqa: PLR0913, PLR0917  # as `train`
    epochs: type[Epochs],
    model: Untyped,
    data: tuple[Untyped, Untyped],
    plan: TrainingPlan,
    synchronise: Callable[[], None],
    score: Score,
) -> Training:
    keras().utils.set_random_seed(plan.seed)
    # Adam as one kernel a weight, where Keras's newer class has one an arithmetic step; the formula is the same.
    images, targets = data
    _compile(model, keras().optimizers.legacy.Adam(plan.learning_rate), targets)
    clock = _EpochClock(epochs(model, images, targets, plan.batch_size), synchronise)
    first_step_s = clock.first(plan.seed)
    epoch_s, scores = clock.epochs(plan, score)
    return Training(
        first_step_s=first_step_s,
        epoch_s=epoch_s,
        samples_per_epoch=len(images),
        batch_size=plan.batch_size,
        seed=plan.seed,
        weights_sha256=weights_sha256(model),
        program=epochs.program,
        scores=scores,
    )


@dataclass(frozen=True, slots=True)
class _EpochClock:
    """Seconds of epochs, of devices that ``synchronise`` has waited for at both ends."""

    timed: Epochs
    synchronise: Callable[[], None]

    def _seconds(self, work: Callable[[], None]) -> float:
        self.synchronise()
        start = perf_counter_ns()
        work()
        self.synchronise()
        return (perf_counter_ns() - start) / 1e9

    def first(self, seed: int) -> float:
        """Trace and compile, then put weights, optimizer and random state back."""
        model = self.timed.model
        weights = model.get_weights()
        seconds = self._seconds(self.timed.trace)
        model.set_weights(weights)
        for variable in model.optimizer.weights:  # Adam's step count and moments
            variable.assign(tensorflow().zeros_like(variable))
        model.reset_metrics()
        keras().utils.set_random_seed(seed)
        self.timed.prepare()
        return seconds

    def epochs(self, plan: TrainingPlan, score: Score) -> tuple[tuple[float, ...], dict[str, tuple[float, ...]]]:
        """Seconds of each epoch, a new order of all images drawn within it, and the scores after each."""
        rng, count = np.random.default_rng(plan.seed), self.timed.count
        seconds, scores = list[float](), list[dict[str, float]]()
        for _ in range(plan.epochs):
            seconds.append(self._seconds(lambda: self.timed.run(rng.permutation(count))))
            scores.append(score(self.timed.model))
        return tuple(seconds), {name: tuple(each[name] for each in scores) for name in (scores[0] if scores else ())}


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
