"""Records of schema 1, as they were written."""

from pathlib import Path

import pytest
from lab4_examples import RUN, latency
from lab4_strategies import document_of

from lab4.domain.cell import Cell
from lab4.domain.errors import RecordError
from lab4.domain.observed import Size, WarmUp
from lab4.domain.outcome import Measured, Measurement, Unavailable
from lab4.history.earlier import upgraded
from lab4.history.packing import pack_times
from lab4.history.plain import from_plain, to_plain
from lab4.history.run_file import read_run, run_of
from lab4.history.run_schema import CATALOGUE

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
    expected = latency(SAMPLES, probe_s=(), load_s=None, warmup=WarmUp(3, None, None), ended="budget", target=None)
    assert from_plain(FIRST) == Measurement(Cell("latency", "cnn", (), "cpu", 1, "onnx"), Measured(latency=expected))


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
    plain = {"schema_version": 3, "cell": CELL}
    assert upgraded(plain) is plain


SECOND = {
    "schema_version": 2,
    "cell": CELL
    | {"part": "pruning", "id": "cnn.pruned80-cpu-keras_predict", "techniques": ["pruned80"]}
    | {"batch_size": None, "format": "keras_predict", "threads": 1},
    "outcome": {"kind": "unavailable", "reason": "no GPU"},
}


def test_a_cell_of_version_2_has_a_kind_and_a_runtime():
    expected = Cell("examine", "cnn", ("pruned80",), "cpu", None, "keras", runtime="predict")
    assert from_plain(SECOND) == Measurement(expected, Unavailable("no GPU"))


def test_labels_of_version_2_become_a_catalogue():
    section = upgraded({"schema_version": 2, "labels": {"cnn": "My net", "mine": "Mine"}, "planned": ["training/x"]})
    catalogue = CATALOGUE.read(section["catalogue"])
    assert catalogue.model("cnn").label == "My net"
    assert catalogue.format("tflite_int8").precision == "int8"
    assert catalogue.model("mine").label == catalogue.format("mine").label == "Mine"
    assert catalogue.format("mine").precision is None
    assert section["planned"] == ["train/x"]


def test_a_real_run_of_version_2_reads():
    run = read_run(Path(__file__).parents[2] / "docs" / "runs" / "nvidia-h100.json")
    assert {each.cell.kind for each in run.measurements} == {"train", "latency"}
    assert all(isinstance(each.outcome, Measured) for each in run.measurements)
    assert run.catalogue.device("gpu").is_host is False


def test_an_artifact_that_was_examined_in_three_parts_is_read_once():
    document = document_of(RUN)
    first = to_plain(Measurement(Cell("examine", "cnn", (), "cpu", None, "onnx"), Measured(size=Size(2, 1))))
    cut = {"kind": "unavailable", "reason": "the run was interrupted before this cell"}
    cells = [CELL | {"part": part, "id": "cnn-cpu-onnx", "batch_size": None} for part in ("quantization", "deployment")]
    document["benchmarks"] = [{"extra_info": {"lab4": first | {"schema_version": 2, "cell": cells[0]}}}]
    document["lab4"] |= {
        "schema_version": 2,
        "labels": {},
        "planned": [f"{cell['part']}/{cell['id']}" for cell in cells],
        "unmeasured": [{"schema_version": 2, "cell": cells[1], "outcome": cut}],
    }
    del document["lab4"]["catalogue"]
    (found,) = run_of(document, "run.json").measurements
    assert found.outcome == Measured(size=Size(2, 1))
