"""Checkouts that git does not fully have, does not trust, or that have no git at all."""

import shutil
import subprocess
import sys

import pytest
from lab4_environments import READING
from lab4_users import OTHER, as_nobody


@pytest.fixture
def foreign(make):
    """A project that belongs to another user than the one who calls."""
    started = as_nobody([])
    project = make(owner=OTHER)
    project.folder.chmod(0o777)
    project.before, project.env = started["args"], {**started["env"], "LAB4_CACHE": project.env["LAB4_CACHE"]}
    return project


@pytest.mark.parametrize("name", READING)
def test_results_in_a_foreign_checkout_are_read(foreign, name):
    foreign.works(name)


def test_a_foreign_checkout_is_measured_only_as_git_allows_it(foreign):
    answer = foreign.call(*foreign.arguments("gate --against"), code=2)
    place = foreign.folder
    assert answer.stderr.splitlines()[-1] == (
        f"lab4: error: git rev-parse: fatal: detected dubious ownership in repository at '{place}'; "
        f"run: git config --global --add safe.directory {place}"
    )
    # A setting that the user has given to git by the environment is git's still.
    foreign.env |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    answer = foreign.call(*foreign.arguments("gate --against"), code=2)
    assert "dubious" not in answer.stderr


@pytest.fixture
def shallow(make):
    """A clone of the last commit alone."""
    project = make()
    clone = project.folder.with_name("clone")
    command = ["git", "clone", "--quiet", "--depth", "1", f"file://{project.folder}", str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.copy(project.folder / "run.json", clone)
    shutil.copytree(project.folder / "baseline", clone / "baseline")
    project.folder = clone
    return project


@pytest.mark.parametrize("name", [*READING, "gate --against"])
def test_a_shallow_clone_works(shallow, name):
    shallow.works(name)


def test_a_revision_that_a_shallow_clone_lacks_is_refused_with_the_remedy(shallow):
    answer = shallow.call("gate", "--against", "HEAD~1", code=2)
    assert answer.stderr.splitlines()[-1] == (
        "lab4: error: git knows no revision 'HEAD~1'; this clone is shallow, so fetch it first: git fetch --unshallow"
    )


@pytest.fixture
def without_git(make, tmp_path):
    """A system on which no command is found."""
    project = make()
    project.env["PATH"] = str(tmp_path)
    return project


@pytest.mark.parametrize("name", READING)
def test_results_are_read_without_git(without_git, name):
    without_git.works(name)


@pytest.mark.skipif(sys.platform == "win32", reason="another sentence of the system there")
def test_without_git_no_revision_is_measured_and_it_says_why(without_git):
    answer = without_git.call("gate", "--against", "HEAD", code=2)
    assert answer.stderr.splitlines()[-1] == (
        "lab4: error: git does not start (No such file or directory); it is needed to compare revisions"
    )
