"""The pages of a site as files: whole, escaped, small, and with links that lead somewhere."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from lab4_examples import RUN
from lab4_gate_runs import cell, run_with
from lab4_sites import CELLS, HOSTILE, STEPPED, numbered, view_of, written

from lab4.analysis.overview import report
from lab4.report.site.pages import NAVIGATION, pages_of
from lab4.report.site.rendering import rendered
from lab4.report.site.tables import changes_table
from lab4.report.site.view import many


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, and the JSON in it."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.data, self._in_data = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._in_data = tag == "script" and dict(attributes).get("type") == "application/json"

    def handle_endtag(self, tag):
        del tag
        self._in_data = False

    def handle_data(self, data):
        if self._in_data:
            self.data.append(json.loads(data))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages") / "site"
    view = written(place, numbered(), [(1, lambda: report([RUN]))])
    return place, view


def pages(place):
    return {path.relative_to(place).as_posix(): path.read_text(encoding="utf-8") for path in place.rglob("*.html")}


def linked(value):
    """Every link in a page's data: pairs of a text and a path."""
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[1], str) and value[1].endswith(".html"):
            yield value[1]
        for each in value:
            yield from linked(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from linked(each)


def test_there_is_a_page_of_everything(site):
    place, view = site
    found = pages(place)
    assert {path for _, path in NAVIGATION} <= set(found)
    for kind, count in (("cell", 6), ("machine", 2), ("model", 3), ("run", 32), ("report", 1)):
        assert sum(path.startswith(f"{kind}/") for path in found) == count
    assert {page.path for page in pages_of(view)} == {path for path in found if not path.startswith("report/")}


def test_what_histories_keep_of_a_median_is_in_the_data_of_its_cell_s_page_alone(site):
    place, view = site

    def columns(key):
        data = Reader((place / view.path("cell", key)).read_text(encoding="utf-8")).data
        tables = [each for each in data if isinstance(each, dict) and "rows" in each and "columns" in each]
        return {column["key"]: index for each in tables for index, column in enumerate(each["columns"])}, tables

    (known, tables), (others, _) = columns(STEPPED), columns(CELLS[1])
    assert "interval" not in others
    (points,) = [each for each in tables if any(column["key"] == "interval" for column in each["columns"])]
    assert re.fullmatch(r"[\d.]+ ms to [\d.]+ ms", points["rows"][0][known["interval"]])


def test_every_link_leads_to_a_file_of_the_site(site):
    place, _ = site
    for path, text in pages(place).items():
        page = Reader(text)
        links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
        links += [attributes["src"] for tag, attributes in page.elements if tag == "script" and "src" in attributes]
        links += [("../" if "/" in path else "") + each for data in page.data for each in linked(data)]
        for link in links:
            parts = urlsplit(link)
            assert not parts.scheme, (path, link)
            assert not parts.netloc, (path, link)
            target = (place / path).parent / unquote(parts.path) if parts.path else place / path
            assert target.resolve().is_relative_to(place.resolve()), (path, link)
            assert target.is_file(), (path, link)


def test_no_page_can_ask_for_anything_and_only_its_own_scripts_run(site):
    place, _ = site
    nonces = set()
    for text in pages(place).values():
        elements = Reader(text).elements
        policy = next(each["content"] for tag, each in elements if each.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-")
        nonces |= set(re.findall(r"'nonce-([0-9a-f]+)'", policy))
        executed = [each for tag, each in elements if tag == "script" and each.get("type") != "application/json"]
        assert executed
        assert all(each["src"] and each["nonce"] in nonces for each in executed)
    assert len(nonces) == 1


def test_hostile_texts_stay_texts(site):
    place, _ = site
    found = pages(place)
    shown = 0
    for path, text in found.items():
        elements = Reader(text).elements
        assert not [tag for tag, _ in elements if tag == "img"], path
        assert not [each for _, each in elements if any(name.startswith("on") for name in each)], path
        shown += "onerror=alert(1)" in text
    assert shown > 3
    assert all(re.fullmatch(r"[a-z0-9/-]+\.html", path) for path in found)


def test_a_title_is_escaped():
    view = view_of(numbered(turns=2), name=HOSTILE)
    for page in pages_of(view):
        assert "<img" not in rendered(page, view.name, "0").decode()
        break


def test_two_builds_of_one_history_are_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        written(tmp_path / name, numbered(turns=8))
    one, other = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("one", "other")
    )
    assert one == other


def data_of(page, key):
    return next(block.data for block in page.blocks if getattr(block, "key", "") == key)


def page_of(view, path):
    return next(page for page in pages_of(view) if page.path == path)


def test_a_cell_shows_each_run_its_change_and_the_revision(site):
    _, view = site
    page = page_of(view, view.path("cell", STEPPED))
    points = data_of(page, "points")
    assert len(points["rows"]) == 32
    changes = data_of(page, "changes")
    at = {column["key"]: number for number, column in enumerate(changes["columns"])}
    (row,) = (
        each
        for each in changes["rows"]
        if changes["columns"][at["figure"]]["values"][each[at["figure"]]][0] == "latency"
    )
    assert row[at["run"]] == 17
    assert changes["columns"][at["revision"]]["values"][row[at["revision"]]].startswith("08c0ffee")
    chart = next(block for block in page.blocks if getattr(block, "field", ""))
    assert [step["run"] for step in chart.specification["datasets"]["steps"]] == [17]


def test_a_run_with_its_whole_file_links_its_report_and_another_says_how_to_make_one(site):
    place, _ = site
    assert "report/1.html" in (place / "run/1.html").read_text()
    assert "lab4 history export 2 -o run.json" in (place / "run/2.html").read_text()
    assert "../run/1.html" in (place / "report/1.html").read_text()


def test_a_report_that_raises_costs_its_own_page_only(tmp_path):
    def broken():
        raise ValueError("a hostile file")

    said = []
    written(tmp_path / "site", numbered(turns=2), [(1, broken), (2, lambda: report([RUN]))], said.append)
    assert said == ["no report: that of run 1 raised ValueError: a hostile file"]
    assert {path for path in pages(tmp_path / "site") if path.startswith("report/")} == {"report/2.html"}
    assert "lab4 history export 1 -o run.json" in (tmp_path / "site" / "run" / "1.html").read_text()


def test_a_renamed_machine_has_one_page_that_names_both(site):
    place, view = site
    text = (place / view.path("machine", view.found.machines[0].key)).read_text()
    assert "box-renamed, box" in text
    assert "Its runs have several names." in text


@pytest.mark.parametrize(
    "runs",
    [
        [run_with({CELLS[0]: cell()})],
        [run_with({})],
        [
            run_with({key: cell() for key in CELLS}, number, commit=RUN.commit.__class__(None, dirty=False))
            for number in (0, 1)
        ],
        [run_with({"test_x.py::test_y": cell()}, number) for number in (0, 1)],
    ],
    ids=["one run", "no cell", "no revision", "benchmarks of another suite"],
)
def test_small_histories_have_every_page(tmp_path, runs):
    written(tmp_path / "site", list(enumerate(runs, 1)))
    found = pages(tmp_path / "site")
    assert {path for _, path in NAVIGATION} <= set(found)
    for text in found.values():
        assert Reader(text).elements


def test_numbers_of_things_have_separators():
    assert (many(1, "run"), many(12_345, "run")) == ("1 run", "12,345 runs")


def test_changes_that_many_cells_share_match_every_model_and_a_drift_has_no_run():
    runs = [run_with({key: cell((1 if at < 8 else 1.5) * 1e-3) for key in CELLS}, at) for at in range(16)]
    view = view_of(list(enumerate(runs, 1)))
    drift = replace(view.changes[0], step=None, weeks=3.0, cells=(CELLS[0],))
    data = changes_table(view, [view.changes[0], drift]).data
    at = {column["key"]: number for number, column in enumerate(data["columns"])}
    common, drifting = data["rows"]
    assert data["columns"][at["cell"]]["values"][common[at["cell"]]] == ("4 of 4 cells", "")
    assert [common[at[axis]] for axis in ("model", "technique", "format", "device")] == [-1] * 4
    assert (drifting[at["run"]], drifting[at["when"]]) == (None, "over 3.0 weeks")
    assert drifting[at["change"]][1].endswith(" per week")


def test_the_overview_of_many_machines_lists_some_and_says_where_all_are():
    machines = [replace(RUN.machine, node=f"host{number:03d}", cpu=f"CPU {number}") for number in range(70)]
    runs = [run_with({CELLS[0]: cell()}, number, machine=machine) for number, machine in enumerate(machines)]
    page = next(iter(pages_of(view_of(list(enumerate(runs, 1))))))
    text = rendered(page, "a site", "0").decode()
    assert "The first 60 machines and models are listed; Cells has them all." in text
    assert text.count('<th scope="row"><a href="machine/') == 60
