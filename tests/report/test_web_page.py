import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import documents
import pytest

from lab4.analysis.document import Chart
from lab4.report import Student
from lab4.report.pages import unbroken
from lab4.report.units import ValueView, number, spans, spread
from lab4.report.web_page import render

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
    links = [value for _, attribute, value in found.attributes if attribute in {"src", "href", "srcset", "action"}]
    assert all(link.startswith("#") for link in links)
    assert not {"link", "img", "iframe", "object"} & {item[0] for item in found.attributes}
    policies = [value for tag, attribute, value in found.attributes if (tag, attribute) == ("meta", "content")]
    assert any(
        value.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-") for value in policies
    )


def scripts(text):
    """The types and contents of the scripts of a page."""
    return [(kind, content) for kind, content in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)]


@pytest.mark.parametrize("name", documents.ALL)
def test_no_script_runs_but_ours_whatever_the_names_say(name):
    made = documents.ALL[name]
    text = render(made, Student(documents.HOSTILE, documents.HOSTILE, reflection="</div><script>"))
    charts = [block for section in made.sections for block in section.blocks if isinstance(block, Chart)]
    data = [content for kind, content in scripts(text) if "application/json" in kind]
    run = [content for kind, content in scripts(text) if not kind]
    assert len(data) == len(charts)
    assert len(run) == 1 + bool(charts)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    for content in run:
        assert f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy.replace(
            "&#39;", "'"
        ).replace("&#43;", "+")
    assert "unsafe-eval" not in policy
    assert "&lt;script" in text or name not in documents.HOSTILE_ONES


@pytest.mark.parametrize("name", documents.ALL)
def test_each_chart_is_data_that_a_program_can_read(name):
    text = render(documents.ALL[name], Student())
    for kind, content in scripts(text):
        if "application/json" in kind:
            assert json.loads(content)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


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


def test_what_can_be_edited_has_a_name_for_those_who_do_not_see_it():
    found = {}
    for tag, name, value in _read(documents.FORM).attributes:
        if name in {"role", "aria-label"}:
            found.setdefault((tag, name), []).append(value)
    assert len(found["div", "role"]) == len(found["div", "aria-label"])


def captions(made):
    return re.findall(r"<figcaption>(.*?)</figcaption>", render(made, Student()))


def test_each_model_has_its_roofline_where_the_peaks_were_measured():
    def rooflines(made):
        return [caption for caption in captions(made) if "Roofline" in caption]

    assert rooflines(documents.FULL) == [
        "Roofline of the CNN, CPU, one thread",
        "Roofline of the FCNN, CPU, one thread",
    ]
    assert rooflines(documents.EMPTY) == []
    assert [label.rpartition(" on ")[2] for label in rooflines(documents.MERGED)] == ["gpu-box"] * 2


def test_a_missing_value_leads_to_the_note_with_its_reason():
    text = render(documents.FORM, Student())
    assert 'colspan="2">not measured<sup><a href="#sizes-note-1">1</a></sup></td>' in text
    assert '<li id="sizes-note-1">not measured: no converter</li>' in text
    assert '<li id="sizes-note-2">failed: it broke</li>' in text


def test_tables_of_a_report_can_be_sorted_by_their_figures_and_those_of_a_form_cannot():
    assert 'class="sortable' in render(documents.FULL, Student())
    assert 'class="sortable' not in render(documents.FORM, Student())
    assert 'data-value="1703000"' in render(documents.FORM, Student())


def test_an_answer_takes_the_place_of_the_draft():
    text = render(documents.FORM, Student(answers={"1.1": "It is <b>large</b>."}))
    assert "It is &lt;b&gt;large&lt;/b&gt;.</div>" in text
    assert "Draft from" not in text


def test_no_line_ends_within_a_range_or_between_a_figure_and_its_unit():
    found = unbroken("5,670 samples/s (5,530\u20135,790) in 4.2 s and/or 3 sentences")
    assert found == "5,670\u00a0samples/\u2060s (5,530\u2013\u20605,790) in 4.2\u00a0s and/or 3 sentences"
    assert unbroken("\u00b1 4%, from 5 uncontended rounds") == "\u00b1\u00a04%, from\u00a05 uncontended rounds"
