"""The roofline plot: well-formed, escaped, complete and readable."""

import xml.etree.ElementTree as ET
from itertools import combinations
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.document import Roof, RooflineChart, RooflinePoint
from lab4.report import web_page
from lab4.report.charts import Box, placed_labels, spanning

ROOFS = (
    Roof("float32", 222e9, 36.4e9, "memory"),
    Roof("int8", 876e9, 36.4e9, "memory"),
    Roof("float32", 222e9, 105e9, "cache"),
    Roof("int8", 876e9, 105e9, "cache"),
)
POINTS = (
    RooflinePoint("CNN, ONNX, batch 1", 5.06, 112e9, "float32"),
    RooflinePoint("FCNN, TFLite (Int8), batch 32", 57.7, 671e9, "int8"),
)
RATES = st.floats(1e3, 1e15)
TEXTS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)
ARITHMETICS = st.sampled_from(["float32", "int8", "bfloat16"])
ANY_ROOF = st.builds(Roof, TEXTS, RATES, RATES, TEXTS)
ANY_POINT = st.builds(RooflinePoint, TEXTS, st.floats(1e-3, 1e6), RATES, ARITHMETICS)
AREA = Box(200, 200, 400, 400)


def drawn(roofs, points, title="Roofline"):
    return ET.fromstring(str(web_page.drawn(RooflineChart(title, tuple(roofs), tuple(points)))))  # noqa: S314  # of our own making


def texts(figure):
    return [each.text or "" for each in figure.iter("text")]


def strokes(figure):
    """The lines of the roofs, each as its two ends and its dashes."""
    return [
        ([tuple(map(float, end.split(","))) for end in line.get("points").split()], line.get("stroke-dasharray"))
        for line in figure.iter("polyline")
        if line.get("stroke-dasharray")
    ]


@given(TEXTS, st.lists(ANY_ROOF, max_size=4), st.lists(ANY_POINT, max_size=8))
def test_whatever_is_drawn_is_well_formed_and_says_its_texts(title, roofs, points):
    figure = drawn(roofs, points, title)
    assert (figure.find("figcaption").text or "") == title
    entries = ["".join(entry.itertext()) for entry in figure.iter("li")]
    assert len(entries) == len(points)
    for entry, each in zip(entries, points, strict=True):
        assert entry.startswith(f"{each.name} ({each.arithmetic}): ")
        assert entry.endswith(" GOP/s")


def test_markup_in_names_is_text():
    nasty = "<script>alert('&')</script>"
    chart = web_page.drawn(
        RooflineChart(nasty, (Roof(nasty, 1e9, 1e9, nasty),), (RooflinePoint(nasty, 1.0, 1e9, nasty),))
    )
    assert "<script" not in chart
    assert "&lt;script&gt;" in chart


def test_every_cell_has_its_number_and_the_shape_of_its_arithmetic():
    figure = drawn(ROOFS, POINTS)
    assert {"1", "2"} <= set(texts(figure))
    assert (len(list(figure.iter("circle"))), len(list(figure.iter("rect")))) == (1, 1)


def test_each_peak_and_each_bandwidth_is_drawn_and_named_once():
    figure = drawn(ROOFS, POINTS)
    for name in ("float32 222 GOP/s", "int8 876 GOP/s", "memory 36.4 GB/s", "cache 105 GB/s"):
        assert texts(figure).count(name) == 1
    assert sorted(dashes for _, dashes in strokes(figure)) == ["7 4", "none", "none", "none"]


def test_the_slope_meets_the_flat_roof_at_the_ridge():
    slope, flat = (ends for ends, _ in strokes(drawn(ROOFS[:1], POINTS)))
    assert slope[1] == flat[0]
    assert flat[0][1] == flat[1][1]


def test_twice_as_fast_is_higher_and_a_decade_is_always_as_wide():
    scale = spanning([0.5, 300], 0, 400)
    assert scale.marks == [0.1, 1, 10, 100, 1000]
    assert [scale.at(mark) for mark in scale.marks] == pytest.approx([0, 100, 200, 300, 400])
    assert scale.at(20) > scale.at(10)


def test_a_screen_reader_hears_the_title_the_roofs_and_where_the_cells_are():
    picture = drawn(ROOFS, POINTS).find("svg")
    assert (picture.get("role"), picture.get("aria-label"), picture.find("title").text) == ("img", *["Roofline"] * 2)
    assert "float32 222 GOP/s, memory 36.4 GB/s" in picture.find("desc").text
    assert "2 numbered cells, listed beneath" in picture.find("desc").text


def test_what_has_no_place_on_a_logarithmic_axis_keeps_its_number_and_its_line():
    idle = RooflinePoint("Idle", 0.0, 0.0, "float32")
    figure = drawn(ROOFS, [idle, POINTS[0]])
    assert "2" in texts(figure)
    assert len(list(figure.iter("circle"))) == 1
    assert len(list(figure.iter("li"))) == 2


def test_without_roofs_and_cells_there_is_an_empty_plot():
    figure = drawn([], [])
    assert not strokes(figure)
    assert "Roofs: none. 0 numbered cells" in figure.find("svg").find("desc").text


@given(st.integers(1, 12))
def test_numbers_of_cells_at_one_place_do_not_cover_each_other(count):
    marks = [Box(200, 200, 7, 7)] * count
    labels = placed_labels(marks, [(16, 12)] * count, [], AREA)
    assert not any(one.overlap(other) for one, other in combinations([*labels, marks[0]], 2))


@given(st.lists(st.tuples(st.integers(10, 390), st.integers(10, 390)), max_size=20))
def test_numbers_stay_inside_the_plot_and_near_their_cells(places):
    marks = [Box(x, y, 7, 7) for x, y in places]
    for mark, label in zip(marks, placed_labels(marks, [(16, 12)] * len(marks), [], AREA), strict=True):
        assert label.inside(AREA)
        assert hypot(label.x - mark.x, label.y - mark.y) < 120


def test_a_number_far_from_its_cell_has_a_line_to_it():
    crowd = [POINTS[0]] * 12
    figure = drawn(ROOFS, crowd)
    assert len(list(figure.iter("polyline"))) > len(strokes(figure))
    assert len(list(drawn(ROOFS, crowd[:1]).iter("polyline"))) == len(strokes(figure))


def test_numbers_of_a_tall_axis_are_not_cut_off_at_the_left():
    figure = drawn(
        ROOFS,
        [
            *POINTS,
            RooflinePoint("slow", 5.0, 0.4e9, "float32"),
            RooflinePoint("fast", 90.0, 2e12, "int8"),
        ],
    )
    ends = {each.text: float(each.get("x")) for each in figure.iter("text") if each.get("text-anchor") == "end"}
    assert ends["10,000"] >= len("10,000") * 6.4  # px of a digit at the ticks' size
