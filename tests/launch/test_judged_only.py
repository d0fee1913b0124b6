import sys
from pathlib import Path

import pytest

from lab4.launch import LaunchSide, judged_only


def older(folder):
    """A side whose lab4 knows no such option yet, though this environment's does."""
    room = folder / "lab4" / "plugin"
    room.mkdir(parents=True)
    (folder / "lab4" / "__init__.py").touch()
    (room / "__init__.py").touch()
    (room / "options.py").write_text(
        "from types import SimpleNamespace\nOPTIONS = (SimpleNamespace(flag='--lab4-seed'),)\n"
    )
    return LaunchSide("older", Path(sys.executable), folder)


@pytest.fixture
def here(pytestconfig):
    return LaunchSide("here", Path(sys.executable), pytestconfig.rootpath)


def test_what_no_gate_asks_for_is_left_out(here):
    assert judged_only([here, here]) == ("--lab4-resources", "memory", "--lab4-report", "csv")


def test_an_older_side_leaves_nothing_out_and_the_other_does_the_same(here, tmp_path, monkeypatch):
    # What is older is not the code whose coverage is told.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    assert judged_only([here, older(tmp_path)]) == ()


def test_a_side_that_does_not_say_leaves_nothing_out(tmp_path):
    assert judged_only([LaunchSide("none", tmp_path / "python", tmp_path)]) == ()
