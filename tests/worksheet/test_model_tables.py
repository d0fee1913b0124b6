import pytest
from lab4_examples import table_of
from worksheet_cases import REAL, cell, filled
from worksheet_factory import accuracy, at, run, weighed

from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity
from lab4.domain.observed import Loading, Size, Sparsity
from lab4.domain.outcome import Failed, Measured


def test_the_size_of_a_pruned_model_is_its_files_and_never_multiplied_by_its_density():
    keys = ("cnn-cpu-keras", "cnn.pruned90-cpu-keras")
    sizes = (weighed(disk=1000), weighed(disk=1000, gzip=300, zeros=378_000))
    made = filled([run(*(at(f"examine/{key}", size) for key, size in zip(keys, sizes, strict=True)))])
    assert cell(made, "pruning_cnn", "Pruned Model (90%)", "sparsity") == Quantity(0.9)
    assert cell(made, "pruning_cnn", "Pruned Model (90%)", "size") == Quantity(1000)
    assert cell(made, "pruning_cnn", "Pruned Model (90%)", "reduction") == Quantity(0.0)
    assert cell(made, "pruning_cnn", "Pruned Model (90%)", "gzip") == Quantity(300)


def test_accuracies_on_different_numbers_of_images_are_not_compared():
    made = filled(
        [
            run(
                at("examine/cnn-cpu-keras", weighed(1950)),
                at("examine/cnn-cpu-tflite_int8", weighed(970, total=1000)),
            )
        ]
    )
    found = cell(made, "quantization_cnn", "TFLite (Int8)", "loss")
    assert found == NotMeasured("not comparable: 1000 examples, the original has 2000")
    assert any("other examples: 1" in note for note in table_of(made, "choices").notes)
    candidates = table_of(made, "candidates")
    losses = [candidates.value(row, "loss") for row in candidates.rows]
    assert sum(isinstance(value, NotMeasured) for value in losses) == 1


def test_accuracies_of_different_runs_are_not_compared():
    one = run(at("examine/cnn-cpu-keras", weighed()))
    two = run(at("examine/cnn-cpu-tflite_int8", weighed()), started_at="2026-03-05T00:00:00Z")
    assert isinstance(cell(filled([one, two]), "quantization_cnn", "TFLite (Int8)", "loss"), NotMeasured)


def test_the_loss_of_pruning_is_measured_against_the_control_too():
    assert cell(REAL, "pruning_cnn", "Pruned Model (80%)", "loss").value == pytest.approx(0.003)
    assert cell(REAL, "pruning_cnn", "Pruned Model (80%)", "control_loss").value == pytest.approx(0.005)
    assert cell(REAL, "pruning_cnn", "Control (trained on, not pruned)", "control_loss") == NotApplicable()


def test_without_the_control_the_loss_against_it_says_so():
    made = filled([run(at("examine/cnn-cpu-keras", weighed()), at("examine/cnn.pruned80-cpu-keras", weighed()))])
    found = cell(made, "pruning_cnn", "Pruned Model (80%)", "control_loss")
    assert found == NotMeasured("the control's accuracy was not measured")
    assert "Control (trained on, not pruned)" not in {row.name for row in table_of(made, "pruning_cnn").rows}


def test_a_failed_conversion_is_no_size_of_zero():
    made = filled([run(at("examine/cnn-cpu-keras", weighed()), at("examine/cnn-cpu-onnx", Failed("no op")))])
    for column in ("size", "relative", "loading"):
        assert cell(made, "deployment_cnn", "ONNX", column) == Failed("no op")


def test_the_percent_of_h5_needs_an_h5():
    made = filled([run(at("examine/cnn-cpu-onnx", weighed()))])
    assert isinstance(cell(made, "deployment_cnn", "ONNX", "relative"), NotMeasured)


@pytest.mark.parametrize(
    "empty",
    [Measured(size=Size(0, 0), sparsity=Sparsity(0, 0), loading=Loading(()), metrics={"accuracy": accuracy(0, 0)})],
)
def test_empty_observations_are_not_figures(empty):
    made = filled([run(at("examine/cnn-cpu-keras", empty))])
    assert isinstance(cell(made, "pruning_cnn", "Original Model", "sparsity"), NotMeasured)
    assert isinstance(cell(made, "pruning_cnn", "Original Model", "accuracy"), NotMeasured)
    assert isinstance(cell(made, "deployment_cnn", "Keras (H5)", "loading"), NotMeasured)
    assert isinstance(cell(made, "deployment_cnn", "Keras (H5)", "relative"), NotMeasured)
    assert not table_of(made, "candidates").rows
