"""Which figures of a class are out of line, and what is given as the reason."""

import random
from dataclasses import replace
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab4_class import CELLS, changed, ordinary, student_run, submission
from worksheet_factory import CATALOGUE, machine, weighed

from lab4.analysis.classroom.assessment import assess
from lab4.analysis.classroom.facts import usual_of
from lab4.analysis.classroom.outliers import (
    FENCE,
    LEAST_CELL_FACTOR,
    LEAST_FACTOR,
    LEAST_STUDENTS,
    _levels,
    _out_of_line,
    speeds,
)
from lab4.domain.catalogue import Catalogue
from lab4.domain.run import DatasetInfo

ODD = 3


def with_odd(odd, count=8):
    """An ordinary class, in which one student handed in another run."""
    students = ordinary(count)
    students[ODD] = submission(ODD, odd)
    return assess(students, CATALOGUE)


def only_outlier(found, figure=""):
    """The one outlier of the class, or of this figure, which must be of the odd student."""
    every = [each for student in found.students for each in student.outliers]
    (outlier,) = [each for each in every if each.figure.startswith(figure)]
    assert outlier.student == ODD
    return outlier


def reasons(found, figure=""):
    return [fact.text for fact in only_outlier(found, figure).facts]


def test_a_class_of_equals_has_nothing_out_of_line():
    assert all(not each.outliers for each in assess(ordinary(), CATALOGUE).students)


def slow(**changes):
    """A run of which every call takes four times as long, and training does not."""
    made = student_run(ODD, **changes)
    fast = student_run(ODD)
    own = {each.cell.key: each.outcome for each in fast.measurements}
    return changed(made, "train/cnn-cpu-b128-keras", lambda _: own["train/cnn-cpu-b128-keras"])


def test_a_slow_student_is_out_of_line_as_a_whole():
    outlier = only_outlier(with_odd(slow(speed=4)))
    assert outlier.extent == "all"
    assert outlier.change == pytest.approx(4, rel=0.01)
    assert {cell.key for cell in outlier.cells} == set(CELLS)
    assert outlier.figure == "median latency on CPU"


def test_a_device_has_its_known_label_or_its_name_and_none_of_a_students_file():
    label = Catalogue(devices={"cpu": replace(CATALOGUE.devices["cpu"], label="Mallory's CPU")})
    students = [submission(99, student_run(99, catalogue=label)), *ordinary(), submission(20, student_run(20, speed=6))]
    for known, shown in ((CATALOGUE, "CPU"), (Catalogue(), "cpu")):
        figures = {each.figure for student in assess(students, known).students for each in student.outliers}
        assert figures == {f"median latency on {shown}", f"training time on {shown}"}
        assert list(speeds(students, known)) == [shown]


@pytest.mark.parametrize(
    ("check", "message"),
    [("debug", "debug builds: onnxruntime 1.23.2+debug"), ("governor", "cores use the governor powersave")],
)
def test_what_the_doctor_saw_is_the_likely_reason(check, message):
    odd = slow(speed=4, on=replace(machine(), conditions=((check, message),)))
    assert reasons(with_odd(odd))[0].startswith(message)


def test_a_condition_that_many_have_explains_nothing():
    conditions = (("load", "1.20 processes were running"),)
    students = ordinary(on=replace(machine(), conditions=conditions))
    students[ODD] = submission(ODD, slow(speed=4, on=replace(machine(), conditions=conditions)))
    assert reasons(assess(students, CATALOGUE)) == []


def test_contended_calls_are_the_likely_reason_on_a_busy_machine():
    def busy(outcome):
        flags = tuple(number % 2 == 0 for number in range(len(outcome.latency.calls.samples_s)))
        return replace(outcome, latency=replace(outcome.latency, uncontended=flags))

    odd = slow(speed=4)
    for key in CELLS:
        odd = changed(odd, key, busy)
    assert reasons(with_odd(odd)) == ["a busy machine: 50% of its calls shared their core"]


def test_a_slow_machine_is_a_reason_only_where_it_accounts_for_the_change():
    slower = "a slower machine: its frequency probe takes 4.0 times as long"
    assert reasons(with_odd(student_run(ODD, speed=4, probe=4)), "median") == [slower]
    assert reasons(with_odd(student_run(ODD, speed=4, probe=1.3)), "median") == []


def test_a_student_who_is_slow_for_a_fast_machine_is_out_of_line_for_its_speed():
    outlier = only_outlier(with_odd(student_run(ODD, probe=0.25)), "median")
    assert outlier.extent == "for its speed"
    assert outlier.change == pytest.approx(4, rel=0.01)
    assert [fact for fact in outlier.facts if fact.speed is not None] == []


def test_one_cell_is_out_of_line_by_itself():
    def slower(outcome):
        calls = outcome.latency.calls
        samples_s = tuple(3 * each for each in calls.samples_s)
        return replace(outcome, latency=replace(outcome.latency, calls=replace(calls, samples_s=samples_s)))

    outlier = only_outlier(with_odd(changed(student_run(ODD), CELLS[1], slower)))
    assert outlier.extent == "cells"
    assert [cell.key for cell in outlier.cells] == [CELLS[1]]
    assert outlier.change == pytest.approx(3, rel=0.01)


def test_another_data_set_explains_another_accuracy_and_not_a_latency():
    other = DatasetInfo("hard", 8000, 2000, "cd" * 32)
    odd = changed(student_run(ODD, dataset=other), "examine/cnn-cpu-keras", lambda _: weighed(correct=1200))
    outlier = only_outlier(with_odd(odd))
    assert outlier.bearing == "quality"
    assert outlier.change == pytest.approx(-0.375)
    assert outlier.facts[0].text.startswith("another data set: hard (8,000 + 2,000 images, cdcdcdcd)")
    assert reasons(with_odd(slow(speed=4, dataset=other)))[0].startswith("another data set")


def test_a_larger_file_is_out_of_line_and_its_versions_differ():
    libraries = (("onnxruntime", "1.17.0"), ("tensorflow", "2.19.0"))
    odd = student_run(ODD, on=replace(machine(), libraries=libraries))
    odd = changed(odd, "examine/cnn-cpu-keras", lambda _: weighed(disk=5_000_000))
    assert reasons(with_odd(odd)) == ["other versions: onnxruntime 1.17.0 (most: 1.23.2)"]


def test_a_processor_without_the_instructions_of_the_others_is_a_reason():
    students = ordinary(on=replace(machine(), cpu_flags=("avx2", "avx512_vnni")))
    students[ODD] = submission(ODD, slow(speed=4, on=machine()))
    (reason,) = reasons(assess(students, CATALOGUE))
    assert reason == "other instructions of the processor: int8 AVX2 (most: AVX2, AVX-512 VNNI)"


def test_another_profile_is_named_with_what_most_have():
    odd = slow(speed=4)
    odd = replace(odd, settings=replace(odd.settings, profile="full"))
    assert "another profile: full (most: quick)" in reasons(with_odd(odd))


def test_a_student_with_many_runs_does_not_decide_what_most_have():
    """Twenty runs of one data set and speed on the one hand, eight students of another on the other."""
    many = [student_run(number, speed=4, probe=4, dataset=DatasetInfo("own", 1, 1, "ef" * 32)) for number in range(20)]
    found = assess([*ordinary(), submission(50, *many)], CATALOGUE).students
    assert {fact.key for fact in found[-1].facts} == {"data", "slower"}
    assert [each.facts for each in found[:-1]] == [()] * 8


def test_a_student_without_a_run_is_none_of_most():
    usual = usual_of([(student_run(),), (student_run(1),), (), (), ()])
    assert usual.things["profile", ""] == "quick"


def test_fewer_than_five_students_are_not_judged():
    students = ordinary(LEAST_STUDENTS - 1)
    students[ODD] = submission(ODD, slow(speed=10))
    assert all(not each.outliers for each in assess(students, CATALOGUE).students)
    assert speeds(students, CATALOGUE) == {}


def test_a_student_without_a_run_is_no_part_of_the_comparison():
    found = assess([*ordinary(), submission(99)], CATALOGUE)
    assert found.students[-1].outliers == ()
    assert not found.students[-1].is_complete


#: Whole numbers, so that adding to them is exact.
values = st.dictionaries(st.integers(0, 50), st.integers(-1000, 1000).map(float), min_size=LEAST_STUDENTS, max_size=40)


@given(values, st.integers(-1000, 1000))
def test_only_differences_decide_what_is_out_of_line(found, shift):
    moved = {student: value + shift for student, value in found.items()}
    assert _out_of_line(moved, least=3) == _out_of_line(found, least=3)


@given(values)
def test_at_most_half_of_a_class_is_out_of_line(found):
    assert 2 * len(_out_of_line(found, least=1e-9)) <= len(found)


@given(values, st.floats(0, 5))
def test_what_never_matters_is_never_out_of_line(found, least):
    assert all(abs(distance) > least for distance in _out_of_line(found, least).values())


def test_by_chance_few_of_a_class_of_different_laptops_are_out_of_line():
    """Sixty students, whose speeds differ by 30%, and cells by another 10%: twenty such classes."""
    rng, students, cells = random.Random(1), 0, 0  # figures for tests, not secrets
    for _ in range(20):
        speed = [rng.gauss(0, 0.3) for _ in range(60)]
        values = {cell: {number: each + rng.gauss(0, 0.1) for number, each in enumerate(speed)} for cell in range(30)}
        levels = _levels(values)
        students += len(_out_of_line(levels, log(LEAST_FACTOR)))
        for own in values.values():
            rest = {number: value - levels[number] for number, value in own.items()}
            cells += len(_out_of_line(rest, log(LEAST_CELL_FACTOR)))
    assert students <= 5
    assert cells == 0


def test_the_fence_is_the_sources():
    """Iglewicz and Hoaglin: a modified z-score of 3.5, 0.6745 of the distance over the median absolute deviation."""
    spread = {number: float(number) for number in range(-4, 5)}  # its median absolute deviation is 2
    fence = FENCE * 2 / 0.6745
    assert _out_of_line(spread | {9: fence * 1.3}, least=0.1).keys() == {9}
    assert _out_of_line(spread | {9: fence * 0.7}, least=0.1) == {}
