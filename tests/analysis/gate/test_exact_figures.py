"""Sizes and sparsities: compared with what the baseline had last."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from lab4_gate_runs import cell, run_with

from lab4.analysis.gate.untimed import judge_exact
from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.policy import Policy

KEY = "examine/cnn-cpu-tflite_float32"
SIZES = st.integers(1, 10**9).map(float)


def sized(sizes, first=0):
    return [
        run_with({KEY: cell(1e-3) if size is None else cell(1e-3, size=size)}, first + number)
        for number, size in enumerate(sizes)
    ]


def judged(before, after):
    (found,) = judge_exact(before, sized(after, 20), Policy())
    return found


def test_a_gain_of_the_past_does_not_hide_that_it_is_lost_again():
    found = judged(sized([200_000.0, 200_000.0, 100_000.0]), [150_000.0])
    assert (found.outcome, found.stops) == (VerdictOutcome.WORSE, ExitCode.REGRESSION)
    assert (found.evidence.baseline, found.evidence.candidate) == (100_000.0, 150_000.0)
    assert "size +50,000 bytes (+50.00%)" in found.reason


def test_the_latest_run_that_has_the_figure_is_the_baseline():
    assert judged(sized([1_000.0, 900.0, None]), [950.0]).outcome is VerdictOutcome.WORSE


@given(st.lists(SIZES, min_size=1, max_size=6), st.lists(SIZES, min_size=1, max_size=3), st.integers(0, 2**32))
def test_only_the_latest_counts_in_whatever_order_runs_are_given(before, after, seed):
    runs = sized(before)
    Random(seed).shuffle(runs)
    assert judged(runs, after) == judged(sized(before[-1:]), after)


@given(SIZES, st.lists(SIZES, min_size=1, max_size=4))
def test_worse_is_what_every_run_of_the_candidate_is(before, after):
    found = judged(sized([before]), after)
    assert (found.outcome is VerdictOutcome.WORSE) == all(size > before for size in after)
    assert (found.outcome is VerdictOutcome.BETTER) == all(size < before for size in after)
