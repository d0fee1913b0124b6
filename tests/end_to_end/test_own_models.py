"""Models of a user's, measured in a folder that has nothing else."""

import importlib.util
import shutil
import subprocess
import sys

import pytest
from lab4_models import KERAS_FILES, KERAS_FUNCTION, counter, measure, two_by_two
from lab4_zoo import zoo_file

from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.history.run_file import read_run


def outcomes(folder):
    return {each.cell.key: each.outcome for each in read_run(folder / "lab4-results" / "run.json").measurements}


@pytest.fixture(scope="module")
def onnx_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx")
    two_by_two(folder / "pair.onnx")
    formats = "tflite_float32,onnx,onnx_float16"
    answer = measure(folder, "--lab4-model=pair.onnx", "--lab4-dim=batch=1,4", "--lab4-formats", formats)
    return folder, answer


def test_every_way_that_there_is_is_measured_and_the_others_say_why_not(onnx_run):
    folder, answer = onnx_run
    assert answer.returncode == 0, answer.stdout
    found = outcomes(folder)
    assert found.pop("examine/pair-cpu-tflite_float32") == Unavailable("TFLite (Float32) is not made from onnx files")
    assert set(found) == {
        *(f"latency/pair-cpu-b{batch}-{form}" for batch in (1, 4) for form in ("onnx", "onnx_float16")),
        *(f"examine/pair-cpu-{form}" for form in ("onnx", "onnx_float16")),
    }
    assert all(isinstance(each, Measured) for each in found.values()), found


def test_outputs_of_equal_shape_are_compared_each_with_its_own(onnx_run):
    agreement = outcomes(onnx_run[0])["examine/pair-cpu-onnx_float16"].agreement
    assert set(agreement.outputs) == {"total", "difference"}
    assert all(0 < each.max_abs < 0.01 and each.cosine > 0.999 for each in agreement.outputs.values())
    assert agreement.total == 0  # no output is of class scores


def test_the_record_has_the_contract_and_says_which_values_were_guessed(onnx_run):
    run = read_run(onnx_run[0] / "lab4-results" / "run.json")
    traits = run.catalogue.model("pair")
    assert [each.name for each in traits.contract.inputs] == ["left", "right"]
    assert {name: (each.text, each.origin) for name, each in traits.values.items()} == {
        "left": ("range:-1,1", "guessed"),
        "right": ("range:-1,1", "guessed"),
    }
    assert traits.original_format == "onnx"
    assert run.dataset.name == "drawn by rules"


def test_a_second_run_takes_what_was_built_from_the_cache(onnx_run):
    folder, _ = onnx_run
    before = {path.name for path in (folder / "cache" / "entries").iterdir()}
    answer = measure(folder, "--lab4-model=pair.onnx", "--lab4-formats", "onnx_float16", "-k", "examine")
    assert answer.returncode == 0, answer.stdout
    assert {path.name for path in (folder / "cache" / "entries").iterdir()} == before


def test_a_scalar_that_decides_what_is_computed_is_asked_for_and_state_is_fed_back(tmp_path):
    counter(tmp_path / "vad.onnx")
    given = ("--lab4-model=vad.onnx", "--lab4-dim=samples=16", "--lab4-formats", "onnx", "-k", "examine")
    refused = measure(tmp_path, *given)
    assert refused.returncode == 1
    assert "the input 'sr' decides which part of the model is computed" in refused.stdout
    high = measure(tmp_path, *given, "--lab4-input=sr=const:16000")
    assert high.returncode == 0, high.stdout
    found = outcomes(tmp_path)["examine/vad-cpu-onnx"].agreement
    assert found.outputs["stateN"].max_abs == 0
    assert found.outputs["stateN"].scale > found.outputs["output"].scale  # it adds up from call to call


_REACHED = (
    "keras",
    "tflite_float32",
    "tflite_dynamic_int8",
    "tflite_int16x8",
    "tflite_weight_only_int8",
    "onnx",
    "onnx_static_int8",
    "saved_model",
)


@pytest.fixture(scope="module")
def function_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("function")
    (folder / "nets.py").write_text(KERAS_FUNCTION, encoding="utf-8")
    options = ("--lab4-formats", ",".join(_REACHED), "--lab4-batch-sizes", "1")
    # One format of each runtime is timed.
    return folder, measure(folder, "--lab4-model=nets.py:build", *options, "-k", "not (test_latency and int)")


def test_a_function_that_builds_a_keras_model_reaches_every_runtime(function_run):
    folder, answer = function_run
    assert answer.returncode == 0, answer.stdout
    found = outcomes(folder)
    assert all(isinstance(each, Measured) for each in found.values()), found
    assert {key.rpartition("-")[2] for key in found if key.startswith("examine/")} == set(_REACHED)
    timed = {"keras", "keras:predict", "tflite_float32", "onnx", "saved_model"}
    assert {key.rpartition("-")[2] for key in found if key.startswith("latency/")} == timed


def test_its_outputs_are_matched_in_every_format(function_run):
    for key, outcome in outcomes(function_run[0]).items():
        assert set(outcome.agreement.outputs) == {"total", "difference"}, key


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with files of Keras, a SavedModel, and functions."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "nets.py").write_text(KERAS_FUNCTION, encoding="utf-8")
    code = f"{KERAS_FILES}\nfrom nets import build\n\nbuild().export('served')\n"
    subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True)
    (folder / "two.h5").rename(folder / "old.h5")  # in one run names must differ
    return folder


#: By the model's name, the formats that are made of it; all in one run, as each would open TensorFlow again.
MADE = {
    "two": ("keras", "tflite_int8", "onnx"),
    "old": ("keras", "tflite_float32", "onnx_float16"),
    "single": ("keras", "onnx"),  # of one example per call
    "third": ("saved_model", "onnx"),
    "three": ("saved_model", "tflite_int8", "tflite_dynamic_int8", "onnx"),  # by way of a SavedModel
    "served": ("saved_model", "tflite_float32", "onnx"),
}


@pytest.fixture(scope="module")
def files_run(files):
    """The ended run, and the outcomes of each model."""
    models = [
        f"--lab4-model={name}" for name in ("two.keras", "old.h5", "single.keras", "third.h5", "three.keras", "served")
    ]
    formats = dict.fromkeys(each for made in MADE.values() for each in made)
    cells = [f"examine[{model}-cpu-{each}]" for model, made in MADE.items() for each in made]
    options = ("--lab4-formats", ",".join(formats), "-k", " or ".join(cells))
    answer = measure(files, *models, *options)
    found = {}
    for key, outcome in outcomes(files).items():
        found.setdefault(key.removeprefix("examine/").partition("-cpu-")[0], []).append(outcome)
    return answer, found


@pytest.mark.parametrize("model", ["two", "old", "single", "third", "three"])
def test_files_of_both_generations_of_keras_are_opened(files_run, model):
    answer, found = files_run
    assert answer.returncode == 0, answer.stdout
    assert len(found[model]) == len(MADE[model])
    for outcome in found[model]:
        assert isinstance(outcome, Measured)
        assert outcome.agreement.total == 16  # class scores


def test_a_saved_model_is_converted(files_run):
    assert len(files_run[1]["served"]) == len(MADE["served"])
    assert all(isinstance(each, Measured) for each in files_run[1]["served"])


def test_a_layer_that_is_code_is_run_where_the_user_trusts_the_file(files):
    given = ("--lab4-formats", "saved_model,tflite_float32", "-k", "examine", "--lab4-output", "trusted")
    answer = measure(files, "--lab4-model=coded.keras", *given, "--lab4-trust")
    assert answer.returncode == 0, answer.stdout
    found = [each.outcome for each in read_run(files / "trusted" / "run.json").measurements]
    assert len(found) == 2
    assert all(isinstance(each, Measured) for each in found)


@pytest.fixture(scope="module")
def refused_run(files):
    """What cannot be opened: the ended run, and each model's outcome."""
    (files / "broken.py").write_text("import nothing_of_this_name\n")
    models = ("nets.py:no_model", "nets.py:raising", "nets.py:missing", "broken.py:build", "coded.keras")
    given = [f"--lab4-model={each}" for each in models]
    answer = measure(files, *given, "--lab4-formats", "keras", "-k", "examine", "--lab4-output", "refused")
    run = read_run(files / "refused" / "run.json")
    return answer, {each.cell.model: each.outcome for each in run.measurements}


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("no_model", "nets.py:no_model returned a int; it must return a Keras model"),
        ("raising", "nets.py:raising raised RuntimeError: no such weights"),
        ("missing", "has no function missing"),
        ("build", "importing it raised ModuleNotFoundError"),
        ("coded", "would run code of its own (a Lambda layer"),
    ],
)
def test_a_function_that_gives_no_model_and_a_layer_that_is_code_fail_their_cells_with_one_sentence(
    refused_run, model, sentence
):
    answer, found = refused_run
    assert answer.returncode == 1
    assert isinstance(found[model], Failed)
    assert sentence in found[model].reason
    assert sentence in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_format_that_a_library_refuses_fails_only_where_it_was_asked_for(onnx_run, tmp_path):
    (made,) = (onnx_run[0] / "cache").rglob("model.onnx")
    shutil.copy(made, tmp_path / "half.onnx")  # there is nothing left to make float16
    asked = measure(tmp_path, "--lab4-model=half.onnx", "-k", "examine", "--lab4-formats", "onnx_static_int8")
    assert asked.returncode == 1, asked.stdout
    unasked = measure(tmp_path, "--lab4-model=half.onnx", "-k", "examine")
    assert unasked.returncode == 0, unasked.stdout
    assert "Traceback" not in asked.stdout + unasked.stdout


def test_an_int8_model_has_its_memory_on_a_microcontroller_or_the_package_that_is_missing(tmp_path):
    model = zoo_file("pymicro_wakeword/models/alexa.tflite")
    answer = measure(tmp_path, f"--lab4-model={model}", "--lab4-formats", "tflite_int8", "-k", "examine")
    assert answer.returncode == 0, answer.stdout
    (found,) = outcomes(tmp_path).values()
    text = (tmp_path / "lab4-results" / "report.md").read_text(encoding="utf-8")
    if importlib.util.find_spec("tflite_micro") is None:
        assert found.arena is None
        assert "tflite-micro is not installed; pip install 'lab4[micro]'" in found.missing["arena"]
        assert "tflite-micro is not installed" in text
    else:
        assert 20_000 < found.arena.bytes < 26_000  # what the package pymicro-wakeword gives the model
        assert "| Microcontroller Memory (kB) |" in text


def test_the_time_by_operator_is_in_the_report_where_it_was_asked_for(tmp_path):
    two_by_two(tmp_path / "pair.onnx")
    models = (f"--lab4-model={zoo_file('pyopen_wakeword/models/alexa.tflite')}", "--lab4-model=pair.onnx")
    formats = ("--lab4-formats", "tflite_float32,tflite_int8,onnx,tfjs")
    answer = measure(tmp_path, *models, *formats, "-k", "examine and not alexa-cpu-onnx", "--lab4-profile-operators")
    assert answer.returncode == 0, answer.stdout
    found = {key: each.operators for key, each in outcomes(tmp_path).items() if isinstance(each, Measured)}
    assert set(found) == {
        "examine/alexa-cpu-tflite_float32",
        "examine/alexa-cpu-tflite_int8",
        "examine/pair-cpu-onnx",
    }
    for profile in found.values():
        assert sum(each.share for each in profile.operators) + profile.outside == pytest.approx(1)
        assert profile.calls >= 5
    assert {each.where for each in found["examine/pair-cpu-onnx"].operators} == {"CPUExecutionProvider"}
    assert "XNNPACK" in {each.where for each in found["examine/alexa-cpu-tflite_float32"].operators}
    page = (tmp_path / "lab4-results" / "report.html").read_text(encoding="utf-8")
    assert page.count("<figcaption>Time by operator: ") == len(found)
