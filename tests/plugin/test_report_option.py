"""What a run writes: the general report always, the worksheet where it has cells of the form, others by entry point."""

import pytest

#: A cell of the form, whose outcome needs no framework.
CELL = """
import pytest

@pytest.mark.training
def test_mine(lab4_cell, lab4_record):
    pass
"""
#: Of another package: one that stands next to the project's HTML, one of bytes, one that raises.
STRANGERS = r"""
from lab4.report import Renderer

CARD = Renderer("card", "html", lambda document, _: f"<p>{document.title}</p>")
PICTURE = Renderer("picture", "png", lambda *_: b"\x89PNG\xff")

def broken(document, student):
    raise RuntimeError(f"no ink for {document.name}")

BROKEN = Renderer("broken", "txt", broken)
"""
ENTRY_POINTS = """
[lab4.reports]
card = strangers:CARD
picture = strangers:PICTURE
broken = strangers:BROKEN
"""
ARGUMENTS = ("--lab4-models", "fcnn", "--lab4-devices", "cpu", "-p", "no:cacheprovider")


@pytest.fixture
def measured(pytester):
    """Run one cell with more options, where another package is installed; returns its answer and what it wrote."""
    pytester.makepyfile(test_cells=CELL, strangers=STRANGERS)
    installed = pytester.mkdir("strangers-1.0.dist-info")
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)

    def run(*options):
        answer = pytester.runpytest_subprocess(*ARGUMENTS, *options)
        folder = pytester.path / "lab4-results"
        return answer, {path.name: path for path in folder.iterdir() if path.is_file()}

    return run


def test_a_run_writes_the_report_and_the_worksheet(measured):
    answer, files = measured()
    written = {f"{name}.{ending}" for name in ("worksheet", "report") for ending in ("html", "md", "csv")}
    assert set(files) == {*written, "worksheet.pdf", "answers.md", "run.json"}
    assert "failed: the test passed without recording anything" in files["report.md"].read_text(encoding="utf-8")
    answer.stdout.fnmatch_lines(["*Training*", "*lab4: wrote *worksheet.html", "*lab4: wrote *report.html"])


def test_reports_are_chosen_by_name_another_packages_too_and_one_that_raises_costs_its_own_file(measured):
    answer, files = measured("--lab4-report", "html,card,picture,broken")
    assert set(files) == {
        *("worksheet.html", "worksheet.card.html", "worksheet.png", "answers.md"),
        *("report.html", "report.card.html", "report.png", "run.json"),
    }
    assert files["report.card.html"].read_text() == "<p>What was measured</p>"
    assert files["report.png"].read_bytes() == b"\x89PNG\xff"
    for name in ("worksheet", "report"):
        assert (
            f"lab4: {name}.txt was not written: the report 'broken' of the package strangers raised RuntimeError: "
            f"no ink for {name}"
        ) in answer.stdout.str()
    assert answer.stdout.str().count("was not written") == 2
    assert "Traceback" not in answer.stdout.str() + answer.stderr.str()


def test_the_table_of_the_project_chooses_too(pytester, measured):
    pytester.makepyprojecttoml('[tool.lab4]\nreport = ["md"]\n')
    assert set(measured()[1]) == {"worksheet.md", "answers.md", "report.md", "run.json"}
