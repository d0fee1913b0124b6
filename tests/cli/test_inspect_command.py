"""``lab4 inspect`` as a user meets it."""

import json
import subprocess
import sys

import pytest
from lab4_zoo import zoo_file

from lab4.cli import main
from lab4.runtimes import RUNTIMES


def test_a_file_of_12_megabytes_is_described_by_its_contract_operators_and_what_it_reaches(capsys):
    path = str(zoo_file("nudenet/320n.onnx"))
    assert main(["inspect", path, "--dim", "height=320,width=320"]) == 0
    text = capsys.readouterr().out
    for part in (
        "320n.onnx: onnx, 12,150,158 bytes",
        "batch x 3 x height x width ",
        "1,012,627,200, for one call with batch=1, height=320, width=320",
        "Parameters: 3,009,188",
    ):
        assert part in text
    assert [line.split()[2] for line in text.splitlines() if line.startswith("ONNX Runtime  ")] == ["yes"]
    assert max(map(len, text.splitlines())) < 200


def test_json_has_everything(capsys):
    assert main(["inspect", str(zoo_file("silero_vad/data/silero_vad.onnx")), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["size_bytes"] == 2_327_524
    assert [each["name"] for each in found["contract"]["inputs"]] == ["input", "state", "sr"]
    assert found["contract"]["states"] == [{"input": "state", "output": "stateN", "origin": "guessed"}]
    reach = {each["name"]: each["is_reachable"] for each in found["reach"] if each["kind"] == "runtime"}
    assert reach == {name: "onnx" in RUNTIMES[name].traits.containers for name in RUNTIMES}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.onnx"], "there is no file absent.onnx"),
        (["absent.onnx", "--dim", "batch"], "--dim 'batch': write NAME=SIZE"),
        (["absent.onnx", "--dim", "batch=0"], "--dim 'batch=0': write NAME=SIZE"),
    ],
)
def test_bad_input_is_one_sentence(arguments, said, capsys):
    assert main(["inspect", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def test_nothing_is_said_on_standard_error_by_what_it_opens(tmp_path):
    """TensorFlow writes a page as it starts; in a pipe, and without terminals."""
    path = zoo_file("basic_pitch/saved_models/icassp_2022/nmp")
    made = subprocess.run(
        [sys.executable, "-m", "lab4", "inspect", str(path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert "TensorFlow 2.4.1; signature serving_default" in made.stdout
    assert list(tmp_path.iterdir()) == []  # it writes nothing
