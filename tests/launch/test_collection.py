import sys
from pathlib import Path

import pytest

from lab4.domain.errors import Lab4Error
from lab4.launch import LaunchSide, collected

FEW = (
    "--lab4-models",
    "fcnn",
    "--lab4-formats",
    "keras,tflite_int8",
    "--lab4-devices",
    "cpu",
    "--lab4-batch-sizes",
    "1",
)


@pytest.fixture
def here(pytestconfig):
    return LaunchSide("here", Path(sys.executable), pytestconfig.rootpath)


def test_the_cells_that_would_be_measured_are_known_before(here):
    assert collected(here, ["benchmarks", "-m", "quantization", *FEW]) == [
        "examine/fcnn-cpu-keras",
        "examine/fcnn-cpu-tflite_int8",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-k", "nothing"), r"here has no cell to measure \(pytest ended with 5\)"),
        (("--lab4-models", "rnn"), r"pytest ended with 4\): .*unknown model 'rnn'"),
    ],
)
def test_where_there_is_none_it_says_what_pytest_said(here, arguments, message):
    with pytest.raises(Lab4Error, match=message):
        collected(here, ["benchmarks", *arguments])
