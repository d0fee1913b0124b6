from hypothesis import given
from hypothesis import strategies as st
from lab4_examples import latency

from lab4.domain.cell import KINDS, Cell
from lab4.domain.observed import PerExample, Size, Training
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable
from lab4.plugin.progress import Progress, remaining_s

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


@given(spent, counts, st.floats(0.1, 10))
def test_a_machine_twice_as_slow_takes_twice_as_long(done, left, factor):
    slower = {kind: (cells, seconds * factor) for kind, (cells, seconds) in done.items()}
    expected = factor * remaining_s(done, left)
    assert abs(remaining_s(slower, left) - expected) <= 1e-6 * max(1.0, expected)


def lines(outcomes):
    cells = [Cell("latency", "cnn", (), "cpu", size, "onnx") for size in range(1, len(outcomes) + 1)]
    clock = iter(range(100))
    progress = Progress([cell.key for cell in cells], lambda: next(clock))
    return [progress.line(Measurement(cell, outcome)) for cell, outcome in zip(cells, outcomes, strict=True)]


TIMED = Measured(latency=latency((0.001,) * 10))


def test_a_line_has_the_cell_its_figure_and_the_time_left():
    first, second, third = lines([TIMED, Unavailable("no GPU visible to TensorFlow"), Failed("it crashed")])
    assert first.startswith("1/3  latency/cnn-cpu-b1-onnx")
    assert "1.00 ms, 1,000 samples/s" in first
    assert first.endswith("2 to do, about 2 s left")
    assert "not measured: no GPU visible to TensorFlow" in second
    assert "FAILED: it crashed" in third
    assert third.endswith("done")


def test_cells_that_were_measured_before_count_as_done():
    cells = [Cell("latency", "cnn", (), "cpu", size, "onnx") for size in (1, 2, 3)]
    progress = Progress([cell.key for cell in cells], lambda: 0.0)
    progress.skip([cells[0].key])
    assert progress.line(Measurement(cells[1], TIMED)).startswith("2/3")


def test_each_kind_shows_what_it_is_about():
    training = Measured(
        training=Training((1.5, 1.5), 0.5, 8000, 128, 1, "ab"),
        metrics={"accuracy": PerExample((True, True, False, True))},
    )
    sized = Measured(metrics={"accuracy": PerExample((True,))}, size=Size(1_710_000, 1_500_000))
    first, second = lines([training, sized])
    assert "3.00 s, 75.00%" in first
    assert "100.00%, 1.71 MB" in second
