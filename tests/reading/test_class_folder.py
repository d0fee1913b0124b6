"""A folder that a class handed in: every student's runs, and every file that cannot be used with its reason."""

import json
import os
import sys
from dataclasses import replace

import pytest
from lab4_class import student_run
from lab4_strategies import document_of

from lab4.domain.errors import Lab4Error
from lab4.reading import classroom
from lab4.reading.classroom import students_in

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="it has neither links nor pipes for everybody")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "handed-in"


def write(path, run=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document_of(run or student_run())), encoding="utf-8")
    return path


def only(folder):
    (found,) = students_in(folder, "answers.md")
    return found


def reason(folder):
    (refused,) = only(folder).refused
    return refused.reason


def test_students_are_subfolders_or_files(folder):
    write(folder / "Ada" / "lab4-results" / "run.json")
    write(folder / "Grace.json")
    (folder / "Alan").mkdir()
    found = {each.student: [file.name for file in each.files] for each in students_in(folder, "answers.md")}
    assert found == {"Ada": ["lab4-results/run.json"], "Alan": [], "Grace": [""]}


def test_a_folder_and_a_file_of_one_name_are_one_student(folder):
    write(folder / "Ada" / "run.json")
    write(folder / "Ada.json", student_run(1))
    assert len(only(folder).files) == 2


def test_runs_are_in_the_order_in_which_they_were_measured_and_count_once(folder):
    write(folder / "Ada" / "a.json", student_run(5))
    write(folder / "Ada" / "b.json", student_run(1))
    write(folder / "Ada" / "c.json", replace(student_run(5), complete=False))
    assert [each.name for each in only(folder).files] == ["b.json", "a.json"]


def test_what_a_newer_run_replaced_and_what_is_hidden_is_passed_over(folder):
    write(folder / "Ada" / "run.json")
    write(folder / "Ada" / "earlier" / "run-1.json", student_run(1))
    write(folder / "Ada" / ".venv" / "run.json", student_run(2))
    write(folder / ".git" / "run.json", student_run(3))
    assert len(only(folder).files) == 1


def test_json_of_something_else_is_passed_over_unless_it_has_the_name_of_a_run(folder):
    write(folder / "Ada" / "run.json")
    (folder / "Ada" / "package.json").write_text("{}", encoding="utf-8")
    assert only(folder).refused == ()
    (folder / "Ada" / "run.json").write_text("{}", encoding="utf-8")
    assert "not a run that lab4 wrote" in reason(folder)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"[" * 100_000, "it is not JSON that any lab4 wrote"),
        (b'{"benchmarks": [', "it is cut off"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
        (b'{"benchmarks": [], "machine_info": {}}', "made without the lab4 suite"),
        (b'{"benchmarks": [], "lab4": {"schema_version": 99}}', "upgrade lab4"),
        (b"[1" + b"0" * 10_000 + b"]", "it is not JSON that any lab4 wrote"),
    ],
    ids=["empty", "deep", "cut off", "no text", "plain pytest-benchmark", "newer", "a number of many digits"],
)
def test_a_damaged_file_is_refused_with_its_reason_and_keeps_no_other_from_being_read(folder, content, why):
    write(folder / "Grace" / "run.json")
    path = write(folder / "Ada" / "run.json")
    path.write_bytes(content)
    damaged, good = students_in(folder, "answers.md")
    assert why in damaged.refused[0].reason
    assert str(folder) not in damaged.refused[0].reason
    assert len(good.files) == 1


@POSIX
def test_a_link_is_not_followed(folder, tmp_path):
    secret = write(tmp_path / "secret.json")
    (folder / "Ada").mkdir(parents=True)
    (folder / "Ada" / "run.json").symlink_to(secret)
    (folder / "Ada" / "loop").symlink_to(folder, target_is_directory=True)
    assert reason(folder) == "it is a link; hand in the file itself"


@POSIX
def test_a_student_who_is_a_link_is_refused(folder, tmp_path):
    folder.mkdir()
    write(tmp_path / "other" / "run.json")
    (folder / "Ada").symlink_to(tmp_path / "other", target_is_directory=True)
    assert reason(folder) == "it is a link; hand in the file itself"


def test_a_folder_that_cannot_be_read_is_refused_without_its_path(tmp_path):
    """It was removed after it was listed."""
    places = classroom._Places("answers.md")
    places.look_into(tmp_path / "gone", "lab/", 3)
    (refused,) = places.refused
    assert refused.name == "lab/"
    assert refused.reason == "the folder cannot be read: No such file or directory"


@POSIX
def test_a_pipe_is_not_waited_for(folder):
    (folder / "Ada").mkdir(parents=True)
    os.mkfifo(folder / "Ada" / "run.json")
    assert reason(folder) == "it is not a file that can be read to its end"


def test_a_file_of_gigabytes_is_not_read(folder):
    path = write(folder / "Ada" / "run.json")
    os.truncate(path, classroom.MOST_BYTES + 1)  # without its bytes on the disk
    assert "32,000,001 bytes" in reason(folder)


@pytest.mark.parametrize(("bound", "what"), [("MOST_BYTES", "bytes of runs"), ("MOST_VALUES", "samples")])
def test_the_runs_of_a_student_have_room_together_and_the_rest_are_refused_by_name(folder, monkeypatch, bound, what):
    runs = [document_of(student_run(number)) for number in range(4)]
    size = {"MOST_BYTES": len(json.dumps(runs[0])), "MOST_VALUES": classroom._packed_values(runs[0])}[bound]
    monkeypatch.setattr(classroom, bound, 2 * size + 100)
    for number in range(4):
        write(folder / "Ada" / f"{number}.json", student_run(number))
    write(folder / "Grace" / "run.json")
    ada, grace = students_in(folder, "answers.md")
    assert [each.name for each in ada.files] == ["0.json", "1.json"]
    assert [each.name for each in ada.refused] == ["2.json", "3.json"]
    assert {what in each.reason for each in ada.refused} == {True}
    assert len(grace.files) == 1


def test_a_damaged_run_takes_no_room_from_the_others(folder, monkeypatch):
    good = document_of(student_run())
    monkeypatch.setattr(classroom, "MOST_VALUES", classroom._packed_values(good))
    damaged = json.loads(json.dumps(good))
    damaged["benchmarks"][0]["extra_info"]["lab4"]["outcome"]["latency"]["calls"]["samples"]["data"] = "AAAA"
    (folder / "Ada").mkdir(parents=True)
    (folder / "Ada" / "a.json").write_text(json.dumps(damaged), encoding="utf-8")
    write(folder / "Ada" / "b.json")
    assert [each.name for each in only(folder).files] == ["b.json"]
    assert "samples are damaged" in reason(folder)


def test_every_value_that_is_unpacked_is_counted():
    run = student_run()
    timed = [each.outcome.latency.calls.samples_s for each in run.measurements if each.outcome.latency]
    assert classroom._packed_values(document_of(run)) >= sum(map(len, timed)) > 0
    assert classroom._packed_values([{"count": -5, "data": ""}, {"count": "5", "data": ""}, {"count": 5}]) == 0


def test_more_files_than_a_student_has_are_not_looked_at(folder, monkeypatch):
    monkeypatch.setattr(classroom, "_MOST_ENTRIES", 5)
    for number in range(9):
        write(folder / "Ada" / f"{number}.json", student_run(number))
    found = only(folder)
    assert len(found.files) == 5
    assert "more than 5 files" in found.refused[0].reason


def test_folders_within_folders_are_looked_into_to_a_depth(folder):
    deep = folder / "Ada"
    for _ in range(12):
        deep /= "x"
    write(deep / "run.json")
    assert reason(folder) == "there is no run.json"


def test_answers_are_opened_where_they_are_a_plain_file(folder):
    write(folder / "Ada" / "run.json")
    answers = folder / "Ada" / "answers.md"
    answers.write_text("## Name\nAda\n", encoding="utf-8")
    assert only(folder).answers == answers
    os.truncate(answers, classroom.MOST_ANSWER_BYTES + 1)
    assert only(folder).answers is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no names of any bytes")
def test_a_name_of_any_bytes_is_text(folder):
    folder.mkdir()
    os.mkdir(os.fsencode(folder) + b"/\xe9ve\n\x1b[2J")  # noqa: PTH102  # no Path has such a name
    assert only(folder).student == "\\xe9ve\\n\\x1b[2J"


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.mkdir(), lambda path: path.touch()])
def test_a_folder_without_students_is_refused(folder, make):
    make(folder)
    with pytest.raises(Lab4Error, match=r"there is no folder|nothing was handed in"):
        students_in(folder, "answers.md")
