"""Whether an artifact is what it should be: its outputs against its original's, its weights against the promises."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lab4.bench.specs import Built
from lab4.devices import DEVICES, Device
from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.errors import DisagreementError
from lab4.domain.observed import Agreement, Artifact, Difference, PerExample, Score
from lab4.domain.outcome import Measured
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS, Format
from lab4.inputs import read_examples
from lab4.measure.accuracy import contradictions, count_zeros
from lab4.measure.answers import answers_of, digest_of
from lab4.measure.outputs import are_class_scores, difference, finite_outputs, matched
from lab4.metrics import computed
from lab4.techniques import checks_of


def checked(form: Format, device: Device, outputs: Mapping[str, Any], reference: Mapping[str, Any]) -> Agreement:
    """Compare outputs with the original's, both finite arrays by name, one example per index of the first dimension.

    Class scores are compared as probabilities, and by the classes that they predict: one contradiction is always
    allowed where any is, as a share of few examples is coarse. Other outputs must point the same way, and at full
    precision none of their values may differ by more than the same share of the largest. Raises `DisagreementError`
    where they are outside what the format and the device may differ by.
    """
    pairs = {name: (outputs[own], reference[name]) for name, own in matched(outputs, reference).items()}
    differences = {name: difference(*pair) for name, pair in pairs.items()}
    scores = next((name for name, (_, expected) in pairs.items() if are_class_scores(by_example(expected))), "")
    for name, found in differences.items():
        if name != scores:
            _require_near(form, device, name, found)
    furthest = max(each.max_abs for each in differences.values())
    if not scores:
        return Agreement(furthest, 0, 0, differences)
    agreeing, total = _checked_scores(form, device, *map(by_example, pairs[scores]))
    return Agreement(furthest, agreeing, total, differences)


def _require_near(form: Format, device: Device, name: str, found: Difference) -> None:
    limit = form.tolerance
    # At lower precision one value may be far off: how far all are is what counts.
    is_exact = form.traits.precision == FULL_PRECISION
    allowed = max(limit.max_abs_difference, device.rounding) * found.scale
    if found.cosine < limit.min_cosine or (is_exact and found.max_abs > allowed):
        limits = f" (allowed {allowed:.2g})" if is_exact else ""
        why = "the artifact is wrong" if is_exact else "the precision is too low for this model"
        raise DisagreementError(
            f"the {form.label} on the {device.label} disagrees with its original: the output {name} differs by up to "
            f"{found.max_abs:.2g}{limits}, with a cosine of {found.cosine:.4g} (at least {limit.min_cosine:g}); {why}, "
            "or its runtime miscomputes it"
        )


def _checked_scores(form: Format, device: Device, outputs: Untyped, reference: Untyped) -> tuple[int, int]:
    """How many rows predict the same class, of how many."""
    limit, found = form.tolerance, difference(outputs, reference)
    furthest = max(limit.max_abs_difference, device.rounding)
    total = len(reference)
    allowed = 0 if limit.min_agreement == 1.0 else max(1, int(total * (1 - limit.min_agreement)))
    contradicting = contradictions(outputs, reference, _rounding(form, device))
    if found.max_abs > furthest or contradicting > allowed:
        raise DisagreementError(
            f"the exported {form.label} on the {device.label} disagrees with its original: largest difference of a "
            f"probability {found.max_abs:.2g} (allowed {furthest:.2g}), {contradicting} of {total} "
            f"predictions differ by more than rounding (allowed {allowed}); the artifact is wrong or its runtime "
            "miscomputes it"
        )
    return int((outputs.argmax(axis=1) == reference.argmax(axis=1)).sum()), total


def _rounding(form: Format, device: Device) -> float:
    """How far rounding may take a probability in this format on this device."""
    return max(form.tolerance.rounding, device.rounding)


@lru_cache(maxsize=8)
def examples_digest(folder: Path) -> str:
    """The digest of the examples in a folder of `lab4.inputs.StoredExamples`."""
    return digest_of(read_examples(folder).arrays.items())


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


def agreement_of(built: Built, device: str, outputs: Mapping[str, Any]) -> Agreement:
    """Compare outputs of the first examples, by name, with the original's.

    Raises `DisagreementError` where they differ by more than the format's tolerance, or the device's rounding.
    """
    found = finite_outputs(outputs)
    count = max(len(each) for each in found.values())
    reference = {name: each[:count] for name, each in reference_of(built).items()}
    return checked(FORMATS[built.format], DEVICES[device], found, reference)


def reference_of(built: Built) -> dict[str, Any]:
    """The outputs of the artifact's original, by name."""
    with np.load(built.reference, allow_pickle=False) as file:
        return dict(file)


def judged(built: Built, device: str, outputs: Mapping[str, Any], metrics: Sequence[str]) -> Measured:
    """Judge an artifact by its outputs for all examples, by name, and by what is in its file."""
    form = FORMATS[built.format]
    kernels = tuple(form.kernels(built.path))
    return replace(
        judged_outputs(built, device, outputs, metrics),
        verified=verified(built, kernels),
        size=form.size(built.path),
        sparsity=count_zeros(kernels),
    )


def judged_outputs(built: Built, device: str, outputs: Mapping[str, Any], metrics: Sequence[str]) -> Measured:
    """Judge what an artifact computed by its outputs for all examples, by name."""
    form = FORMATS[built.format]
    values, missing = _metrics(built, outputs, metrics)
    return Measured(
        metrics=values,
        agreement=agreement_of(built, device, outputs),
        answers=answers_of(outputs, examples_digest(built.examples), _rounding(form, DEVICES[device])),
        artifact=Artifact(form.sha256(built.path)),
        missing=missing,
    )


def judged_output(reference: Mapping[str, Any], labels: Untyped) -> str:
    """The name of the output that labels (n, ...) are about.

    It is that of class scores if there is one; else the first with as many values as the labels have, else the first.
    """
    scores = (name for name, each in reference.items() if are_class_scores(by_example(each)))
    sizes = (name for name, each in reference.items() if each.size == labels.size)
    return next(scores, next(sizes, next(iter(reference))))


def by_example(output: Untyped) -> Untyped:
    """An output with one example per index: without the dimension of the batch of one that some models always have."""
    return output[:, 0] if output.ndim > 2 and output.shape[1] == 1 else output  # noqa: PLR2004


def _metrics(
    built: Built, outputs: Mapping[str, Any], names: Sequence[str]
) -> tuple[dict[str, PerExample | Score], dict[str, str]]:
    """The metrics of the output that the labels are about, and the reasons for those that there are none of."""
    if built.labels is None:
        return {}, {}
    found, reference, labels = finite_outputs(outputs), reference_of(built), np.load(built.labels)
    own = matched(found, reference)
    return computed(names, by_example(found[own[judged_output(reference, labels)]]), labels)
