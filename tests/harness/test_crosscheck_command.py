"""Bad input is refused in one sentence, before anything is measured."""

import re
import subprocess
import sys

import pytest

from benchmarks.harness.crosscheck.__main__ import main
from benchmarks.harness.crosscheck.measurement import inspected
from lab4.cache import Cache, content_key
from lab4.frameworks import onnx


def onnx_model(inputs, elem_type=1, path=None):
    """Write a model that gives its first input back; ``inputs`` are their shapes."""
    make = onnx().helper
    sources = [make.make_tensor_value_info(f"in{number}", elem_type, shape) for number, shape in enumerate(inputs)]
    target = make.make_tensor_value_info("out", elem_type, inputs[0])
    graph = make.make_graph([make.make_node("Identity", ["in0"], ["out"])], "echo", sources, [target])
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 15)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def refusal(capsys, *arguments):
    """The one line that the command refuses these arguments with."""
    assert main([*map(str, arguments)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("crosscheck: error: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_a_file_that_is_not_there_is_refused(capsys, tmp_path):
    assert "there is no file" in refusal(capsys, tmp_path / "model.onnx")


def test_a_file_of_another_kind_is_refused(capsys, tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(b"HDF")
    assert "neither .tflite nor .onnx" in refusal(capsys, path)


@pytest.mark.parametrize("suffix", [".tflite", ".onnx"])
@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256)) * 40], ids=["empty", "text", "bytes"])
def test_a_file_that_is_no_model_is_refused(capsys, tmp_path, suffix, content):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(content)
    assert re.search("is no (TFLite|ONNX) model", refusal(capsys, path))


def test_a_truncated_model_is_refused(capsys, tmp_path):
    path = onnx_model([[1, 4]], path=tmp_path / "model.onnx")
    path.write_bytes(path.read_bytes()[:-20])
    assert "only a part of one" in refusal(capsys, path)


def test_several_inputs_of_any_type_and_rank_are_read(tmp_path):
    path = onnx_model([["n", 4], [1, 2, 3, 4, 5]], elem_type=7, path=tmp_path / "model.onnx")
    found = inspected(path, 3, {"in1": "below:9"}).inputs()
    assert [(name, array.shape, array.dtype.name) for name, array in found.items()] == [
        ("in0", (3, 4), "int64"),
        ("in1", (1, 2, 3, 4, 5), "int64"),
    ]


def test_a_dimension_of_any_size_is_asked_for(capsys, tmp_path):
    path = onnx_model([[1, "time"]], path=tmp_path / "model.onnx")
    assert "time=SIZE" in refusal(capsys, path)
    assert inspected(path, None, {}, {"time": 7}).inputs()["in0"].shape == (1, 7)


@pytest.mark.parametrize("option", ["--input", "--dim"])
@pytest.mark.parametrize("pair", ["time", "=7", "time="])
def test_what_is_no_pair_is_refused(capsys, option, pair):
    assert main([option, pair]) == 2
    assert "is not NAME=VALUE" in capsys.readouterr().err


def test_another_batch_size_than_the_files_is_refused(capsys, tmp_path):
    path = onnx_model([[8, 4]], path=tmp_path / "model.onnx")
    assert "give --batch-size 8" in refusal(capsys, path, "--batch-size", 7)
    assert inspected(path, None).inputs()["in0"].shape == (8, 4)


def test_a_bad_file_among_good_ones_is_refused_before_anything_is_measured(capsys, tmp_path):
    good = onnx_model([["n", 4]], path=tmp_path / "good.onnx")
    assert "bad.onnx" in refusal(capsys, good, tmp_path / "bad.onnx")


def test_an_empty_cache_is_refused_with_the_command_that_fills_it(capsys, tmp_path):
    assert "pytest benchmarks -m inference" in refusal(capsys, "--cache", tmp_path)


def test_a_cache_that_is_not_there_is_refused(capsys, tmp_path):
    assert "there is no folder" in refusal(capsys, "--cache", tmp_path / "none")


def test_without_files_the_cache_is_read(capsys, tmp_path):
    Cache(tmp_path).get_or_build(
        content_key({"of": "this test"}), "artifact", "cnn onnx", lambda into: (into / "model.onnx").touch()
    )
    assert "model.onnx" in refusal(capsys, "--cache", tmp_path)


@pytest.mark.parametrize(
    "options",
    [("--rounds", "0"), ("--threads", "-1"), ("--batch-size", "x"), ("--seconds", "nan"), ("--seconds", "inf")],
)
def test_a_number_that_is_not_positive_is_refused(capsys, options):
    assert main([*options]) == 2
    assert "is not a positive number" in capsys.readouterr().err


def test_a_round_must_be_shorter_than_the_time_limit(capsys):
    assert main(["--seconds", "11"]) == 2
    assert "'11' is more than 10" in capsys.readouterr().err


def test_it_runs_as_a_module(pytestconfig):
    command = [sys.executable, "-m", "benchmarks.harness.crosscheck", "none.onnx"]
    ended = subprocess.run(command, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "crosscheck: error: there is no file none.onnx; name a .tflite or .onnx file\n"
