"""Real files from other people's packages: each gives a report by one command."""

import pytest
from lab4_zoo import zoo_file

from benchmarks.harness.real_models import MODELS, measured, refusals
from lab4.domain.outcome import Failed, Measured

#: By the model, formats in place of all.
FEW = {
    "Basic Pitch, SavedModel": ["--lab4-formats=saved_model,tflite_float32,onnx"],
    "Basic Pitch, TFLite": ["--lab4-formats=tflite_float32,onnx,onnx_float16"],
}


#: The same net as another, with other weights.
ALIKE = {"Okay Nabu, streaming, int8"}


def test_most_models_need_one_hint_at_most():
    assert sum(len(model.hints) <= 1 for model in MODELS) >= 12


@pytest.mark.parametrize("model", [model for model in MODELS if model.name not in ALIKE], ids=lambda model: model.name)
def test_a_real_model_gives_a_report(model, tmp_path):
    # The ONNX file of the same net reaches the formats that are left out.
    few = FEW.get(model.name, [])
    ended, run = measured(model, zoo_file(""), tmp_path / "run", "-k", "examine", *few)
    assert "Traceback" not in ended.stdout + ended.stderr
    report = (tmp_path / "run" / "lab4-results" / "report.md").read_text("utf-8")
    assert run.catalogue.models
    assert all(traits.label in report for traits in run.catalogue.models.values())
    outcomes = [each.outcome for each in run.measurements]
    compared = [each.agreement.outputs for each in outcomes if isinstance(each, Measured)]
    outputs = {each.name for traits in run.catalogue.models.values() for each in traits.contract.outputs}
    assert compared
    assert all(len(each) == len(outputs) for each in compared)
    # An artifact that computes something else is what a user must see: the command fails, with the reason.
    failed = [each.reason for each in outcomes if isinstance(each, Failed)]
    assert ended.returncode == bool(failed), ended.stdout[-2000:]
    assert all("disagrees with its original" in reason for reason in failed)
    assert all("\n" not in reason for reason in refusals(run))
