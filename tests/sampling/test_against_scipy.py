"""Distribution functions of our own, which need no SciPy to be installed, against SciPy's."""

from math import isclose

from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special, stats

from lab4.analysis.intervals import wilson
from lab4.sampling import binomial, student
from lab4.sampling.variances import _digamma, _inverse_trigamma, _trigamma

PROBABILITIES = st.floats(1e-12, 0.5)


@given(st.floats(-40, 40), st.floats(0.5, 1000))
def test_tail_of_student(t, freedom):
    assert isclose(student.tail(t, freedom), stats.t.sf(t, freedom), rel_tol=1e-9, abs_tol=1e-15)


@given(PROBABILITIES, st.floats(1, 1000))
def test_critical_values_of_student(probability, freedom):
    assert isclose(
        student.critical(probability, freedom), stats.t.isf(probability, freedom), rel_tol=1e-6, abs_tol=1e-9
    )


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.001, 0.999))
def test_tail_of_the_binomial(successes, more, probability):
    total = successes + more
    assume(total)
    expected = stats.binom.sf(successes - 1, total, probability)
    assert isclose(binomial.tail(successes, total, probability), expected, rel_tol=1e-8, abs_tol=1e-15)


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from([0.9, 0.95, 0.99]))
def test_bounds_of_clopper_and_pearson(successes, more, confidence):
    total = successes + more
    assume(total)
    bound = stats.binomtest(successes, total, alternative="less").proportion_ci(confidence, "exact").high
    assert isclose(binomial.upper(successes, total, confidence), bound, rel_tol=1e-6)


@given(st.integers(0, 100), st.integers(0, 100))
def test_intervals_of_wilson(successes, more):
    total = successes + more
    assume(total)
    expected = stats.binomtest(successes, total).proportion_ci(0.95, "wilson")
    found = wilson(successes, total)
    assert isclose(found.low, max(0.0, expected.low), rel_tol=1e-6, abs_tol=1e-9)
    assert isclose(found.high, expected.high, rel_tol=1e-6)


@given(st.floats(0.05, 1e4))
def test_derivatives_of_the_gamma_function(x):
    assert isclose(_digamma(x), special.digamma(x), rel_tol=1e-8, abs_tol=1e-8)
    assert isclose(_trigamma(x), special.polygamma(1, x), rel_tol=1e-8)
    assert isclose(_inverse_trigamma(_trigamma(x)), x, rel_tol=1e-6)
