import subprocess
import sys
from pathlib import Path

import pytest

from lab4.domain.errors import UnavailableError
from lab4.launch import LaunchSide, require_suite


def test_this_environment_has_what_a_run_needs(pytestconfig):
    require_suite(LaunchSide("here", Path(sys.executable), pytestconfig.rootpath))


def test_what_is_no_python_is_refused(tmp_path):
    with pytest.raises(UnavailableError, match="there is no Python at"):
        require_suite(LaunchSide("x", tmp_path / "python", tmp_path))
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexit 3\n")
    script.chmod(0o755)
    with pytest.raises(UnavailableError, match="does not work as a Python"):
        require_suite(LaunchSide("x", script, tmp_path))


def test_an_environment_without_the_suite_says_what_is_missing(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    python = tmp_path / "bare" / "bin" / "python"
    with pytest.raises(UnavailableError, match="lab4 and pytest and pytest_benchmark and numpy and psutil missing"):
        require_suite(LaunchSide("bare", python, tmp_path))


def test_the_folder_comes_first_and_the_callers_own_options_do_not_reach_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "mine")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    environment = LaunchSide("x", Path(sys.executable), tmp_path).environment()
    assert environment["PYTHONPATH"].split(":")[:2] == [str(tmp_path), "mine"]
    assert "PYTEST_ADDOPTS" not in environment


def test_a_relative_cache_is_one_folder_for_every_side(tmp_path, monkeypatch, pytestconfig):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB4_CACHE", "cache")
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
    folders = []
    for name in ("this", "that"):
        (tmp_path / name).mkdir()
        side = LaunchSide(name, Path(sys.executable), tmp_path / name)
        folders += side.output_of("from lab4.cache import default_folder; print(default_folder())")
    assert folders == [str(tmp_path / "cache")] * 2
