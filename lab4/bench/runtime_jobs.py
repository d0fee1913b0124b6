"""What the process of any runtime does: load an artifact, check it against its original, measure it.

Each function runs in that process; its arguments and results cross a pipe. Only the runtime that the
artifact's format names is opened.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from math import ceil
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np

from lab4 import datasets
from lab4.bench.specs import Built, LoadedDataset, RunSpec
from lab4.bench.tensorflow_jobs import open_tensorflow
from lab4.devices import DEVICES
from lab4.devices.placement import Placement, place
from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Agreement, Artifact, Latency, Loading, Sparsity
from lab4.domain.outcome import Measured
from lab4.formats import FORMATS, Format, Load, Runner, sha256_of, weigh
from lab4.frameworks import litert, onnxruntime
from lab4.measure.accuracy import accuracy, agreement, predict_all
from lab4.measure.latency import Budget, time_call, time_calls
from lab4.measure.sparsity import count_zeros

__all__ = ["examine", "infer", "open_runtime"]

#: How each runtime is opened, by its name in a format's traits.
_OPENERS: dict[str, Callable[[], object]] = {
    "tensorflow": open_tensorflow,
    "litert": litert,
    "onnxruntime": onnxruntime,
}

#: Calls and images compared with the original's outputs before a latency is believed, whichever is reached first:
#: ``predict`` needs 40 ms a call. The whole validation set is compared where an artifact is examined.
_CHECKED_CALLS, _CHECKED_IMAGES = 3, 32
#: Images a call when a whole set is predicted: no figure depends on it.
_EXAMINED_BATCH = 100
#: TFMOT rounds the number of weights to prune in each kernel.
_SPARSITY_SLACK = 0.005


def open_runtime(name: str) -> None:
    """Open the runtime; raises `UnavailableError` where it is not to be had."""
    _OPENERS[name]()


def _place(form: Format, device: str) -> Placement:
    # Other runtimes than TensorFlow's need only the device's names, and must not open TensorFlow.
    if form.runtime == "tensorflow":
        open_tensorflow()
        return place(DEVICES[device])
    return Placement(DEVICES[device])


@lru_cache(maxsize=1)
def _validation(path: Path) -> tuple[Any, Any]:
    data = datasets.load_arrays(path)
    return datasets.images(data.x_validation), data.y_validation


@lru_cache(maxsize=8)
def _reference(path: Path) -> Any:  # noqa: ANN401
    return np.load(path)


def _load(spec: RunSpec, batch_size: int) -> Runner:
    form = FORMATS[spec.built.format]
    placement = _place(form, spec.device)
    return form.load(spec.built.path, Load(placement, spec.dataset.facts.image_shape, batch_size, spec.threads))


def _checked(form: Format, found: Agreement) -> Agreement:
    """Return ``found``, or raise `DisagreementError` where it is outside the format's tolerance.

    One differing prediction is always allowed where any is: a share of few images is coarse.
    """
    limit = form.tolerance
    allowed = 0 if limit.min_agreement == 1.0 else max(1, int(found.total * (1 - limit.min_agreement)))
    differing = found.total - found.agreeing
    if found.max_abs_difference > limit.max_abs_difference or differing > allowed:
        raise DisagreementError(
            f"the exported {form.label} disagrees with its Keras model: largest difference of a probability "
            f"{found.max_abs_difference:.2g} (allowed {limit.max_abs_difference:.2g}), {differing} of {found.total} "
            f"predictions differ (allowed {allowed}); the artifact is wrong or its runtime miscomputes it"
        )
    return found


def _sparse_enough(built: Built) -> Sparsity:
    counted = count_zeros(FORMATS[built.format].kernels(built.path))
    target = built.target_sparsity
    if target is not None and counted.zeros < (target - _SPARSITY_SLACK) * counted.total:
        raise DisagreementError(
            f"the exported artifact has {counted.zeros} zeros among {counted.total} kernel weights, "
            f"less than the stated {target:.0%}: the pruning did not last"
        )
    return counted


def infer(spec: RunSpec, budget: Budget) -> Measured:
    """Measure the latency of one batch, after checking the outputs of a few real ones."""
    form = FORMATS[spec.built.format]
    images, _ = _validation(spec.dataset.path)
    calls = min(_CHECKED_CALLS, ceil(_CHECKED_IMAGES / spec.batch_size))
    count = min(len(images), calls * spec.batch_size)
    runner = _load(spec, spec.batch_size)
    with runner.scope():
        # The first batch may hold fewer images than a large batch size: the rest is repeated.
        first = np.resize(images, (spec.batch_size, *images.shape[1:]))
        inputs = runner.prepare(first)
        first_call_s = time_call(lambda: runner.run(inputs))
        # A partial costs less than a lambda: 60 ns are 2% of the shortest cells.
        timing = time_calls(partial(runner.run, inputs), budget)
        outputs = predict_all(runner, images[:count], spec.batch_size)
    agreed = _checked(form, agreement(outputs, _reference(spec.built.reference)[:count]))
    return Measured(
        latency=Latency(timing.samples_s, first_call_s, timing.warmup_calls, runner.threads, runner.clock),
        agreement=agreed,
        artifact=Artifact(sha256_of(spec.built.path)),
    )


def _load_once(spec: RunSpec, image: Any) -> float:  # noqa: ANN401
    start = perf_counter_ns()
    runner = _load(spec, 1)
    with runner.scope():
        runner.finish(runner.run(runner.prepare(image)))
    return (perf_counter_ns() - start) / 1e9


def examine(spec: RunSpec, loads: int) -> Measured:
    """Weigh an artifact, count its zeros, time its loading, and run it on the whole validation set."""
    images, labels = _validation(spec.dataset.path)
    seconds = tuple(_load_once(spec, images[:1]) for _ in range(loads))
    runner = _load(spec, _EXAMINED_BATCH)
    with runner.scope():
        outputs = predict_all(runner, images, _EXAMINED_BATCH)
    form = FORMATS[spec.built.format]
    return Measured(
        accuracy=accuracy(outputs, labels),
        size=weigh(spec.built.path),
        sparsity=_sparse_enough(spec.built),
        agreement=_checked(form, agreement(outputs, _reference(spec.built.reference))),
        loading=Loading(seconds),
        artifact=Artifact(sha256_of(spec.built.path)),
    )


def dataset_ready(dataset: LoadedDataset) -> None:
    """Read the validation images ahead of the first cell."""
    _validation(dataset.path)
