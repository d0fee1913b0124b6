import subprocess
from argparse import Namespace

import pytest

from lab4.cli.gate_measuring import _accepted
from lab4.domain.blessing import Blessing
from lab4.history.blessings import BLESSINGS_FILE, add_blessings


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def blessing(cell):
    return Blessing(cell, "latency", "2026-01-01T00:00:00+00:00", "exact softmax", "ada", factor=1.1)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    add_blessings(tmp_path / BLESSINGS_FILE, [blessing("inference/old")])
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    return tmp_path


def test_what_this_checkout_accepts_and_the_revision_does_not_know(project):
    against = Namespace(against="HEAD", blessings=None)
    assert _accepted(against) == []
    add_blessings(project / BLESSINGS_FILE, [blessing("inference/new")])
    assert _accepted(against) == [blessing("inference/new")]
    git(project, "rm", "--quiet", "--cached", str(BLESSINGS_FILE))
    git(project, "commit", "--quiet", "--message", "none")
    assert [each.cell for each in _accepted(against)] == ["inference/old", "inference/new"]


def test_another_environment_knows_as_much_as_this_one(project):
    assert project.is_dir()
    assert _accepted(Namespace(against=None, blessings=None)) == []
