"""The plot of a curve: well-formed, escaped, everything within it, and readable without colour."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.document import CurveChart, CurvePoint, Level
from lab4.analysis.tables import Quantity
from lab4.report import web_page

TEXTS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20)
SHARES = st.floats(0, 1).map(lambda value: round(value, 6))
QUANTITIES = st.lists(SHARES, min_size=3, max_size=3).map(
    lambda three: Quantity(sorted(three)[1], min(three), max(three))
) | SHARES.map(Quantity)
POINTS = st.lists(st.builds(CurvePoint, TEXTS, SHARES.map(Quantity), QUANTITIES), max_size=6)
LEVELS = st.lists(st.builds(Level, TEXTS, QUANTITIES), max_size=2)


def drawn(points, levels=(), title="Curve"):
    chart = CurveChart(title, "A note.", "Zeros", "fraction", "Accuracy", "share", tuple(points), tuple(levels))
    return ET.fromstring(str(web_page.drawn(chart)))  # noqa: S314  # of our own making


def places(figure):
    """Every coordinate pair of lines and marks."""
    for line in figure.iter("polyline"):
        yield from (tuple(map(float, pair.split(","))) for pair in (line.get("points") or "").split())
    yield from ((float(mark.get("cx")), float(mark.get("cy"))) for mark in figure.iter("circle"))


@given(POINTS, LEVELS, TEXTS)
def test_whatever_is_drawn_is_well_formed_within_the_plot_and_says_its_texts(points, levels, title):
    figure = drawn(points, levels, title)
    assert (figure.find("figcaption").text or "") == title
    entries = ["".join(each.itertext()) for each in figure.iter("li")]
    assert len(entries) == len(points) + len(levels)
    for entry, each in zip(entries, (*points, *levels), strict=True):
        assert entry.startswith(each.name)
    assert len(list(figure.iter("circle"))) == len(points)
    assert all(0 <= x <= 400 and 0 <= y <= 400 for x, y in places(figure))


def test_higher_figures_are_higher_up_and_more_zeros_further_right():
    figure = drawn(
        [CurvePoint("a", Quantity(0.0), Quantity(0.96)), CurvePoint("b", Quantity(0.8), Quantity(0.97, 0.965, 0.98))],
        [Level("control", Quantity(0.975))],
    )
    (a, b) = ((float(mark.get("cx")), float(mark.get("cy"))) for mark in figure.iter("circle"))
    assert a[0] < b[0]
    assert a[1] > b[1]
    (spread,) = [each for each in figure.iter("polyline") if each.get("class") == "spread"]
    top, bottom = (float(pair.split(",")[1]) for pair in spread.get("points").split())
    assert top < b[1] < bottom
    level = next(each for each in figure.iter("polyline") if each.get("stroke-dasharray"))
    assert top < float(level.get("points").split()[0].split(",")[1]) < b[1]
    assert [each.text for each in figure.iter("text") if each.text in {"1", "2"}] == ["1", "2"]


def test_points_at_one_place_are_still_drawn():
    same = CurvePoint("a", Quantity(0.5), Quantity(0.5))
    assert len(list(drawn([same, same]).iter("circle"))) == 2
