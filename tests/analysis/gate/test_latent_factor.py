"""What the cells say together of the machine's state is taken out of each, and nothing else is."""

from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.gate.adjustments import without_latent_factor
from lab4.analysis.gate.sides import Sides

CELLS = [f"cell {number}" for number in range(20)]
#: What the state does to a cell: nothing to half of them.
LOADS = dict(zip(CELLS, [0.0] * 10 + [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4], strict=True))


def runs(random, count, state=0.04, noise=0.003, loads=LOADS):
    found = []
    for _ in range(count):
        at = random.gauss(0, state)
        found.append({cell: loads[cell] * at + random.gauss(0, noise) for cell in CELLS})
    return found


def slower(side, cells, change):
    return [{cell: value + change * (cell in cells) for cell, value in run.items()} for run in side]


@given(st.integers(0, 10_000))
def test_a_cell_that_the_state_moves_varies_by_its_own_noise_only(seed):
    random = Random(seed)
    sides = Sides(runs(random, 8), runs(random, 4))
    less = without_latent_factor(sides)
    assert set(less.means) == set(CELLS)
    for cell in CELLS[10:]:
        assert less.spreads[cell].variance < 0.01**2
        assert less.spreads[cell].freedom == sides.spreads[cell].freedom - 1


@given(st.integers(0, 10_000), st.sampled_from(CELLS))
def test_a_change_of_one_cell_stays_in_it_and_out_of_the_others(seed, changed):
    random = Random(seed)
    baseline, candidate = runs(random, 10), runs(random, 5)
    before = without_latent_factor(Sides(baseline, candidate))
    after = without_latent_factor(Sides(baseline, slower(candidate, {changed}, 0.5)))
    assert after.change(changed) - before.change(changed) == pytest.approx(0.5, abs=0.01)
    for cell in set(CELLS) - {changed}:
        assert after.change(cell) == pytest.approx(before.change(cell), abs=0.01)


def test_chance_is_told_as_often_as_it_says_though_both_sides_met_another_state():
    random, inside, told = Random(1), 0, 0
    for _ in range(60):
        shifted = [{cell: value + 0.05 * LOADS[cell] for cell, value in run.items()} for run in runs(random, 5)]
        less = without_latent_factor(Sides(runs(random, 8), shifted))
        for cell in CELLS[10:]:
            told += 1
            # Student's 97.5% point for ten degrees of freedom.
            inside += abs(less.change(cell)) < 2.228 * less.standard_error(cell, less.spreads[cell].variance)
    assert inside / told > 0.9


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_cells_and_runs_is_of_no_account(seed, shuffler):
    random = Random(seed)
    baseline, candidate = runs(random, 8), runs(random, 3)
    before = without_latent_factor(Sides(baseline, candidate))
    names = list(CELLS)
    shuffler.shuffle(names)
    again = [{cell: run[cell] for cell in names} for run in baseline]
    shuffler.shuffle(again)
    after = without_latent_factor(Sides(again, candidate))
    for cell in CELLS:
        assert after.change(cell) == pytest.approx(before.change(cell), abs=1e-3)
        assert after.spreads[cell].variance == pytest.approx(before.spreads[cell].variance, rel=0.2, abs=1e-8)


@pytest.mark.parametrize(
    "sides",
    [
        Sides(runs(Random(1), 4), runs(Random(2), 2)),
        Sides(runs(Random(1), 20), runs(Random(2), 1)),
        Sides(runs(Random(1), 12), runs(Random(2), 12), paired=True),
        Sides(*([{cell: run[cell] for cell in CELLS[:5]} for run in runs(Random(1), 9)] for _ in range(2))),
        Sides([dict.fromkeys(CELLS, 1.0)] * 8, [dict.fromkeys(CELLS, 1.0)] * 3),
        Sides([], []),
    ],
    ids=["few runs", "a lone run", "in turns", "few cells", "nothing varies", "nothing"],
)
def test_where_no_state_is_told_nothing_is_taken_out(sides):
    assert without_latent_factor(sides).means == {}


def test_a_run_that_lacks_a_cell_is_of_use_for_the_others():
    random = Random(3)
    baseline, candidate = runs(random, 10), runs(random, 4)
    del baseline[3][CELLS[15]]
    less = without_latent_factor(Sides(baseline, candidate))
    assert len(less.values[CELLS[15]][0]) == 9
    assert len(less.values[CELLS[16]][0]) == 10
    assert (
        stdev(less.values[CELLS[15]][0])
        < 0.01
        > abs(fmean(less.values[CELLS[15]][1]) - fmean(less.values[CELLS[15]][0]))
    )
