"""Pictures of charts, by vl-convert from the specifications: complete, and without a request."""

import xml.etree.ElementTree as ET

import documents
import pytest

from lab4.report.pictures import png, svg


@pytest.mark.parametrize("name", ["CNN", documents.HOSTILE])
def test_every_mark_of_a_chart_is_drawn(name):
    sizes, accuracies = documents.charts(name)
    for chart, marks in ((sizes, 2), (accuracies, 2)):
        text = svg(chart, 400)
        root = ET.fromstring(text)  # noqa: S314  # of our own making
        symbols = [
            each
            for each in root.iter()
            if each.get("role") == "graphics-symbol" and "mark" in (each.get("class") or "")
        ]
        paths = [each for each in root.iter("{http://www.w3.org/2000/svg}path") if each.get("aria-roledescription")]
        assert len(paths) >= marks, symbols
        assert "http://" not in text.replace("http://www.w3.org/", "")


def test_a_picture_is_a_png_of_its_scale():
    small, large = (png(documents.charts()[0], 300, scale) for scale in (1.0, 2.0))
    assert small.startswith(b"\x89PNG")
    assert len(large) > len(small)


def test_the_same_chart_is_the_same_picture():
    assert svg(documents.charts()[1], 300) == svg(documents.charts()[1], 300)
