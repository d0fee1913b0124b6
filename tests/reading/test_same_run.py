"""A run is in a history once, in its best copy, and its file is never lost to another process."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lab4_examples import CNN, FCNN, RUN
from lab4_host_files import host_document
from lab4_strategies import document_of

from lab4.domain.errors import INTERRUPTED, OutputError
from lab4.domain.outcome import Measurement, Unavailable
from lab4.reading import store as reading
from lab4.reading.runs import runs_at
from lab4.reading.store import add_document, opened, remove_entries

STRESS = Path(__file__).parents[2] / "benchmarks" / "harness" / "history_stress.py"
PLAIN = json.dumps(host_document()).encode()
PRETTY = json.dumps(host_document(), indent=4)
#: The same run, written in other ways.
ENCODINGS = {
    "pretty": PRETTY.encode(),
    "crlf": PRETTY.replace("\n", "\r\n").encode(),
    "bom": b"\xef\xbb\xbf" + PLAIN,
    "zone": json.dumps(host_document(datetime="2026-01-01T02:00:00.000000+02:00")).encode(),
}
_HALF = replace(RUN, complete=False, measurements=(RUN.measurements[0], Measurement(FCNN, Unavailable(INTERRUPTED))))
_NONE = replace(_HALF, measurements=tuple(Measurement(cell, Unavailable(INTERRUPTED)) for cell in (CNN, FCNN)))
WHOLE, HALF, NONE = (json.dumps(document_of(run)).encode() for run in (RUN, _HALF, _NONE))


@pytest.fixture(params=["folder", "sqlite"])
def store(request, tmp_path):
    place = tmp_path / "history"
    found = opened(str(place) if request.param == "folder" else f"sqlite:///{place}.sqlite", print)
    yield found
    found.close()


@pytest.fixture
def in_folder(tmp_path):
    found = opened(str(tmp_path / "history"), print)
    yield found
    found.close()


def files(store):
    return sorted(store.folder.rglob("*.json"))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_run_counts_once_in_whatever_encoding(store, encoding):
    assert add_document(store, PLAIN, "run.json") == 1
    assert add_document(store, ENCODINGS[encoding], "again.json") is None
    assert len(store.entries()) == 1
    assert store.document(1) == PLAIN
    if store.folder is not None:
        assert len(files(store)) == 1


def test_a_folder_of_runs_has_each_once_and_says_so(tmp_path):
    for name, data in {"plain": PLAIN, **ENCODINGS}.items():
        (tmp_path / f"{name}.json").write_bytes(data)
    told = []
    assert len(runs_at([tmp_path], told.append)) == 1
    assert len(told) == len(ENCODINGS)
    assert all("is the same run as" in sentence for sentence in told)


@pytest.mark.parametrize("order", [(NONE, HALF, WHOLE), (NONE, WHOLE, HALF), (HALF, NONE, WHOLE), (WHOLE, HALF, NONE)])
def test_the_most_complete_copy_stays_under_one_number(store, order):
    for number, data in enumerate(order):
        assert add_document(store, data, f"{number}.json") in {1, None}
    (entry,) = store.entries()
    assert (entry.number, entry.complete, entry.cells) == (1, True, 2)
    assert store.document(1) == WHOLE
    assert store.run(1).complete


def test_an_index_made_anew_has_the_most_complete_copy_too(in_folder):
    for number, data in enumerate((NONE, HALF, WHOLE)):
        add_document(in_folder, data, f"{number}.json")
    (before,) = in_folder.entries()
    (in_folder.folder / "lab4-history.sqlite").unlink()
    again = opened(str(in_folder.folder), print)
    assert again.entries() == [before]
    again.close()


def test_a_reader_between_saving_and_adding_does_not_cost_the_file(in_folder, monkeypatch):
    save = reading.save_in

    def saved_then_read(*arguments):
        path = save(*arguments)
        opened(str(in_folder.folder), print).close()  # what `lab4 history list` of another process does just now
        return path

    monkeypatch.setattr(reading, "save_in", saved_then_read)
    assert add_document(in_folder, PLAIN, "run.json") == 1
    (path,) = files(in_folder)
    assert path.read_bytes() == PLAIN
    assert len(in_folder.entries()) == 1


def test_of_two_writers_of_one_run_the_second_removes_its_own_file_only(in_folder, monkeypatch):
    save = reading.save_in

    def saved_after_another(*arguments):
        monkeypatch.setattr(reading, "save_in", save)
        assert add_document(in_folder, PRETTY.encode(), "other.json") == 1
        return save(*arguments)

    monkeypatch.setattr(reading, "save_in", saved_after_another)
    assert add_document(in_folder, PLAIN, "run.json") is None
    (path,) = files(in_folder)
    assert path.read_bytes() == PRETTY.encode()
    assert [in_folder.folder / each.source for each in in_folder.entries()] == [path]


def test_a_writer_keeps_its_file_where_that_of_the_index_is_gone(in_folder, monkeypatch):
    save = reading.save_in

    def saved_after_another(*arguments):
        monkeypatch.setattr(reading, "save_in", save)
        add_document(in_folder, PRETTY.encode(), "other.json")
        for path in files(in_folder):
            path.unlink()  # as a user may
        return save(*arguments)

    monkeypatch.setattr(reading, "save_in", saved_after_another)
    add_document(in_folder, PLAIN, "run.json")
    (path,) = files(in_folder)
    assert path.read_bytes() == PLAIN


def test_a_removed_run_takes_its_copies_with_it_in_every_encoding(in_folder):
    add_document(in_folder, PLAIN, "run.json")
    kept = add_document(in_folder, json.dumps(host_document(1)).encode(), "kept.json")
    for name, data in ENCODINGS.items():
        (in_folder.folder / f"{name}.json").write_bytes(data)
    (in_folder.folder / "strange.json").write_bytes(b"{")
    remove_entries(in_folder, [each for each in in_folder.entries() if each.number != kept])
    again = opened(str(in_folder.folder), lambda _: None)
    assert [each.number for each in again.entries()] == [kept]
    assert len(files(in_folder)) == 2  # the one that is kept, and what is no run
    again.close()


def test_a_run_that_cannot_be_deleted_stays_in_the_index(in_folder, monkeypatch):
    add_document(in_folder, PLAIN, "run.json")
    (path,) = files(in_folder)
    shutil.move(path, path.with_suffix(".moved"))
    path.mkdir()  # nothing unlinks a folder
    path.joinpath("x").touch()
    monkeypatch.setattr(reading, "saved_files", lambda _: [path])
    with pytest.raises(OutputError, match="cannot write"):
        remove_entries(in_folder, in_folder.entries())
    assert len(in_folder.entries()) == 1


def test_writers_and_readers_at_once_lose_nothing():
    command = [sys.executable, str(STRESS), "--writers", "3", "--runs", "6", "--readers", "1"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.splitlines()[-2:] == ["3 writers of 6 runs, 1 readers: 18 files, 18 rows", "nothing is lost"]
