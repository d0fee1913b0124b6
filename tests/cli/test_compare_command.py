"""`lab4 compare`: how runs are named."""

import json

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.history.run_file import write_run


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "b.json", "x=y/run.json"):
        write_run(tmp_path / name, document_of(RUN))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (("a.json", "b.json"), ["a", "b"]),
        (("old=a.json", "new=b.json"), ["old", "new"]),
        (("x=y/run.json", "b.json"), ["x=y", "b"]),
        (("n=x=y/run.json", "b.json"), ["n", "b"]),
        (("=a.json", "b.json"), ["a", "b"]),
    ],
)
def test_a_path_may_have_an_equals_sign(capsys, written, names):
    assert main(["compare", "--json", *written]) == 0
    assert json.loads(capsys.readouterr().out)["names"] == names


def test_a_path_that_is_not_there_is_named_without_its_name(capsys):
    assert main(["compare", "old=none=1.json", "b.json"]) == 2
    assert "cannot read none=1.json: there is no such file" in capsys.readouterr().err
