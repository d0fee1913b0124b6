"""The worksheet and the report as people read them: on a screen, a phone and paper, sorted, filtered and pointed at."""

import json
import re
from base64 import b64decode

import documents
import pytest
from lab4_browser import browser
from lab4_pages import BROWSER
from worksheet_factory import realistic

from lab4.report import Student
from lab4.report.web_page import render
from lab4.worksheet.fill import blank_form, worksheet

pytestmark = BROWSER

PAGES = {
    "worksheet": lambda: worksheet([realistic(700)]),
    "blank": blank_form,
    "report": lambda: documents.FULL,
    "merged": lambda: documents.ALL["merged"],
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, made in PAGES.items():
        (folder / f"{name}.html").write_text(render(made(), Student("Ada")), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def page():
    with browser() as made:
        yield made


@pytest.fixture
def opened(page, pages):
    def open_page(name, width=1200):
        page.start_afresh(width)
        page.open((pages / f"{name}.html").as_uri())
        return page

    return open_page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1200, 390], ids=["desktop", "phone"])
def test_a_page_fits_its_window_says_nothing_and_asks_for_nothing_else(opened, pages, name, width):
    page = opened(name, width)
    wide = page.value(
        "[...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1"
        " && !each.closest('.scroll, .table')).map((each) => each.outerHTML.slice(0, 80)).slice(0, 3)"
    )
    assert page.value("document.documentElement.scrollWidth <= innerWidth"), wide
    assert page.said == []
    assert [each for each in page.asked if not each.startswith((pages.as_uri(), "about:", "data:"))] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_follows_the_reader_into_the_dark(opened, dark):
    page = opened("report")
    page.media(dark=dark)
    light = sum(map(int, re.findall(r"\d+", page.value("getComputedStyle(document.body).backgroundColor"))[:3]))
    assert (light < 3 * 128) is dark


def test_the_worksheet_is_printed_on_six_pages_at_most(opened):
    page = opened("worksheet")
    page.media(printed=True)
    printed = b64decode(page.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 6


def column(page, table, number):
    cells = (
        f"[...document.querySelectorAll('table.sortable')[{table}].tBodies[0].rows].map((row) => row.cells[{number}])"
    )
    return page.value(f"{cells}.map((cell) => cell.dataset.value === undefined ? null : Number(cell.dataset.value))")


def test_a_table_is_sorted_by_its_numbers_and_what_is_not_measured_comes_last(opened):
    page = opened("report")
    table, number = page.value(
        "[...document.querySelectorAll('table.sortable')].flatMap((each, table) => [...each.tHead.rows[0].cells]"
        ".map((_, number) => [table, number, new Set([...each.tBodies[0].rows].map((row) => row.cells[number]?.dataset"
        ".value))])).filter(([, , values]) => values.size > 4).map(([table, number]) => [table, number])[0]"
    )
    heading = f"document.querySelectorAll('table.sortable')[{table}].tHead.rows[0].cells[{number}]"
    for direction, sign in (("ascending", 1), ("descending", -1)):
        page.value(f"{heading}.querySelector('button').click()")
        assert page.value(f"{heading}.getAttribute('aria-sort')") == direction
        found = column(page, table, number)
        numbers = [each for each in found if each is not None]
        assert numbers == sorted(numbers, key=lambda each: sign * each)
        assert found[: len(numbers)] == numbers


def test_a_filter_leaves_the_rows_with_all_words_and_counts_them(opened):
    page = opened("report")
    page.value(
        "(() => { const input = document.querySelector('label.filter input'); input.value = 'CNN onnx';"
        "input.dispatchEvent(new Event('input')); })()"
    )
    rows = "[...document.querySelector('label.filter').parentElement.querySelector('table').tBodies[0].rows]"
    shown, every = page.value(f"[{rows}.filter((row) => !row.hidden).map((row) => row.textContent), {rows}.length]")
    assert 0 < len(shown) < every
    assert all("cnn" in each.lower() and "onnx" in each.lower() for each in shown)
    assert page.value("document.querySelector('label.filter output').textContent") == f" {len(shown)} of {every} rows"


def test_pointing_at_a_mark_shows_its_interval_its_test_and_its_clock(opened):
    page = opened("report")
    title = "Latency of the CNN, batch 1, CPU"
    chart = (
        f"[...document.querySelectorAll('figure.chart')].find((each) => each.textContent.includes({json.dumps(title)}))"
    )
    page.hover(f"{chart}.querySelector('.mark-symbol.role-mark path')")
    page.wait("document.querySelector('#vg-tooltip-element.visible')")
    said = page.value("document.querySelector('#vg-tooltip-element').textContent")
    for words in ("95% interval", "test_latency[cnn-cpu-b1-", "Clock"):
        assert words in said
