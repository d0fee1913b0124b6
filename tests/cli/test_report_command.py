"""``lab4 report``: a report of whatever runs measured, in the files that were asked for."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from lab4_examples import RUN, latency
from lab4_strategies import document_of

from lab4.cli import main
from lab4.domain import registry
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured, Measurement
from lab4.history.run_file import write_run
from lab4.report import Renderer

#: No form has such a cell.
CELL = Cell("latency", "my-model.v3", (), "cpu", 7, "onnx")
ONE = replace(RUN, measurements=(Measurement(CELL, Measured(latency=latency((0.00125, 0.00125)))),))
#: Another package's: one that stands next to the project's HTML, and one that breaks.
CARD = Renderer("card", "html", lambda *_: "a card")
BROKEN = Renderer("broken", "txt", lambda *_: "".index("x"))


@pytest.fixture
def run_json(tmp_path):
    write_run(tmp_path / "run" / "run.json", document_of(ONE))
    return tmp_path / "run" / "run.json"


@pytest.fixture
def strangers(monkeypatch):
    """Another package registers two reports."""
    points = [
        registry.metadata.EntryPoint(name, f"{__name__}:{name.upper()}", "lab4.reports") for name in ("card", "broken")
    ]
    installed = SimpleNamespace(select=lambda group: points if group == "lab4.reports" else [])
    monkeypatch.setattr(registry, "_installed", lambda: installed)
    registry._entry_points.cache_clear()
    yield
    registry._entry_points.cache_clear()


def test_the_report_is_written_next_to_the_first_run_and_its_files_are_named(capsys, run_json):
    assert main(["report", str(run_json)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(run_json.parent / f"report.{ending}") for ending in ("html", "md", "csv")]
    assert err == ""
    text = (run_json.parent / "report.md").read_text(encoding="utf-8")
    assert "my-model.v3, onnx, cpu, batch 7" in text
    assert "1.25" in text


def test_several_runs_make_one_report(tmp_path, run_json):
    other = replace(ONE, measurements=(Measurement(replace(CELL, batch_size=8), ONE.measurements[0].outcome),))
    write_run(tmp_path / "other.json", document_of(other))
    assert main(["report", str(run_json), str(tmp_path / "other.json"), "--output", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "batch 7" in text
    assert "batch 8" in text


def test_a_folder_has_every_run_below_it_once(capsys, tmp_path):
    other = replace(ONE, started_at="2026-05-01T00:00:00+00:00", measurements=RUN.measurements)
    write_run(tmp_path / "other" / "run.json", document_of(other))
    for name in ("one", "copy"):
        write_run(tmp_path / name / "run.json", document_of(ONE))
    (tmp_path / "other" / "cells.json").write_text("{}")
    assert main(["report", str(tmp_path), "--report", "md"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(tmp_path / "report.md")]
    assert "is the same run as" in err
    assert "cells.json: it is not a run" in err
    assert "batch 7" in (tmp_path / "report.md").read_text()


def test_a_folder_without_a_run_is_refused(capsys, tmp_path):
    assert main(["report", str(tmp_path)]) == 2
    assert f"there is no run in {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize(("names", "files"), [("md", ["report.md"]), (" csv, md", ["report.md", "report.csv"])])
def test_reports_are_chosen_by_name(capsys, run_json, names, files):
    assert main(["report", str(run_json), "--report", names]) == 0
    assert [line.rpartition("/")[2] for line in capsys.readouterr().out.splitlines()] == files


@pytest.mark.parametrize("command", ["report", "worksheet"])
@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("html,odt", "--report: unknown report 'odt'; valid: html, pdf, docx, md, csv"),
        (",", "--report is empty; write at least one of html, pdf, docx, md, csv"),
        ("../x", "--report: unknown report '../x'; valid: html, pdf, docx, md, csv"),
    ],
)
def test_an_unknown_report_is_refused_in_one_sentence(capsys, run_json, command, names, sentence):
    assert main([command, str(run_json), "--report", names]) == 2
    assert capsys.readouterr().err == f"lab4: error: {sentence}\n"
    assert [path.name for path in run_json.parent.iterdir()] == ["run.json"]


@pytest.mark.usefixtures("strangers")
def test_another_packages_report_stands_next_to_ours(capsys, run_json):
    assert main(["report", str(run_json), "--report", "html,card"]) == 0
    assert "report.card.html" in capsys.readouterr().out
    assert (run_json.parent / "report.card.html").read_text() == "a card"
    assert "<html" in (run_json.parent / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("strangers")
def test_a_report_that_raises_costs_its_own_file_and_the_command_says_so(capsys, run_json):
    assert main(["report", str(run_json), "--report", "md,broken"]) == 2
    out, err = capsys.readouterr()
    assert out == f"{run_json.parent / 'report.md'}\n"
    assert err == (
        "lab4: note: report.txt was not written: the report 'broken' of the package an unnamed package raised "
        "ValueError: substring not found\n"
    )


def test_an_interrupted_run_is_reported_and_said_to_be_so(capsys, tmp_path):
    document = document_of(ONE)
    document["lab4"] |= {"unmeasured": [], "complete": False}
    write_run(tmp_path / "run.json", document)
    assert main(["report", str(tmp_path / "run.json")]) == 0
    assert "is from an interrupted run" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["", "file"])
def test_an_output_that_is_no_folder_is_refused(capsys, tmp_path, run_json, output):
    (tmp_path / "file").write_bytes(b"")
    assert main(["report", str(run_json), "-o", output and str(tmp_path / output)]) == 2
    assert "is not a folder; name the folder to write to" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_refused(capsys, tmp_path, run_json):
    (tmp_path / "file").write_bytes(b"")
    assert main(["report", str(run_json), "-o", str(tmp_path / "file" / "out")]) == 2
    assert capsys.readouterr().err.startswith("lab4: error: cannot write ")


def test_a_file_that_is_no_run_is_refused(capsys, tmp_path):
    assert main(["report", str(tmp_path / "none.json"), "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith("lab4: error: cannot read ")
    assert not (tmp_path / "out").exists()


def test_a_run_is_needed(capsys):
    assert main(["report"]) == 2
    assert "RUN" in capsys.readouterr().err
