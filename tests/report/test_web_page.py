import re
from html.parser import HTMLParser

import pytest
import worksheets

from lab4.report.student import Student
from lab4.report.svg import Bar, bar_chart
from lab4.report.units import number, spread
from lab4.report.view import ValueView
from lab4.report.web_page import render, spans

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Reader(HTMLParser):
    """Keeps texts, attributes and the widths of table rows, and notes tags that do not match."""

    def __init__(self):
        super().__init__()
        self.texts, self.open, self.wrong, self.attributes, self.rows, self.tables = [], [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag == "table":
            self.rows = []
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += int(dict(attrs).get("colspan", 1))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
        if tag == "table":
            self.tables.append(self.rows)

    def handle_data(self, data):
        self.texts.append(data)


def _read(made, student=None):
    reader = Reader()
    reader.feed(render(made, student or Student()))
    reader.close()
    return reader


@pytest.mark.parametrize("name", worksheets.ALL)
def test_every_tag_is_closed_and_every_row_is_as_wide_as_its_heading(name):
    found = _read(worksheets.ALL[name])
    assert (found.wrong, found.open) == ([], [])
    assert len(found.tables) == sum(1 for table in worksheets.ALL[name].tables if table.rows)
    assert all(len(set(rows)) == 1 for rows in found.tables)


@pytest.mark.parametrize("name", worksheets.ALL)
def test_nothing_is_fetched_from_anywhere(name):
    found = _read(worksheets.ALL[name])
    assert not [item for item in found.attributes if item[1] in {"src", "href", "srcset", "action"}]
    assert not {"link", "img", "iframe", "object"} & {item[0] for item in found.attributes}
    if name not in {"names", "broken"}:
        assert "http://" not in render(worksheets.ALL[name], Student())
        assert "https://" not in render(worksheets.ALL[name], Student())


def test_names_are_escaped_wherever_they_stand():
    for made in (worksheets.NAMES, worksheets.BROKEN):
        text = render(made, Student(worksheets.HOSTILE, worksheets.HOSTILE, reflection="</textarea><script>"))
        assert text.count("<script") == 1
        assert '<script src="' not in text


def test_every_figure_of_the_tables_is_in_the_page():
    texts = "\n".join(_read(worksheets.FULL).texts)
    for value, kind in worksheets.quantities(worksheets.FULL):
        assert number(value.value, kind) in texts
        assert spread(value, kind) in texts


def test_neighbouring_blanks_of_one_reason_are_one_cell():
    blank, other = ValueView("not measured: x", "x", "", "not measured"), ValueView("N/A", "N/A", "", "not applicable")
    assert [span for _, span in spans((blank, blank, other, other, blank))] == [2, 1, 1, 1]


def test_the_reflection_is_empty_until_the_student_writes_it_and_counted_when_given():
    assert '<textarea id="reflection" rows="14">\n</textarea>' in render(worksheets.FULL, Student())
    given = render(worksheets.FULL, Student(reflection="four words of mine"))
    assert "four words of mine</textarea>" in given
    assert '<output id="words" for="reflection">4</output>' in given


def test_drafts_are_marked_and_can_be_edited():
    text = render(worksheets.FULL, Student())
    assert text.count("Draft from this run's numbers: rewrite in your own words") == 15
    assert text.count('contenteditable="true"') == 15 + 3


def test_charts_say_in_words_what_they_draw():
    found = _read(worksheets.FULL)
    labels = [value for tag, name, value in found.attributes if (tag, name) == ("svg", "aria-label")]
    assert len([label for label in labels if not label.startswith("Roofline")]) == 3
    assert "TFLite (Int8): 0.0" in labels[0]


def test_each_model_has_its_roofline_where_the_peaks_were_measured():
    def rooflines(made):
        return [value for _, name, value in _read(made).attributes if name == "aria-label" and "Roofline" in value]

    assert rooflines(worksheets.FULL) == ["Roofline of the CNN, one thread", "Roofline of the FCNN, one thread"]
    assert rooflines(worksheets.EMPTY) == []
    assert [label.rpartition(" on ")[2] for label in rooflines(worksheets.MERGED)] == ["gpu-box"] * 2


def test_longer_bars_stand_for_greater_figures_on_both_axes():
    bars = (Bar("a", 0.02, "0.02"), Bar("b", 3.0, "3"), Bar("none", 0.0, "0", strong=False))
    for logarithmic in (True, False):
        drawn = str(bar_chart("t", "x", bars, logarithmic=logarithmic))
        widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn)]
        assert widths[0] < widths[1] <= 400
        assert widths[2] == 0


def test_a_chart_of_nothing_but_zeros_can_be_drawn():
    assert "<rect" in bar_chart("t", "x", (Bar("a", 0.0, "0"),), logarithmic=True)
