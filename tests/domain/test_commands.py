"""The command that an error names measures the cells that are lacking."""

import shlex
import sys
from pathlib import Path

import pytest
from lab4_gate_runs import CELLS

from lab4.domain.commands import measuring
from lab4.launch import LaunchSide, collected

TUNED = ["latency/cnn-cpu-b1-onnx", "latency/cnn-cpu-b1-onnx+graph.off", "latency/cnn-cpu-b1-tflite_int8+xnnpack.off"]


@pytest.mark.parametrize(
    "cells", [CELLS, CELLS[:1], ["examine/cnn-cpu-tflite_int8", "train/fcnn-cpu-b64-keras"], TUNED]
)
def test_the_command_of_the_message_measures_these_cells(pytestconfig, cells):
    here = LaunchSide("here", Path(sys.executable), pytestconfig.rootpath)
    words = shlex.split(measuring(cells, "quick"))
    assert words[0] == "pytest"
    assert set(cells) <= set(collected(here, words[1:]))


def test_tests_of_plain_pytest_benchmark_are_measured_by_it():
    assert measuring(["test_plain.py::test_sum"], "") == "pytest --benchmark-autosave"
