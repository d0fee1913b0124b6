"""The figures of a latency: as it was felt, and as it is on an undisturbed machine of usual speed."""

import pytest
from lab4_examples import latency

from lab4.analysis.figures import latency_figures
from lab4.domain.observed import Series


def of(passes, **changes):
    samples_s = tuple(each for samples in passes for each in samples)
    return latency(calls=Series(samples_s, tuple(map(len, passes)), 1, "call"), **changes)


def told(alone, shared):
    return (True,) * 300 * alone + (False,) * 300 * shared


QUIET, SHARED = [1e-3] * 300, [1.5e-3] * 300


def test_what_was_felt_is_of_all_passes_and_what_is_corrected_of_those_alone_on_their_core():
    found = of([*[QUIET] * 3, *[SHARED] * 5], reference_s=(2e-5,) * 8, undisturbed=told(3, 5))
    figures = latency_figures(found, 32)
    assert figures.values == pytest.approx(
        {"latency": 1e-3, "p50": 1.5e-3, "p90": 1.5e-3, "p99": 1.5e-3, "throughput": 32 / 1.5e-3}
    )
    assert figures.corrected["p50"] == pytest.approx(50)
    assert figures.corrected["latency"] == pytest.approx(50)
    assert figures.corrected["throughput"] == pytest.approx(32 / 50)
    assert figures.missing == {}


def test_a_machine_that_was_slow_in_one_pass_is_corrected_there():
    found = of([QUIET, [2e-3] * 300], reference_s=(2e-5, 4e-5), undisturbed=told(2, 0))
    assert latency_figures(found, 1).corrected["p90"] == pytest.approx(50)


def test_tails_of_too_few_undisturbed_calls_are_not_corrected():
    flags = (True,) * 60 + (False,) * 900
    found = of([*[[1e-3] * 20] * 3, *[SHARED] * 3], reference_s=(2e-5,) * 6, undisturbed=flags)
    figures = latency_figures(found, 1)
    assert "p99" in figures.values
    assert "p50" in figures.corrected
    assert "p99" not in figures.corrected


def test_where_hardly_a_call_was_undisturbed_nothing_is_corrected():
    found = of([QUIET, *[SHARED] * 5], reference_s=(2e-5,) * 6, undisturbed=told(1, 5))
    assert latency_figures(found, 1).corrected == {}


def test_without_the_kernels_nothing_is_corrected():
    assert latency_figures(of([QUIET], reference_s=()), None).corrected == {}


def test_without_being_told_what_was_undisturbed_nothing_is_corrected():
    assert latency_figures(of([QUIET], reference_s=(2e-5,), undisturbed=()), 1).corrected == {}


def test_means_of_several_calls_say_why_they_have_no_tails():
    found = latency(calls=Series((1e-6,) * 900, (900,), 20, "call"), reference_s=(2e-5,))
    assert "too short" in latency_figures(found, 1).missing["p99"]
