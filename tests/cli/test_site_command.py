"""`lab4 site` as a user meets it: one sentence for what is wrong, and never half a site."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import lab4_postgres
import pytest
from lab4_examples import RUN
from lab4_gate_runs import CELLS, cell, run_with
from lab4_sites import numbered
from lab4_strategies import document_of

from lab4.cli import main
from lab4.history.run_file import write_run
from lab4.history.store import open_store
from lab4.reading.runs import figures_in


def filled(address, runs):
    store = open_store(address)
    for number, run in runs:
        store.add(run, str(number).encode(), run.source)
    store.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "our-rack.sqlite"
    filled(f"sqlite:///{path}", numbered(turns=8))
    return path


@pytest.fixture
def history(kept, tmp_path):
    return Path(shutil.copy(kept, tmp_path))


@pytest.fixture
def site(tmp_path, monkeypatch, capsys):
    """The command in this process, which saves each call the imports; returns what it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, code=0):
        found = main(["site", *map(str, arguments)])
        printed = capsys.readouterr()
        assert found == code, printed
        assert "internal error" not in printed.err
        return printed

    return call


@pytest.fixture
def folder(tmp_path):
    for day in (1, 2):
        run = replace(RUN, started_at=f"2026-01-0{day}T00:00:00+00:00")
        write_run(tmp_path / "runs" / str(day) / "run.json", document_of(run))
    return tmp_path / "runs"


def pages(place):
    return {path.relative_to(place).as_posix(): path.read_text(encoding="utf-8") for path in place.rglob("*.html")}


def test_a_history_becomes_a_site_and_the_first_page_is_named(lab4, history, tmp_path):
    answer = lab4("site", history, "-o", "site", "--reports", "0")
    assert answer.stdout.startswith("site/index.html: 16 runs, 6 cells, 2 machines, ")
    assert answer.stderr == ""
    assert "<h1>our-rack</h1>" in (tmp_path / "site" / "index.html").read_text()


def test_json_has_what_was_written(site, history):
    document = json.loads(site(history, "-o", "site", "--json", "--title", "Rack 7").out)
    assert document["site"] == "site/index.html"
    assert (document["runs"], document["cells"], document["reports"]) == (16, 6, [])
    assert {name: each["newest"] for name, each in document["machines"].items()} == {"box-renamed": 15, "server": 16}
    assert document["bytes"] > 900_000


def test_a_second_build_replaces_the_first(site, history, tmp_path):
    site(history, "-o", "site", "--title", "Rack 7")
    before = set(pages(tmp_path / "site"))
    site(history, "-o", "site", "--title", "Rack 8")
    found = pages(tmp_path / "site")
    assert set(found) == before
    assert "Rack 8" in found["index.html"]
    assert "Rack 7" not in found["index.html"]


def test_a_folder_of_runs_becomes_a_site_with_their_reports(site, folder, tmp_path):
    site(folder, "-o", "site")
    found = pages(tmp_path / "site")
    assert {"report/1.html", "report/2.html"} <= set(found)
    assert "<h1>runs</h1>" in found["index.html"]
    site(folder, "-o", "site", "--reports", "0")
    assert not any(path.startswith("report/") for path in pages(tmp_path / "site"))


def test_a_site_in_the_folder_of_its_history_is_no_run_of_it(site, folder):
    for _ in range(2):
        answer = site(folder, "-o", folder / "site")
        assert answer.err == ""


def test_no_page_says_where_the_history_was(site, folder, tmp_path):
    site(folder, "-o", "site")
    assert [path for path, text in pages(tmp_path / "site").items() if str(tmp_path) in text] == []


def test_an_empty_history_is_one_sentence_and_no_site(site, tmp_path):
    (tmp_path / "empty").mkdir()
    answer = site("empty", "-o", "site", code=2)
    assert answer.err == "lab4: error: the history is empty; add a run with: lab4 history add run.json\n"
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.sqlite"], "there is no history at nothing.sqlite"),
        (["our-rack.sqlite", "--reports", "-1"], "--reports -1: name a number from 0"),
        (["our-rack.sqlite", "--runs", "nowhere"], "--runs: there is no folder nowhere"),
        (["our-rack.sqlite", "--policy", "nowhere"], "--policy: there is no file nowhere"),
        (["mysql://x/y"], "histories are kept in sqlite or postgresql"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_the_old_site_stays(site, history, tmp_path, arguments, said):
    site(history, "-o", "site")
    before = pages(tmp_path / "site")
    answer = site(*arguments, "-o", "site", code=2)
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert pages(tmp_path / "site") == before


def test_a_damaged_history_is_one_sentence_and_the_old_site_stays(site, history, tmp_path):
    site(history, "-o", "site")
    with closing(sqlite3.connect(history)) as connection:
        connection.execute("UPDATE cells SET figures = '{' WHERE id = 3")
        connection.commit()
    answer = site(history, "-o", "site", code=2)
    assert "is damaged" in answer.err
    assert answer.err.count("\n") == 1
    assert (tmp_path / "site" / "index.html").exists()


@pytest.mark.parametrize(
    "text",
    [
        '{"state": "x"}',
        *(
            f'{{"state": "measured", "values": {{"latency": {value}, "size": {value}}}, "corrected": {{"latency": 1}}}}'
            for value in ("NaN", "-Infinity", "-1", "0", "1e308", "1e-308")
        ),
    ],
)
def test_values_of_a_hostile_history_do_no_harm(site, history, text):
    with closing(sqlite3.connect(history)) as connection:
        connection.execute("UPDATE cells SET figures = ? WHERE id % 5 = 3", [text])
        connection.execute("UPDATE cells SET cell = ? WHERE id = 1", ["../../\x1b[31m</script><b>"])
        connection.commit()
    site(history, "-o", "site")


def test_a_folder_of_somebody_is_refused_before_any_work(site, history, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("text")
    answer = site("nothing", "-o", "precious", code=2)
    assert "precious has files of something else (thesis.txt) and is left as it is" in answer.err
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "text"
    assert "is not a folder" in site(history, "-o", history, code=2).err
    assert "-o '' is not a folder" in site(history, "-o", "", code=2).err


def test_a_run_of_unknown_hardware_can_be_followed_when_that_is_said(site, tmp_path):
    unknown = replace(RUN.machine, cpu="x86_64")
    levels = [1.0] * 8 + [1.5] * 8
    runs = [(at, run_with({CELLS[0]: cell(each * 1e-3)}, at, machine=unknown)) for at, each in enumerate(levels)]
    filled(f"sqlite:///{tmp_path / 'h.sqlite'}", runs)
    apart = json.loads(site("h.sqlite", "-o", "site", "--json").out)
    together = json.loads(site("h.sqlite", "-o", "site", "--json", "--assume-same-machine").out)
    assert apart["changes"] == {}
    assert together["changes"]["worse"] >= 1


@pytest.mark.skipif(not lab4_postgres.is_installed(), reason="PostgreSQL is not installed")
def test_a_history_in_postgresql_makes_the_pages_that_one_in_sqlite_makes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = []
    for number in (1, 2):
        path = tmp_path / f"{number}.json"
        write_run(path, document_of(replace(RUN, started_at=f"2026-01-0{number}T00:00:00+00:00")))
        files.append(path)
    with lab4_postgres.server() as url:
        for address in (url, f"sqlite:///{tmp_path / 'h.sqlite'}"):
            store = open_store(address)
            for path in files:
                store.add(figures_in(path.read_bytes(), path.name), path.read_bytes(), path.name)
            store.close()
            name = "pg" if address == url else "lite"
            assert main(["site", address, "-o", name, "--title", "same"]) == 0
    assert pages(tmp_path / "pg") == pages(tmp_path / "lite")
