"""Time by operator in the general report, as typed blocks."""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "report"))

import pytest
from own_model_runs import artifact, own_run

from lab4.analysis.charts.operators import operator_chart
from lab4.analysis.document import Chart
from lab4.analysis.overview import report
from lab4.analysis.tables import Quantity, Text, Unmeasured
from lab4.domain.profiled import OperatorTime, Profile
from lab4.report import Student
from lab4.report.web_page import render

OPERATORS = (
    OperatorTime("conv_1", "Conv", "XNNPACK", 1.0, 6e-3, 0.5),
    OperatorTime("pad<1>", "Pad", "LiteRT", 2.0, 3e-3, 0.25),
    OperatorTime("conv_2", "Conv", "XNNPACK", 1.0, 2e-3, 0.125),
)
PROFILE = Profile("LiteRT", "2.3.0", 50, 1, 12e-3, 11e-3, 0.125, 1e-6, False, OPERATORS)
MADE = report([own_run(examined=replace(artifact(), operators=PROFILE))])


def section(made):
    return next((each for each in made.sections if each.title == "Where the time goes"), None)


def test_a_run_without_profiles_has_no_such_section():
    assert section(report([own_run()])) is None


def test_types_are_put_together_and_say_where_they_ran():
    types, operators = section(MADE).tables
    shown = [[types.value(row, key) for key in ("type", "where", "count", "share")] for row in types.rows]
    assert shown == [
        [Text("Conv"), Text("XNNPACK"), Quantity(2), Quantity(0.625)],
        [Text("Pad"), Text("LiteRT"), Quantity(1), Quantity(0.25)],
    ]
    assert [operators.value(row, "operator") for row in operators.rows] == [
        Text("conv_1"),
        Text("pad<1>"),
        Text("conv_2"),
    ]
    assert "LiteRT 2.3.0, 50 calls: 12 ms per call under the profiler (median), 11 ms without it" in types.notes[0]
    assert "rounded" not in types.notes[0]


def test_short_operators_are_said_to_be_rough():
    rough = replace(PROFILE, call_s=20e-6)
    types, _ = section(report([own_run(examined=replace(artifact(), operators=rough))])).tables
    assert "rounded down to 1 us" in types.notes[0]


def test_the_chart_has_a_bar_for_each_operator_the_longest_first():
    (chart,) = [each for each in section(MADE).blocks if isinstance(each, Chart)]
    shares = [mark.x.value for mark in chart.marks]
    assert shares == sorted((each.share for each in OPERATORS), reverse=True)
    assert {mark.name for mark in chart.marks} == {each.name for each in OPERATORS}
    assert {mark.group for mark in chart.marks} == {each.type for each in OPERATORS}
    assert "pad\\u003c1\\u003e" in render(MADE, Student())


def test_what_a_person_would_not_look_through_is_one_bar():
    many = tuple(replace(OPERATORS[0], name=f"conv_{number}", share=0.05) for number in range(20))
    chart = operator_chart("net", replace(PROFILE, operators=many))
    assert chart.marks[-1].name == "5 more"
    assert sum(mark.x.value for mark in chart.marks) == pytest.approx(1.0)


@pytest.mark.parametrize("why", ["only ONNX and TFLite artifacts are profiled by operator; this is hdf5"])
def test_an_artifact_that_is_not_profiled_says_why(why):
    made = section(report([own_run(examined=replace(artifact(), missing={"operators": why}))]))
    (table,) = made.tables
    assert table.unmeasured == (Unmeasured(why, ("Vad, ONNX, CPU",)),)


def test_what_was_changed_to_be_profiled_is_a_note():
    remarked = replace(PROFILE, remark="sizes are constants")
    types, _ = section(report([own_run(examined=replace(artifact(), operators=remarked))])).tables
    assert types.notes[1] == "sizes are constants."
