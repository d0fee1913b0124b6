"""Users that the system does not know, and users without a home."""

import json

import pytest
from lab4_environments import COMMANDS, SMALLER
from lab4_strategies import document_of
from lab4_users import NOBODY, as_nobody

from lab4.history.run_file import write_run


@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_home_every_command_works(make, name):
    project = make()
    del project.env["HOME"]
    project.works(name)


@pytest.fixture
def unknown(make):
    """The project of a user without an entry in passwd and without a home."""
    started = as_nobody([])
    project = make(owner=NOBODY)
    project.before = started["args"]
    project.env = {**started["env"], "LAB4_CACHE": project.env["LAB4_CACHE"]}
    return project


@pytest.mark.parametrize("name", COMMANDS)
def test_a_user_without_an_entry_can_do_all_of_it(unknown, name):
    unknown.works(name)


def test_where_no_home_is_known_the_cache_is_here_or_its_setting_is_named(unknown):
    del unknown.env["LAB4_CACHE"]
    answer = unknown.call("cache", "list", code={0, 2})
    assert "LAB4_CACHE" in answer.stderr if answer.returncode else "0 entries in" in answer.stdout
    assert not (unknown.folder / "~").exists()


def test_a_user_without_an_entry_can_accept_a_change(unknown):
    write_run(unknown.folder / "smaller.json", document_of(SMALLER))
    unknown.call("approve", "run.json", "--baseline", "smaller.json", "--reason", "meant")
    accepted = json.loads((unknown.folder / "lab4-approvals.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert accepted["by"] == "unknown"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_home_that_cannot_be_written_costs_nothing(make, open_folder, name):
    started = as_nobody([])
    home = open_folder / "home"
    home.mkdir(mode=0o555)
    project = make(owner=NOBODY)
    project.before = started["args"]
    project.env = {**started["env"], "HOME": str(home)}
    project.works(name)
    assert list(home.iterdir()) == []
