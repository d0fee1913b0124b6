"""Tables of several machines: what differs has a column for each, everything else stays as it was."""

from dataclasses import replace

import numpy as np
import pytest
from lab4_examples import RUN, latency, table_of
from worksheet_factory import machine, realistic

from lab4.analysis.overview import report
from lab4.analysis.tables import NotMeasured, Quantity
from lab4.domain.cell import TRAIN, Cell
from lab4.domain.observed import Artifact, Size
from lab4.domain.outcome import Failed, Measured, Measurement
from lab4.measure.answers import answers_of
from lab4.report import Student
from lab4.report.spreadsheet import render as csv_of
from lab4.report.units import table_view
from lab4.worksheet import worksheet


def on(node, samples_s, *, cpu="A", day=1):
    """The run on a machine of this name, on which calls take so long."""
    cell, *others = RUN.measurements
    timed = replace(cell, outcome=replace(cell.outcome, latency=latency(samples_s)))
    machine = replace(RUN.machine, node=node, cpu=cpu)
    started = f"2026-02-{day:02d}T00:00:00+00:00"
    return replace(RUN, measurements=(timed, *others), machine=machine, started_at=started)


def values(table, row, name):
    """What a machine has in a row."""
    return {
        column.key.partition("@")[0]: value
        for column, value in zip(table.columns, table.rows[row].values, strict=True)
        if column.machine == name
    }


SLOW, FAST = on("slow", (2e-3, 2e-3, 2e-3)), on("fast", (1e-3, 1e-3, 1e-3), cpu="B", day=2)


#: Two machines that measured the same cells; training takes twice as long on the second.
ONE = realistic(70)


def other(name="other"):
    run = realistic(70, started_at="2026-09-01T00:00:00Z", on=machine(name))
    return replace(run, measurements=tuple(map(_longer, run.measurements)))


def test_a_form_has_a_group_of_columns_for_each_machine():
    made = worksheet([ONE, other()])
    table = table_of(made, "training")
    headings, _ = table_view(table, made)
    assert "Machine" not in headings
    assert headings[-2:] == ["other: Training Time (s)", "other: Samples/Second"]
    first, second = (values(table, 0, name)["training_time"].value for name in (ONE.machine.node, "other"))
    assert second == pytest.approx(2 * first)


def test_what_is_the_same_on_all_machines_has_one_column():
    made = worksheet([ONE, other()])
    alone = worksheet([ONE])
    for key in ("quantization_cnn", "pruning_cnn"):
        assert table_of(made, key).columns == table_of(alone, key).columns
    columns = {column.key: column.machine for column in table_of(made, "training").columns}
    assert columns["accuracy"] == ""


def _longer(measurement):
    """The measurement with epochs of twice the time."""
    found = measurement.outcome
    if not isinstance(found, Measured) or found.training is None:
        return measurement
    training = replace(found.training, epoch_s=tuple(2 * each for each in found.training.epoch_s))
    return replace(measurement, outcome=replace(found, training=training))


def test_more_columns_than_fit_are_rows_of_each_machine():
    machines = [on(f"m{number}", (1e-3 * number,) * 3, day=number) for number in range(1, 6)]
    table = table_of(report(machines), "latency")
    assert not any(column.machine for column in table.columns)
    assert [row.machine for row in table.rows] == ["m1", "m2", "m3", "m4", "m5"]
    assert [table.value(row, "time").value for row in table.rows] == pytest.approx([1e-3, 2e-3, 3e-3, 4e-3, 5e-3])


def test_one_machine_and_machines_that_share_no_cell_have_tables_as_ever():
    alone = table_of(report([SLOW]), "latency")
    assert len(alone.rows) == 1
    other = replace(
        FAST, measurements=tuple(replace(each, cell=replace(each.cell, device="gpu")) for each in FAST.measurements)
    )
    apart = table_of(report([SLOW, other]), "latency")
    assert [row.machine for row in apart.rows] == ["slow", "fast"]
    assert [column.key for column in apart.columns] == [column.key for column in alone.columns]


def test_a_machine_without_a_figure_says_so_in_its_group():
    few = replace(other(), measurements=tuple(each for each in other().measurements if each.cell.model == "cnn"))
    table = table_of(worksheet([ONE, few]), "training")
    rows = {row.name: number for number, row in enumerate(table.rows)}
    assert isinstance(values(table, rows["CNN, CPU"], "other")["training_time"], Quantity)
    assert isinstance(values(table, rows["FCNN, CPU"], "other")["training_time"], NotMeasured)


def test_a_csv_has_the_machine_of_each_figure():
    made = worksheet([ONE, other()])
    lines = [line.split(",") for line in csv_of(made, Student()).splitlines() if ",training_time@" in line]
    assert {line[-1] for line in lines} == {ONE.machine.node, "other"}


def test_the_order_of_the_runs_does_not_matter():
    assert report([SLOW, FAST]) == report([FAST, SLOW])


def test_a_report_names_kinds_of_machines_and_the_same_hardware_under_two_names():
    section = next(each for each in report([SLOW, FAST]).sections if each.title == "Machines side by side")
    lines = [sentence.figures[0][0].text for sentence in section.blocks[0].sentences]
    assert lines == ["slow: A, 8 cores, 16 GiB, H.", "fast: B, 8 cores, 16 GiB, H."]
    again = replace(SLOW, machine=replace(SLOW.machine, node="renamed"), started_at="2026-02-03T00:00:00+00:00")
    section = next(each for each in report([SLOW, again]).sections if each.title == "Machines side by side")
    (line,) = [sentence.figures[0][0].text for sentence in section.blocks[0].sentences]
    assert line.startswith("slow, renamed: A, 8 cores, 16 GiB, H: the same hardware under several names")
    assert all(each.title != "Machines side by side" for each in report([SLOW]).sections)


def examined(node, scores, day):
    """A run of a machine, in which an artifact gave these scores."""
    found = Measured(
        size=Size(2, 1), artifact=Artifact("ab" * 32), answers=answers_of({"y": np.float32(scores)}, "ef" * 32, 1e-3)
    )
    run = on(node, (1e-3, 1e-3, 1e-3), day=day)
    cell = Cell("examine", "cnn", (), "cpu", None, "onnx")
    return replace(run, measurements=(*run.measurements, Measurement(cell, found)))


def test_a_report_says_in_one_table_whether_machines_computed_the_same():
    scores = {"a": [0.5, 1], "b": [0.5, 1], "c": [0.5001, 1], "d": [0.6, 1]}
    runs = [examined(name, found, day) for day, (name, found) in enumerate(scores.items(), 1)]
    table = table_of(report([*runs, on("e", (1e-3, 1e-3, 1e-3), day=9)]), "answers")
    assert [column.name for column in table.columns] == ["Artifact", *scores]
    (row,) = table.rows
    assert [each.text for each in row.values] == [
        "CNN, onnx",
        "reference",
        "same bits",
        "within rounding",
        "other answers",
    ]


def test_what_failed_on_one_machine_is_shown_next_to_what_the_other_measured():
    def failed(measurement):
        return replace(measurement, outcome=Failed("out of memory")) if measurement.cell.kind == TRAIN else measurement

    broken = replace(other("broken"), measurements=tuple(map(failed, other().measurements)))
    table = table_of(worksheet([ONE, broken]), "training")
    row = next(number for number, each in enumerate(table.rows) if each.name == "CNN, CPU")
    assert isinstance(values(table, row, ONE.machine.node)["training_time"], Quantity)
    assert values(table, row, "broken")["training_time"] == Failed("out of memory")
