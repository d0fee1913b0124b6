"""What the suite's training loop gains: its samples per second against plain ``model.fit`` on NumPy arrays, alternated.

Run ``python benchmarks/harness/training_speed.py``. In each pair both train the same model from the same weights on
the same images for the same epochs, with the same batch size and learning rate; they take turns in going first, so
that the machine's slow and fast seconds touch both alike. Each figure is the median of its epochs in steady state:
the first step, which traces, is outside the suite's clock, and plain fit's first epoch is left out.
"""

import argparse
import sys
from statistics import median
from time import perf_counter

import numpy as np

from lab4 import datasets
from lab4.bench.keys import training_plan
from lab4.devices.device import prepare_tensorflow, synchronise
from lab4.frameworks import keras
from lab4.measure.training import TrainingPlan, train
from lab4.models import MODELS

#: The least median ratio, and how the last lines say it.
WANTED = {"fcnn": (1.3, "above 1.3"), "cnn": (1.0, "not below 1.0")}
#: ``fused`` is what the suite compiles with, so that the ratio is the loop's alone; ``keras`` is what people write.
ADAMS = {"fused": lambda: keras().optimizers.legacy.Adam, "keras": lambda: keras().optimizers.Adam}


class EpochClock:
    """Seconds of each epoch of a ``fit``."""

    def __init__(self):
        self.seconds = []
        self._start = 0.0

    def callback(self):
        """The Keras callback that keeps them."""
        return keras().callbacks.LambdaCallback(on_epoch_begin=self._begin, on_epoch_end=self._end)

    def _begin(self, _epoch, _logs):
        synchronise()
        self._start = perf_counter()

    def _end(self, _epoch, _logs):
        synchronise()
        self.seconds.append(perf_counter() - self._start)


def plain_fit(model, data, plan: TrainingPlan, adam: str) -> list[float]:
    """Seconds of the epochs after the first."""
    images, labels, *_ = data
    clock = EpochClock()
    keras().utils.set_random_seed(plan.seed)
    model.compile(ADAMS[adam]()(plan.learning_rate), keras().losses.SparseCategoricalCrossentropy())
    model.fit(
        images,
        labels,
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        verbose=0,
        callbacks=[clock.callback()],
    )
    return clock.seconds[1:]


def contender(name: str, model: str, data, plan: TrainingPlan, adam: str) -> tuple[float, float]:
    """Samples per second, and the validation accuracy in 0..1."""
    images, labels, x_validation, y_validation = data
    keras().backend.clear_session()
    keras().utils.set_random_seed(plan.seed)
    net = MODELS[model].build(images.shape[1:], int(labels.max()) + 1)
    if name == "fit":
        seconds = plain_fit(net, data, plan, adam)
    else:
        seconds = train(net, images, labels, plan, synchronise).epoch_s
    right = np.argmax(net.predict(x_validation, batch_size=500, verbose=0), axis=1) == y_validation
    return len(images) / median(seconds), float(np.mean(right))


def compare(model: str, data, options: argparse.Namespace) -> float:
    """Print each pair and the summary of a model; returns the median ratio."""
    ratios, right = [], {"fit": [], "suite": []}
    for pair in range(options.pairs):
        plan = training_plan(options.epochs, pair + 1)
        speed = {}
        for name in ("fit", "suite") if pair % 2 else ("suite", "fit"):
            speed[name], accuracy = contender(name, model, data, plan, options.adam)
            right[name].append(accuracy)
        ratios.append(speed["suite"] / speed["fit"])
        print(
            f"{model:6} seed {plan.seed:2}   fit {speed['fit']:9.0f}/s   suite {speed['suite']:9.0f}/s   "
            f"ratio {ratios[-1]:.3f}   accuracy {right['fit'][-1]:.2%} and {right['suite'][-1]:.2%}",
            flush=True,
        )
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    print(f"{model:6} median ratio {middle:.3f}, quartiles {low:.3f} to {high:.3f}")
    differences = np.subtract(right["suite"], right["fit"]) * 100
    print(
        f"{model:6} mean accuracy {np.mean(right['fit']):.2%} (fit) and {np.mean(right['suite']):.2%} (suite), "
        f"difference {differences.mean():+.2f} points, standard deviation of the pairs {differences.std():.2f}"
    )
    return float(middle)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--models", nargs="+", default=["fcnn", "cnn"], choices=list(MODELS))
    parser.add_argument("--epochs", type=int, default=4, help="of both; plain fit's first is not timed")
    parser.add_argument("--adam", choices=ADAMS, default="fused", help="plain fit's: the suite's own class or Keras's")
    options = parser.parse_args()
    if options.epochs < 2:  # noqa: PLR2004
        parser.error("--epochs must be 2 or more, since plain fit's first is not timed")
    prepare_tensorflow()
    found = datasets.load("mnist_10k")
    data = datasets.images(found.x_train), found.y_train, datasets.images(found.x_validation), found.y_validation
    medians = {model: compare(model, data, options) for model in options.models}
    for model, ratio in medians.items():
        print(f"{model}: {ratio:.3f}, wanted {WANTED[model][1]}")
    return any(ratio < WANTED[model][0] for model, ratio in medians.items())


if __name__ == "__main__":
    sys.exit(main())
