import json
import re

import pytest
from worksheet_factory import realistic

from lab4.analysis.figures import figures_of
from lab4.analysis.trend import FigureDrift, FigureStep, FigureTrend, TrendSample
from lab4.domain.figures import CellFigures
from lab4.report.gate.words import amount
from lab4.report.histories import run_text, trend_json, trend_text


def sample(number, revision):
    return TrendSample(number, f"2026-01-0{number}T00:00:00+00:00", "abc", revision, CellFigures("measured"))


STEP = FigureStep(sample(5, "c0ffee" * 4), sample(4, None), 0.05, worse=True)
CREEP = FigureDrift("abc", -0.01, 12.0, worse=False)
FOUND = [
    FigureTrend("a", "latency", "time", 40, 1, (STEP,), ()),
    FigureTrend("b", "latency", "time", 38, 1, (), (CREEP,)),
]


@pytest.mark.parametrize("width", [40, 60, 80, 110])
def test_a_run_fits_the_terminal_and_no_figure_is_apart_from_its_unit(width):
    lines = run_text(figures_of(realistic(70)), width).splitlines()
    assert max(map(len, lines)) <= width
    assert "latency/cnn-cpu-b1-tflite_int8" in lines
    assert not re.search(r"^ *(ms|MB|samples/s|s)\b", "\n".join(lines), re.MULTILINE)


def test_a_run_with_room_has_a_line_for_each_cell_and_no_space_before_a_comma():
    text = run_text(figures_of(realistic(70)), 400)
    (line,) = [line for line in text.splitlines() if line.startswith("latency/cnn-cpu-b1-onnx ")]
    assert re.search(r"  comparison latency [\d.]+ ms, median latency [\d.]+ ms, throughput [\d,]+ samples/s", line)
    assert " ," not in text


def test_a_number_without_a_unit_ends_without_a_space():
    assert amount(1.07e-8, "number") == "0.0000000107"
    assert (amount(0.5, "share"), amount(0.5, "time"), amount(None, "time")) == ("50.0%", "500 ms", "-")


def test_the_changes_of_a_history_fit_the_terminal():
    lines = trend_text(FOUND, width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(line.strip() for line in lines) == " ".join(trend_text(FOUND).splitlines())


def test_each_change_has_its_size_revision_and_machine():
    lines = trend_text(FOUND).splitlines()
    assert lines[0] == (
        "worse:  a latency +5.0% from run 5 on (2026-01-05T00:00:00, revision c0ffeec0ffee, after unknown) "
        "on machine abc"
    )
    assert lines[1] == "better: b latency drifts by -1.00% per week over 12.0 weeks on machine abc"
    assert lines[2] == "2 changes in 2 cells over up to 40 runs"


def test_shares_change_by_points():
    (line, _) = trend_text([FigureTrend("a", "accuracy", "share", 40, 1, (STEP,), ())]).splitlines()
    assert line.startswith("worse:  a accuracy +5.00 points from run 5 on")


def test_no_change_is_told_too():
    assert trend_text([FigureTrend("a", "latency", "time", 40, 1, (), ())]) == "no change in 1 cells over up to 40 runs"
    assert trend_text([]) == "no change in 0 cells over up to 0 runs"


def test_the_json_tells_the_same():
    first, second = json.loads(trend_json(FOUND))["trends"]
    assert first["steps"][0] == {
        "run": 5,
        "started_at": "2026-01-05T00:00:00+00:00",
        "revision": "c0ffee" * 4,
        "revision_before": None,
        "machine": "abc",
        "change": 0.05,
        "worse": True,
    }
    assert second["drifts"] == [{"machine": "abc", "per_week": -0.01, "weeks": 12.0, "worse": False}]
