"""How alike cells vary."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.gate.adjustments import column_products, mean_squared_correlation
from lab4.analysis.gate.sides import Sides

CELLS = [f"cell {number}" for number in range(12)]


def runs(random, count, shared):
    """Runs of which the machine's state explains so much of each cell's variance."""
    found = []
    for _ in range(count):
        state = random.gauss(0, shared**0.5)
        found.append({cell: state + random.gauss(0, (1 - shared) ** 0.5) for cell in CELLS})
    return found


@pytest.mark.parametrize(("shared", "least", "most"), [(0.0, 0.0, 0.02), (0.5, 0.15, 0.35), (1.0, 0.999, 1.0)])
@pytest.mark.parametrize("paired", [False, True])
def test_it_is_the_squared_correlation_of_cells(shared, least, most, paired):
    random = Random(1)
    # Of a difference both runs' states are a part, so that the correlation is the same.
    assert least <= mean_squared_correlation(Sides(runs(random, 80, shared), runs(random, 80, shared), paired)) <= most


@given(st.integers(0, 10_000), st.integers(3, 6), st.booleans())
def test_it_is_a_share_and_of_few_runs_as_well(seed, count, paired):
    random = Random(seed)
    assert 0.0 <= mean_squared_correlation(Sides(runs(random, count, 0.3), runs(random, count, 0.3), paired)) <= 1.0


def test_two_pairs_cannot_tell_that_cells_differ():
    random = Random(2)
    assert mean_squared_correlation(Sides(runs(random, 2, 0.0), runs(random, 2, 0.0), paired=True)) == 1.0


@pytest.mark.parametrize(
    "sides",
    [Sides([], []), Sides([{"a": 1.0}] * 3, [{"a": 2.0}] * 2), Sides([{"a": 1.0, "b": 1.0}] * 3, [{"a": 2.0}] * 2)],
    ids=["nothing", "one cell", "nothing varies"],
)
def test_what_does_not_vary_is_like_nothing(sides):
    assert mean_squared_correlation(sides) == 0.0


def test_products_are_of_columns():
    assert column_products([[1.0, 2.0], [3.0, 4.0]]) == [[10.0, 14.0], [14.0, 20.0]]
