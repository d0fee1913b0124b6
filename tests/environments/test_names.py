"""Names of folders, files and people that are not plain ASCII, and systems whose language is C."""

import os
import sys

import pytest
from lab4_environments import COMMANDS

NAMES = [b"a b", b"100%", b"%s$(HOME)", "Me\u00dfwerte".encode(), b"=x,[y]", b"caf\xe9"]
#: Commands that write such names into documents.
WRITING_NAMES = {"worksheet", "gate"}
#: A system without a language, where Python decodes names as ASCII.
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

pytestmark = pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names there are Unicode")


def some(names, commands):
    """Names of files and commands: every name with those that write it into files, every command with the last name."""
    return [(called, name) for called in names for name in commands if name in WRITING_NAMES or called == names[-1]]


@pytest.mark.parametrize(("called", "name"), some(NAMES, COMMANDS), ids=ascii)
def test_folders_and_files_may_have_any_name(make, called, name):
    text = os.fsdecode(called)
    make(name=text, run=f"{text}.json").works(name)


@pytest.mark.parametrize(
    ("called", "name"), some([b"project", "Me\u00dfwerte".encode(), b"caf\xe9"], COMMANDS), ids=ascii
)
def test_without_a_language_names_are_found_too(make, called, name):
    text = os.fsdecode(called)
    project = make(name=text, run=f"{text}.json")
    project.env |= C_LOCALE
    project.works(name)


@pytest.mark.parametrize("variables", [{}, C_LOCALE])
@pytest.mark.parametrize("option", ["--name", "--student-id", "--date"])
def test_a_name_in_utf8_is_in_the_worksheet_and_another_is_refused(make, option, variables):
    project = make()
    project.env |= variables
    project.call("worksheet", "run.json", "-o", "out", option, "M\u00fcller")
    assert "M\u00fcller" in (project.folder / "out" / "worksheet.md").read_text(encoding="utf-8")
    answer = project.call("worksheet", "run.json", "-o", "out", option, os.fsdecode(b"M\xfcller"), code=2)
    assert answer.stderr == f"lab4: error: {option} 'M\\\\xfcller' is not UTF-8 text; write it in UTF-8\n"


def test_a_reason_that_is_not_utf8_is_refused(make):
    arguments = ["approve", "run.json", "--baseline", "baseline", "--reason", os.fsdecode(b"\xfc")]
    assert "--reason '\\\\xfc' is not UTF-8 text" in make().call(*arguments, code=2).stderr


def test_an_error_about_such_a_file_is_in_every_report(make):
    project = make()
    reports = [word for each in ("json", "junit", "markdown") for word in (f"--{each}", f"gate.{each}")]
    missing = os.fsdecode(b"caf\xe9.json")
    project.call("gate", missing, "--baseline", "baseline", *reports, code=2)
    for each in ("json", "junit", "markdown"):
        text = (project.folder / f"gate.{each}").read_text(encoding="utf-8")
        assert "cannot read" in text
        assert "udce9" not in text


def test_a_history_elsewhere_takes_runs_of_such_files(make):
    project = make(run=os.fsdecode(b"caf\xe9.json"))
    project.call("history", "add", project.run, "--history", "sqlite:///history.sqlite")
    assert "1 cells" in project.call("history", "list", "--history", "sqlite:///history.sqlite").stdout


def test_a_saved_file_of_such_a_name_is_found_in_the_historys_folder(make):
    project = make(run=os.fsdecode(b"caf\xe9.json"))
    (project.folder / ".benchmarks").mkdir()
    (project.folder / project.run).rename(project.folder / ".benchmarks" / project.run)
    answer = project.call("history", "list")
    assert "1 cells" in answer.stdout
    assert answer.stderr == ""


def test_a_cache_may_have_such_a_name(make):
    project = make()
    project.env["LAB4_CACHE"] = str(project.folder / os.fsdecode(b"caf\xe9"))
    project.works("cache list")
