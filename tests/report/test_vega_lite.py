"""Specifications of charts: what is drawn where, and that no text becomes a part of the drawing's language."""

import json

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.document import Axis, Chart, Fact, Layer, Mark
from lab4.analysis.tables import Quantity, Text
from lab4.report.vega_lite import _counts, _domain, _ticks, specification

TEXTS = st.text(max_size=12)
FIGURES = st.floats(1e-9, 1e9).map(Quantity) | st.floats(1e-9, 1e9).map(lambda each: Quantity(each, each / 2, each * 2))
MARKS = st.builds(Mark, TEXTS, FIGURES, FIGURES, TEXTS, TEXTS, TEXTS)
SHAPES = st.sampled_from(["point", "range", "line", "step", "level", "moment"])
LAYERS = st.builds(Layer, SHAPES, st.lists(MARKS, max_size=4).map(tuple))
CHARTS = st.builds(
    Chart,
    TEXTS,
    TEXTS,
    st.builds(
        Axis, TEXTS, st.sampled_from(["milliseconds", "bytes", "count"]), st.booleans(), st.none() | st.just(1.0)
    ),
    st.builds(Axis, TEXTS, st.sampled_from(["share", "rate"]), st.booleans()),
    st.lists(LAYERS, max_size=3).map(tuple),
    TEXTS,
    TEXTS,
)


def drawn(made, mark):
    return [each for each in made["layer"] if each["mark"]["type"] == mark]


@given(CHARTS)
def test_any_chart_is_json_and_all_its_data_are_inline(chart):
    text = json.dumps(specification(chart), allow_nan=False)
    assert '"url"' not in text
    assert '"expr"' not in text


@given(CHARTS)
def test_fields_have_names_of_ours_whatever_the_marks_are_called(chart):
    allowed = {"x", "y", "x_low", "x_high", "y_low", "y_high", "group", "variety", "dash", "label", "number"}
    for layer in specification(chart)["layer"]:
        for channel in layer["encoding"].values():
            for each in channel if isinstance(channel, list) else [channel]:
                field = each.get("field", "x")
                assert field in allowed or field.removeprefix("fact").isdecimal()


def test_figures_are_in_the_units_that_people_read_with_the_unit_in_the_axis():
    chart = documents.charts()[1]
    made = specification(chart)
    (points,) = drawn(made, "point")
    assert points["data"]["values"][0]["x"] == 1.0  # of 0.001 s
    assert points["encoding"]["x"]["title"] == "Latency (ms)"
    assert points["encoding"]["x"]["scale"]["type"] == "log"
    assert points["encoding"]["y"]["title"] == "Accuracy of CNN (%)"


def test_a_spread_is_a_line_from_its_low_to_its_high_end():
    spreads = [each for each in drawn(specification(documents.charts()[1]), "rule") if "x2" in each["encoding"]]
    (row,) = spreads[0]["data"]["values"]
    assert (row["x_low"], row["x_high"]) == (0.5, 2.0)


def test_whoever_points_at_a_mark_reads_its_name_its_figures_and_its_facts():
    (bars,) = drawn(specification(documents.charts()[0]), "bar")
    titles = [each["title"] for each in bars["encoding"]["tooltip"]]
    first = bars["data"]["values"][0]
    assert dict(zip(titles, (first[f"fact{at}"] for at in range(len(titles))), strict=True)) == {
        "Name": "CNN",
        "Size": "1.70 MB",
        "Test": "test_examine[CNN]",
    }


def test_a_mark_of_which_less_is_known_has_nothing_in_its_place():
    marks = (
        Mark("rest", Quantity(1.0), Text("rest")),
        Mark("Conv", Quantity(2.0), Text("Conv"), facts=(Fact("In", Text("CPU")),)),
    )
    chart = Chart("", "", Axis("Share", "fraction"), Axis("", "text"), (Layer("bar", marks),))
    (bars,) = drawn(specification(chart), "bar")
    assert [each["title"] for each in bars["encoding"]["tooltip"]] == ["Name", "Share", "In"]
    assert [row["fact2"] for row in bars["data"]["values"]] == ["", "CPU"]


def test_bars_begin_at_zero_and_stay_in_the_order_of_the_marks():
    (bars,) = drawn(specification(documents.charts()[0]), "bar")
    assert bars["encoding"]["x"]["scale"] == {"zero": True}
    assert bars["encoding"]["y"]["scale"]["domain"] == ["CNN", "small"]


def test_an_axis_with_a_figure_of_zero_is_not_logarithmic():
    marks = tuple(Mark(str(each), Quantity(each), Quantity(1.0)) for each in (0.0, 1.0))
    axes = Axis("x", "ratio", logarithmic=True), Axis("y", "ratio")
    (points,) = drawn(specification(Chart("t", "n", *axes, (Layer("point", marks),))), "point")
    assert points["encoding"]["x"]["scale"] == {"zero": False}


def test_a_group_alone_needs_no_legend():
    chart = documents.charts()[0]
    alone = Chart("t", "n", chart.x, chart.y, (Layer("bar", chart.marks[:1]),), "Model")
    (bars,) = drawn(specification(alone), "bar")
    assert bars["encoding"]["color"]["legend"] is None


def test_control_characters_and_commands_to_a_ci_system_are_visible_text():
    nasty = "a\x1b[2J ::error::b"
    marks = (Mark(nasty, Quantity(1.0), Text(nasty), nasty, facts=(Fact(nasty, Text(nasty)),)),)
    text = json.dumps(
        specification(Chart(nasty, nasty, Axis(nasty, "count"), Axis("", "text"), (Layer("bar", marks),)))
    )
    assert "\\u001b" not in text
    assert " ::error" not in text


@pytest.mark.parametrize("chart", documents.charts(), ids=lambda chart: chart.title)
def test_on_paper_colours_are_fixed_and_on_a_page_they_are_its_own(chart):
    assert "var(--" in json.dumps(specification(chart)["config"])
    paper = json.dumps(specification(chart, "paper", 300)["config"])
    assert "var(" not in paper
    assert "currentColor" not in paper


@given(st.lists(st.floats(1e-300, 1e300), min_size=1), st.sampled_from(["x", "y"]), st.booleans())
def test_a_logarithmic_axis_holds_its_figures_and_has_few_ticks(shown, name, has_labels):
    low, high = _domain(shown, name, has_labels=has_labels)
    assert 0 < low < min(shown) * (1 + 1e-9)
    assert max(shown) * (1 - 1e-9) < high < float("inf")
    ticks = _ticks(low, high)
    assert all(low <= each <= high for each in ticks)
    assert ticks == sorted(set(ticks))
    assert 1 <= len(ticks) <= 10


def test_an_axis_of_counts_has_ticks_at_the_counts():
    assert _counts([32.0, 1.0, 32.0]) == [1.0, 32.0]
    assert _counts([*map(float, range(1, 100))]) == [1.0, 99.0]
