import json

import pytest

from lab4.cli import main
from lab4.doctor.checks import CHECKS, disturbs, good


@pytest.fixture
def findings(monkeypatch):
    """Let the doctor find this."""
    return lambda found: monkeypatch.setattr("lab4.doctor.checks.examine", lambda _: found)


def test_every_check_has_a_line(capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(any(f" {name} " in line for line in lines) for name in CHECKS)


def test_the_json_has_every_check(capsys):
    assert main(["doctor", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(CHECKS)


def test_strict_fails_where_something_disturbs(capsys, findings):
    findings({"load": disturbs("two at work", "wait"), "clock": good("tsc")})
    assert main(["doctor"]) == 0
    assert main(["doctor", "--strict"]) == 1
    assert "disturbed by: load." in capsys.readouterr().out


def test_strict_passes_where_nothing_does(capsys, findings):
    findings({"clock": good("tsc")})
    assert main(["doctor", "--strict"]) == 0
    assert "Nothing seen here" in capsys.readouterr().out
