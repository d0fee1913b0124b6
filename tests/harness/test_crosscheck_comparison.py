import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.crosscheck.comparison import ToolComparison, compared
from benchmarks.harness.crosscheck.results import Crosscheck, LatencyKind, ModelFile, ToolResult
from lab4.domain.contract import Contract
from lab4.domain.outcome import Unavailable

WHOLE, COMPUTE_ONLY = LatencyKind("whole", "median"), LatencyKind("compute-only", "mean")
SUBJECT = ModelFile("/models/model.onnx", ".onnx", Contract((), ()))


def check(suite, *results):
    rounds = len(next(iter(suite.values())))
    return Crosscheck("model", SUBJECT, 1, 1, rounds, suite, {"whole": "run"}, results)


def found(suite, *results):
    return [comparison for _, comparison in compared(check(suite, *results))]


latencies = st.lists(st.tuples(st.floats(1e-6, 1), st.floats(1e-6, 1)), min_size=1, max_size=30)


@given(latencies)
def test_the_ratio_lies_in_its_interval(pairs):
    suite, other = zip(*pairs, strict=True)
    (one,) = found({WHOLE: suite}, ToolResult("loop", WHOLE, "run", other))
    assert one.low <= one.ratio * (1 + 1e-12)
    assert one.ratio <= one.high * (1 + 1e-12)


@given(latencies, st.lists(st.integers(-8, 8), min_size=30, max_size=30))
def test_a_slow_round_changes_no_ratio(pairs, powers):
    suite, other = zip(*pairs, strict=True)
    slowed = [[value * 2.0**power for value, power in zip(side, powers, strict=False)] for side in (suite, other)]
    (calm,) = found({WHOLE: suite}, ToolResult("loop", WHOLE, "run", other))
    (busy,) = found({WHOLE: tuple(slowed[0])}, ToolResult("loop", WHOLE, "run", tuple(slowed[1])))
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
    assert ToolComparison(1.0, 1.0, (low + high) / 2, low, high).verdict == verdict


def test_different_kinds_of_latency_are_not_compared():
    (one,) = found({WHOLE: (1.0,)}, ToolResult("tool", COMPUTE_ONLY, "invoke", (1.0,)))
    assert one == Unavailable("suite has no such latency to compare it with")


def test_a_tool_can_be_compared_with_another_tool():
    loop = ToolResult("loop", COMPUTE_ONLY, "invoke", (2.0,))
    tool = ToolResult("tool", COMPUTE_ONLY, "invoke", (1.0,), reference="loop")
    assert found({COMPUTE_ONLY: (8.0,)}, loop, tool)[1] == ToolComparison(1.0, 2.0, 2.0, 2.0, 2.0)


def test_a_missing_reference_is_unavailable():
    loop = ToolResult("loop", COMPUTE_ONLY, "invoke", Unavailable("it crashed"))
    tool = ToolResult("tool", COMPUTE_ONLY, "invoke", (1.0,), reference="loop")
    assert found({COMPUTE_ONLY: (8.0,)}, loop, tool) == [
        Unavailable("it crashed"),
        Unavailable("loop has no such latency to compare it with"),
    ]
