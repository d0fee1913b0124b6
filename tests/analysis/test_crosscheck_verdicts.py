import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.crosscheck import Comparison, compared
from lab4.domain.crosscheck import Contender, Crosscheck, Figure, Subject
from lab4.domain.outcome import Unavailable

WHOLE, ALONE = Figure("whole", "median"), Figure("alone", "mean")
SUBJECT = Subject("/models/model.onnx", ".onnx", "images", (28, 28, 1), "float32", None)


def check(suite, *contenders):
    rounds = len(next(iter(suite.values())))
    return Crosscheck("model", SUBJECT, 1, 1, 1, rounds, suite, {"whole": "run"}, contenders)


def found(suite, *contenders):
    return [comparison for _, comparison in compared(check(suite, *contenders))]


latencies = st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1)), min_size=1, max_size=30)


@given(latencies)
def test_the_ratio_lies_in_its_interval(pairs):
    suite, other = zip(*pairs, strict=True)
    (one,) = found({WHOLE: suite}, Contender("loop", WHOLE, "run", other))
    assert one.low <= one.ratio * (1 + 1e-12)
    assert one.ratio <= one.high * (1 + 1e-12)


@given(latencies, st.lists(st.integers(-8, 8), min_size=30, max_size=30))
def test_what_slows_a_whole_round_changes_no_ratio(pairs, powers):
    suite, other = zip(*pairs, strict=True)
    slowed = [[value * 2.0**power for value, power in zip(side, powers, strict=False)] for side in (suite, other)]
    (calm,) = found({WHOLE: suite}, Contender("loop", WHOLE, "run", other))
    (busy,) = found({WHOLE: tuple(slowed[0])}, Contender("loop", WHOLE, "run", tuple(slowed[1])))
    assert (calm.ratio, calm.low, calm.high) == (busy.ratio, busy.low, busy.high)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.95, 1.05, "agrees"),
        (0.99, 1.01, "agrees"),
        (0.94, 1.0, "undecided"),
        (1.0, 1.2, "undecided"),
        (0.5, 2.0, "undecided"),
        (1.06, 1.2, "differs"),
        (0.5, 0.949, "differs"),
    ],
)
def test_only_an_interval_that_lies_outside_differs(low, high, verdict):
    assert Comparison(1.0, 1.0, (low + high) / 2, low, high).verdict == verdict


def test_figures_of_other_content_or_statistic_are_not_compared():
    (one,) = found({WHOLE: (1.0,)}, Contender("tool", ALONE, "invoke", (1.0,)))
    assert one == Unavailable("suite has no such figure to compare it with")


def test_a_contender_may_be_compared_with_another():
    loop = Contender("loop", ALONE, "invoke", (2.0,))
    tool = Contender("tool", ALONE, "invoke", (1.0,), beside="loop")
    assert found({ALONE: (8.0,)}, loop, tool)[1] == Comparison(1.0, 2.0, 2.0, 2.0, 2.0)


def test_nothing_is_compared_with_what_was_not_measured():
    loop = Contender("loop", ALONE, "invoke", Unavailable("it crashed"))
    tool = Contender("tool", ALONE, "invoke", (1.0,), beside="loop")
    assert found({ALONE: (8.0,)}, loop, tool) == [
        Unavailable("it crashed"),
        Unavailable("loop has no such figure to compare it with"),
    ]
