"""A run on a real GPU, read without one: docs/runs/nvidia-h100.json."""

from pathlib import Path

import pytest
from lab4_examples import table_of

from lab4 import cli
from lab4.analysis.overview import report
from lab4.analysis.query import figures
from lab4.analysis.tables import Quantity, Text
from lab4.history.run_file import read_run
from lab4.worksheet import worksheet

RECORD = Path(__file__).parents[2] / "docs" / "runs" / "nvidia-h100.json"


@pytest.fixture(scope="module")
def made():
    return worksheet([read_run(RECORD)])


@pytest.mark.parametrize(("table", "column", "count"), [("training", "training_time", 2), ("inference", "time", 4)])
def test_the_gpus_blanks_of_the_printed_form_are_filled(made, table, column, count):
    on_gpu = [row for row in table_of(made, table).rows if "-gpu-" in row.key]
    assert len(on_gpu) == count
    for row in on_gpu:
        assert isinstance(table_of(made, table).value(row, column), Quantity)


def test_every_cell_is_under_the_gpus_own_roof():
    limits = table_of(report([read_run(RECORD)]), "inference_roofline")
    shares = figures(limits, "share")
    assert len(shares) == 32
    assert all(0 < share.quantity.value < 1 for share in shares)
    bounds = {limits.value(share.row, "bound") for share in shares}
    assert bounds == {Text("call overhead")}


def test_its_worksheet_is_made_without_a_gpu(tmp_path, capsys):
    assert cli.main(["worksheet", str(RECORD), "-o", str(tmp_path)]) == 0
    page = (tmp_path / "worksheet.html").read_text(encoding="utf-8")
    assert "NVIDIA H100 80GB HBM3" in page
    assert "Roofline of the original models, GPU" in page
    assert "Latency of the FCNN, batch 1, GPU" in page
    capsys.readouterr()


def test_its_report_has_every_cell(tmp_path, capsys):
    assert cli.main(["report", str(RECORD), "-o", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "NVIDIA H100 80GB HBM3" in page
    assert "Roofline of the FCNN, GPU" in page
    assert "on the GPU float32 367,000 GOP/s, memory 2,920 GB/s" in page
    assert "Latency of the FCNN, batch 32, GPU" in page
    assert "CNN, Pruned Model (80%), SavedModel, GPU, batch 32" in page
    capsys.readouterr()
