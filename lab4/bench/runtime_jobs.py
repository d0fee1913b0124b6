"""What the process of any runtime does: load an artifact, check it against its original, examine it.

Each function runs in that process; its arguments and results cross a pipe. Only the runtime that the
artifact's format names is opened.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import numpy as np

from lab4 import datasets
from lab4.bench.specs import Built, LoadedDataset, RunSpec
from lab4.bench.tensorflow_jobs import TENSORFLOW_PROCESS, open_tensorflow
from lab4.devices import DEVICES, Device
from lab4.devices.placement import Placement, place
from lab4.domain.catalogue import required
from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Agreement, Artifact, Loading
from lab4.domain.outcome import Measured
from lab4.formats import FORMATS, Format, sha256_of, size_of
from lab4.measure.accuracy import agreement, contradictions, predict_all
from lab4.measure.sparsity import count_zeros
from lab4.metrics import computed
from lab4.runtimes import RUNTIMES, Load, Runner
from lab4.techniques import checks_of

__all__ = [
    "agreement_of",
    "checked",
    "dataset_ready",
    "examine",
    "load_runner",
    "nothing",
    "open_runtime",
    "validation_images",
    "verified",
]

#: Images a call when a whole set is predicted: no figure depends on it.
_EXAMINED_BATCH = 100


def open_runtime(name: str, threads: int | None = None) -> None:
    """Open the runtime; raises `UnavailableError` where it is not to be had.

    ``threads`` is for a runtime whose pool belongs to its process; the others are told when an artifact is loaded.
    """
    runtime = RUNTIMES[name]
    if runtime.process == TENSORFLOW_PROCESS:
        open_tensorflow(threads)
    else:
        runtime.import_package()


def _place(runtime: str, device: str) -> Placement:
    # Other runtimes than TensorFlow's need only the device's names, and must not open TensorFlow.
    if RUNTIMES[runtime].process == TENSORFLOW_PROCESS:
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


def validation_images(path: Path) -> Any:  # noqa: ANN401
    """The validation images of a dataset file, float32 (n, height, width, channels) in 0..1."""
    return _validation(path)[0]


def load_runner(spec: RunSpec, batch_size: int) -> Runner:
    """Load the artifact for calls of ``batch_size`` images; raises `ConversionError` or `UnavailableError`."""
    load = Load(_place(spec.runtime, spec.device), spec.dataset.facts.image_shape, batch_size, spec.threads)
    container = required(FORMATS[spec.built.format].traits, "container")
    return RUNTIMES[spec.runtime].load(spec.built.path, container, load)


def checked(form: Format, device: Device, outputs: Any, reference: Any) -> Agreement:  # noqa: ANN401
    """Compare probabilities with the original's, both float32 (n, classes).

    One contradiction is always allowed where any is: a share of few images is coarse.

    Raises:
        DisagreementError: where they are outside what the format and the device may differ by.
    """
    found, limit = agreement(outputs, reference), form.tolerance
    furthest = max(limit.max_abs_difference, device.rounding)
    allowed = 0 if limit.min_agreement == 1.0 else max(1, int(found.total * (1 - limit.min_agreement)))
    contradicting = contradictions(outputs, reference, max(limit.rounding, device.rounding))
    if found.max_abs_difference > furthest or contradicting > allowed:
        raise DisagreementError(
            f"the exported {form.label} on the {device.label} disagrees with its Keras model: largest difference of a "
            f"probability {found.max_abs_difference:.2g} (allowed {furthest:.2g}), {contradicting} of {found.total} "
            f"predictions differ by more than rounding (allowed {allowed}); the artifact is wrong or its runtime "
            "miscomputes it"
        )
    return found


def verified(built: Built, kernels: Sequence[Any]) -> dict[str, float]:
    """Count what the artifact's techniques promise; returns each count by its property.

    Raises:
        DisagreementError: where a promise is not kept.
    """
    form, counts = FORMATS[built.format], {}
    for check in checks_of(built.techniques):
        promise = check.promise
        if promise.precisions and form.traits.precision not in promise.precisions:
            continue
        counts[promise.property] = counted = check.count(kernels)
        if not check.is_kept(counted):
            limits = [
                f"at {name} {end:g}"
                for name, end in (("least", promise.at_least), ("most", promise.at_most))
                if end is not None
            ]
            raise DisagreementError(
                f"the exported {form.label} has a {promise.label} of {counted:.6g}, and {' and '.join(limits)} was "
                "promised: the optimization did not last"
            )
    return counts


def agreement_of(spec: RunSpec, outputs: Any) -> Agreement:  # noqa: ANN401
    """Compare probabilities, float32 (n, classes), of the first n validation images with the original's.

    Raises:
        DisagreementError: where they differ by more than the format's tolerance, or the device's rounding.
    """
    built = spec.built
    reference = _reference(built.reference)[: len(outputs)]
    return checked(FORMATS[built.format], DEVICES[spec.device], outputs, reference)


def _load_once(spec: RunSpec, image: Any) -> float:  # noqa: ANN401
    start = perf_counter_ns()
    runner = load_runner(spec, 1)
    with runner.scope():
        runner.finish(runner.run(runner.prepare(image)))
    return (perf_counter_ns() - start) / 1e9


def examine(spec: RunSpec, loads: int, metrics: Sequence[str]) -> Measured:
    """Measure an artifact's size, count its zeros, time its loading, and run it on the whole validation set."""
    images, labels = _validation(spec.dataset.path)
    seconds = tuple(_load_once(spec, images[:1]) for _ in range(loads))
    runner = load_runner(spec, _EXAMINED_BATCH)
    with runner.scope():
        outputs = predict_all(runner, images, _EXAMINED_BATCH)
    kernels = tuple(FORMATS[spec.built.format].kernels(spec.built.path))
    return Measured(
        verified=verified(spec.built, kernels),
        metrics=computed(metrics, outputs, labels),
        size=size_of(spec.built.path, FORMATS[spec.built.format].excluded_from_size),
        sparsity=count_zeros(kernels),
        agreement=agreement_of(spec, outputs),
        loading=Loading(seconds),
        artifact=Artifact(sha256_of(spec.built.path)),
    )


def nothing() -> None:
    """Do nothing: an answer says that everything asked before has been done."""


def dataset_ready(dataset: LoadedDataset) -> None:
    """Read the validation images ahead of the first cell."""
    _validation(dataset.path)
