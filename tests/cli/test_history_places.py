"""A history works wherever it lies: whatever its folder is called, and whatever its file system lacks."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_file_systems import NO_LINKS, NO_LOCKS, poor_environment
from lab4_host_files import host_document

import lab4
from lab4.cli import main

NAMES = ["50%", "a%20b%(x)s", "with space", "umläut-ß", "q?#&=", os.fsdecode(b"latin-\xe9")]


@pytest.fixture
def run_file(tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(host_document()))
    return path


def called(folder, *arguments, env=None):
    command = [sys.executable, "-W", "error", "-m", "lab4", "history", *map(str, arguments)]
    answer = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


@pytest.fixture
def history(tmp_path, monkeypatch, capsys):
    """Call a command in this process, which is quicker."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        assert main(["history", *map(str, arguments)]) == 0
        answer = capsys.readouterr()
        assert answer.err == ""
        return answer.out

    return call


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["{}", "sqlite:///{}/history.sqlite"])
def test_a_folder_may_have_any_name(tmp_path, history, run_file, name, form):
    if form.startswith("sqlite") and "?" in name:
        pytest.skip("a question mark ends the path of a URL")
    place = tmp_path / name
    place.mkdir()
    address = form.format(place)
    assert "added as 1" in history("add", run_file, "--history", address)
    assert "already there" in history("add", run_file, "--history", address)
    assert len(history("list", "--history", address).splitlines()) == 1
    history("export", "1", "-o", "out.json", "--history", address)
    assert (tmp_path / "out.json").read_bytes() == run_file.read_bytes()
    assert "0 runs removed" in history("prune", "--keep", "1", "--history", address)
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", "out.json", name}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_in_the_folder_may_have_any_name(tmp_path, history, name):
    place = tmp_path / "history"
    place.mkdir()
    for number in range(2):
        (place / f"{name}-{number}.json").write_text(json.dumps(host_document(number)))
    for _ in range(2):  # the second time by the index
        assert len(history("list", "--history", place).splitlines()) == 2
        history("export", "1", "-o", "out.json", "--history", place)
    assert "1 run removed" in history("prune", "--keep", "1", "--history", place)
    assert len(list(place.glob("*.json"))) == 1


@pytest.mark.parametrize("name", ["50%", "a%(x)s"])
def test_lab4_itself_may_lie_in_a_folder_of_any_name(tmp_path, run_file, name):
    shutil.copytree(Path(lab4.__file__).parent, tmp_path / name / "lab4", ignore=shutil.ignore_patterns("__pycache__"))
    env = {**os.environ, "PYTHONPATH": str(tmp_path / name), "PYTHONDONTWRITEBYTECODE": "1"}
    assert "added as 1" in called(tmp_path, "add", run_file, env=env)
    assert len(called(tmp_path, "list", env=env).splitlines()) == 1


@pytest.mark.parametrize("lacking", [NO_LINKS, *NO_LOCKS])
def test_a_poor_file_system_is_no_alarm(tmp_path, run_file, lacking):
    env = poor_environment(lacking)
    assert "added as 1" in called(tmp_path, "add", run_file, env=env)
    assert "already there" in called(tmp_path, "add", run_file, env=env)
    assert len(called(tmp_path, "list", env=env).splitlines()) == 1
    assert "0 runs removed" in called(tmp_path, "prune", "--keep", "1", env=env)
