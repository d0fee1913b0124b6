"""Tables of the evidence are what their commands print: `docs/make_evidence.py` makes them."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import make_evidence  # noqa: E402

TEXT = make_evidence.PAGE.read_text(encoding="utf-8")
#: Draws that a test has the time for.
FEWER = re.compile(r"--draws \d+")


def tables():
    """Each printed table of the page, with its command."""
    parts = TEXT.split(make_evidence.MARK)[1:]
    return [
        pytest.param(command, part.lstrip("\n").partition("\n\n")[0] + "\n", id=command.split()[1])
        for command, part in zip(make_evidence.commands(TEXT), parts, strict=True)
    ]


def test_there_are_tables_to_look_at():
    assert len(tables()) >= 8


@pytest.mark.parametrize(("command", "table"), [each for each in tables() if "few_calls" in each.id])
def test_a_table_is_what_its_command_prints(command, table):
    assert make_evidence.printed(command) == table


@pytest.mark.parametrize(("command", "table"), [each for each in tables() if "red_builds" in each.id][:1])
def test_a_table_of_many_draws_has_the_form_that_its_command_prints(command, table):
    printed = make_evidence.printed(FEWER.sub("--draws 1", command) + " --saved 1")
    assert printed.splitlines()[:2] == table.splitlines()[:2]
    assert [row.split("|")[1] for row in printed.splitlines()[2:]] == [" 1 ", " 1, second look "]
