"""How a student did with the cells that were asked for."""

from dataclasses import replace

from lab4_class import CELLS, student_run, submission
from worksheet_factory import CATALOGUE, NO_GPU, at, machine, realistic, run

from lab4.analysis.classroom.assessment import assess
from lab4.analysis.classroom.submission import answered, asked_of
from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell
from lab4.domain.errors import INTERRUPTED
from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.worksheet import asked_cells

GPU = "latency/cnn-gpu-b1-keras"


def states(asked, *runs, known=CATALOGUE):
    found = answered(submission(0, *runs, asked=asked), known)
    return {each.cell.key: each.state for each in found}


def asked(**outcomes):
    return {Cell.from_key(key): outcome for key, outcome in outcomes.items()}


def test_each_outcome_has_a_state():
    outcomes = {
        CELLS[0]: Measured(),
        CELLS[1]: Failed("it broke"),
        CELLS[2]: Unavailable("no converter"),
        CELLS[3]: Unavailable(INTERRUPTED),
        GPU: NO_GPU,
        "train/cnn-cpu-b128-keras": None,
    }
    assert list(states(asked(**outcomes), student_run()).values()) == [
        *("measured", "failed", "impossible", "missing", "impossible", "missing")
    ]


def test_a_gpu_cell_is_impossible_without_a_gpu_and_missing_with_one():
    assert states(asked(**{GPU: None}), student_run()) == {GPU: "impossible"}
    assert states(asked(**{GPU: None}), student_run(on=machine(gpu=True))) == {GPU: "missing"}
    assert states(asked(**{GPU: None})) == {GPU: "missing"}


def test_a_device_that_only_the_students_own_run_declares_is_as_it_says():
    asked_for = asked(**{GPU: None})
    assert states(asked_for, student_run(), known=Catalogue()) == {GPU: "impossible"}
    assert states(asked_for, student_run(catalogue=Catalogue()), known=Catalogue()) == {GPU: "missing"}


def test_no_student_changes_what_another_is_asked_for():
    """One whose run says that the CPU is no host, before, among and after the others."""
    lies = Catalogue(devices={"cpu": replace(CATALOGUE.devices["cpu"], is_host=False)})
    liar = submission(9, student_run(9, catalogue=lies), asked=asked(**{CELLS[0]: None}))
    honest = [submission(number, student_run(number), asked=asked(**{CELLS[0]: None})) for number in range(2)]
    for students in ([liar, *honest], [honest[0], liar, honest[1]], [*honest, liar]):
        for known in (CATALOGUE, Catalogue()):
            found = assess(students, known).students
            assert {each.cells[0].state for each in found if each.submission is not liar} == {"missing"}
        assert {each.cells[0].state for each in assess(students, CATALOGUE).students} == {"missing"}


def test_a_reference_asks_for_what_it_measured():
    reference = run(at(CELLS[0], Measured()), at(CELLS[1], Measured()), at(CELLS[2], Failed("it broke")))
    found = asked_of(reference, (run(at(CELLS[0], Failed("once"))), run(at(CELLS[0], Measured()))))
    assert {cell.key: type(outcome) for cell, outcome in found.items()} == {
        CELLS[0]: Measured,
        CELLS[1]: type(None),
    }


def test_the_form_asks_the_same_of_everybody():
    nothing, much = asked_cells([]), asked_cells([realistic(70)])
    assert list(nothing) == list(much)
    assert set(nothing.values()) == {None}
    assert all(isinstance(each, Measured) for cell, each in much.items() if cell.device == "cpu")
    assert {each for cell, each in much.items() if cell.device == "gpu"} == {NO_GPU}


def test_any_technique_of_the_printed_kind_fills_a_printed_row():
    key = "examine/cnn.pruned80-cpu-tflite_int8"
    (own,) = [each.outcome for each in realistic(70).measurements if each.cell.key == key]
    found = asked_cells([run(at(key, own))])
    measured = {cell.key for cell, outcome in found.items() if isinstance(outcome, Measured)}
    assert measured == {"examine/cnn.pruned-cpu-tflite_int8"}
