from hypothesis import given
from hypothesis import strategies as st
from lab4_examples import latency

from lab4.domain.cell import EXAMINE, KINDS, LATENCY, TRAIN, Cell
from lab4.domain.observed import PerExample, Size, Training
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable
from lab4.domain.progress import Step
from lab4.plugin.progress.plan import Plan, in_minutes, remaining_s

counts = st.dictionaries(st.sampled_from(KINDS), st.integers(0, 50))
spent = st.dictionaries(st.sampled_from(KINDS), st.tuples(st.integers(1, 50), st.floats(0.01, 100)), min_size=1)


@given(spent, counts)
def test_the_time_left_is_never_negative_and_nothing_when_nothing_is_left(done, left):
    assert remaining_s(done, left) >= 0
    assert remaining_s(done, dict.fromkeys(left, 0)) == 0


@given(spent, counts, st.sampled_from(KINDS))
def test_one_more_cell_never_takes_less(done, left, kind):
    more = {**left, kind: left.get(kind, 0) + 1}
    assert remaining_s(done, more) >= remaining_s(done, left)


@given(spent, st.tuples(st.integers(1, 50), st.floats(0.01, 100)))
def test_how_long_cells_are_timed_says_nothing_of_what_others_take(done, timed):
    others = {EXAMINE: 20, TRAIN: 2}
    rest = {kind: each for kind, each in done.items() if kind != LATENCY}
    assert remaining_s({**rest, LATENCY: timed}, others) == remaining_s(rest, others)


@given(spent.filter(lambda each: set(each) != {LATENCY}), counts, st.floats(0.1, 10))
def test_a_machine_twice_as_slow_takes_twice_as_long(done, left, factor):
    slower = {kind: (cells, seconds * factor) for kind, (cells, seconds) in done.items()}
    expected = factor * remaining_s(done, left)
    assert abs(remaining_s(slower, left) - expected) <= 1e-6 * max(1.0, expected)


def cells(count, kind="latency"):
    return [Cell(kind, "cnn", (), "cpu", size, "onnx") for size in range(1, count + 1)]


def lines(outcomes):
    planned = cells(len(outcomes))
    plan = Plan([cell.key for cell in planned], lambda: 0.0)
    found = []
    for cell, outcome in zip(planned, outcomes, strict=True):
        measurement = Measurement(cell, outcome)
        plan.end(measurement)
        found.append(plan.line(measurement))
    return found


TIMED = Measured(latency=latency((0.001,) * 10))


def test_a_line_has_the_cell_and_its_figure():
    first, second, third = lines([TIMED, Unavailable("no GPU visible to TensorFlow"), Failed("it crashed")])
    assert first.startswith("1/3  latency/cnn-cpu-b1-onnx")
    assert first.endswith("1.00 ms, 1,000 samples/s")
    assert second.endswith("not measured: no GPU visible to TensorFlow")
    assert third.endswith("FAILED: it crashed")


def test_cells_that_were_measured_before_count_as_done():
    planned = cells(3)
    plan = Plan([cell.key for cell in planned], lambda: 0.0)
    plan.skip([planned[0].key])
    measurement = Measurement(planned[1], TIMED)
    plan.end(measurement)
    assert plan.line(measurement).startswith("2/3")


def test_a_test_that_is_run_again_has_ended_once():
    planned = cells(2)
    plan = Plan([cell.key for cell in planned], lambda: 0.0)
    plan.end(Measurement(planned[0], Failed("once")))
    plan.end(Measurement(planned[0], TIMED))
    assert plan.done == 1


def test_each_kind_shows_what_it_is_about():
    training = Measured(
        training=Training((1.5, 1.5), 0.5, 8000, 128, 1, "ab"),
        metrics={"accuracy": PerExample((True, True, False, True))},
    )
    sized = Measured(metrics={"accuracy": PerExample((True,))}, size=Size(1_710_000, 1_500_000))
    first, second = lines([training, sized])
    assert "3.00 s, 75.00%" in first
    assert "100.00%, 1.71 MB" in second


class Clock:
    """A clock that shows the same time until it is set."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_before_anything_is_known_no_time_is_claimed():
    assert Plan([cell.key for cell in cells(3, "train")], Clock()).left_s is None


def test_the_time_left_counts_down_while_a_cell_is_trained():
    clock, trained = Clock(), cells(4, "train")
    plan = Plan([cell.key for cell in trained], clock)
    clock.now = 10.0
    plan.end(Measurement(trained[0], TIMED))
    assert plan.left_s == 30.0
    clock.now = 14.0
    assert plan.left_s == 26.0
    clock.now = 100.0
    assert plan.left_s == 0.0


def test_the_time_left_counts_down_while_a_cell_is_trained_before_others_are_timed():
    clock, planned = Clock(), [*cells(2, "train"), *cells(5)]
    plan = Plan([cell.key for cell in planned], clock, timed_cell_s=2.0)
    clock.now = 10.0
    plan.end(Measurement(planned[0], TIMED))
    assert plan.left_s == 20.0
    clock.now = 14.0
    assert plan.left_s == 16.0


def test_the_time_left_counts_down_through_a_session_as_its_steps_say():
    clock, timed = Clock(), cells(5)
    plan = Plan([cell.key for cell in timed], clock, timed_cell_s=2.0)
    assert plan.left_s == 10.0
    plan.at(Step("measuring", 0, 5, left_s=8.0))
    assert plan.left_s == 8.0
    clock.now = 3.0
    assert plan.left_s == 5.0
    plan.done_ahead("latency")
    assert plan.left_s == 0.0


def test_the_time_left_counts_down_while_what_was_timed_together_is_recorded():
    clock, timed = Clock(), cells(3)
    plan = Plan([cell.key for cell in timed], clock)
    plan.done_ahead("latency")
    left = []
    for cell in timed:
        clock.now += 2.0
        plan.end(Measurement(cell, Measured(latency=latency())))
        left.append(plan.left_s)
    assert left == [4.0, 2.0, 0.0]


def test_cells_that_are_not_here_take_no_time():
    clock, timed = Clock(), cells(5)
    plan = Plan([cell.key for cell in timed], clock, timed_cell_s=2.0)
    plan.absent = {cell.key for cell in timed[1:]}
    assert plan.left_s == 2.0
    assert plan.done == 0


@given(st.floats(0, 1e5))
def test_a_time_in_minutes_has_fewer_than_sixty_seconds(seconds):
    assert 0 <= int(in_minutes(seconds).split()[-2]) < 60
