"""Laws of the stratified split."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lab4.datasets.arrays import stratified

LABELS = st.lists(st.integers(0, 5), min_size=1, max_size=200).map(np.array)
SEEDS = st.integers(0, 2**32)


@st.composite
def cases(draw):
    labels = draw(LABELS)
    return labels, draw(st.integers(0, len(labels))), draw(SEEDS)


@given(cases())
def test_every_row_is_in_exactly_one_part(case):
    train, validation = stratified(*case)
    assert sorted([*train, *validation]) == list(range(len(case[0])))


@given(cases())
def test_exactly_so_many_rows_are_held_out(case):
    assert len(stratified(*case)[1]) == case[1]


@given(cases())
def test_each_class_gives_its_share_within_one_row(case):
    labels, count, seed = case
    _, validation = stratified(labels, count, seed)
    exact = np.bincount(labels) * count / len(labels)
    held = np.bincount(labels[validation], minlength=len(exact))
    assert np.abs(held - exact).max() < 1


@given(cases())
def test_the_same_arguments_give_the_same_split(case):
    for one, other in zip(stratified(*case), stratified(*case), strict=True):
        assert (one == other).all()


def test_another_seed_gives_another_split():
    labels = np.arange(100) % 4
    assert set(stratified(labels, 20, 1)[1]) != set(stratified(labels, 20, 2)[1])


def test_both_parts_are_shuffled():
    labels = np.repeat(np.arange(4), 100)
    for rows in stratified(labels, 80, 1):
        assert len(set(labels[rows[:20]])) == 4


def test_the_largest_remainders_give_one_row_more():
    labels = np.repeat([0, 1, 2], [8, 4, 8])
    _, validation = stratified(labels, 8, 1)  # exact shares of 8: 3.2, 1.6, 3.2
    assert np.bincount(labels[validation]).tolist() == [3, 2, 3]
