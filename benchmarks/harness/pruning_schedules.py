"""What pruning schedules cost in accuracy: original, control and pruned model of each seed, trained as in the suite.

Run ``python benchmarks/harness/pruning_schedules.py``. Each seed trains an original; the pruned models and the controls
that are trained as long are made from it by the suite's own techniques, on the suite's own images. A schedule passes
where its pruned model is non-inferior to the original by 0.3 points and to its control by 0.5: the one-sided 95%
confidence bound of the mean difference between pairs of one seed (Student's t, as many degrees of freedom as seeds less
one) is above that margin. A bound beyond the margin is the same as the one-sided test at 5% (Schuirmann, 1987; Piaggio
et al., CONSORT for non-inferiority, 2012). Results go to a file line by line; what it has is not trained again.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, sqrt
from pathlib import Path
from statistics import fmean, median, stdev
from time import perf_counter

import numpy as np

from lab4 import datasets
from lab4.bench.cells import TRAINING_BATCH_SIZE
from lab4.bench.keys import training_plan
from lab4.bench.profiles import WORKSHEET
from lab4.devices.device import prepare_tensorflow, synchronise
from lab4.frameworks import keras
from lab4.measure.training import FitTrainer, train
from lab4.models import MODELS
from lab4.sampling.student import critical
from lab4.techniques.finetune import FINETUNED
from lab4.techniques.prune import PRUNED_80, PruningSchedule, alike

#: The least that the bounds of the differences to original and control may be, in points.
MARGINS = {"original": -0.3, "control": -0.5}
_TAIL = 0.05


@dataclass(frozen=True)
class CosineTrainer(FitTrainer):
    """Trains with a learning rate that falls from ``peak`` to 0 along half a cosine, step by step."""

    peak: float = 3e-3

    def fit(self, model, callbacks=()):
        """As `FitTrainer.fit`, with the learning rate set before each step."""
        steps = iter(range(self.steps))

        def fall(_batch, _logs):
            model.optimizer.learning_rate.assign(self.peak * (1 + np.cos(np.pi * next(steps) / self.steps)) / 2)

        super().fit(model, [*callbacks, keras().callbacks.LambdaCallback(on_train_batch_begin=fall)])


@dataclass(frozen=True)
class Candidate:
    """How long pruned model and control are trained on and how, and when and where is pruned."""

    epochs: int
    schedule: PruningSchedule = field(default_factory=PruningSchedule)
    batch_size: int = TRAINING_BATCH_SIZE
    trainer: Callable[..., FitTrainer] = FitTrainer

    @property
    def training(self) -> str:
        """How pruned model and control are trained on."""
        return f"{self.epochs} epochs, batch {self.batch_size}, {self.trainer.__name__}"

    @property
    def pruning(self) -> str:
        """All that decides what is pruned when, but the sparsity."""
        made = self.schedule
        return f"ramp {made.ramp:.3f}, {made.updates} updates, {made.allocation.__name__}, {self.training}"


EPOCHS = WORKSHEET.finetune_epochs
CANDIDATES = {
    "default": Candidate(EPOCHS),
    "same share in every layer": Candidate(EPOCHS, PruningSchedule(allocation=alike)),
    "ten updates": Candidate(EPOCHS, PruningSchedule(updates=10)),
    "ramp over 40%": Candidate(EPOCHS, PruningSchedule(ramp=0.4)),
    "ramp over 40%, ten updates, same share": Candidate(EPOCHS, PruningSchedule(0.4, 10, alike)),
    "four epochs": Candidate(4),
    "two epochs": Candidate(2),
    "two epochs, ten updates, same share": Candidate(2, PruningSchedule(updates=10, allocation=alike)),
    "batch 64": Candidate(EPOCHS, batch_size=64),
    "cosine from 0.003": Candidate(EPOCHS, trainer=CosineTrainer),
}


class Results:
    """Accuracies and seconds by what was trained, kept in a file of JSON lines."""

    def __init__(self, path: Path):
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self._known = {tuple(key): value for key, value in map(json.loads, lines)}

    def of(self, key: Sequence[object], make: Callable[[], Mapping[str, float]]) -> Mapping[str, float]:
        """What is known under the key, or what ``make`` returns."""
        if tuple(key) not in self._known:
            self._known[tuple(key)] = made = make()
            with self._path.open("a") as file:
                file.write(json.dumps([[*key], made]) + "\n")
        return self._known[tuple(key)]


class Lab:
    """Trains what a seed needs; the original of a model and seed once."""

    def __init__(self, dataset: str, epochs: int, sparsity: float):
        found = datasets.load(dataset)
        self._data = datasets.images(found.x_train), found.y_train
        self._validation = datasets.images(found.x_validation), found.y_validation
        self._epochs, self._technique = epochs, replace(PRUNED_80, target_sparsity=sparsity)
        self._original = {}

    def original(self, model: str, seed: int):
        """The trained model, as the suite trains it."""
        if (model, seed) not in self._original:
            keras().backend.clear_session()
            keras().utils.set_random_seed(seed)
            net = MODELS[model].build(self._data[0].shape[1:], int(self._data[1].max()) + 1)
            train(net, *self._data, training_plan(self._epochs, seed), synchronise)
            self._original = {(model, seed): net}
        return self._original[model, seed]

    def measured(self, net) -> dict[str, float]:
        """Validation accuracy and share of zeros among the kernels, both in percent."""
        images, labels = self._validation
        right = np.argmax(net.predict(images, batch_size=500, verbose=0), axis=1) == labels
        kernels = [weight for weight in net.get_weights() if weight.ndim > 1]
        zeros = sum(weight.size - np.count_nonzero(weight) for weight in kernels)
        return {
            "accuracy": 100 * float(np.mean(right)),
            "zeros": 100 * zeros / sum(weight.size for weight in kernels),
        }

    def changed(self, model: str, seed: int, candidate: Candidate, technique) -> dict[str, float]:
        """The original after a technique."""
        original = self.original(model, seed)
        trainer = candidate.trainer(*self._data, training_plan(candidate.epochs, seed, candidate.batch_size))
        start = perf_counter()
        net = technique.apply(original, trainer)
        return {"seconds": perf_counter() - start, **self.measured(net)}

    def pruned(self, model: str, seed: int, candidate: Candidate) -> dict[str, float]:
        """The original, pruned."""
        return self.changed(model, seed, candidate, replace(self._technique, schedule=candidate.schedule))


def lower_bound(differences: Sequence[float]) -> float:
    """The one-sided 95% confidence bound below the mean of the differences; nothing is known from less than two."""
    if len(differences) < 2:  # noqa: PLR2004
        return -inf
    error = stdev(differences) / sqrt(len(differences))
    return fmean(differences) - critical(_TAIL, len(differences) - 1) * error


def passes(against: Mapping[str, Sequence[float]]) -> bool:
    """Whether the bound of every difference is above its margin."""
    return all(lower_bound(against[other]) > margin for other, margin in MARGINS.items())


def judge(model: str, name: str, lab: Lab, results: Results, options: argparse.Namespace) -> bool:
    """Train what is not known yet, print the line of a schedule, and say whether it passes."""
    candidate, rows = CANDIDATES[name], []
    about = (options.dataset, options.epochs, model)
    for seed in range(options.first, options.first + options.seeds):
        of = lambda what, make, seed=seed: results.of((*about, seed, what), make)  # noqa: E731
        rows.append(
            (
                of("original", lambda seed=seed: lab.measured(lab.original(model, seed))),
                of(f"control, {candidate.training}", lambda seed=seed: lab.changed(model, seed, candidate, FINETUNED)),
                of(
                    f"{options.sparsity:.0%}, {candidate.pruning}", lambda seed=seed: lab.pruned(model, seed, candidate)
                ),
            )
        )
    original, control, pruned = ([row[place]["accuracy"] for row in rows] for place in range(3))
    against = {
        "original": np.subtract(pruned, original).tolist(),
        "control": np.subtract(pruned, control).tolist(),
    }
    bounds = ", ".join(
        f"to {other} {fmean(found):+.2f} (above {lower_bound(found):+.2f})" for other, found in against.items()
    )
    print(
        f"{model:5} {name:40} {candidate.epochs:2} epochs {median(row[2]['seconds'] for row in rows):6.1f} s   "
        f"original {fmean(original):.2f}, control {fmean(control):.2f}, pruned {fmean(pruned):.2f} "
        f"({min(pruned):.2f} to {max(pruned):.2f}), {min(row[2]['zeros'] for row in rows):.2f}% zeros: "
        f"{bounds}: {'passes' if passes(against) else 'fails'}",
        flush=True,
    )
    return passes(against)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--models", nargs="+", default=["fcnn", "cnn"], choices=list(MODELS))
    parser.add_argument("--candidates", nargs="+", default=list(CANDIDATES), choices=list(CANDIDATES), metavar="NAME")
    parser.add_argument("--epochs", type=int, default=WORKSHEET.epochs, help="of the originals")
    parser.add_argument("--sparsity", type=float, default=0.8)
    parser.add_argument("--dataset", default="mnist_10k")
    parser.add_argument("--file", type=Path, default=Path("pruning_schedules.jsonl"), help="where results are kept")
    options = parser.parse_args()
    prepare_tensorflow()
    lab, results = Lab(options.dataset, options.epochs, options.sparsity), Results(options.file)
    found = {
        (model, name): judge(model, name, lab, results, options)
        for model in options.models
        for name in options.candidates
    }
    return not all(is_good for (_, name), is_good in found.items() if name == "default")


if __name__ == "__main__":
    sys.exit(main())
