"""What a figure is counted in is no change of it."""

from dataclasses import replace
from random import Random

import pytest
from lab4_gate_runs import lucky, timed

from lab4.analysis.gate.verdict import VerdictOutcome


def of_memory(random, runs, usual):
    """The runs with a peak memory of about as many bytes in each cell."""
    return [
        replace(
            run,
            cells={
                key: replace(cell, values={**cell.values, "memory": usual * random.uniform(0.999, 1.001)})
                for key, cell in run.cells.items()
            },
        )
        for run in runs
    ]


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (0.3e6, 0.5e6, VerdictOutcome.SAME),
        (0.3e6, 1.2e6, VerdictOutcome.WORSE),
        (20e6, 20.2e6, VerdictOutcome.SAME),
        (20e6, 30e6, VerdictOutcome.WORSE),
    ],
)
def test_memory_grows_by_more_than_the_steps_in_which_it_is_taken(before, after, outcome):
    random = Random(6)
    sides = of_memory(random, lucky(random, 10, 0.002), before), of_memory(random, lucky(random, 3, 0.002, 10), after)
    assert {each.outcome for each in timed(*sides) if each.figure == "memory"} == {outcome}
