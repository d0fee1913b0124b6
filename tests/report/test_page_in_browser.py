"""The HTML in a real browser: charts are drawn, nothing is complained about or fetched, and everybody can use it."""

import re

import documents
import pytest
from lab4_pages import BROWSER, NPM, SOURCES, opened, packages, violations

from lab4.report import Student
from lab4.report.web_page import render


@pytest.fixture(scope="module")
def page_packages(tmp_path_factory):
    return packages(tmp_path_factory)


@pytest.fixture
def page(tmp_path):
    def write(made, student=None):
        path = tmp_path / "page.html"
        path.write_text(render(made, student or Student("Ada")), encoding="utf-8")
        return path

    return write


def charts(document):
    return re.findall(r'<figure class="chart">.*?</figure>', document, re.DOTALL)


@BROWSER
@pytest.mark.parametrize("name", ["full", "form", "merged", "hostile form", "names", "empty", "class"])
@pytest.mark.parametrize("size", ["1200,900", "390,844"], ids=["desktop", "phone"])
def test_every_chart_is_drawn_and_the_console_is_silent(page, name, size):
    made = documents.ALL[name]
    document, said = opened(page(made), size=size)
    assert said == []
    drawn = charts(document)
    assert len(drawn) == sum(1 for section in made.sections for block in section.blocks if hasattr(block, "layers"))
    assert [each for each in drawn if "<svg" not in each or "could not be drawn" in each] == []


@BROWSER
def test_no_chart_is_wider_than_a_narrow_window(page):
    """Of 500 pixels, the least that Chromium opens, in which the margins of the page are those of a phone."""
    document, _ = opened(page(documents.FULL), size="500,844")
    widths = [float(each) for each in re.findall(r'<svg [^>]*class="marks"[^>]*width="([\d.]+)"', document)]
    assert widths
    assert max(widths) <= 500 - 2 * 12


@BROWSER
def test_tables_have_a_button_in_each_heading_and_long_ones_a_filter(page):
    document, _ = opened(page(documents.FULL))
    assert document.count('<label class="filter">') >= 1
    headings = re.findall(r"<th scope=\"col\">(.*?)</th>", document)
    assert headings
    assert all(each.startswith('<button type="button">') for each in headings)


@BROWSER
@NPM
@pytest.mark.parametrize("name", ["full", "form", "class"])
def test_axe_finds_no_serious_violation(page, page_packages, name):
    axe = page_packages / "node_modules" / "axe-core" / "axe.min.js"
    assert violations(page(documents.ALL[name]), axe) == []


@NPM
def test_the_scripts_are_those_that_the_lock_and_the_modules_make(page_packages):
    import subprocess

    subprocess.run(["npm", "run", "build"], cwd=page_packages, check=True, capture_output=True)
    for name in ("charts.js", "site.js", "tables.js"):
        assert (page_packages / name).read_bytes() == (SOURCES / name).read_bytes(), "build the scripts anew"
