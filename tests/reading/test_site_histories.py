"""A site's history by the names that people give it, and the whole runs of its reports."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.domain.errors import HistoryError
from lab4.history.run_file import write_run
from lab4.history.store import open_store
from lab4.reading.runs import figures_in
from lab4.reading.site import history_at, whole_runs


def silent(sentence):
    raise AssertionError(sentence)


@pytest.fixture
def runs(tmp_path):
    folder = tmp_path / "runs"
    for day in (1, 2, 3):
        write_run(
            folder / f"{day}" / "run.json", document_of(replace(RUN, started_at=f"2026-01-0{day}T00:00:00+00:00"))
        )
    return folder


@pytest.fixture
def database(tmp_path, runs):
    path = tmp_path / "history.sqlite"
    store = open_store(f"sqlite:///{path}")
    for file in sorted(runs.rglob("*.json")):
        store.add(figures_in(file.read_bytes(), str(file)), file.read_bytes(), str(file))
    store.close()
    return path


def count(named):
    with closing(history_at(named, silent)) as store:
        return len(store.numbered_runs())


def test_a_file_its_address_and_a_folder_of_runs_are_histories(database, runs):
    assert count(str(database)) == 3
    assert count(f"sqlite:///{database}") == 3
    assert count(str(runs)) == 3


def test_without_a_name_it_is_the_variable_or_the_usual_folder(database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAB4_HISTORY", raising=False)
    assert count(None) == 0
    assert not (tmp_path / ".benchmarks").exists()
    monkeypatch.setenv("LAB4_HISTORY", str(database))
    assert count(None) == 3


@pytest.mark.parametrize("named", ["nothing", "sqlite:///nothing.sqlite"])
def test_what_is_not_there_is_not_made(tmp_path, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError, match="there is no history at nothing"):
        history_at(named, silent)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_is_left_as_it_is(tmp_path):
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE places (url TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="is not a history of lab4"):
        history_at(str(path), silent)
    assert path.read_bytes() == before


def test_a_run_file_is_no_history_and_the_remedy_is_said(runs):
    with pytest.raises(HistoryError, match="to show one run, name the folder that it is in"):
        history_at(str(runs / "1" / "run.json"), silent)


@pytest.mark.parametrize("damage", [b"", b"text", b"SQLite format 3\0" + b"\0" * 2000])
def test_a_damaged_file_is_one_sentence(tmp_path, damage):
    path = tmp_path / "history.sqlite"
    path.write_bytes(damage)
    with pytest.raises(HistoryError, match="history"):
        history_at(str(path), silent)


def found(store, numbers, folder=None, note=silent):
    return {number: run.started_at[:10] for number, run in whole_runs(store, numbers, folder, note)}


def test_whole_runs_come_from_the_history(database):
    with closing(history_at(str(database), silent)) as store:
        assert found(store, [1, 3]) == {1: "2026-01-01", 3: "2026-01-03"}


def without_documents(database):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE runs SET document = x'00'")
        connection.commit()


def test_whole_runs_come_from_a_folder_where_the_history_has_figures_only(database, runs):
    without_documents(database)
    with closing(history_at(str(database), silent)) as store:
        assert found(store, [1, 2]) == {}
        assert found(store, [1, 2], runs) == {1: "2026-01-01", 2: "2026-01-02"}


def test_a_copy_in_another_encoding_is_the_same_run(database, runs):
    without_documents(database)
    file = runs / "1" / "run.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    with closing(history_at(str(database), silent)) as store:
        assert found(store, [1], runs) == {1: "2026-01-01"}


def test_a_file_that_is_another_run_by_now_is_not_taken_for_the_run(runs):
    with closing(history_at(str(runs), silent)) as store:
        shutil.copy(runs / "2" / "run.json", runs / "1" / "run.json")
        assert found(store, [1]) == {}


def test_a_file_that_cannot_be_read_is_noted_and_the_others_are_used(database, runs):
    without_documents(database)
    (runs / "0.json").symlink_to("nowhere")
    said = []
    with closing(history_at(str(database), silent)) as store:
        assert found(store, [1], runs, said.append) == {1: "2026-01-01"}
        assert found(store, [], runs, said.append) == {}
    assert len(said) == 2
    assert all("0.json: there is no such file" in each for each in said)


def test_a_folder_of_runs_that_is_not_there_is_named(database):
    with closing(history_at(str(database), silent)) as store, pytest.raises(HistoryError, match="--runs: there is no"):
        found(store, [1], Path("elsewhere"))
