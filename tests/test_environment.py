import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_users import as_nobody

from lab4.environment import child_environment, user_name


def test_what_leads_git_elsewhere_is_left_out_and_settings_stay():
    local = subprocess.run(["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True)
    names = set(local.stdout.split())
    settings = {"GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"}
    assert settings < names
    kept = child_environment({**dict.fromkeys(names, "x"), "GIT_SSH": "x", "PATH": "x"})
    assert set(kept) == settings | {"GIT_SSH", "PATH"}


def test_what_leads_pytest_elsewhere_is_left_out():
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_XDIST_WORKER")
    assert child_environment({**dict.fromkeys(names, "1"), "PYTHONPATH": "src"}) == {"PYTHONPATH": "src"}


@pytest.mark.parametrize("name", ["LAB4_CACHE", "LAB4_DATA_DIR", "LAB4_HISTORY", "XDG_CACHE_HOME", "TMPDIR"])
def test_a_relative_folder_is_the_same_one_for_every_process(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert child_environment({name: "here/it is"})[name] == str(tmp_path / "here" / "it is")
    assert child_environment({name: "/there"})[name] == "/there"
    assert child_environment({name: ""})[name] == ""


def test_the_address_of_a_database_is_no_folder_and_a_home_is_found(monkeypatch):
    assert child_environment({"LAB4_HISTORY": "postgresql://h/db"})["LAB4_HISTORY"] == "postgresql://h/db"
    monkeypatch.setenv("HOME", "/home/ada")
    assert child_environment({"LAB4_CACHE": "~/cache"})["LAB4_CACHE"] == str(Path("/home/ada/cache"))
    assert child_environment({"LAB4_CACHE": "~nobody-of-this-name/c"})["LAB4_CACHE"] == "~nobody-of-this-name/c"


def test_the_processs_own_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("GIT_DIR", "elsewhere")
    monkeypatch.setenv("LAB4_SOMETHING", "1")
    found = child_environment()
    assert "GIT_DIR" not in found
    assert found["LAB4_SOMETHING"] == "1"
    assert os.environ["GIT_DIR"] == "elsewhere"


def test_the_user_has_a_name():
    assert user_name() == getpass.getuser()


def test_a_user_without_an_entry_has_a_neutral_name(open_folder):
    command = [sys.executable, "-c", "from lab4.environment import user_name; print(user_name())"]
    answer = subprocess.run(**as_nobody(command), cwd=open_folder, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr) == ("unknown\n", "")
