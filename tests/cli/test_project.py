from argparse import Namespace
from pathlib import Path

import pytest

from lab4.cli.project import approvals_path, policy_of, project_folder
from lab4.domain.errors import Lab4Error
from lab4.history.approvals import APPROVALS_FILE

NOTHING_NAMED = Namespace(policy=None, approvals=None)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with a policy, called from a folder of it whose pyproject.toml is of something else."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.lab4.gate]\nfalse-alarms = '2%'\n")
    below = project / "a" / "b"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_text("[project]\nname = 'b'\n")
    monkeypatch.chdir(below)
    return project


def test_rules_and_accepted_changes_are_found_from_every_folder_of_the_project(project):
    assert policy_of(NOTHING_NAMED).false_alarms == 0.02
    assert approvals_path(NOTHING_NAMED) == project / APPROVALS_FILE


def test_the_nearest_table_wins_and_is_named_as_people_see_it(project):
    assert project.is_dir()
    Path("pyproject.toml").write_text("[tool.lab4.gate]\nfalse-alarms = '3%'\n")
    assert policy_of(NOTHING_NAMED).false_alarms == 0.03
    assert approvals_path(NOTHING_NAMED) == APPROVALS_FILE
    assert project_folder() == Path()


def test_nothing_above_the_repository_is_looked_at(project):
    (project / "pyproject.toml").rename(project.parent / "pyproject.toml")
    assert project_folder() == Path()
    assert policy_of(NOTHING_NAMED).false_alarms == 0.01


def test_without_a_table_the_file_of_approvals_tells_the_folder(project):
    (project / "pyproject.toml").unlink()
    (project / APPROVALS_FILE).touch()
    assert approvals_path(NOTHING_NAMED) == project / APPROVALS_FILE


def test_a_file_that_cannot_be_read_is_not_passed_over(project):
    assert project.is_dir()
    Path("pyproject.toml").write_text("[tool")
    with pytest.raises(Lab4Error, match=r"pyproject.toml cannot be read"):
        policy_of(NOTHING_NAMED)


def test_what_is_named_wins(project, tmp_path):
    assert project.is_dir()
    (tmp_path / "mine.toml").write_text("[tool.lab4.gate]\nfalse-alarms = '4%'\n")
    (tmp_path / "mine.jsonl").touch()
    named = Namespace(policy=tmp_path / "mine.toml", approvals=tmp_path / "mine.jsonl")
    assert policy_of(named).false_alarms == 0.04
    assert approvals_path(named) == tmp_path / "mine.jsonl"


def test_a_file_of_approvals_that_was_named_must_be_there_unless_it_is_written(project):
    assert project.is_dir()
    mistyped = Namespace(policy=None, approvals="mistyped.jsonl")
    with pytest.raises(Lab4Error, match=r"--approvals: there is no file mistyped.jsonl"):
        approvals_path(mistyped)
    assert approvals_path(mistyped, is_new=True) == Path("mistyped.jsonl")
    Path("mistyped.jsonl").touch()
    assert approvals_path(mistyped) == Path("mistyped.jsonl")
