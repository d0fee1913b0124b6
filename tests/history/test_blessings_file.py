"""The file of accepted changes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.figures import FIGURES, Nature
from lab4.domain.blessing import Blessing
from lab4.domain.errors import RecordError
from lab4.history.blessings import add_blessings, blessings_in, read_blessings

LINE = {
    "cell": "inference/cnn-cpu-b1-onnx",
    "figure": "latency",
    "started_at": "2026-01-31T12:00:00+00:00",
    "reason": "meant",
    "by": "ada",
}


def line(**changes):
    return json.dumps(LINE | changes).encode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"factor": 1e-322}, "factor: "),
        ({"factor": 1e300}, "factor: "),
        ({"value": 0.0}, "latency is accepted by a factor, not by a value"),
        ({"figure": "memory", "value": 5.0}, "memory is accepted by a factor, not by a value"),
    ],
)
def test_a_change_that_no_figure_can_have_is_refused_by_its_line(changes, says):
    with pytest.raises(RecordError, match=r"^cannot read kept\.jsonl, line 2: ") as raised:
        blessings_in(line(factor=1.1) + b"\n" + line(**changes), "kept.jsonl")
    assert says in str(raised.value)


@pytest.mark.parametrize("name", [*FIGURES])
def test_a_figure_is_accepted_by_value_where_it_does_not_vary(name):
    data = line(figure=name, value=1.0)
    if FIGURES[name].nature is Nature.TIMED:
        with pytest.raises(RecordError, match="by a factor"):
            blessings_in(data, "kept.jsonl")
    else:
        assert blessings_in(data, "kept.jsonl")[0].value == 1.0


@given(st.floats(1e-9, 1e9))
def test_what_was_accepted_is_read_again(factor):
    assert blessings_in(line(factor=factor), "kept.jsonl") == [Blessing(**LINE, factor=factor)]


def test_a_line_that_cannot_be_read_again_is_not_written(tmp_path):
    path = tmp_path / "kept.jsonl"
    add_blessings(path, [Blessing(**LINE, factor=1.1)])
    with pytest.raises(RecordError, match="factor"):
        add_blessings(path, [Blessing(**LINE, factor=0.0)])
    assert read_blessings(path) == [Blessing(**LINE, factor=1.1)]
