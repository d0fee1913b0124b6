"""The general report of a user's own model, as typed rows."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "report"))

from own_model_runs import CONTRACT, REASONS, artifact, own_run
from worksheet_factory import CATALOGUE, realistic, weighed

from lab4.analysis.document import missing_values
from lab4.analysis.figures import figures_of
from lab4.analysis.overview import report
from lab4.analysis.tables import NotApplicable, Quantity, Text, Unmeasured
from lab4.domain.contract import State
from lab4.domain.observed import Arena
from lab4.domain.outcome import Failed


def table(made, key):
    return next(each for each in made.tables if each.key == key)


def values(made, key, name):
    found = table(made, key)
    return [found.value(row, name) for row in found.rows]


def keys(found):
    return [column.key for column in found.columns]


OWN = report([own_run()])


def test_what_inputs_were_given_is_shown_and_by_whom_unless_by_the_file():
    assert values(OWN, "model_inputs", "values") == [
        Text("range:-1,1 (guessed)"),
        Text("const:0 (guessed)"),
        Text("const:16000 (user)"),
    ]
    assert values(OWN, "model_inputs", "state") == [NotApplicable(), Text("stateN (guessed)"), NotApplicable()]
    assert values(OWN, "model_inputs", "dimensions") == [Text("batch x 512"), Text("2 x ?"), Text("scalar")]
    assert values(OWN, "model_inputs", "quantization")[0] == Text("scale 0.5, zero point 3")
    assert "layout" not in keys(table(OWN, "model_inputs"))


def test_outputs_have_the_task_and_dimensions_that_are_not_declared_say_so():
    assert values(OWN, "model_outputs", "task") == [Text("classification (guessed)")] * 2
    assert values(OWN, "model_outputs", "dimensions") == [Text("batch"), Text("not declared")]


def test_state_that_a_model_keeps_itself_is_a_sentence():
    kept = report([own_run(contract=replace(CONTRACT, states=(State("", ""),)))])
    assert "keeps state of its own" in str(kept.sections[0].blocks[-1])
    assert "state" not in keys(table(kept, "model_inputs"))


def test_an_artifact_is_compared_output_by_output_and_the_original_not_with_itself():
    assert values(OWN, "agreement", "output") == [Text("speech"), Text("stateN")]
    assert values(OWN, "agreement", "max_abs") == [Quantity(0.25), Quantity(0.0)]
    assert values(OWN, "agreement", "relative") == [Quantity(0.5), NotApplicable()]
    assert values(OWN, "agreement", "cosine") == [Quantity(0.75), Quantity(1.0)]
    assert "agreement" not in keys(table(OWN, "agreement"))


def test_class_scores_have_the_share_of_same_predictions():
    made = report([own_run(examined=artifact(agreeing=3, total=4))])
    assert values(made, "agreement", "agreement") == [Quantity(0.75), NotApplicable()]


def test_columns_without_values_and_cells_that_cannot_be_had_are_left_out_with_one_line_each():
    examined, latency = table(OWN, "examine"), table(OWN, "latency")
    assert keys(examined) == ["cell", "size", "relative", "gzip", "sparsity", "loading"]
    assert [row.cell.format for row in examined.rows] == ["tflite_float32", "onnx"]
    labels = tuple(CATALOGUE.format(form).label for form in REASONS)
    assert examined.unmeasured == (Unmeasured("not made from tflite files", labels),)
    gpu = CATALOGUE.device("gpu").label
    assert latency.unmeasured[0] == Unmeasured("no GPU visible to TensorFlow", (f"all cells on the {gpu}",))
    assert examined.notes[0].startswith("There are no labels")


def test_what_was_left_out_is_listed_among_what_is_not_measured():
    found = {each.reason: dict(each.places) for each in missing_values(OWN)}
    assert set(found) >= {"not made from tflite files", "no GPU visible to TensorFlow"}


def test_failures_keep_their_rows_and_labels_their_column():
    broken = report([own_run(examined=Failed("it disagrees"))])
    assert Failed("it disagrees") in values(broken, "examine", "size")
    labelled = report([own_run(examined=weighed())])
    assert isinstance(values(labelled, "examine", "metric_accuracy")[1], Quantity)
    assert "no labels" not in " ".join(table(labelled, "examine").notes)


def test_a_model_without_counted_operations_has_a_sentence_in_place_of_a_roofline():
    section = next(each for each in OWN.sections if each.title == "What limits the latency")
    assert "not counted" in str(section.blocks)
    assert not section.tables


def test_other_models_are_reported_as_before():
    plain = report([realistic(70)])
    assert not {"model_inputs", "agreement"} & {each.key for each in plain.tables}


@pytest.mark.parametrize(("figure", "value"), [("difference", 0.5), ("cosine", 0.75)])
def test_the_worst_output_is_a_figure_of_the_cell(figure, value):
    cells = figures_of(own_run(("examine/cnn-cpu-onnx", weighed()))).cells
    assert cells["examine/vad-cpu-onnx"].values[figure] == value
    assert figure not in cells["examine/cnn-cpu-onnx"].values


ARENA = Arena(20_432, 3_648, "tflite-micro 1, pointers of 64 bits")


def test_the_arena_is_a_column_where_it_was_measured_and_has_a_line_where_not():
    measured = report([own_run(examined=replace(artifact(), arena=ARENA))])
    assert values(measured, "examine", "arena") == [NotApplicable(), Quantity(20_432)]
    without = report([own_run(examined=replace(artifact(), missing={"arena": "no package"}))])
    assert "arena" not in keys(table(without, "examine"))
    assert Unmeasured("no package", ("Microcontroller Memory",)) in table(without, "examine").unmeasured
    assert "arena" not in keys(table(OWN, "examine"))


def test_the_arena_is_a_figure():
    figures = figures_of(own_run(examined=replace(artifact(), arena=ARENA))).cells
    assert [each.values["arena"] for each in figures.values() if "arena" in each.values] == [20_432]
