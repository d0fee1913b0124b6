"""The packages: what is missing is said in a sentence with its remedy; the lock is whole, and names no registry."""

import json
import shutil

import pytest

from lab4.cli import main
from lab4.domain.errors import UnavailableError
from lab4.javascript import packages

LOCK = json.loads((packages.ENGINE / "package-lock.json").read_text(encoding="utf-8"))


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB4_CACHE", str(tmp_path / "cache"))


def commands(tmp_path, monkeypatch, **scripts):
    """Make these the only commands on the search path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_every_package_of_the_lock_has_a_checksum_and_no_address():
    named = {path: each for path, each in LOCK["packages"].items() if path}
    assert len(named) > 10
    assert [path for path, each in named.items() if "integrity" not in each or "resolved" in each] == []


def test_the_lock_is_of_the_packages_that_are_named():
    wanted = json.loads((packages.ENGINE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert LOCK["packages"][""]["dependencies"] == wanted
    assert {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_without_node_the_remedy_is_said(tmp_path, monkeypatch):
    commands(tmp_path, monkeypatch)
    with pytest.raises(UnavailableError, match="Node is not installed; install Node 20 or later"):
        packages.node()


@pytest.mark.parametrize(
    ("script", "says"),
    [("echo v12.22.9", r"Node 12\.22\.9 is too old; install Node 20"), ("exit 3", "does not say its version")],
)
def test_a_node_that_is_too_old_is_refused(tmp_path, monkeypatch, script, says):
    commands(tmp_path, monkeypatch, node=script)
    with pytest.raises(UnavailableError, match=says):
        packages.node()


@pytest.mark.usefixtures("empty_cache")
def test_packages_that_are_not_installed_are_asked_for():
    with pytest.raises(UnavailableError, match="run: lab4 install-javascript"):
        packages.installed()


@pytest.mark.usefixtures("empty_cache")
def test_without_npm_the_remedy_is_said(tmp_path, monkeypatch):
    commands(tmp_path, monkeypatch, node="echo v20.1.0")
    with pytest.raises(UnavailableError, match="npm is not installed"):
        packages.install()


@pytest.mark.usefixtures("empty_cache")
def test_what_npm_refuses_is_said_in_a_sentence_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    refusal = "npm error code EINTEGRITY\nnpm error sha512-x integrity checksum failed\nnpm error A complete log of it"
    commands(tmp_path, monkeypatch, node="echo v20.1.0", npm=f"printf '%s\\n' '{refusal}' >&2; exit 1")
    assert main(["install-javascript"]) == 2
    said = capsys.readouterr().err
    assert said.strip().endswith("npm does not install the packages: sha512-x integrity checksum failed")
    with pytest.raises(UnavailableError, match="not installed"):
        packages.installed()


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_registry_that_does_not_answer_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_offline", "false")
    with pytest.raises(UnavailableError, match="npm does not install the packages: "):
        packages.install()
    assert list((tmp_path / "cache").glob("*/*/node_modules")) == []
