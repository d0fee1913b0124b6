"""Files of others: what they say reaches no terminal, log, table or CI system but as text."""

import copy
import csv
import json
import re

import pytest
from lab4_examples import RUN
from lab4_strategies import document_of

from lab4.cli import main
from lab4.report.spreadsheet import unguarded

FORGED = "x\n::error file=x.py,line=1::forged\x1b[2J\u202e\n##[error]forged\n##vso[task.complete result=Failed]"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"^\s*::[A-Za-z]|##\[|##vso\[|##teamcity\[", re.MULTILINE)


def hostile(text):
    """A run file in which every free text is ``text``."""
    document = copy.deepcopy(document_of(RUN))
    document["machine_info"]["lab4"] |= {"node": text, "cpu": text, "os": text, "libraries": {text: text}}
    document["lab4"]["catalogue"] |= {
        "models": {name: {"name": name, "label": text, "task": text} for name in ("cnn", "fcnn")},
        "formats": {name: {"name": name, "label": text, "container": text} for name in ("keras", "onnx")},
        "devices": {"cpu": {"name": "cpu", "label": text, "kind": text, "vendor": text}},
    }
    document["lab4"]["settings"]["profile"] = text
    document["lab4"]["unmeasured"][0]["outcome"]["reason"] = text
    document["commit_info"]["id"] = text
    return document


def plain(text):
    """A file of plain pytest-benchmark whose benchmark is called ``text``."""
    return {
        "machine_info": {"node": text, "cpu": {"brand_raw": text}},
        "commit_info": {"id": text, "dirty": False},
        "datetime": "2026-01-31T12:00:00+00:00",
        "benchmarks": [{"fullname": text, "stats": {"min": 1e-3, "median": 1e-3, "data": [1e-3], "iterations": 1}}],
    }


def spoken(capsys, folder):
    """All that the commands print and write but JSON and PDF."""
    said = capsys.readouterr()
    files = [path.read_bytes().decode() for path in folder.iterdir() if path.suffix not in {".json", ".pdf"}]
    return [said.out, said.err, *(text.replace("\r\n", "\n") for text in files)]


def commands(run, folder, history):
    yield ["worksheet", run, "-o", folder]
    yield ["report", run, "-o", folder]
    yield ["gate", run, "--junit", folder / "gate.xml", "--markdown", folder / "gate.md", "--all"]
    yield ["gate", run, "--baseline", run, "--all"]
    yield ["compare", run]
    yield ["compare", run, f"again={run}", "--markdown"]
    yield ["history", "add", run, "--history", history]
    yield ["history", "list", "--history", history]
    yield ["history", "show", "1", "--history", history]
    yield ["history", "trend", "--history", history]
    yield ["worksheet", folder / f"{FORGED[:20]}.json"]


@pytest.mark.parametrize("of", [hostile, plain])
def test_no_text_of_a_file_forges_a_line_or_a_workflow_command(tmp_path, capsys, monkeypatch, of):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    run, folder = tmp_path / "run.json", tmp_path / "out"
    folder.mkdir()
    run.write_text(json.dumps(of(FORGED)), encoding="utf-8")
    for command in commands(run, folder, tmp_path / "history"):
        assert main([str(each) for each in command]) in {0, 1, 2, 3}
        for text in spoken(capsys, folder):
            assert not CONTROL.search(text)
            lines = [line for line in text.splitlines() if not line.startswith("::error title=")]
            assert not COMMAND.search("\n".join(lines))


def test_a_name_of_plain_pytest_benchmark_stays_as_it_is(tmp_path, capsys):
    run = tmp_path / "0001.json"
    run.write_text(json.dumps(plain("tests/test_a.py::TestB::test_c[d-é]")), encoding="utf-8")
    assert main(["gate", str(run), "--cells", "tests/test_a.py::*", "--all"]) == 3
    assert "tests/test_a.py::TestB::test_c[d-é]" in capsys.readouterr().out


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\uff1d"])
def test_no_text_of_a_file_is_a_formula_in_a_spreadsheet(tmp_path, sign):
    run, formula = tmp_path / "run.json", f'{sign}HYPERLINK("https://example.org")'
    run.write_text(json.dumps(hostile(formula)), encoding="utf-8")
    assert main(["report", str(run), "-o", str(tmp_path)]) == 0
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = [text for row in rows for text in row.values() if "HYPERLINK" in text]
    assert texts
    assert not [text for text in texts if text[0] in "=+-@\t\r\uff1d"]
    numbers = [row["value"] for row in rows if row["outcome"] == "measured"]
    assert [float(number) for number in numbers]
    if sign == "=":
        assert formula in {unguarded(text) for text in texts}
