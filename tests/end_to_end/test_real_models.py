"""Real files from other people's packages: one command gives a report of several."""

import pytest
from lab4_small_models import UNPRINTED
from lab4_zoo import zoo_file

from benchmarks.harness.real_models import MODELS, measured, refusals
from lab4.bench.given import names_of
from lab4.domain.outcome import Failed, Measured

#: One of each kind, the smallest that there is; the harness measures all.
KEPT = {
    "Basic Pitch, SavedModel": "a folder; three outputs, two of one shape; convolutions",
    "Alexa, streaming, int8": "int8 in, uint8 out; state inside, which ONNX cannot have; no step to other int8 formats",
    "Wake word, spectrogram": "a dynamic size of a TFLite file; a format that its quantizer refuses",
    "Face detection, sparse": "weights of float16, most of them zero; a converter that refuses it",
    "Magika": "integers in, probabilities of classes out; an int8 artifact that computes something else",
    "Silero VAD": "a scalar that steers an If; state that is fed back; dynamic sizes of an ONNX file",
}
#: Of the largest model one format of each runtime: others have the rest, in less time.
FEW = "examine and not (nmp and (int8 or float16 or int16x8))"


def test_most_models_need_one_hint_at_most():
    assert sum(len(model.hints) <= 1 for model in MODELS) >= 12


@pytest.fixture(scope="module")
def real_run(tmp_path_factory):
    """The ended command, its run, the report, and the models' names in them."""
    models = [model for model in MODELS if model.name in KEPT]
    folder = tmp_path_factory.mktemp("real")
    options = ("-k", FEW, "--lab4-resources=peaks,work", f"--lab4-report={UNPRINTED}")
    ended, run = measured(models, zoo_file(""), folder, *options)
    report = (folder / "lab4-results" / "report.md").read_text("utf-8")
    names = names_of([model.path for model in models])
    return ended, run, report, dict(zip((model.name for model in models), names, strict=True))


def test_an_artifact_that_computes_something_else_fails_the_command_with_the_reason(real_run):
    ended, run, *_ = real_run
    assert "Traceback" not in ended.stdout + ended.stderr
    failed = [each.outcome.reason for each in run.measurements if isinstance(each.outcome, Failed)]
    assert ended.returncode == bool(failed), ended.stdout[-2000:]
    assert all("disagrees with its original" in reason for reason in failed)
    assert all("\n" not in reason for reason in refusals(run))


@pytest.mark.parametrize("model", KEPT)
def test_a_real_model_gives_a_report(model, real_run):
    _, run, report, names = real_run
    traits = run.catalogue.models[names[model]]
    assert traits.label in report
    outcomes = [each.outcome for each in run.measurements if each.cell.model == names[model]]
    compared = [each.agreement.outputs for each in outcomes if isinstance(each, Measured)]
    outputs = {each.name for each in traits.contract.outputs}
    assert compared
    assert all(len(each) == len(outputs) for each in compared)
