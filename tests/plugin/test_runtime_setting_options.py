"""``--lab4-settings`` and ``--lab4-tune``: which cells they give, and how a mistake in them is answered."""

import pytest

from lab4.domain.errors import Lab4Error
from lab4.plugin.runtime_settings import setting_values

BOTH = ("onnxruntime", "litert", "tensorflow")
CHOSEN = ("-m", "latency", "--lab4-models", "fcnn", "--lab4-devices", "cpu", "--lab4-techniques", "finetuned")
FORMATS = ("--lab4-formats", "onnx,tflite_float32", "--lab4-batch-sizes", "1")


def test_values_are_of_the_runtime_that_is_named_or_of_all_that_have_the_setting():
    written = ["onnxruntime:graph=basic,all,spinning=off", "xnnpack=default,off"]
    assert setting_values(written, BOTH) == {
        "onnxruntime": {"graph": ("basic", "all"), "spinning": ("off",)},
        "litert": {"xnnpack": ("on", "off")},
    }
    assert setting_values([], BOTH) == {}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("graph", "--lab4-settings: 'graph': write [RUNTIME:]NAME=VALUE,..., such as onnxruntime:graph=basic,all"),
        ("graph=", "write [RUNTIME:]NAME=VALUE,..., such as"),
        (":graph=basic", "write [RUNTIME:]NAME=VALUE,..., such as"),
        ("", "write [RUNTIME:]NAME=VALUE,..., such as"),
        (
            "onnxrun:graph=basic",
            "unknown runtime 'onnxrun'; valid: onnxruntime, litert, tensorflow; did you mean 'onnxruntime'?",
        ),
        ("predict:graph=basic", "nothing that was chosen is timed in predict, only in onnxruntime, litert, tensorflow"),
        (
            "onnxruntime:grpah=basic",
            "unknown setting of ONNX Runtime 'grpah'; valid: graph, arena, spinning; did you mean 'graph'?",
        ),
        (
            "spining=off",
            "no runtime that is timed has the setting 'spining': onnxruntime has graph, arena, spinning; litert has",
        ),
        ("spining=off", "xnnpack; tensorflow has none; did you mean 'spinning'?"),
        (
            "graph=basic,extend",
            "unknown value of onnxruntime:graph 'extend'; valid: all, extended, basic, off; did you mean 'extended'?",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_what_is_known(written, sentence):
    with pytest.raises(Lab4Error) as raised:
        setting_values([written], BOTH)
    assert sentence in str(raised.value)


def test_each_combination_has_a_cell_and_a_mark(selected):
    found = selected(*CHOSEN, *FORMATS, "--lab4-settings", "onnxruntime:graph=all,basic,arena=on,off")
    assert found == [
        *("fcnn-cpu-b1-onnx", "fcnn-cpu-b1-onnx+arena.off"),
        *("fcnn-cpu-b1-onnx+graph.basic", "fcnn-cpu-b1-onnx+arena.off+graph.basic"),
        "fcnn-cpu-b1-tflite_float32",
    ]
    basic = ("-m", "cell(settings='graph.basic')")
    given = ("--lab4-settings", "graph=all,basic")
    assert selected(*CHOSEN, *FORMATS, *given, *basic) == ["fcnn-cpu-b1-onnx+graph.basic"]
    assert selected(*CHOSEN, *FORMATS, *given, "-k", "onnx+graph.basic") == ["fcnn-cpu-b1-onnx+graph.basic"]


def test_tuning_collects_nothing_but_calls(selected):
    found = selected(*CHOSEN[2:6], *FORMATS, "--lab4-tune", "--lab4-threads", "2", "--lab4-settings", "arena=off")
    assert found == [
        *("fcnn-cpu-b1-onnx", "fcnn-cpu-b1-onnx+arena.off"),
        *("fcnn-cpu-b1-tflite_float32", "fcnn-cpu-b1-tflite_float32+xnnpack.off"),
        *("fcnn-cpu-b1-t2-onnx", "fcnn-cpu-b1-t2-onnx+arena.off"),
        *("fcnn-cpu-b1-t2-tflite_float32", "fcnn-cpu-b1-t2-tflite_float32+xnnpack.off"),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lab4-settings", "graph=none"), "--lab4-settings: unknown value of onnxruntime:graph 'none'"),
        (
            ("--lab4-tune", "--lab4-threads", "1", "--lab4-formats", "saved_model"),
            "--lab4-tune: there is nothing to choose from: one thread, and no other setting of tensorflow",
        ),
    ],
)
def test_it_is_refused_before_anything_is_measured(suite, arguments, sentence):
    answer = suite(*arguments)
    assert answer.returncode == 4, answer.stdout
    assert sentence in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


def test_settings_in_the_projects_table_are_a_list_of_texts(pytester):
    pytester.makepyprojecttoml('[tool.lab4]\nsettings = "graph=basic"\n')
    answer = pytester.runpytest_subprocess()
    assert answer.ret == 4
    assert "[tool.lab4] settings is 'graph=basic'; write a list of texts" in answer.stdout.str() + answer.stderr.str()
