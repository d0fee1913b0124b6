"""`pytest benchmarks` in every environment: one cell is measured, and its files are written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_file_systems import NO_LINKS, NO_LOCKS, poor_environment
from lab4_users import NOBODY, as_nobody

from lab4.domain.outcome import Measured
from lab4.history.run_file import read_run

OPTIONS = {
    "profile": "quick",
    "models": "fcnn",
    "formats": "onnx",
    "devices": "cpu",
    "batch-sizes": "1",
    "techniques": "finetuned",
    "resources": "memory",
    "output": "results",
}
#: Keras keeps a file of its own in the user's home: where that is not as usual, the cell is one that takes TensorFlow.
WITH_KERAS, WITHOUT_KERAS = "deployment", "inference"
#: Two names that few programs expect; the second one is not UTF-8.
NAMES = ["Größe 50% & {mehr}", os.fsdecode(b"M\xfcller")]


@pytest.fixture(scope="module")
def warm_cache(tmp_path_factory, pytestconfig):
    """A cache with what the cell needs."""
    folder = tmp_path_factory.mktemp("warm")
    flags = [text for key, value in OPTIONS.items() for text in (f"--lab4-{key}", value)]
    flags += ["--lab4-cache", str(folder / "cache"), "--lab4-output", str(folder / "results")]
    command = [sys.executable, "-m", "pytest", "benchmarks", "-m", "deployment", "-p", "no:cacheprovider", *flags]
    subprocess.run(command, cwd=pytestconfig.rootpath, check=True, capture_output=True)
    return folder / "cache"


@pytest.fixture
def suite(make, warm_cache, pytestconfig):
    """A function that makes a project with the suite in it, with a cache for its owner."""

    def made(name="project", owner=None):
        project = make(name, owner=owner)
        skipped = shutil.ignore_patterns("harness", "__*")
        shutil.copytree(pytestconfig.rootpath / "benchmarks", project.folder / "benchmarks", ignore=skipped)
        cache = Path(project.env["LAB4_CACHE"])
        shutil.copytree(warm_cache, cache)
        if owner is not None:
            for path in (project.folder, *project.folder.rglob("*"), cache, *cache.rglob("*")):
                os.chown(path, owner, owner)
        return project

    return made


def measures(project, part=WITHOUT_KERAS):
    """Run the cell; returns what was printed."""
    flags = [text for key, value in OPTIONS.items() for text in (f"--lab4-{key}", value)]
    command = [*project.before, sys.executable, "-m", "pytest", "benchmarks", "-m", part, *flags]
    answer = project.run_command(command, errors="surrogateescape")  # pytest prints names as they are
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "INTERNALERROR" not in answer.stdout + answer.stderr
    run = read_run(project.folder / "results" / "run.json")
    assert run.complete
    assert [type(each.outcome) for each in run.measurements] == [Measured]
    return answer.stdout + answer.stderr


def test_without_a_home(suite):
    project = suite()
    del project.env["HOME"]
    measures(project, WITH_KERAS)


def unknown(project, **variables):
    started = as_nobody([], **variables)
    project.before, project.env = started["args"], started["env"]
    return project


def test_by_a_user_without_an_entry_in_passwd(suite):
    project = suite(owner=NOBODY)
    measures(unknown(project, LAB4_CACHE=project.env["LAB4_CACHE"]), WITH_KERAS)


def test_by_such_a_user_with_the_cache_in_the_working_folder(suite):
    project = unknown(suite(owner=NOBODY))
    printed = measures(project, WITH_KERAS)
    assert f"the cache is {project.folder / '.lab4-cache'}, as the system knows no home folder of this user" in printed
    assert (project.folder / ".lab4-cache").is_dir()
    assert not (project.folder / "~").exists()


def test_with_a_home_that_cannot_be_written(suite, open_folder):
    home = open_folder / "home"
    home.mkdir(mode=0o555)
    project = suite(owner=NOBODY)
    measures(unknown(project, HOME=str(home), LAB4_CACHE=project.env["LAB4_CACHE"]), WITH_KERAS)
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("lacking", [NO_LINKS, *NO_LOCKS], ids=str)
def test_on_a_file_system_without_links_or_locks(suite, lacking):
    project = suite()
    project.env |= poor_environment(lacking)
    printed = measures(project)
    if "NOLOCK" in lacking:
        assert "the file system has no file locks (marker files replace them)" in printed
    assert list((project.folder / "results").glob("*.lock*")) == []


@pytest.mark.parametrize("name", NAMES)
def test_in_a_folder_of_any_name(suite, name):
    measures(suite(name))


def test_without_a_language(suite):
    project = suite("Größe")
    project.env |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    measures(project)


def test_in_a_checkout_of_another_user(suite, open_folder):
    project = suite()
    project.env["HOME"] = str(open_folder)
    os.chown(project.folder, NOBODY, NOBODY)
    measures(project)


def test_in_a_shallow_clone(suite):
    project = suite()
    (project.folder / ".git" / "shallow").write_bytes(project.run_command(["git", "rev-parse", "HEAD"]).stdout.encode())
    measures(project)


def test_without_git(suite, open_folder):
    project = suite()
    folder = open_folder / "bin"
    folder.mkdir()
    project.env["PATH"] = str(folder)
    measures(project)
    assert read_run(project.folder / "results" / "run.json").commit.revision is None
