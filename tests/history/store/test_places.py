"""A history's folder is the same one, from wherever it is named."""

import pytest
from lab4_gate_runs import run_with

from lab4.history.store import open_store
from lab4.history.store.address import place_of, source_in


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "project" / "runs"
    (path / "box").mkdir(parents=True)
    (path / "box" / "0001.json").write_bytes(b"{}")
    return path


def test_a_file_is_named_below_its_folder_and_found_there(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    source = source_in(folder.relative_to(folder.parent), "runs/box/0001.json")
    assert source == "box/0001.json" == source_in(folder, str(folder / "box" / "0001.json"))
    monkeypatch.chdir(folder)
    assert place_of(folder, source) == folder / "box" / "0001.json"


@pytest.mark.parametrize("source", ["runs/box/0001.json", "../project/runs/box/0001.json", "/gone/runs/box/0001.json"])
def test_a_file_of_an_older_entry_is_found(folder, source):
    assert place_of(folder, source) == folder / "box" / "0001.json"


def test_a_file_elsewhere_stays_as_it_was_named_and_a_gone_one_is_none(folder, tmp_path):
    assert source_in(folder, "calibration of today") == "calibration of today"
    assert place_of(folder, "calibration of today") is None
    elsewhere = tmp_path / "run.json"
    elsewhere.write_bytes(b"{}")
    assert place_of(folder, source_in(folder, str(elsewhere))) == elsewhere


def test_an_entry_has_its_file_from_every_folder(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    store = open_store("runs")
    number = store.add(run_with({}), b"{}", "runs/box/0001.json")
    store.close()
    monkeypatch.chdir(folder.parent.parent)
    store = open_store("project/runs")
    assert store.document(number) == b"{}"
    assert store.files() == {folder / "box" / "0001.json"}
    assert store.runs()[0].source == "project/runs/box/0001.json"
    store.close()
