"""A bad option is one sentence that names the valid values, and exit code 4, before anything is measured."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lab4-models", "rnn"), "--lab4-models: unknown model 'rnn'; valid: cnn, fcnn"),
        (("--lab4-devices", "tpu"), "--lab4-devices: unknown device 'tpu'; valid: cpu, gpu"),
        (("--lab4-formats", "onnx,tflite"), "--lab4-formats: unknown format 'tflite'; valid: keras, tflite_float32"),
        (("--lab4-techniques", "pruned"), "--lab4-techniques: unknown technique 'pruned'; valid: finetuned, pruned50"),
        (("--lab4-profile", "fast"), "--lab4-profile: unknown profile 'fast'; valid: quick, worksheet, thorough"),
        (("--lab4-report", "html,odt"), "--lab4-report: unknown report 'odt'; valid: html, pdf, docx, md, csv"),
        (("--lab4-report", ","), "--lab4-report is empty; write at least one of html, pdf, docx, md, csv"),
        (("--lab4-batch-sizes", "1,x"), "--lab4-batch-sizes: 'x' is not a whole number of at least 1"),
        (("--lab4-batch-sizes", "0"), "--lab4-batch-sizes: '0' is not a whole number of at least 1"),
        (("--lab4-seed", "-1"), "--lab4-seed: '-1' is not a whole number of at least 0"),
        (("--lab4-batch-sizes", "99999999999"), "--lab4-batch-sizes: '99999999999' is too large; the most is 10000"),
        (("--lab4-formats", "keras_predict"), "give --lab4-formats keras --lab4-runtimes predict"),
        (
            ("--lab4-formats", "keras", "--lab4-runtimes", "onnxruntime"),
            "--lab4-runtimes: no chosen format (keras) runs in onnxruntime; choose others with --lab4-formats",
        ),
        (("--lab4-models", ""), "--lab4-models is empty; write at least one of cnn, fcnn"),
        (("--lab4-dataset", "imagenet"), "--lab4-dataset: unknown dataset 'imagenet'; valid: mnist_10k, mnist"),
        (("--lab4-gate", ""), "--lab4-gate is empty; name a run file or a folder of them"),
        (("--lab4-gate", "run.json", "-m", "nothing"), "--lab4-gate: no cell is selected"),
        (("--lab4-dataset", "none.npz"), "--lab4-dataset: there is no file"),
        (
            ("--lab4-output", "~no-such-user/results"),
            "--lab4-output is '~no-such-user/results', whose home folder",
        ),
        (("--lab4-cache", "~no-such-user/cache"), "--lab4-cache is '~no-such-user/cache', whose home folder"),
        (
            ("--lab4-gate", "~no-such-user/run.json"),
            "--lab4-gate is '~no-such-user/run.json', whose home folder",
        ),
        (
            ("--lab4-dataset", "~no-such-user/x.npz"),
            "--lab4-dataset is '~no-such-user/x.npz', whose home folder",
        ),
        (("--lab4-output", "pyproject.toml/results"), "pyproject.toml/results cannot take the results"),
        (("--lab4-output", "pyproject.toml"), "pyproject.toml cannot take the results (it is a file); choose another"),
    ],
)
def test_it_is_refused(suite, arguments, sentence):
    answer = suite(*arguments, "-k", "fcnn-cpu-keras")
    assert answer.returncode == 4, answer.stdout
    said = answer.stdout + answer.stderr
    assert sentence in said
    assert "Traceback" not in said


@pytest.mark.parametrize("given", ["-1", "0.5", "much"])
def test_bad_patience_is_refused(suite, given):
    answer = suite("--collect-only", "--lab4-models", "fcnn", LAB4_PATIENCE=given)
    assert answer.returncode == 4
    assert f"LAB4_PATIENCE: '{given}' is not a whole number of at least 0" in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("modles = ['cnn']", "unknown key in [tool.lab4]: 'modles'; valid: models, "),
        ("models = 3", "[tool.lab4] models is 3; write a list"),
        ("models = []", "[tool.lab4] models is empty; write at least one of cnn, fcnn"),
        ("output = 3", "[tool.lab4] output is 3; write a text in quotes"),
        ("rebuild = 'yes'", "[tool.lab4] rebuild is 'yes'; write true or false"),
        ("profile = 'fast'", "[tool.lab4] profile: unknown profile 'fast'; valid: quick"),
        ("batch-sizes = [true]", "[tool.lab4] batch-sizes: True is not a whole number"),
        ("report = ['odt']", "[tool.lab4] report: unknown report 'odt'; valid: html, pdf, docx, md, csv"),
        ("models = [", "pyproject.toml: Invalid value"),
    ],
)
def test_a_bad_table_is_refused(pytester, table, sentence):
    pytester.makepyprojecttoml(f"[tool.lab4]\n{table}\n")
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert result.ret == 4
    assert sentence in result.stderr.str() + result.stdout.str()
    assert "Traceback" not in result.stderr.str()


CELL = """
import pytest

@pytest.mark.training
def test_mine(lab4_cell):
    pass
"""


def test_the_table_sets_what_the_command_line_does_not(pytester):
    pytester.makepyprojecttoml("[tool.lab4]\nmodels = ['fcnn']\ndevices = ['cpu']\n")
    pytester.makepyfile(CELL)
    result = pytester.runpytest_subprocess("--collect-only", "-q")
    result.stdout.fnmatch_lines(["*::test_mine[[]fcnn-cpu-b128-keras]"])
    result = pytester.runpytest_subprocess("--collect-only", "-q", "--lab4-models", "cnn")
    result.stdout.fnmatch_lines(["*::test_mine[[]cnn-cpu-b128-keras]"])


def test_a_test_of_cells_without_a_kind_is_refused(pytester):
    pytester.makepyfile("def test_mine(lab4_cell): pass")
    result = pytester.runpytest_subprocess()
    assert result.ret != 0
    assert "mark it with one of @pytest.mark.train" in result.stdout.str()


def test_the_plugin_is_inert_where_it_is_not_used(pytester):
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert "lab4" not in result.stdout.str().replace("lab4-0", "")
    assert not (pytester.path / "lab4-results").exists()


@pytest.mark.parametrize(
    "table",
    ['[tool]\nlab4.models = ["rnn"]\n', '[ tool.lab4 ]\nmodels = ["rnn"]\n', '[tool]\nlab4 = {models = ["rnn"]}\n'],
)
def test_a_table_counts_however_toml_lets_it_be_written(pytester, table):
    pytester.makepyprojecttoml(table)
    pytester.makepyfile("def test_nothing(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert result.ret == 4
    assert "[tool.lab4] models: unknown model 'rnn'" in result.stderr.str() + result.stdout.str()


def test_an_error_of_the_command_line_is_not_hidden_by_a_demand_of_ours(pytester):
    answer = pytester.runpytest_subprocess("no_such_folder", "--lab4-gate=run.json")
    assert answer.ret == 4
    assert "file or directory not found: no_such_folder" in answer.stderr.str() + answer.stdout.str()
    assert "no cell is selected" not in answer.stderr.str()


def test_a_folder_in_an_option_does_not_choose_the_project(pytester, tmp_path):
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\n[tool.lab4]\nseed = 3\n")
    pytester.makepyfile(test_mine="def test_nothing(): pass")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    answer = pytester.runpytest_subprocess("--lab4-output", tmp_path)
    assert answer.ret == 4
    assert "write --lab4-output=... with an equals sign" in answer.stderr.str()
    assert pytester.runpytest_subprocess("test_mine.py", "--lab4-output", tmp_path).ret == 0
    assert pytester.runpytest_subprocess(f"--lab4-output={tmp_path}").ret == 0


@pytest.mark.parametrize("option", ["--lab4-dim=time=200", "--lab4-input=x=const:1"])
def test_options_on_inputs_that_tests_have_of_their_own_are_refused(pytester, option):
    (pytester.path / "net.tflite").write_bytes(b"")
    pytester.makepyprojecttoml('[tool.lab4.models.net]\npath = "net.onnx"\n')
    pytester.makepyfile(
        test_mine="import lab4\n@lab4.from_model('own.py:build').parametrize()\ndef test_it(cell): cell.measure()\n",
        own="def build(): ...\n",
    )
    answer = pytester.runpytest_subprocess(option, "test_mine.py")
    assert answer.ret != 0
    assert "is for models that --lab4-model or --lab4-models names" in answer.stdout.str() + answer.stderr.str()
