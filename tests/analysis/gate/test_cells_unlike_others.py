"""A cell that varies twelve times as much between runs as what is known of its runtime."""

from dataclasses import replace
from math import exp
from random import Random

from lab4_gate_runs import CELLS, lucky, timed

from lab4.analysis.gate.verdict import VerdictOutcome

WILD = CELLS[5]
CHANGED = {VerdictOutcome.WORSE, VerdictOutcome.BETTER}


def wild(random, runs):
    for run in runs:
        found = run.cells[WILD]
        values = {**found.values, "latency": found.values["latency"] * exp(random.gauss(0, 0.06))}
        yield replace(run, cells={**run.cells, WILD: replace(found, values=values)})


def test_its_own_runs_count_and_not_what_is_known_of_others():
    """Of interleaved runs, by what is known of others alone, every fourth such comparison was a false alarm."""
    alarms = 0
    for seed in range(60):
        random = Random(seed)
        found = timed(*([*wild(random, lucky(random, 5, 0.005))] for _ in range(2)), paired=True)
        alarms += any(each.figure == "latency" and each.outcome in CHANGED for each in found)
    assert alarms <= 6
