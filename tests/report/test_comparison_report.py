import json
from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky, run_with
from worksheet_factory import CATALOGUE, machine, realistic

from lab4.analysis.figures import figures_of
from lab4.analysis.pivot import ComparedSide
from lab4.analysis.side_by_side import side_by_side
from lab4.domain.figures import CellFigures
from lab4.report.comparison import as_json, as_markdown, text

A, GPU = "latency/cnn-cpu-b1-onnx", "latency/cnn-gpu-b1-keras"
ACCURATE = CellFigures("measured", {"accuracy": 0.9}, intervals={"accuracy": (0.88, 0.92)})


def two(**changes):
    no_gpu = CellFigures("unavailable", reason="no GPU here")
    old = ComparedSide("old", [run_with({A: cell(2e-3), GPU: no_gpu})])
    new = ComparedSide("n|w", [run_with({A: cell(1e-3), GPU: cell(1e-4)}, **changes)])
    return side_by_side([old, new], ["machine"], ["latency"])


def platforms():
    here = realistic(70)
    there = realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z", on=machine("gpu-box", gpu=True))
    return side_by_side([ComparedSide(name, [figures_of(run)]) for name, run in (("laptop", here), ("h100", there))])


def crowd(count=5, name="machine"):
    """So many machines with twelve cells each."""
    random = Random(3)
    cells = CELLS[:12]
    return side_by_side(
        [
            ComparedSide(
                f"{name}-{number}",
                [
                    replace(run, cells={key: run.cells[key] for key in cells}, catalogue=CATALOGUE)
                    for run in lucky(random, 2, factors=dict.fromkeys(CELLS, 1 + number))
                ],
            )
            for number in range(count)
        ],
        names=["latency"],
    )


def test_what_differs_stands_on_top_and_every_figure_has_its_ratio():
    lines = text(two(lab4_version="9.9")).splitlines()
    assert lines[0] == "n|w: lab4: 0.1.0 to 9.9"
    assert any("2.00" in line and "1.00 * 2.00x" in line for line in lines)
    assert "latency: comparison latency (ms), lower is better" in text(two())
    assert any(line.startswith("not compared: 1 row in n|w only (elsewhere no GPU here): ") for line in lines)
    assert text(two()).splitlines()[0] == "n|w: nothing differs in hardware, software and settings"


def test_several_runs_have_an_interval():
    random = Random(1)
    found = side_by_side(
        [ComparedSide("a", lucky(random, 4)), ComparedSide("b", lucky(random, 4, first=4))], names=["latency"]
    )
    page = text(found)
    assert " to " in page
    assert "±: 95% interval between runs" in page


@pytest.mark.parametrize("made", [two, platforms, crowd, lambda: crowd(12), lambda: crowd(3, "m" * 60)])
def test_lines_are_as_wide_as_a_terminal_and_all_columns_are_there(made):
    found = made()
    page = text(found)
    longest = max(len(column.label) for column in found.columns)
    assert all(len(line) <= max(100, longest + 40) for line in page.splitlines())
    shown = [column.label for column in found.columns if column.label != "laptop GPU"]
    assert all(label in page for label in shown)
    assert "\n\n\n" not in page


def test_marks_say_what_is_best_and_what_is_not_told_apart():
    page = text(platforms())
    assert "*: best of its row; =: not distinguished from the best by the intervals" in page
    row = next(line for line in page.splitlines() if line.startswith("CNN") and "0.800" in line)
    assert "0.800 ±13% * 5.00x (4.43 to 5.73)" in row
    assert "not measured in laptop GPU, 2 rows: no GPU visible to TensorFlow" in page


def test_equal_figures_have_no_best():
    same = [ComparedSide(name, [run_with({A: CellFigures("measured", {"size": 1e6})})]) for name in ("a", "b")]
    assert "*" not in text(side_by_side(same))


def test_shares_are_compared_by_their_difference():
    runs = {
        name: run_with({A: replace(ACCURATE, values={"accuracy": value})}) for name, value in (("a", 0.9), ("b", 0.8))
    }
    sides = [ComparedSide(name, [run]) for name, run in runs.items()]
    page = text(side_by_side(sides))
    assert "80.00" in page
    assert "-10.00" in page
    assert "+ and -: better and worse than a" in " ".join(page.split())


def test_accuracies_of_different_data_are_not_compared():
    one = run_with({A: replace(ACCURATE, values={"accuracy": 0.9, "size": 1.0})})
    other = replace(one, dataset=replace(one.dataset, sha256="f" * 64))
    found = side_by_side([ComparedSide("a", [one]), ComparedSide("b", [other])])
    assert [pivot.name for pivot in found.pivots] == ["size"]
    for page in (text(found), as_markdown(found), as_json(found)):
        assert "the accuracy was measured on different datasets: " in page


def test_a_name_does_not_break_a_table():
    rows = [line for line in as_markdown(two()).splitlines() if line.startswith("| ")]
    assert {line.replace(r"\|", "").count("|") for line in rows} == {4}
    assert any("**1.00** 2.00x" in line for line in rows)


def test_the_json_is_in_base_units_and_has_every_row():
    document = json.loads(as_json(two()))
    assert (document["sides"], document["reference"]) == (["old", "n|w"], "old")
    (table,) = document["tables"]
    assert (table["kind"], table["figure"], table["unit"], table["compared_by"]) == ("latency", "latency", "s", "ratio")
    first, second = table["rows"]
    assert (first["model"], first["technique"], first["batch"]) == ("cnn", [], 1)
    assert first["values"]["n|w"]["value"] == 1e-3
    assert first["values"]["n|w"]["against_reference"]["value"] == pytest.approx(2.0)
    assert second["values"]["old"] == {"reason": "no GPU here"}
