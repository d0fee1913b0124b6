import json
from random import Random

from lab4_gate_runs import cell, lucky, run_with

from lab4.analysis.comparison import Contender, compare
from lab4.domain.figures import CellFigures
from lab4.report.comparison import as_json, as_markdown, text

A, GPU = "latency/cnn-cpu-b1-onnx", "latency/cnn-gpu-b1-keras"


def two(**changes):
    old = Contender("old", [run_with({A: cell(2e-3), GPU: CellFigures("unavailable", reason="no GPU here")})])
    return compare([old, Contender("n|w", [run_with({A: cell(1e-3), GPU: cell(1e-4)}, **changes)])], "latency", 0)


def test_what_differs_stands_on_top_and_every_figure_has_its_ratio():
    lines = text(two(lab4_version="9.9")).splitlines()
    assert lines[0].startswith("n|w: lab4: 0.1.0, 9.9") or "9.9" in lines[0]
    assert any("2.00 ms" in line and "1.00 ms  2.00x" in line for line in lines)
    assert "not measured in old, 1 cells: no GPU here" in lines
    assert text(two()).splitlines()[0] == "n|w: nothing differs in hardware, software and settings"


def test_several_runs_have_an_interval():
    random = Random(1)
    found = compare([Contender("a", lucky(random, 4)), Contender("b", lucky(random, 4, first=4))], "latency", 0)
    assert " to " in text(found)


def test_a_name_does_not_break_a_table():
    page = as_markdown(two())
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert {line.replace(r"\|", "").count("|") for line in rows} == {4}


def test_the_json_is_in_base_units():
    document = json.loads(as_json(two()))
    assert document["names"] == ["old", "n|w"]
    values = [each["value"] for _, lines in document["parts"] for line in lines for each in line["compared"]]
    assert 1e-3 in [round(value, 9) for value in values if value is not None]
