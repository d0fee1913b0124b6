import copy
import json

import pytest
from hypothesis import given
from lab4_examples import latency
from lab4_strategies import measurements, rounds

from lab4.domain.cell import Cell
from lab4.domain.errors import RecordError
from lab4.domain.observed import Agreement, Loading, Score, Series, Size, Sparsity, Training
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable
from lab4.history.packing import SampleLimit, pack_times
from lab4.history.plain import from_plain, round_of, round_to_plain, to_plain

CELL = Cell("latency", "cnn", ("pruned80",), "cpu", 32, "tflite_int8")
LATENCY = latency((1e-6, 2e-6), threads=None)


@given(measurements)
def test_a_measurement_comes_back_from_json_as_it_was(measurement):
    assert from_plain(json.loads(json.dumps(to_plain(measurement), allow_nan=False))) == measurement


@given(measurements)
def test_a_record_holds_nothing_but_plain_python(measurement):
    def kinds(value):
        if isinstance(value, dict):
            return {type(value)}.union(*map(kinds, value), *map(kinds, value.values()))
        return {type(value)}.union(*map(kinds, value)) if isinstance(value, list) else {type(value)}

    assert kinds(to_plain(measurement)) <= {dict, list, str, int, float, bool, type(None)}


def test_numbers_of_other_libraries_become_plain():
    class Float64(float):
        """A float in all but type, as NumPy's is."""

    plain = to_plain(Measurement(CELL, Measured(loading=Loading((Float64(0.25),)))))
    assert type(plain["outcome"]["loading"]["samples_s"][0]) is float


def test_a_record_has_the_documented_shape():
    assert to_plain(Measurement(CELL, Measured(latency=LATENCY, size=Size(2, 1)))) == {
        "schema_version": 3,
        "cell": {
            "kind": "latency",
            "id": "cnn.pruned80-cpu-b32-tflite_int8",
            "model": "cnn",
            "techniques": ["pruned80"],
            "device": "cpu",
            "batch_size": 32,
            "format": "tflite_int8",
            "threads": 1,
            "runtime": "",
            "settings": [],
        },
        "outcome": {
            "kind": "measured",
            "latency": {
                "calls": {
                    "samples": {"encoding": "base64(zlib(uint64le ns))", "count": 2, "data": pack_times((1e-6, 2e-6))},
                    "round_sizes": [2],
                    "iterations": 1,
                    "clock": "one call",
                },
                "compute_only": None,
                "probe_s": [3e-5],
                "load_s": 0.01,
                "first_call_s": 0.5,
                "warmup": {"calls": 3, "seconds": 0.1, "steady": True},
                "threads": None,
                "ended": "budget",
                "target": 0.02,
                "cores": None,
                "loads": 1,
                "system_activity": None,
                "uncontended": None,
                "compute_only_uncontended": None,
            },
            "size": {"disk_bytes": 2, "gzip_bytes": 1, "brotli_bytes": None},
        },
    }


@pytest.mark.parametrize(
    "measured",
    [
        Measured(latency=latency((float("nan"),))),
        Measured(latency=latency(first_call_s=float("inf"))),
        Measured(latency=latency(())),
        Measured(latency=latency(first_call_s=-0.5)),
        Measured(training=Training((float("nan"),), 0.1, 1, 1, 1, "")),
        Measured(training=Training((), 0.1, 1, 1, 1, "")),
        Measured(size=Size(-1, 1)),
        Measured(agreement=Agreement(float("nan"), 1, 2)),
        Measured(loading=Loading(())),
        Measured(metrics={"f1": Score(float("nan"))}),
        Measured(verified={"weights": float("inf")}),
    ],
    ids=repr,
)
def test_values_that_no_record_may_hold_are_refused_when_written(measured):
    with pytest.raises(RecordError, match=r"latency/cnn.pruned80-cpu-b32-tflite_int8 cannot be recorded: "):
        to_plain(Measurement(CELL, measured))


@pytest.mark.parametrize(
    "make",
    [
        lambda: latency(uncontended=(True,)),
        lambda: Sparsity(3, 2),
        lambda: Agreement(0.1, 3, 2),
        lambda: Series((1e-6,), (2,), 1, "one call"),
    ],
)
def test_counts_that_disagree_are_refused_as_they_are_made(make):
    with pytest.raises(ValueError, match=r"of 3|among 2|of 2|but there are 1"):
        make()


def test_a_reason_with_a_character_that_no_file_can_hold_is_kept_escaped():
    plain = to_plain(Measurement(CELL, Failed("no file caf\udce9.h5")))
    assert from_plain(plain).outcome == Failed("no file caf\\xe9.h5")


def damaged(*path, value):
    plain = copy.deepcopy(to_plain(Measurement(CELL, Measured(latency=LATENCY, sparsity=Sparsity(1, 2)))))
    place = plain
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return plain


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("cell", "id"), "cnn-cpu-b32-tflite_int8", "contradicts"),
        (("cell", "techniques"), [], "contradicts"),
        (("cell", "kind"), "cooking", "unknown kind of cell 'cooking'"),
        (("cell", "batch_size"), True, "valid integer"),
        (("cell", "batch_size"), 0, "greater than or equal to 1"),
        (("cell", "colour"), "red", "cell.colour"),
        (("outcome", "kind"), "guessed", "outcome"),
        (
            ("outcome", "latency", "calls", "samples", "count"),
            3,
            "latency.calls.samples: samples are damaged (not the 3 values that",
        ),
        (("outcome", "latency", "calls", "samples", "count"), -1, "outcome.measured.latency.calls.samples.count"),
        (("outcome", "latency", "calls", "samples", "data"), "eNrrZYACJigN", "damaged"),
        (("outcome", "latency", "calls", "samples", "data"), "é", "damaged"),
        (("outcome", "latency", "calls", "samples", "encoding"), "csv", "encoding"),
        (("outcome", "latency", "first_call_s"), float("nan"), "finite"),
        (("outcome", "latency", "first_call_s"), "0.5", "valid number"),
        (
            ("outcome", "latency", "uncontended"),
            {"encoding": "base64(bits msb first)", "count": 1, "data": "gA=="},
            "1 samples are flagged, of 2",
        ),
        (("outcome", "sparsity", "zeros"), 3, "3 zeros among 2 weights"),
        (("outcome", "speed"), 3, "outcome.measured.speed"),
        (("schema_version",), "1", "no valid schema_version"),
        (("schema_version",), True, "no valid schema_version"),
        (("schema_version",), 10**400, "no valid schema_version"),
        (("schema_version",), 0, "no valid schema_version"),
    ],
)
def test_a_damaged_record_is_refused_with_the_field_at_fault(path, value, fault):
    with pytest.raises(RecordError) as caught:
        from_plain(damaged(*path, value=value))
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", [4, 999_999])
def test_a_newer_record_says_which_version_and_what_to_do(version):
    plain = {"schema_version": version, "something": "that version 1 does not know"}
    with pytest.raises(RecordError, match=r"schema version .* reads up to 3; upgrade lab4"):
        from_plain(plain)


@pytest.mark.parametrize("plain", [None, [], "text", {}, 3])
def test_what_is_no_record_at_all_is_refused(plain):
    with pytest.raises(RecordError):
        from_plain(plain)


def test_unavailable_and_failed_stay_apart():
    for outcome in (Unavailable("no GPU"), Failed("no GPU")):
        assert from_plain(to_plain(Measurement(CELL, outcome))).outcome == outcome


@given(rounds)
def test_bursts_of_an_earlier_session_have_lost_nothing(found):
    plain = json.loads(json.dumps(round_to_plain(found)))
    for window in plain["windows"].values():
        window["bursts"] = [[samples, probes] for samples, probes, _ in window["bursts"]]
    for before, after in zip(found.windows.values(), round_of(plain, SampleLimit()).windows.values(), strict=True):
        assert list(after.bursts) == [each._replace(lost=0.0) for each in before.bursts]
