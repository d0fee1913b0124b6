from lab4_examples import table_of
from worksheet_cases import REAL, cell, filled
from worksheet_factory import at, machine, realistic, run, timed, weighed

from lab4.analysis.tables import NotMeasured, Text
from lab4.domain.run import DatasetInfo


def test_controls_are_never_chosen_and_further_formats_and_techniques_are_rows():
    keys = (
        "examine/cnn.finetuned-cpu-keras",
        "examine/cnn-cpu-tflite_float16",
        "examine/cnn.pruned80.clustered-cpu-onnx",
        "examine/cnn.pruned80-cpu-onnx",
        "examine/cnn-cpu-keras",
        "examine/cnn-cpu-onnx",
    )
    made = filled([run(*(at(key, weighed()) for key in keys))])
    found = {row.key for row in table_of(made, "candidates").rows}
    assert found == {key for key in keys if "finetuned" not in key}
    assert "Pruned (80%), clustered + ONNX" in {row.name for row in table_of(made, "pruning_cnn").rows}


def test_candidates_of_another_dataset_than_the_latest_runs_are_left_out_and_counted():
    other = DatasetInfo("fashion_mnist", 8000, 2000, "cd" * 32)
    one = run(at("examine/cnn-cpu-keras", weighed()), started_at="2026-01-01T00:00:00Z", dataset=other)
    two = run(at("examine/fcnn-cpu-keras", weighed()))
    made = filled([one, two])
    assert [row.key for row in table_of(made, "candidates").rows] == ["examine/fcnn-cpu-keras"]
    assert any("other examples: 1" in note for note in table_of(made, "choices").notes)
    assert any("different data" in caution.template for caution in made.cautions)


def test_artifacts_without_an_original_are_listed_but_not_chosen():
    made = filled([run(at("examine/cnn-cpu-onnx", weighed()))])
    assert len(table_of(made, "candidates").rows) == 1
    assert cell(made, "choices", "Highest Accuracy", "best") == NotMeasured(
        "no original model was measured to compare with"
    )


def test_latencies_of_two_machines_never_decide_one_choice():
    slow = run(at("latency/cnn-cpu-b1-tflite_int8", timed(9.0)), on=machine("phone"))
    made = filled([realistic(70), slow])
    assert cell(made, "rules", "Mobile Deployment", "latency").value < 1


def test_each_priority_states_its_rule_its_winner_and_the_runner_up():
    rules = table_of(REAL, "rules")
    assert [row.name for row in rules.rows] == [row.name for row in table_of(REAL, "choices").rows]
    for row in rules.rows:
        assert all(isinstance(rules.value(row, column), Text) for column in ("rule", "best", "runner_up"))
