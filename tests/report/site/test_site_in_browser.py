"""The site in a real browser, from files: navigation, filters, links that keep them, hover, accessibility."""

import json

import pytest
from lab4_browser import browser
from lab4_examples import RUN
from lab4_pages import BROWSER, NPM, packages
from lab4_sites import MACHINES, STEPPED, numbered, written

from lab4.analysis.overview import report

pytestmark = BROWSER

SERVER = MACHINES[1].hardware_id


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("browser") / "site"
    return place, written(place, numbered(), [(1, lambda: report([RUN]))])


@pytest.fixture(scope="module")
def kinds(site):
    """A page of each kind."""
    _, view = site
    own = [view.path("cell", STEPPED), view.path("machine", SERVER), view.path("model", "cnn"), "run/1.html"]
    return [
        "index.html",
        "cells.html",
        "machines.html",
        "changes.html",
        "gate.html",
        "runs.html",
        *own,
        "report/1.html",
    ]


@pytest.fixture(scope="module")
def page():
    with browser() as made:
        yield made


@pytest.fixture
def opened(page, site):
    place, _ = site
    page.start_afresh()

    def open_page(path, fragment=""):
        page.open(f"{(place / path).as_uri()}{fragment}")
        return page

    return open_page


def rows(page, key):
    return page.value(f"document.querySelectorAll('#{key} tbody tr').length")


def texts(page, selector):
    return page.value(f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.textContent)")


def test_pages_are_quiet_ask_for_nothing_else_and_fit_the_window_of_a_desktop_and_a_phone(opened, site, kinds):
    place, _ = site
    for path in kinds:
        page = opened(path)
        for width in (1200, 390):
            page.size(width, 844, phone=width < 500)
            page.wait_for_charts()
            assert page.value("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            assert not page.value("!!document.querySelector('.plot:empty')"), (path, width)
        assert page.said == [], path
        assert [each for each in page.asked if not each.startswith((place.as_uri(), "about:", "data:"))] == [], path


def test_every_page_is_reached_from_the_first_by_its_links(opened, kinds):
    page = opened("index.html")
    for path in kinds[1:6]:
        page.click(f"document.querySelector('nav a[href^=\"{path}\"]')")
        page.wait(f"location.pathname.endsWith('/{path}')")
        page.wait("document.querySelector('nav [aria-current]')")
    page.click("document.querySelector('#runs tbody th a')")
    page.wait("location.pathname.includes('/run/')")
    page.wait("document.querySelector('#figures tbody th a')")
    page.click("document.querySelector('#figures tbody th a')")
    page.wait("location.pathname.includes('/cell/')")
    assert page.said == []


def test_filters_leave_the_rows_that_match_and_a_link_keeps_them(opened):
    page = opened("cells.html")
    everything = rows(page, "cells")
    page.choose("model", "cnn")
    page.choose("machine", SERVER)
    chosen = rows(page, "cells")
    assert 0 < chosen < everything
    assert "rows of" in texts(page, "section.data output")[0]
    fragment = page.value("location.hash")
    assert fragment == f"#model=cnn&machine={SERVER}"
    page = opened("cells.html", fragment)
    assert rows(page, "cells") == chosen
    assert page.value("document.querySelector('[name=machine]').value") == SERVER


@pytest.mark.parametrize("axis", ["model", "technique", "format", "machine"])
def test_each_axis_filters(opened, axis):
    page = opened("cells.html")
    everything = rows(page, "cells")
    value = page.value(f"document.querySelector('[name={axis}]').options[1].value")
    page.choose(axis, value)
    assert 0 < rows(page, "cells") < everything


def test_filters_go_along_to_other_pages_and_back(opened):
    page = opened("cells.html", "#model=cnn")
    page.click("document.querySelector('nav a[href^=\"changes.html\"]')")
    # The script of a page runs a moment after its address is there.
    chosen = "document.querySelector('[name=model]')?.value === 'cnn'"
    page.wait(f"location.pathname.endsWith('changes.html') && {chosen}")
    page.back()
    page.wait(f"location.pathname.endsWith('cells.html') && {chosen}")


def test_reset_shows_everything_again(opened):
    page = opened("cells.html", "#model=cnn&q=pruned80")
    few = rows(page, "cells")
    page.click("document.querySelector('form.filters button')")
    page.wait(f"document.querySelectorAll('#cells tbody tr').length > {few}")
    assert page.value("location.hash") in {"", "#"}


def test_a_value_that_the_history_does_not_have_is_named_and_left_out(opened):
    page = opened("cells.html", "#model=<img src=x>&format=onnx")
    assert texts(page, "form.filters output") == ["This page has no model <img src=x>: the filter is left out."]
    assert rows(page, "cells") > 0
    assert not page.value("!!document.querySelector('img')")


def test_rows_are_sorted_by_a_heading_in_both_directions(opened):
    page = opened("runs.html")
    for _ in range(2):
        page.click("document.querySelector('#runs thead button')")
    numbers = [int(each) for each in texts(page, "#runs tbody th")]
    assert numbers == sorted(numbers, reverse=True)
    assert page.value("document.querySelector('#runs th').getAttribute('aria-sort')") == "descending"
    assert page.value("document.activeElement.tagName") == "BUTTON"


def test_another_machine_is_one_hundred_percent_when_it_is_chosen(opened):
    page = opened("machines.html")
    assert {each.strip() for each in texts(page, "#levels tbody td:nth-child(2) small")} == {"100%"}
    page.choose("to", SERVER)
    assert {each.strip() for each in texts(page, "#levels tbody td:nth-child(3) small")} == {"100%"}
    page = opened("machines.html", f"#to={SERVER}&figure=size")
    assert texts(page, "#levels tbody td:nth-child(3) small") != []
    assert page.value("document.querySelector('[name=to]').value") == SERVER


def test_a_machine_filters_the_points_and_the_steps_of_a_cells_charts(opened, site):
    _, view = site
    page = opened(view.path("cell", STEPPED))
    points = "document.querySelectorAll('.mark-symbol.role-mark path').length"
    both = page.value(points)
    steps = "JSON.parse(document.querySelector('figure.chart script').textContent).datasets.steps.length"
    assert page.value(steps) == 1
    page.choose("machine", SERVER)
    page.wait(f"{points} < {both}")
    assert page.value(steps) == 0
    page.choose("machine", "")
    page.choose("scale", "relative")
    page.wait("document.querySelector('figure.chart svg').textContent.includes('of the machine')")
    assert page.said == []


def test_times_are_those_of_the_tables_wherever_the_reader_is(opened, kinds):
    found = []
    path = next(each for each in kinds if each.startswith("cell/"))
    for zone in ("Asia/Tokyo", "UTC"):
        page = opened(path)
        page.call("Emulation.setTimezoneOverride", timezoneId=zone)
        page = opened(path)
        page.wait_for_charts()
        found.append(texts(page, "figure.chart svg text"))
    assert found[0] == found[1]


def test_pointing_at_a_run_shows_what_it_was(opened, site):
    _, view = site
    page = opened(view.path("cell", STEPPED))
    page.hover("document.querySelector('.mark-symbol.role-mark path')")
    page.wait("document.querySelector('#vg-tooltip-element.visible')")
    shown = page.value("document.querySelector('#vg-tooltip-element').textContent")
    assert all(name in shown for name in ("Run", "Machine", "Revision", "latency (ms)", "Median, 95% interval"))
    assert page.said == []


def test_hostile_texts_do_nothing(opened, site):
    _, view = site
    hostile = next(each for each in view.found.cells if each.kind == "benchmark")
    for path in ("cells.html", "index.html", view.path("cell", hostile.key), "run/1.html"):
        page = opened(path)
        assert page.value("document.title") != "gone"
        assert not page.value("!!document.querySelector('img')")
        assert page.said == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_read_is_as_the_reader_has_chosen(opened, dark):
    page = opened("index.html")
    page.media(dark=dark)
    ground = page.value("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is not dark


def test_paper_has_all_rows_and_no_controls(opened):
    page = opened("index.html")
    assert rows(page, "runs") == 12
    page.value("dispatchEvent(new Event('beforeprint'))")
    page.media(printed=True)
    assert rows(page, "runs") == 32
    assert page.value("getComputedStyle(document.querySelector('form.filters')).display") == "none"
    assert page.call("Page.printToPDF")["data"]


@NPM
def test_axe_finds_no_serious_violation(opened, kinds, tmp_path_factory):
    axe = packages(tmp_path_factory) / "node_modules" / "axe-core" / "axe.min.js"
    source = axe.read_text(encoding="utf-8")
    for path in kinds:
        page = opened(path)
        page.value(f"{source}; 0")
        for dark, rules in ((False, ""), (True, "{ runOnly: ['color-contrast'] }")):  # the colors alone are others
            page.media(dark=dark)
            page.wait_for_charts()
            found = page.value(
                f"axe.run({rules}).then((each) =>"
                "[each.passes.length, each.violations.map((one) => [one.id, one.impact, one.nodes[0].html])])"
            )
            assert found[0] > 0, (path, dark)
            assert [each for each in found[1] if each[1] in {"serious", "critical"}] == [], (path, dark)
