"""Options and keys for data of the user's, and metrics that are functions."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, save

from lab4.bench.resources import RESOURCES
from lab4.plugin.settings import settings_of

METRIC = "def late(outputs, labels):\n    return 0.0\n"


@pytest.fixture
def net(pytester):
    """A small net in the folder, with data for it."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 3]) for name in ("x", "p")]
    nodes = [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Softmax", ["m"], ["p"])]
    weights = numpy_helper.from_array(np.eye(3, dtype=np.float32), "w")
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], [weights])
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "net.onnx")
    np.savez("d.npz", x=np.eye(3, dtype=np.float32), y=np.arange(3))
    pytester.makepyfile(own=METRIC)
    return pytester.path / "net.onnx"


def settings(pytester, *arguments):
    return settings_of(pytester.parseconfigure(*arguments))


def test_the_option_gives_data_to_the_models(pytester, net):
    found = settings(pytester, f"--lab4-model={net}", "--lab4-dataset=d.npz")
    assert found.order.sources["net"].dataset == str(pytester.path / "d.npz")
    assert found.order.source_metrics == ()
    assert found.order.metrics == ("accuracy",)


def test_the_table_gives_each_model_its_own(pytester, net):
    assert net.exists()
    (pytester.path / "images").mkdir()
    pytester.makepyprojecttoml(
        '[tool.lab4.models]\na = {path = "net.onnx", dataset = "own.py:load"}\n'
        'b = {path = "net.onnx", dataset = "images"}\nc = {path = "net.onnx"}\n'
    )
    sources = settings(pytester, "--lab4-models=a,b,c", "--lab4-dataset=mnist_10k").order.sources
    assert [each.dataset for each in sources.values()] == ["own.py:load", str(pytester.path / "images"), "mnist_10k"]


def test_a_metric_may_be_a_function(pytester, net):
    found = settings(pytester, f"--lab4-model={net}", "--lab4-metrics=top5,own.py:late")
    assert found.order.source_metrics == ("top5", "own.py:late")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lab4-model=net.onnx", "--lab4-dataset=nope"), "--lab4-dataset: unknown dataset 'nope'; valid: mnist_10k"),
        (("--lab4-model=net.onnx", "--lab4-dataset=no.npz"), "--lab4-dataset: there is no file"),
        (
            ("--lab4-model=net.onnx", "--lab4-metrics=own.py:late,a.py:late"),
            "--lab4-metrics: two metrics have one name",
        ),
        (("--lab4-dataset=own.py:load",), "a folder or a function is data of a model of yours; name one with"),
    ],
)
def test_data_that_are_not_there_are_refused(pytester, net, arguments, sentence):
    assert net.exists()
    with pytest.raises(pytest.UsageError) as refused:
        settings(pytester, *arguments)
    assert sentence in str(refused.value)


def test_a_key_that_names_no_data_is_refused(pytester, net):
    assert net.exists()
    pytester.makepyprojecttoml('[tool.lab4.models]\na = {path = "net.onnx", dataset = "net.onnx"}\n')
    with pytest.raises(pytest.UsageError, match=r"\[tool.lab4.models.a\] dataset: that is no .npz file; give an .npz"):
        settings(pytester, "--lab4-models=a")


def test_a_run_of_a_model_on_data_with_a_function_as_metric(pytester, net):
    result = pytester.runpytest_subprocess(
        f"--lab4-model={net}",
        "--lab4-dataset=d.npz",
        "--lab4-metrics=accuracy,top5,own.py:late",
        "--lab4-formats=onnx",
        "--lab4-profile=quick",
        "-k",
        "examine",
        "-p",
        "no:cacheprovider",
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*late*", "*any label is among the first 5 of 3 classes*"])
    assert "d.npz" in (pytester.path / "lab4-results" / "run.json").read_text()


def test_bad_data_cost_the_cells_of_their_model_only(pytester, net):
    np.savez("bad.npz", other=np.zeros(3))
    pytester.makepyprojecttoml(
        '[tool.lab4.models]\na = {path = "net.onnx", dataset = "bad.npz"}\nb = {path = "net.onnx", dataset = "d.npz"}\n'
    )
    assert net.exists()
    result = pytester.runpytest_subprocess(
        "--lab4-models=a,b",
        "--lab4-formats=onnx",
        "--lab4-profile=quick",
        "-k",
        "examine",
        "-p",
        "no:cacheprovider",
    )
    result.assert_outcomes(passed=1, errors=1)
    assert "it has the arrays other, and none for the input x" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize(
    ("arguments", "resources"),
    [
        ((), ("peaks", "work")),
        (("-m", "inference"), tuple(RESOURCES)),
        (("-k", "onnx"), tuple(RESOURCES)),
        (("--lab4-formats", "onnx"), tuple(RESOURCES)),
        (("--lab4-all",), tuple(RESOURCES)),
        (("-m", "inference", "--lab4-resources", "memory"), ("memory",)),
        (("--lab4-resources", "memory"), ("memory",)),
    ],
)
def test_the_quick_profile_measures_all_resources_of_cells_that_are_selected(pytester, arguments, resources):
    """A gate selects cells: it judges their memory as ever."""
    settings = settings_of(pytester.parseconfigure("--lab4-profile", "quick", *arguments))
    assert settings.order.resources == resources
