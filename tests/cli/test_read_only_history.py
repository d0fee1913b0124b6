"""Reading a history needs no writing; writing to one that cannot be written is refused in one sentence."""

import json
import shutil
import subprocess
import sys

import pytest
from lab4_host_files import host_document
from lab4_read_only import bounded, without_writing

from lab4.cli import main

#: A folder with an index, without one, with one that lacks a run, none at all, and a database by itself.
PLACES = ("whole", "no_index", "outdated", "none", "empty", "sqlite:///one.sqlite", "sqlite:///none.sqlite")
RUNS = {"whole": 3, "no_index": 3, "outdated": 3, "sqlite:///one.sqlite": 3}
MOST_TO_DO = {"outdated", "sqlite:///one.sqlite"}
READING = {
    "list": (["history", "list"], 0),
    "show": (["history", "show", "1"], 0),
    "export": (["history", "export", "1", "-o", "/dev/null"], 0),
    "trend": (["history", "trend"], 0),
    "gate": (["gate", "../candidate.json", "--last", "3"], 0),
}
WRITING = {
    "add": ["history", "add", "../candidate.json"],
    "import": ["history", "import", "../candidate.json"],
    "prune": ["history", "prune", "--keep", "1"],
}
#: Each history is listed; the other commands open it in the same way, and are tried where the index lacks a run and
#: where it is a database by itself.
READ = [(command, place) for command in READING for place in RUNS if command == "list" or place in MOST_TO_DO]
#: What adds is tried everywhere, the others in the same two places.
WRITTEN = [(command, place) for command in WRITING for place in PLACES if command == "add" or place in MOST_TO_DO]


def save(path, number):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(host_document(number, seconds=1e-3 + number * 1e-7)))
    return path


@pytest.fixture(scope="module")
def histories(tmp_path_factory):
    """A folder of histories in which nothing can be written, and a candidate next to it."""
    place = tmp_path_factory.mktemp("read-only")
    save(place / "candidate.json", 9)
    files = [save(place / "files" / f"{number}.json", number) for number in range(3)]
    folder = place / "histories"
    folder.mkdir()

    def add(paths, history):
        assert main(["history", "add", *map(str, paths), "--history", str(history)]) == 0

    add(files, folder / "whole")
    add(files, f"sqlite:///{folder / 'one.sqlite'}")
    shutil.copytree(place / "files", folder / "no_index")
    add(files[:2], folder / "outdated")
    shutil.copy(files[2], folder / "outdated")
    (folder / "empty").mkdir()
    with without_writing(folder):
        yield folder


def called(folder, arguments, history):
    command = [sys.executable, "-m", "lab4", *arguments, "--history", history]
    before = sorted(folder.rglob("*"))
    answer = subprocess.run(bounded(command), cwd=folder, capture_output=True, text=True, check=False)
    assert sorted(folder.rglob("*")) == before
    return answer


@pytest.mark.parametrize(("command", "history"), READ)
def test_what_cannot_be_written_is_read(histories, history, command):
    arguments, code = READING[command]
    answer = called(histories, arguments, history)
    assert (answer.returncode, answer.stderr) == (code, "")
    if command == "list":
        assert len(answer.stdout.splitlines()) == RUNS[history]


@pytest.mark.parametrize("history", [place for place in PLACES if place not in RUNS])
def test_where_nothing_is_nothing_is_made(histories, history):
    answer = called(histories, ["history", "list"], history)
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "is empty" in answer.stderr
    assert called(histories, ["gate", "../candidate.json", "--last", "3"], history).returncode == 3


@pytest.mark.parametrize(("command", "history"), WRITTEN)
def test_writing_is_refused_in_one_sentence(histories, history, command):
    answer = called(histories, WRITING[command], history)
    assert (answer.returncode, answer.stdout) == (2, "")
    (line,) = answer.stderr.splitlines()
    assert line.endswith((" cannot be written", "Permission denied"))
    assert "sqlite3" not in line


@pytest.mark.parametrize("has_notes", [True, False])
def test_an_index_with_changes_in_its_log_is_read_or_made_anew(tmp_path, has_notes):
    folder = tmp_path / "h"
    assert main(["history", "add", str(save(tmp_path / "run.json", 1)), "--history", str(folder)]) == 0
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        "c.execute(\"UPDATE runs SET revision = 'changed'\"); c.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, folder / "lab4-history.sqlite"], check=True)
    assert (folder / "lab4-history.sqlite-wal").stat().st_size > 0
    if not has_notes:  # without them SQLite reads no log, unless it can write them again
        (folder / "lab4-history.sqlite-shm").unlink()
    with without_writing(folder):
        answer = called(tmp_path, ["history", "list"], str(folder))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert ("changed" if has_notes else "c0ffee") in answer.stdout
