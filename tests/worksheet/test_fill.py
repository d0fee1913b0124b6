import math

import pytest
from lab4_examples import table_of
from worksheet_cases import FORM, REAL, RUNS, cell
from worksheet_factory import NO_GPU, at, machine, realistic, run, trained

from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity, Text
from lab4.domain.outcome import Failed
from lab4.worksheet import worksheet


@pytest.mark.parametrize("name", [name for name in RUNS if name != "another model"])
@pytest.mark.parametrize("key", FORM)
def test_every_blank_of_the_form_is_a_row_whatever_the_runs_hold(name, key):
    model = {"one model": "fcnn"}.get(name, "cnn")
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
    assert cell(made, "training", "CNN, CPU", "training_time") == Failed("it broke")
    assert cell(made, "deployment_cnn", "ONNX", "relative") == Failed("it broke")


def test_gpu_blanks_give_the_runs_own_reason():
    for column in ("time", "rate", "uncertainty"):
        assert cell(REAL, "inference", "CNN, GPU, batch 1", column) == NotMeasured(NO_GPU.reason)


def test_a_cell_in_no_run_says_so():
    assert cell(worksheet([]), "training", "CNN, GPU", "training_time") == NotMeasured("not in this run")


def test_a_gpu_run_fills_what_a_cpu_run_could_not_and_each_row_names_its_machine():
    cpu, gpu = realistic(70), run(at("train/cnn-gpu-b128-keras", trained((1.0,))), on=machine("gpu-box", gpu=True))
    made = worksheet([gpu, cpu])
    rows = {row.name: row for row in table_of(made, "training").rows}
    assert rows["CNN, GPU"].machine == "gpu-box"
    assert rows["CNN, CPU"].machine == "lab-pc-07"
    assert made.machines == ("gpu-box", "lab-pc-07")


def test_the_worksheet_does_not_depend_on_the_order_of_the_runs():
    one, two = RUNS["cpu and gpu"]
    assert worksheet([one, two]) == worksheet([two, one])
