"""Whether an artifact is what it should be: its outputs against its original's, its weights against the promises."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lab4 import datasets
from lab4.bench.specs import Built
from lab4.devices import DEVICES, Device
from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Agreement, Artifact
from lab4.domain.outcome import Measured
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS, Format, sha256_of, size_of
from lab4.measure.accuracy import agreement, contradictions, count_zeros, finite
from lab4.metrics import computed
from lab4.techniques import checks_of


def checked(form: Format, device: Device, outputs: Untyped, reference: Untyped) -> Agreement:
    """Compare probabilities with the original's, both float32 (n, classes).

    One contradiction is always allowed where any is: a share of few images is coarse. Raises `DisagreementError` where
    they are outside what the format and the device may differ by.
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

    Raises `DisagreementError` where a promise is not kept.
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


def agreement_of(built: Built, device: str, outputs: Untyped) -> Agreement:
    """Compare probabilities, float (n, classes), of the first n validation images with the original's.

    Raises `DisagreementError` where they differ by more than the format's tolerance, or the device's rounding.
    """
    reference = np.load(built.reference, mmap_mode="r")[: len(outputs)]
    return checked(FORMATS[built.format], DEVICES[device], finite(outputs), reference)


def judged(built: Built, device: str, outputs: Untyped, dataset: Path, metrics: Sequence[str]) -> Measured:
    """Judge an artifact by its ``outputs`` for the whole validation set, and by what is in its file."""
    outputs = finite(outputs)
    kernels = tuple(FORMATS[built.format].kernels(built.path))
    return Measured(
        verified=verified(built, kernels),
        metrics=computed(metrics, outputs, datasets.load_arrays(dataset).y_validation),
        size=size_of(built.path, FORMATS[built.format].excluded_from_size),
        sparsity=count_zeros(kernels),
        agreement=agreement_of(built, device, outputs),
        artifact=Artifact(sha256_of(built.path)),
    )
