"""The packages: what is missing is said in a sentence with its remedy; the lock is whole, and names no registry."""

import json
import shutil
import subprocess
import sys

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
    with pytest.raises(
        UnavailableError, match=r"Node is not installed; install Node 20 or later, with npm, from nodejs\.org"
    ):
        packages.node()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo v12.22.9", r"Node 12\.22\.9 is too old; install Node 20 or later, with npm, from nodejs\.org"),
        ("exit 3", "does not say its version"),
    ],
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
def test_packages_that_another_process_installs_are_waited_for_aloud(capsys, monkeypatch):
    script = (
        "import sys\nfrom lab4.javascript import packages\n"
        "def build(folder):\n    print(flush=True)\n    sys.stdin.readline()\n"
        "    (folder / 'node_modules').mkdir()\n    (folder / 'node_modules' / 'one').write_text('1')\n"
        "packages._entry(packages._cache(packages.default_folder()), build)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        note = packages._note

        def let_go(sentence):
            note(sentence)
            other.stdin.close()

        monkeypatch.setattr(packages, "_note", let_go)
        other.stdout.readline()  # it holds the lock until this process says that it waits
        folder = packages.installed()
    assert (folder / "one").read_text() == "1"
    assert "lab4: waiting for process" in capsys.readouterr().err


@pytest.mark.usefixtures("empty_cache")
def test_without_npm_the_remedy_is_said(tmp_path, monkeypatch):
    commands(tmp_path, monkeypatch, node="echo v20.1.0")
    with pytest.raises(
        UnavailableError, match=r"npm is not installed; install Node 20 or later, with npm, from nodejs\.org"
    ):
        packages.install()


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize(
    ("printed", "remedy"),
    [
        (("npm error", "EINTEGRITY", "sha512-x integrity checksum failed"), "run npm cache clean --force"),
        (("npm ERR!", "EUSAGE", "package-lock.json is not in sync"), "run npm cache clean --force"),
        (("npm error", "EAI_AGAIN", "getaddrinfo EAI_AGAIN registry"), "name a proxy (npm config set proxy)"),
        (("npm error", "EACCES", "permission denied"), "see what npm ping says"),
    ],
)
def test_what_npm_refuses_is_said_in_a_sentence_and_leaves_nothing(tmp_path, monkeypatch, capsys, printed, remedy):
    prefix, code, reason = printed
    lines = ["npm warn config x is deprecated", "(node:1) Warning: y", f"{prefix} code {code}", f"{prefix} {reason}"]
    refusal = "\n".join([*lines, f"{prefix} A complete log of it"])
    commands(tmp_path, monkeypatch, node="echo v20.1.0", npm=f"printf '%s\\n' '{refusal}' >&2; exit 1")
    assert main(["install-javascript"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith(f"lab4: error: npm does not install the packages: {reason}; {remedy}")
    assert said.endswith("then run lab4 install-javascript again")
    with pytest.raises(UnavailableError, match="not installed"):
        packages.installed()


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_a_registry_that_does_not_answer_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_offline", "false")
    with pytest.raises(UnavailableError, match=r"npm does not install the packages: .*ECONNREFUSED.*; name a proxy"):
        packages.install()
    assert list((tmp_path / "cache").glob("*/*/node_modules")) == []
