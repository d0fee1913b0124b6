import worksheets

from lab4.report import REPORTS
from lab4.report.files import write_worksheet
from lab4.report.student import Student


def test_a_worksheet_is_one_file_a_report_in_the_folder(tmp_path):
    paths = write_worksheet(worksheets.FULL, tmp_path, Student("Ada"))
    assert [path.name for path in paths] == ["worksheet.md", "worksheet.html", "worksheet.csv"]
    for path, ending in zip(paths, REPORTS, strict=True):
        assert path.read_bytes() == REPORTS[ending](worksheets.FULL, Student("Ada")).encode()


def test_an_earlier_worksheet_that_differs_is_kept(tmp_path):
    write_worksheet(worksheets.FULL, tmp_path, Student("Ada"))
    write_worksheet(worksheets.FULL, tmp_path, Student("Grace"))
    assert any("Ada" in path.read_text() for path in (tmp_path / "earlier").rglob("*.md"))
