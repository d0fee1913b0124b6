import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import LABELS, NO_GPU, accuracy, at, latency, machine, realistic, run, timed, trained, weighed

from lab4.analysis.against import loss, reduction, relative_size
from lab4.analysis.findings import cautions, findings
from lab4.analysis.merge import merge
from lab4.analysis.query import compare, figures, missing, table_of
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text
from lab4.analysis.worksheet import worksheet
from lab4.domain.observed import Loading, Size, Sparsity, Training
from lab4.domain.outcome import Failed, Measured
from lab4.domain.run import Commit, DatasetInfo

REAL = worksheet([realistic(700)])

#: Every blank of the printed form: table, and the names of its rows.
FORM = {
    "training": ("CNN, CPU", "CNN, GPU", "FCNN, CPU", "FCNN, GPU"),
    "inference": tuple(f"{m}, {d}, batch {b}" for m in ("CNN", "FCNN") for d in ("CPU", "GPU") for b in (1, 32)),
    "quantization_cnn": ("Original Model", "TFLite (Float32)", "TFLite (Float16)", "TFLite (Int8)"),
    "pruning_cnn": (
        "Original Model",
        "Control (trained on, not pruned)",
        "Pruned Model",
        "Pruned + Float16 Quantization",
        "Pruned + Int8 Quantization",
    ),
    "deployment_cnn": ("Keras (H5)", "TensorFlow Lite", "ONNX", "SavedModel", "TensorFlow.js"),
    "choices": (
        "Highest Accuracy",
        "Smallest Size",
        "Best Accuracy/Size Trade-off",
        "Mobile Deployment",
        "Server Deployment",
    ),
}
RUNS = {
    "no run": [],
    "no measurement": [run()],
    "only training": [run(at("training/cnn-cpu-b128-keras", trained()))],
    "only failures": [run(*(replace(m, outcome=Failed("it broke")) for m in realistic(70).measurements))],
    "nothing observed": [run(*(replace(m, outcome=Measured()) for m in realistic(70).measurements))],
    "one model": [realistic(70, models=("fcnn",))],
    "another model": [realistic(70, models=("mlp",))],
    "cpu and gpu": [
        realistic(70),
        realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z", on=machine("gpu-box", gpu=True)),
    ],
}


def cell(made, table, row, column):
    found = table_of(made, table)
    return next(found.value(r, column) for r in found.rows if r.name == row)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("key", FORM)
def test_every_blank_of_the_form_is_a_row_whatever_the_runs_hold(name, key):
    model = {"one model": "fcnn", "another model": "mlp"}.get(name, "cnn")
    rows = {row.name for row in table_of(worksheet(RUNS[name]), key.replace("_cnn", f"_{model}")).rows}
    # Where the runs know the target sparsity, the pruned rows are named by it.
    assert set(FORM[key]) <= {row.replace("Model (80%)", "Model").replace("Pruned (80%)", "Pruned") for row in rows}


@pytest.mark.parametrize("name", RUNS)
def test_no_value_is_empty_and_no_unmeasured_figure_is_a_number(name):
    for table in worksheet(RUNS[name]).tables:
        for row in table.rows:
            for value in row.values:
                match value:
                    case Text(text):
                        assert text
                    case NotMeasured(reason) | Failed(reason):
                        assert reason
                    case Quantity(number):
                        assert name not in {"no run", "no measurement", "only failures"}
                        assert not math.isnan(number)
                    case NotApplicable():
                        pass


def test_failed_cells_say_failed_with_the_reason_in_every_table_of_the_form():
    made = worksheet(RUNS["only failures"])
    assert cell(made, "quantization_cnn", "TFLite (Int8)", "size") == Failed("it broke")
    assert cell(made, "training", "CNN, CPU", "time") == Failed("it broke")
    assert cell(made, "deployment_cnn", "ONNX", "relative") == Failed("it broke")


def test_gpu_blanks_give_the_runs_own_reason():
    for column in ("time", "rate", "judged"):
        assert cell(REAL, "inference", "CNN, GPU, batch 1", column) == NotMeasured(NO_GPU.reason)


def test_a_cell_in_no_run_says_so():
    assert cell(worksheet([]), "training", "CNN, GPU", "time") == NotMeasured("not in this run")


def test_a_gpu_run_fills_what_a_cpu_run_could_not_and_each_row_names_its_machine():
    cpu, gpu = realistic(70), run(at("training/cnn-gpu-b128-keras", trained((1.0,))), on=machine("gpu-box", gpu=True))
    made = worksheet([gpu, cpu])
    rows = {row.name: row for row in table_of(made, "training").rows}
    assert rows["CNN, GPU"].machine == "gpu-box"
    assert rows["CNN, CPU"].machine == "lab-pc-07"
    assert made.machines == ("gpu-box", "lab-pc-07")


def test_the_worksheet_does_not_depend_on_the_order_of_the_runs():
    one, two = RUNS["cpu and gpu"]
    assert worksheet([one, two]) == worksheet([two, one])


def test_training_time_is_the_sum_of_the_epochs_and_the_first_step_is_apart():
    made = worksheet([run(at("training/cnn-cpu-b128-keras", trained((4.0, 5.0, 3.0))))])
    assert cell(made, "training", "CNN, CPU", "time") == Quantity(12.0, 9.0, 15.0)
    assert cell(made, "training", "CNN, CPU", "rate") == Quantity(2000.0, 1600.0, 8000 / 3)
    assert cell(made, "training", "CNN, CPU", "first_step") == Quantity(1.7)


def test_one_epoch_has_no_spread():
    made = worksheet([run(at("training/cnn-cpu-b128-keras", trained((4.0,))))])
    assert cell(made, "training", "CNN, CPU", "time") == Quantity(4.0)
    assert cell(made, "training", "CNN, CPU", "rate") == Quantity(2000.0)


def test_training_too_short_for_the_clock_has_no_rate():
    made = worksheet([run(at("training/cnn-cpu-b128-keras", trained((0.0, 1.0))))])
    assert isinstance(cell(made, "training", "CNN, CPU", "rate"), NotMeasured)


def test_training_without_an_epoch_is_not_measured():
    training = Training((), 1.0, 8000, 128, 0, "ab" * 32)
    made = worksheet([run(at("training/cnn-cpu-b128-keras", Measured(training=training)))])
    assert isinstance(cell(made, "training", "CNN, CPU", "time"), NotMeasured)


def test_two_training_batch_sizes_and_a_further_device_are_rows_of_their_own():
    keys = ("cnn-cpu-b128-keras", "cnn-cpu-b64-keras", "cnn-tpu-b128-keras")
    made = worksheet([run(*(at(f"training/{key}", trained()) for key in keys))])
    names = [row.name for row in table_of(made, "training").rows]
    assert names[:4] == ["CNN, cnn-cpu-b128-keras, CPU", "CNN, cnn-cpu-b64-keras, CPU", "CNN, GPU", "CNN, tpu"]


def test_latency_shows_the_median_and_the_fastest_call_beside_it():
    samples = tuple(float(number) for number in range(1, 102))
    made = worksheet([run(at("inference/cnn-cpu-b32-keras", Measured(latency=replace(latency(1), samples_s=samples))))])
    row = "CNN, CPU, batch 32"
    assert cell(made, "inference", row, "time") == Quantity(51.0, 26.0, 76.0)
    assert cell(made, "inference", row, "judged") == Quantity(1.0)
    assert cell(made, "inference", row, "rate") == Quantity(32 / 51, 32 / 76, 32 / 26)
    every = "CNN, Keras (H5), CPU, batch 32"
    assert cell(made, "inference_all", every, "p90") == Quantity(91.0)
    assert cell(made, "inference_all", every, "p99") == NotMeasured("too few calls")


def test_a_latency_of_zero_has_no_rate_and_is_no_candidate_for_the_server():
    zero = Measured(latency=replace(latency(1), samples_s=(0.0, 0.0)))
    keys = ("inference/cnn-cpu-b32-keras", "inference/cnn-cpu-keras")
    made = worksheet([run(*(at(key, zero) for key in keys), at("quantization/cnn-cpu-keras", weighed()))])
    assert isinstance(cell(made, "inference", "CNN, CPU, batch 32", "rate"), NotMeasured)
    assert isinstance(cell(made, "choices", "Server Deployment", "best"), NotMeasured)
    assert isinstance(cell(made, "inference_all", "CNN, Keras (H5), CPU, batch any", "rate"), NotMeasured)


def test_model_predict_is_a_row_of_its_own_beside_the_compiled_function():
    compiled = cell(REAL, "inference_all", "CNN, Keras (H5), CPU, batch 1", "time")
    predict = cell(REAL, "inference_all", "CNN, Keras (model.predict), CPU, batch 1", "time")
    assert predict.value > 10 * compiled.value
    assert cell(REAL, "inference", "CNN, CPU, batch 1", "time") == compiled


def test_the_size_of_a_pruned_model_is_its_files_and_never_multiplied_by_its_density():
    keys = ("cnn-cpu-keras", "cnn.pruned90-cpu-keras")
    sizes = (weighed(disk=1000), weighed(disk=1000, gzip=300, zeros=378_000))
    made = worksheet([run(*(at(f"pruning/{key}", size) for key, size in zip(keys, sizes, strict=True)))])
    assert cell(made, "pruning_cnn", "pruned90", "sparsity") == Quantity(0.9)
    assert cell(made, "pruning_cnn", "pruned90", "size") == Quantity(1000)
    assert cell(made, "pruning_cnn", "pruned90", "reduction") == Quantity(0.0)
    assert cell(made, "pruning_cnn", "pruned90", "gzip") == Quantity(300)


def test_accuracies_on_different_numbers_of_images_are_not_compared():
    made = worksheet(
        [
            run(
                at("quantization/cnn-cpu-keras", weighed(1950)),
                at("quantization/cnn-cpu-tflite_int8", weighed(970, total=1000)),
            )
        ]
    )
    found = cell(made, "quantization_cnn", "TFLite (Int8)", "loss")
    assert found == NotMeasured("not comparable: 1000 images, the original has 2000")
    assert any("other images: 1" in note for note in table_of(made, "choices").notes)
    candidates = table_of(made, "candidates")
    losses = [candidates.value(row, "loss") for row in candidates.rows]
    assert sum(isinstance(value, NotMeasured) for value in losses) == 1


def test_accuracies_of_different_runs_are_not_compared():
    one = run(at("quantization/cnn-cpu-keras", weighed()))
    two = run(at("quantization/cnn-cpu-tflite_int8", weighed()), started_at="2026-03-05T00:00:00Z")
    assert isinstance(cell(worksheet([one, two]), "quantization_cnn", "TFLite (Int8)", "loss"), NotMeasured)


def test_the_loss_of_pruning_is_measured_against_the_control_too():
    assert cell(REAL, "pruning_cnn", "Pruned Model (80%)", "loss").value == pytest.approx(0.003)
    assert cell(REAL, "pruning_cnn", "Pruned Model (80%)", "control_loss").value == pytest.approx(0.005)
    assert cell(REAL, "pruning_cnn", "Control (trained on, not pruned)", "control_loss") == NotApplicable()


def test_without_the_control_the_loss_against_it_says_so():
    made = worksheet([run(at("pruning/cnn-cpu-keras", weighed()), at("pruning/cnn.pruned80-cpu-keras", weighed()))])
    found = cell(made, "pruning_cnn", "Pruned Model (80%)", "control_loss")
    assert found == NotMeasured("the control's accuracy was not measured")
    assert cell(made, "pruning_cnn", "Control (trained on, not pruned)", "accuracy") == NotMeasured("not in this run")


def test_a_failed_conversion_is_no_size_of_zero():
    made = worksheet([run(at("deployment/cnn-cpu-keras", weighed()), at("deployment/cnn-cpu-onnx", Failed("no op")))])
    for column in ("size", "relative", "gzip", "loading", "accuracy", "loss"):
        assert cell(made, "deployment_cnn", "ONNX", column) == Failed("no op")


def test_the_percent_of_h5_needs_an_h5():
    made = worksheet([run(at("deployment/cnn-cpu-onnx", weighed()))])
    assert isinstance(cell(made, "deployment_cnn", "ONNX", "relative"), NotMeasured)


def test_controls_are_never_chosen_and_further_formats_and_techniques_are_rows():
    keys = (
        "pruning/cnn.finetuned-cpu-keras",
        "pruning/cnn-cpu-tflite_float16",
        "pruning/cnn.pruned80.clustered-cpu-onnx",
        "deployment/cnn.pruned80-cpu-onnx",
        "quantization/cnn-cpu-keras",
        "quantization/cnn-cpu-onnx",
    )
    made = worksheet([run(*(at(key, weighed()) for key in keys))])
    names = {row.key for row in table_of(made, "candidates").rows}
    assert names == {"cnn/tflite_float16", "cnn.pruned80.clustered/onnx", "cnn.pruned80/onnx", "cnn/keras", "cnn/onnx"}
    pruned = [row.name for row in table_of(made, "pruning_cnn").rows]
    assert {"TFLite (Float16)", "Pruned (80%), clustered + ONNX"} <= set(pruned)
    assert table_of(made, "deployment_cnn").rows[-1].name == "Pruned Model (80%), ONNX"


def test_candidates_of_another_dataset_than_the_latest_runs_are_left_out_and_counted():
    other = DatasetInfo("fashion_mnist", 8000, 2000, "cd" * 32)
    one = run(at("quantization/cnn-cpu-keras", weighed()), started_at="2026-01-01T00:00:00Z", dataset=other)
    two = run(at("quantization/fcnn-cpu-keras", weighed()))
    made = worksheet([one, two])
    assert [row.key for row in table_of(made, "candidates").rows] == ["fcnn/keras"]
    assert any("other images: 1" in note for note in table_of(made, "choices").notes)
    assert any("different images" in caution for caution in cautions(made))


def test_artifacts_without_an_original_are_listed_but_not_chosen():
    made = worksheet([run(at("quantization/cnn-cpu-onnx", weighed()))])
    assert len(table_of(made, "candidates").rows) == 1
    assert cell(made, "choices", "Highest Accuracy", "best") == NotMeasured(
        "no original Keras model was measured to compare with"
    )


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_size_reduction_and_relative_size_make_one(mine, whole):
    made = merge(
        [run(at("deployment/cnn-cpu-onnx", weighed(disk=mine)), at("deployment/cnn-cpu-keras", weighed(disk=whole)))]
    )
    one, original = (made.readings[f"deployment/cnn-cpu-{form}"] for form in ("onnx", "keras"))
    assert reduction(one, original).value + relative_size(one, original).value == pytest.approx(1)
    assert reduction(one, original).value < 1
    assert loss(one, original).value == 0


@pytest.mark.parametrize(
    "empty", [Measured(size=Size(0, 0), sparsity=Sparsity(0, 0), loading=Loading(()), accuracy=accuracy(0, 0))]
)
def test_empty_observations_are_not_figures(empty):
    made = worksheet([run(at("pruning/cnn-cpu-keras", empty), at("deployment/cnn-cpu-keras", empty))])
    assert isinstance(cell(made, "pruning_cnn", "Original Model", "sparsity"), NotMeasured)
    assert isinstance(cell(made, "pruning_cnn", "Original Model", "accuracy"), NotMeasured)
    assert isinstance(cell(made, "deployment_cnn", "Keras (H5)", "loading"), NotMeasured)
    assert isinstance(cell(made, "deployment_cnn", "Keras (H5)", "relative"), NotMeasured)
    assert not table_of(made, "candidates").rows


def test_latencies_of_two_machines_never_decide_one_choice():
    slow = run(at("inference/cnn-cpu-b1-tflite_int8", timed(9.0)), on=machine("phone"))
    made = worksheet([realistic(70), slow])
    assert cell(made, "rules", "Mobile Deployment", "latency").value < 1


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        Table("t", "T", (Column("a", "A", "text"),), (Row("r", "R", (Text("x"), Text("y"))),))


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_not_a_number_is_no_quantity(number):
    with pytest.raises(ValueError, match="finite"):
        Quantity(1.0, number, 2.0)


def test_unknown_tables_and_columns_are_key_errors():
    with pytest.raises(KeyError):
        table_of(REAL, "nothing")
    with pytest.raises(KeyError):
        table_of(REAL, "training").index("nothing")


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (Quantity(1, 0.9, 1.1), Quantity(2, 1.9, 2.1), "lower"),
        (Quantity(2, 1.9, 2.1), Quantity(1, 0.9, 1.1), "higher"),
        (Quantity(1, 0.9, 1.1), Quantity(1.15, 1.05, 1.2), "no clear difference"),
        (Quantity(1), Quantity(1.2), "no clear difference"),
        (Quantity(1), Quantity(2), "lower"),
    ],
)
def test_figures_differ_only_beyond_their_spreads(one, other, verdict):
    assert compare(one, other) == verdict


def test_every_reason_is_listed_once_with_the_rows_it_concerns():
    found = {gap.reason: dict(gap.blanks) for gap in missing(worksheet([realistic(70)]))}
    assert found[NO_GPU.reason]["Training on different hardware"] == ("CNN, GPU", "FCNN, GPU")


def test_failures_are_told_apart_in_the_list_of_reasons():
    assert {gap.failed for gap in missing(worksheet(RUNS["only failures"]))} == {True, False}


def test_findings_of_a_full_run_cover_the_measured_parts_and_of_an_empty_one_nothing():
    assert len(findings(REAL)) == 10
    assert findings(worksheet([])) == ()


def test_an_effect_within_the_spread_is_found_to_be_none():
    keys = {"inference/cnn-cpu-b1-keras": 1e-3, "inference/cnn-cpu-b32-keras": 32e-3}
    found = findings(worksheet([run(*(at(key, timed(typical)) for key, typical in keys.items()))]))
    assert any("no clear difference" in finding.template for finding in found)


def test_cautions_name_interrupted_dirty_and_differing_runs():
    one = run(complete=False, commit=Commit(None, dirty=True))
    two = run(settings=replace(one.settings, profile="thorough"))
    assert len(cautions(worksheet([one, two]))) == 3
    assert cautions(worksheet([two])) == ()


def test_figures_are_those_measured_in_the_rows_asked_for():
    found = figures(table_of(REAL, "inference"), "rate", model=LABELS["cnn"])
    assert [figure.row.name for figure in found] == ["CNN, CPU, batch 1", "CNN, CPU, batch 32"]
