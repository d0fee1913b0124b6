"""`lab4 class import` on a class made from a real run, with hostile files in it."""

import csv
import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lab4_class import student_run
from lab4_strategies import document_of
from test_hostile_files import COMMAND, CONTROL, FORGED, hostile

from benchmarks.harness.class_import import CHANGES, HOSTILE, REAL, SAME_FILE, SAME_SAMPLES, current, make_class
from lab4.cli import main

COUNT = 24
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="one of the hostile files is a link")


@pytest.fixture(scope="module")
def real():
    return current(json.loads(REAL.read_bytes()))


@pytest.fixture(scope="module")
def imported(real, tmp_path_factory):
    """The folder of a class, where it was imported to, the students' names and the answer as JSON."""
    place = tmp_path_factory.mktemp("class")
    students = make_class(place / "handed-in", real, COUNT)
    write_answers(place / "handed-in" / students[0])
    assert main(["class", "import", str(place / "handed-in"), "-o", str(place / "out")]) == 0
    return place, students


def write_answers(folder):
    (folder / "answers.md").write_text(
        "# Answers\n\n## Name\nAda Abbott\n\n## Student ID\ns7654321\n\n## Date\n2026-03-01\n\n"
        "## 1.1 Which\nI, Ada Abbott (s7654321), found it in /home/ada/lab4.\n\n"
        "## Part 6: Reflection\nAda learned much.\n",
        encoding="utf-8",
    )


def student(imported, number):
    """The row of the gradebook, and the student's own page."""
    place, students = imported
    with (place / "out" / "private" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        row = next(each for each in csv.DictReader(file) if each["student"] == students[number])
    return row, (place / "out" / "students" / row["id"] / "index.html").read_text(encoding="utf-8")


def without_scripts(page):
    return re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


@POSIX
def test_every_student_has_a_page_and_the_instructor_has_all(imported):
    place, students = imported
    pages = list((place / "out" / "students").iterdir())
    assert len(pages) == COUNT
    assert all(re.fullmatch("[0-9a-f]{8}", page.name) for page in pages)
    names = {path.name for path in (place / "out" / "private").iterdir()}
    assert names == {"class.html", "class.md", "gradebook.csv", "key.json"}
    shown = (place / "out" / "private" / "class.html").read_text(encoding="utf-8")
    assert [name for name in students if name not in shown] == []


@POSIX
def test_hostile_files_are_refused_with_reasons_and_cost_no_other_student_anything(imported):
    reasons = [student(imported, number)[0]["refused_files"] for number in range(COUNT - len(HOSTILE), COUNT)]
    expected = ("cut off", "it is a link", "not JSON that any lab4 wrote", "10,000,000 samples", "valid integer")
    assert [word for word, reason in zip(expected, reasons, strict=True) if word not in reason] == []
    assert student(imported, 0)[0]["runs"] == "1"


@POSIX
@pytest.mark.parametrize(
    ("number", "reason"),
    [(5, "debug builds: onnxruntime 1.23.2+debug"), (6, "governor powersave"), (8, "another data set: cifar_tiny")],
)
def test_figures_out_of_line_have_their_likely_reason(imported, number, reason):
    assert number in CHANGES
    row, page = student(imported, number)
    assert reason in row["out_of_line"]
    assert reason.replace("another data set", "another data set than most") in page


@POSIX
def test_students_without_a_fault_are_in_line(imported):
    in_line = [number for number in range(COUNT - len(HOSTILE)) if number not in CHANGES]
    assert [number for number in in_line if student(imported, number)[0]["out_of_line"]] == []


@POSIX
def test_copies_are_found_and_are_on_no_students_page(imported):
    for pair, words in ((SAME_FILE, "the same file"), (SAME_SAMPLES, "the same samples")):
        for number in pair:
            row, page = student(imported, number)
            assert words in row["handed_in_twice"]
            assert words not in page


@POSIX
def test_nothing_that_may_be_published_names_anybody(imported):
    place, students = imported
    names = {part.lower() for name in students for part in name.split()} | {"laptop", "s7654321", "handed-in"}
    pattern = re.compile(rf"(?<![a-z])(?:{'|'.join(names)})s?(?![a-z])", re.IGNORECASE)
    for path in (place / "out" / "students").rglob("*"):
        assert not pattern.search(str(path.relative_to(place / "out")))
        if path.is_file():
            assert pattern.findall(without_scripts(path.read_text(encoding="utf-8"))) == []


def test_answers_that_two_students_wrote_in_common_are_found(folder, tmp_path, capsys):
    essay = "Zeros take as many bytes as any other weight until a file is compressed, which surprised me."
    for name in ("Ada", "Hedy"):
        text = f"# Answers\n\n## Part 6: Reflection\n{essay}\n"
        (folder / name / "answers.md").write_text(text, encoding="utf-8")
    assert main(["class", "import", str(folder), "-o", str(tmp_path / "out")]) == 0
    assert "the same answers: 1 of 1: Ada (answers), Hedy (answers)" in capsys.readouterr().out


@POSIX
def test_a_students_own_answers_are_on_the_page_without_the_name(imported):
    _, page = student(imported, 0)
    assert "I, student (student), found it in ~/lab4." in page
    assert "student learned much." in page
    assert "2026-03-01" in page


@POSIX
def test_an_interrupted_run_lacks_cells_and_a_user_is_not_named_in_a_reason(imported):
    assert int(student(imported, 9)[0]["missing"]) > int(student(imported, 0)[0]["missing"])
    _, page = student(imported, 11)
    assert "cannot write ~/lab4-results/model.onnx" in page


@POSIX
def test_ids_stay_when_the_class_is_imported_again(imported, capsys):
    place, _ = imported
    key = (place / "out" / "private" / "key.json").read_bytes()
    assert main(["class", "import", str(place / "handed-in"), "-o", str(place / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (place / "out" / "private" / "key.json").read_bytes() == key
    assert len(found["written"]["students"]) == COUNT
    assert {"students", "copies", "written"} <= set(found)


@pytest.fixture
def folder(tmp_path):
    """Three students with a small run each."""
    for number, name in enumerate(("Ada", "Grace", "Hedy")):
        write(tmp_path / "in" / name / "run.json", document_of(student_run(number)))
    return tmp_path / "in"


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_a_reference_asks_for_its_own_cells(folder, tmp_path, capsys):
    write(tmp_path / "reference.json", document_of(student_run(9)))
    command = ["class", "import", str(folder), "-o", str(tmp_path / "out"), "--json"]
    assert main([*command, "--reference", str(tmp_path / "reference.json")]) == 0
    (first, *_) = json.loads(capsys.readouterr().out)["students"]
    assert first["complete"]
    assert set(first["cells"]) == {each.cell.key for each in student_run().measurements}


def test_no_text_of_a_student_forges_a_line_or_a_workflow_command(folder, tmp_path, capsys):
    write(folder / "Mallory" / "run.json", hostile(FORGED))
    write(folder / "Eve" / "run.json", {"benchmarks": [], "lab4": {"schema_version": 3, FORGED: FORGED}})
    assert main(["class", "import", str(folder), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    files = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").rglob("*.*") if path.suffix != ".json"]
    for text in (said.out, said.err, *files):
        text = without_scripts(text).replace("\r\n", "\n")  # noqa: PLW2901  # our own scripts, and CSV's line ends
        assert not CONTROL.search(text)
        assert not COMMAND.search(text)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (shutil.rmtree, "there is no folder"),
        (lambda folder: [shutil.rmtree(each) for each in folder.iterdir()], "nothing was handed in"),
        (lambda folder: [(each / "run.json").write_text("{") for each in folder.iterdir()], "no run in"),
        (lambda folder: [(each / "run.json").unlink() for each in folder.iterdir()], "there is no run.json"),
    ],
    ids=["no folder", "empty", "all damaged", "no run"],
)
def test_a_folder_without_a_run_is_refused_in_a_sentence_and_nothing_is_written(make, said, folder, tmp_path, lab4):
    make(folder)
    answer = lab4("class", "import", folder, "-o", tmp_path / "out", code=2)
    assert said in answer.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("output", ["", "out", "../in"])
def test_nothing_is_written_among_what_is_read(folder, output, lab4):
    answer = lab4("class", "import", folder, "-o", Path(folder, output), code=2)
    assert "where students' files are" in answer.stderr
    assert {path.name for path in folder.iterdir()} == {"Ada", "Grace", "Hedy"}


def test_a_page_that_cannot_be_made_is_named_and_the_others_are_written(folder, tmp_path, capsys, monkeypatch):
    def broken(runs):
        if any(run.started_at.startswith("2026-03-02") for run in runs):
            raise ZeroDivisionError("no such luck\nTraceback")
        return worksheet(runs)

    from lab4.worksheet import worksheet

    monkeypatch.setattr("lab4.worksheet.worksheet", broken)
    assert main(["class", "import", str(folder), "-o", str(tmp_path / "out")]) == 2
    assert "the page of Grace was not written: no such luck" in capsys.readouterr().err
    assert len(list((tmp_path / "out" / "students").iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_a_sentence(folder, tmp_path, lab4):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    assert "is not a folder" in lab4("class", "import", folder, "-o", tmp_path / "out", code=2).stderr


def test_a_reference_that_measured_nothing_would_ask_for_nothing(folder, tmp_path, lab4):
    empty = replace(student_run(9), measurements=())
    write(tmp_path / "reference.json", document_of(empty))
    command = ("class", "import", folder, "-o", tmp_path / "out", "--reference", tmp_path / "reference.json")
    assert "has measured no cell, so that nothing would be asked for" in lab4(*command, code=2).stderr
    cut = document_of(student_run(9))
    cut["lab4"]["planned"].append("latency/fcnn-cpu-b1-saved_model")
    write(tmp_path / "reference.json", cut)
    assert "was interrupted: the cells that it did not reach are not asked for" in lab4(*command).stderr
