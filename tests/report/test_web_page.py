import re
from html.parser import HTMLParser

import documents
import pytest

from lab4.analysis.document import Bar, BarChart
from lab4.analysis.tables import Quantity
from lab4.report import Student
from lab4.report.units import ValueView, number, spread
from lab4.report.web_page import drawn, render, spans

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


@pytest.mark.parametrize("name", documents.ALL)
def test_every_tag_is_closed_and_every_row_is_as_wide_as_its_heading(name):
    found = _read(documents.ALL[name])
    assert (found.wrong, found.open) == ([], [])
    assert len(found.tables) == sum(1 for table in documents.ALL[name].tables if table.rows)
    assert all(len(set(rows)) == 1 for rows in found.tables)


@pytest.mark.parametrize("name", documents.ALL)
def test_nothing_is_fetched_from_anywhere(name):
    found = _read(documents.ALL[name])
    assert not [item for item in found.attributes if item[1] in {"src", "href", "srcset", "action"}]
    assert not {"link", "img", "iframe", "object"} & {item[0] for item in found.attributes}
    if name not in documents.HOSTILE_ONES:
        assert "http://" not in render(documents.ALL[name], Student())
        assert "https://" not in render(documents.ALL[name], Student())


@pytest.mark.parametrize("name", documents.ALL)
def test_there_is_no_script_whatever_the_names_say(name):
    text = render(documents.ALL[name], Student(documents.HOSTILE, documents.HOSTILE, reflection="</div><script>"))
    assert "<script" not in text
    assert "&lt;script" in text or name not in documents.HOSTILE_ONES


def test_every_figure_of_the_tables_is_in_the_page():
    texts = "\n".join(_read(documents.FULL).texts)
    for value, kind in documents.quantities(documents.FULL):
        assert number(value.value, kind) in texts
        assert spread(value, kind) in texts


def test_neighbouring_missing_values_of_one_reason_are_one_cell():
    blank, other = ValueView("not measured: x", "x", "", "not measured"), ValueView("N/A", "N/A", "", "not applicable")
    assert [span for _, span in spans((blank, blank, other, other, blank))] == [2, 1, 1, 1]


def test_the_reflection_is_empty_until_the_student_writes_it_and_counted_when_given():
    assert 'aria-label="What did you learn?"></div>' in render(documents.FORM, Student())
    assert "100 to 150 words" in render(documents.FORM, Student())
    given = render(documents.FORM, Student(reflection="four words of mine"))
    assert "four words of mine</div>" in given
    assert "4 words of 100 to 150" in given


def test_blanks_drafts_answers_and_reflections_can_be_edited():
    text = render(documents.FORM, Student())
    assert text.count("Draft from this run's numbers: rewrite in your own words") == 1
    assert text.count('contenteditable="true"') == len(documents.FORM.blanks) + 2 + 1
    assert 'aria-label="Answer to question 2 of All kinds of blocks"' in text


def test_what_can_be_edited_and_what_is_drawn_has_a_name_for_those_who_do_not_see_it():
    found = {}
    for tag, name, value in _read(documents.FORM).attributes:
        if name in {"role", "aria-label"}:
            found.setdefault((tag, name), []).append(value)
    assert len(found["svg", "role"]) == len(found["svg", "aria-label"]) == 3
    assert len(found["div", "role"]) == len(found["div", "aria-label"])


def test_charts_say_in_words_what_they_draw():
    labels = [value for tag, name, value in _read(documents.FULL).attributes if (tag, name) == ("svg", "aria-label")]
    assert len([label for label in labels if label.startswith("Latency")]) == 4
    assert len([label for label in labels if label.startswith("Size")]) == 2
    assert "TFLite (Int8): 0.0" in labels[0]


def test_each_model_has_its_roofline_where_the_peaks_were_measured():
    def rooflines(made):
        return [value for _, name, value in _read(made).attributes if name == "aria-label" and "Roofline" in value]

    assert rooflines(documents.FULL) == [
        "Roofline of the CNN, CPU, one thread",
        "Roofline of the FCNN, CPU, one thread",
    ]
    assert rooflines(documents.EMPTY) == []
    assert [label.rpartition(" on ")[2] for label in rooflines(documents.MERGED)] == ["gpu-box"] * 2


def bars(*values, logarithmic=False):
    made = tuple(Bar(f"bar {number}", Quantity(value)) for number, value in enumerate(values))
    return BarChart("t", "x", "seconds", made, logarithmic=logarithmic)


@pytest.mark.parametrize("logarithmic", [True, False])
def test_longer_bars_stand_for_greater_figures_on_both_axes(logarithmic):
    markup = str(drawn(bars(0.02, 3.0, 0.0, logarithmic=logarithmic)))
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', markup)]
    assert widths[0] < widths[1] <= 400
    assert widths[2] == 0


def test_a_chart_of_nothing_but_zeros_can_be_drawn():
    assert "<rect" in drawn(bars(0.0, logarithmic=True))


def test_bars_stand_on_the_axis_of_the_unit_that_people_read():
    markup = str(drawn(BarChart("t", "x", "milliseconds", (Bar("a", Quantity(0.002)),))))
    assert ">2.00 ms<" in markup
    assert ">2<" in markup
    assert "in ms" in markup


def test_bars_that_stand_out_are_dark_and_where_none_does_all_are():
    kinds = re.compile(r'class="(strong|weak)"')
    assert set(kinds.findall(drawn(bars(1.0, 2.0)))) == {"strong"}
    one = Bar("a", Quantity(1.0), strong=True)
    chart = BarChart("t", "x", "seconds", (one, Bar("b", Quantity(2.0))))
    assert kinds.findall(drawn(chart)) == ["strong", "weak"]


def test_bars_of_a_chart_with_an_origin_start_there_and_go_to_both_sides():
    chart = BarChart("t", "x", "ratio", tuple(Bar(str(each), Quantity(each)) for each in (4.0, 0.25)), True, 1.0)
    markup = str(drawn(chart))
    (x, width), (other_x, other_width) = (
        map(float, each) for each in re.findall(r'<rect x="([\d.]+)" [^>]*width="([\d.]+)"', markup)
    )
    assert width == other_width > 0
    assert other_x + other_width == pytest.approx(x)
    assert "Bars start at 1; each line is ten times" in markup
    assert set(re.findall(r'class="(strong|weak)"', markup)) == {"weak"}
