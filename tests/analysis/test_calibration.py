"""Spreads estimated from repeated runs of unchanged code."""

import json
from dataclasses import replace
from math import exp
from random import Random

import pytest
from lab4_gate_runs import CELLS, cell, lucky

from lab4.analysis.calibration import Hour, spreads_document
from lab4.analysis.gate.timed import comparison_of
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import known_by, spreads_of

NOISE = 0.02


def known(*hours):
    return spreads_of(json.dumps(spreads_document(hours)), "spreads.json")


def test_a_file_says_how_much_the_runs_varied():
    found = known(Hour("one", lucky(Random(1), 40, NOISE)))
    for kind in ("own", "relative"):
        # Nine of ten cells vary less.
        assert 0.9 * NOISE < found.deviation("latency", "", "litert", kind) < 2 * NOISE
    assert found.deviation("latency", "", "litert", "group") < NOISE


def test_of_interleaved_runs_it_is_what_the_pairs_do_not_have_in_common():
    random = Random(2)
    before, after = lucky(random, 40, NOISE), lucky(random, 40, NOISE, first=40)
    assert NOISE / 2 < known(Hour("one", before, after)).deviation("latency", "", "litert", "paired") < 2 * NOISE


def test_long_calls_are_known_apart():
    random, slow = Random(5), [key for key in CELLS if key.endswith("b32-onnx")]
    runs = lucky(random, 40, 0.004)
    for number, run in enumerate(runs):
        cells = {key: cell(5e-3 * exp(random.gauss(0, 0.05))) for key in slow}
        runs[number] = replace(run, cells={**run.cells, **cells})
    found = known(Hour("one", runs))
    short, long = (found.deviation("latency", "", known_by("onnxruntime", each), "own") for each in (1e-4, 5e-3))
    assert short < 0.01
    assert long > 0.03
    compared = comparison_of(runs[:1], runs[1:2], Policy(spreads=found))
    assert {compared.known_by[key] for key in slow} == {known_by("onnxruntime", 5e-3)}
    assert compared.known_by["latency/cnn-cpu-b1-onnx"] == "onnxruntime"


def test_several_hours_are_named_and_count_together():
    calm, noisy = Hour("calm", lucky(Random(3), 20, NOISE)), Hour("noisy", lucky(Random(4), 20, 5 * NOISE))
    document = spreads_document([calm, noisy])
    assert [each["hour"] for each in document["runs"]] == ["calm", "noisy"]
    of_both = known(calm, noisy).deviation("latency", "", "litert", "own")
    assert known(calm).deviation("latency", "", "litert", "own") < of_both


def test_a_figure_that_one_run_alone_has_says_nothing():
    runs = lucky(Random(1), 10, NOISE)
    key = next(iter(runs[0].cells))
    only = replace(runs[0].cells[key], values={**runs[0].cells[key].values, "memory": 1e6})
    runs[0] = replace(runs[0], cells={**runs[0].cells, key: only})
    assert "memory" not in spreads_document([Hour("one", runs)])["deviations"]


def test_runs_of_any_profile_are_for_all_that_are_not_there():
    found = known(Hour("one", lucky(Random(1), 40, NOISE)))
    usual = found.deviation("latency", "another", "litert", "own")
    assert usual == pytest.approx(found.deviation("latency", "", "litert", "own"))


@pytest.mark.parametrize(("runs", "freedom"), [(3, 4.0), (5, 8.0), (7, 12.0), (40, 12.0)])
def test_of_few_runs_less_is_known(runs, freedom):
    assert spreads_document([Hour("one", lucky(Random(6), runs, NOISE))])["freedom"] == freedom
