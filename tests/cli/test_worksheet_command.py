import re

import pytest
from lab4_examples import latency
from lab4_strategies import document_of

from lab4.cli import main
from lab4.domain.cell import Cell
from lab4.domain.machine import Machine
from lab4.domain.observed import Loading, PerExample, Size
from lab4.domain.outcome import Measured, Measurement, Unavailable
from lab4.domain.run import Commit, DatasetInfo, Run, Settings
from lab4.history.earlier import catalogue_of_labels
from lab4.history.run_file import write_run
from lab4.history.run_schema import CATALOGUE

CNN = Cell("latency", "cnn", (), "cpu", 1, "keras")
INT8 = Cell("examine", "cnn", (), "cpu", None, "tflite_int8")
RUN = Run(
    started_at="2026-01-31T12:00:00+00:00",
    lab4_version="0.1.0",
    settings=Settings("quick", 1, 2, 1, 0.1),
    dataset=DatasetInfo("mnist_10k", 8000, 2000, "ab" * 32),
    machine=Machine("box", "CPU", (), 8, 4, 2**34, (), "Linux", "3.11", (), ()),
    commit=Commit(None, dirty=False),
    catalogue=CATALOGUE.read(catalogue_of_labels({})),
    measurements=(
        Measurement(CNN, Measured(latency=latency((0.00125, 0.00125)))),
        Measurement(INT8, Unavailable("no runtime for it")),
    ),
    complete=True,
)
ACCURATE = Measured(
    metrics={"accuracy": PerExample((True,) * 199 + (False,))}, size=Size(440_000, 1), loading=Loading((0.01,))
)


@pytest.fixture
def run_json(tmp_path):
    write_run(tmp_path / "run" / "run.json", document_of(RUN))
    return tmp_path / "run" / "run.json"


def test_the_worksheet_is_written_beside_the_first_run_and_its_files_are_named(capsys, run_json):
    assert main(["worksheet", str(run_json)]) == 0
    out, err = capsys.readouterr()
    paths = out.splitlines()
    assert str(run_json.parent / "worksheet.md") in paths
    assert err == ""
    assert "1.25" in (run_json.parent / "worksheet.md").read_text(encoding="utf-8")


def test_name_id_date_and_reflection_stand_in_the_worksheet(tmp_path, run_json):
    (tmp_path / "mine.txt").write_text("Int8 was \u00bc of the size.", encoding="utf-8")
    student = ["--name", "Ada L.", "--student-id", "s-1815", "--date", "2026-02-01"]
    output = tmp_path / "out"
    assert (
        main(["worksheet", str(run_json), *student, "--reflection", str(tmp_path / "mine.txt"), "-o", str(output)]) == 0
    )
    text = (output / "worksheet.md").read_text(encoding="utf-8")
    for part in ("Ada L.", "s-1815", "2026-02-01", "Int8 was \u00bc of the size."):
        assert part in text


def test_several_runs_fill_one_worksheet(tmp_path, run_json):
    other = tmp_path / "other" / "run.json"
    write_run(other, document_of(Run(**fields(RUN) | {"measurements": (Measurement(INT8, ACCURATE),)})))
    assert main(["worksheet", str(run_json), str(other)]) == 0
    text = (run_json.parent / "worksheet.md").read_text(encoding="utf-8")
    assert "1.25" in text
    assert "99.5" in text


def fields(run):
    return {name: getattr(run, name) for name in run.__dataclass_fields__}


def test_an_interrupted_run_is_used_and_said_to_be_so(capsys, tmp_path):
    document = document_of(RUN)
    document["lab4"] |= {"unmeasured": [], "complete": False}
    path = tmp_path / "run.json"
    write_run(path, document)
    assert main(["worksheet", str(path)]) == 0
    err = capsys.readouterr().err
    assert err.startswith(f"lab4: note: {path} is from an interrupted run: it has 1 of 2 cells; ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"benchmarks": []}'])
def test_a_file_that_is_no_run_is_refused_and_nothing_written(capsys, tmp_path, content):
    path = tmp_path / "run.json"
    if content is not None:
        path.write_bytes(content)
    assert main(["worksheet", str(path), "-o", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"lab4: error: cannot read {path}: ")
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("content", "fault"), [(None, "No such file"), (b"\xff", "not UTF-8 text")])
def test_a_reflection_that_cannot_be_read_is_refused(capsys, tmp_path, run_json, content, fault):
    path = tmp_path / "mine.txt"
    if content is not None:
        path.write_bytes(content)
    assert main(["worksheet", str(run_json), "--reflection", str(path)]) == 2
    assert fault in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_refused(capsys, tmp_path, run_json):
    (tmp_path / "file").write_bytes(b"")
    assert main(["worksheet", str(run_json), "-o", str(tmp_path / "file" / "out")]) == 2
    assert capsys.readouterr().err.startswith("lab4: error: cannot write ")


def test_a_run_is_needed(capsys):
    assert main(["worksheet"]) == 2
    assert "name a run, such as lab4-results/run.json" in capsys.readouterr().err


def test_the_empty_form_needs_no_run_and_has_neither_figures_nor_reasons(capsys, tmp_path):
    assert main(["worksheet", "--blank", "-o", str(tmp_path), "--report", "md,html"]) == 0
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["worksheet.html", "worksheet.md"]
    text = (tmp_path / "worksheet.md").read_text(encoding="utf-8")
    assert "| CNN | CPU |  |  |  |" in text
    assert "not measured" not in text
    assert "Draft" not in text
    assert "None" not in text
    assert "the lowest latency on the host at batch 1;" in text
    assert "the most samples per second at batch 32 on" in text
    assert "\n(100 to 150 words.)\n" in text
    capsys.readouterr()
    assert main(["worksheet", "run.json", "--blank"]) == 2
    (tmp_path / "answers.md").write_text("## Name\n\nLovelace\n", encoding="utf-8")
    assert main(["worksheet", "--blank", "-o", str(tmp_path), "--report", "md"]) == 0
    assert "Lovelace" not in (tmp_path / "worksheet.md").read_text(encoding="utf-8")


def test_a_folder_in_the_place_of_the_answers_is_named_and_the_worksheet_is_written_without_it(capsys, run_json):
    answers = run_json.parent / "answers.md"
    answers.mkdir()
    assert main(["worksheet", str(run_json)]) == 0
    assert f"cannot read {answers}: " in capsys.readouterr().err
    assert main(["worksheet", str(run_json), "--answers", str(answers)]) == 2
    assert f"cannot read {answers}: " in capsys.readouterr().err


def test_answers_next_to_the_run_are_in_the_worksheet_and_the_file_stays_as_it_is(capsys, run_json):
    assert main(["worksheet", str(run_json), "--report", "md"]) == 0
    answers = run_json.parent / "answers.md"
    assert str(answers) in capsys.readouterr().out.splitlines()
    written = answers.read_text(encoding="utf-8").replace("## Name\n", "## Name\n\nAda\n")
    written = re.sub(r"(## 1\.1 .*\n)", r"\1\nBecause | of <b>me</b>.\n", written)
    answers.write_text(written, encoding="utf-8")
    assert main(["worksheet", str(run_json), "--report", "md,html", "--date", "2026-11-29"]) == 0
    assert answers.read_text(encoding="utf-8") == written
    text = (run_json.parent / "worksheet.md").read_text(encoding="utf-8")
    assert "| Ada |  | 2026-11-29 |" in text
    assert "   Because \\| of \\<b>me\\</b>." in text.replace("\\<b>me</b>", "\\<b>me\\</b>")
    assert "of &lt;b&gt;me&lt;/b&gt;." in (run_json.parent / "worksheet.html").read_text(encoding="utf-8")


def test_answers_next_to_the_run_are_used_in_another_folder_each_time(tmp_path, run_json):
    """An empty file there would take their place the second time."""
    main(["worksheet", str(run_json), "--report", "md"])
    answers = run_json.parent / "answers.md"
    for name in ("Ada", "Grace"):
        answers.write_text(f"## Name\n\n{name}\n", encoding="utf-8")
        assert main(["worksheet", str(run_json), "--report", "md", "-o", str(tmp_path / "handed in")]) == 0
        assert name in (tmp_path / "handed in" / "worksheet.md").read_text(encoding="utf-8")
    assert not (tmp_path / "handed in" / "answers.md").exists()


def test_answers_of_another_place_are_read_where_they_are_named_and_what_is_wrong_is_said(capsys, tmp_path, run_json):
    mine = tmp_path / "mine.md"
    mine.write_bytes("## 9.9 What?\ntext\n## Name\nGr\u00f6\u00dfe\n".encode("cp1252"))
    assert main(["worksheet", str(run_json), "--report", "md", "--answers", str(mine)]) == 0
    said = capsys.readouterr()
    assert "is not UTF-8 text" in said.err
    assert "no heading '9.9 What?'" in said.err
    assert not (run_json.parent / "answers.md").exists()
    assert "Gr\u00f6\u00dfe" in (run_json.parent / "worksheet.md").read_text(encoding="utf-8")
    assert main(["worksheet", str(run_json), "--answers", str(tmp_path / "none.md")]) == 2
