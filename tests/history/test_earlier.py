"""Records of schema 1, as they were written."""

import pytest
from lab4_examples import latency

from lab4.domain.cell import Cell
from lab4.domain.errors import RecordError
from lab4.domain.observed import WarmUp
from lab4.domain.outcome import Measured, Measurement, Unavailable
from lab4.history.earlier import upgraded
from lab4.history.plain import from_plain
from lab4.history.samples import pack_times

CELL = {
    "part": "inference",
    "id": "cnn-cpu-b1-onnx",
    "model": "cnn",
    "techniques": [],
    "device": "cpu",
    "batch_size": 1,
    "format": "onnx",
}
SAMPLES = (1e-6, 2e-6, 3e-6)
FIRST = {
    "schema_version": 1,
    "cell": CELL,
    "outcome": {
        "kind": "measured",
        "latency": {
            "samples": {"encoding": "base64(zlib(uint64le ns))", "count": 3, "data": pack_times(SAMPLES)},
            "first_call_s": 0.5,
            "warmup_calls": 3,
            "clock": "one call",
            "threads": 2,
        },
    },
}


def test_a_latency_of_version_1_is_one_pass_without_what_was_not_observed():
    expected = latency(SAMPLES, reference_s=(), load_s=None, warmup=WarmUp(3, None, None), ended="budget", target=None)
    assert from_plain(FIRST) == Measurement(Cell("inference", "cnn", (), "cpu", 1, "onnx"), Measured(latency=expected))


def test_an_unmeasured_cell_of_version_1_reads_as_it_was():
    plain = {"schema_version": 1, "cell": CELL, "outcome": {"kind": "unavailable", "reason": "no GPU"}}
    assert from_plain(plain).outcome == Unavailable("no GPU")


def test_a_field_too_many_is_refused_as_it_was():
    latency = FIRST["outcome"]["latency"] | {"colour": "red"}
    with pytest.raises(RecordError, match="colour"):
        from_plain(FIRST | {"outcome": FIRST["outcome"] | {"latency": latency}})


@pytest.mark.parametrize("damaged", [None, [], {"schema_version": [1]}, {"schema_version": 1, "outcome": 3}])
def test_what_is_damaged_goes_on_to_be_refused(damaged):
    with pytest.raises(RecordError):
        from_plain(damaged)


def test_the_present_version_stays_as_it_is():
    plain = {"schema_version": 2, "cell": CELL}
    assert upgraded(plain) is plain
