"""Spreads estimated from repeated runs of unchanged code."""

import json
from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import lucky

from lab4.analysis.calibration import Hour, spreads_document
from lab4.analysis.spreads import spreads_of

NOISE = 0.02


def known(*hours):
    return spreads_of(json.dumps(spreads_document(hours)), "spreads.json")


def test_a_file_says_how_much_the_runs_varied():
    found = known(Hour("one", lucky(Random(1), 40, NOISE)))
    for kind in ("own", "relative"):
        # Nine of ten cells vary less.
        assert NOISE < found.deviation("latency", "", "litert", kind) < 2 * NOISE
    assert found.deviation("latency", "", "litert", "group") < NOISE


def test_of_interleaved_runs_it_is_what_the_pairs_do_not_have_in_common():
    random = Random(2)
    before, after = lucky(random, 40, NOISE), lucky(random, 40, NOISE, first=40)
    assert NOISE / 2 < known(Hour("one", before, after)).deviation("latency", "", "litert", "paired") < 2 * NOISE


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
