"""What several students handed in: the same file, the same run, the same samples."""

from dataclasses import replace

from lab4_class import CELLS, changed, handed_in, ordinary, student_run, submission
from worksheet_factory import machine, trained

from lab4.analysis.classroom.copies import copies
from lab4.analysis.classroom.submission import Submission


def found_in(*submissions):
    return [(each.kind, each.students) for each in copies(submissions)]


def test_students_who_measured_for_themselves_copied_nothing():
    assert copies(ordinary()) == ()


def test_one_file_of_two_students_is_named_once_and_as_a_file():
    assert found_in(submission(0, student_run(0)), submission(1, student_run(1)), submission(2, student_run(0))) == [
        ("file", (0, 2))
    ]


def test_one_file_of_three_students_is_one_case():
    assert found_in(*(submission(number, student_run(0)) for number in range(3))) == [("file", (0, 1, 2))]


def test_a_run_that_was_written_anew_is_the_same_run():
    again = replace(student_run(0), lab4_version="0.2.0")
    assert found_in(submission(0, student_run(0)), submission(1, again)) == [("run", (0, 1))]


def test_samples_under_another_name_are_found_whatever_else_was_changed():
    copied = replace(student_run(0), started_at="2026-05-05T05:05:05+00:00", machine=machine("my-own"))
    (found,) = copies([submission(0, student_run(0)), submission(1, student_run(1)), submission(2, copied)])
    assert found.kind == "samples"
    assert found.students == (0, 2)
    assert (found.same, found.total) == (len(CELLS), len(CELLS))


def test_one_series_that_was_copied_is_counted():
    copied = {each.cell.key: each.outcome for each in student_run(0).measurements}[CELLS[0]]
    own = changed(student_run(1), CELLS[0], lambda _: copied)
    (found,) = copies([submission(0, student_run(0)), submission(1, own)])
    assert (found.kind, found.same, found.total) == ("samples", 1, len(CELLS))


def test_samples_that_went_round_are_one_case():
    copied = [
        replace(student_run(0), started_at=f"2026-05-0{day}T05:05:05+00:00", machine=machine(f"pc-{day}"))
        for day in range(1, 5)
    ]
    (found,) = copies([submission(number, run) for number, run in enumerate(copied)])
    assert (found.kind, found.students, found.same) == ("samples", (0, 1, 2, 3), len(CELLS))


def test_files_that_are_joined_by_a_third_are_one_case_with_the_fewest_series():
    first, second = student_run(0), student_run(1)
    own = {each.cell.key: each.outcome for each in first.measurements}
    other = {each.cell.key: each.outcome for each in second.measurements}
    mixed = student_run(2)
    for key in CELLS[:2]:
        mixed = changed(mixed, key, lambda _, key=key: own[key])
    mixed = changed(mixed, CELLS[2], lambda _: other[CELLS[2]])
    (found,) = copies([submission(number, run) for number, run in enumerate((first, second, mixed))])
    assert (found.students, found.same) == ((0, 1, 2), 1)


def test_a_few_samples_may_be_the_same_by_chance():
    """Three epochs, and a clock that shows two times only."""
    students = [submission(number, student_run(number)) for number in range(2)]
    epochs = [
        replace(each, files=tuple(handed_in(changed(run, "train/cnn-cpu-b128-keras", _epochs)) for run in each.runs))
        for each in students
    ]
    assert copies(epochs) == ()


def _epochs(_):
    return trained((1.0, 2.0, 3.0))


WORDS = "Pruning makes zeros, and zeros take as many bytes as any other weight until a file is compressed."
OTHER = "Something else that is long enough to be a whole answer of a student's own."


def test_the_same_answer_is_found_whatever_its_spaces_and_capitals_are():
    students = [submission(number, student_run(number)) for number in range(3)]
    students[0] = replace(students[0], answers=(WORDS, "Yes."))
    students[2] = replace(students[2], answers=(f"  {WORDS.upper()}\n", OTHER))
    (found,) = copies(students)
    assert (found.kind, found.students, found.same, found.total) == ("answers", (0, 2), 1, 1)


def test_short_answers_are_the_same_by_chance():
    students = [replace(submission(number, student_run(number)), answers=("It is int8.", "")) for number in range(3)]
    assert copies(students) == ()


def test_what_one_student_handed_in_twice_is_no_copy():
    twice = Submission("A", "0", (handed_in(student_run(0)), handed_in(student_run(0), "copy/run.json")))
    assert copies([twice, submission(1, student_run(1))]) == ()
