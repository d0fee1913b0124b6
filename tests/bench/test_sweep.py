"""Passes over cells: seats are functions here, runtimes are elsewhere."""

from dataclasses import replace

import pytest

from lab4.bench.latency_jobs import Opened, Slice
from lab4.bench.profiles import QUICK
from lab4.bench.sweep import Seat, levels_of, sweep
from lab4.domain.cell import Cell
from lab4.domain.errors import CrashError
from lab4.domain.observed import Agreement, Disturbance, WarmUp
from lab4.measure.stretches import Stretch

PROFILE = replace(QUICK, least_passes=3, undisturbed_passes=2, most_passes=9, target=0.05, aim=0.05)
QUIET = Disturbance(0.01, 0.01, 0, 0.0, 0, 0, 0, None, 0.5, None, None)
OPENED = Opened(0.1, 0.2, WarmUp(8, 0.1, steady=True), Agreement(0.0, 1, 1), 1, (1,), "call", "alone", 1, 1)
LEVELS = {0: 1.4}


def looked(samples, ratio):
    return Stretch(samples, ({0: 1.4}, {0: ratio}))


def cell(name):
    return Cell("inference", name, (), "cpu", 1, "onnx")


def steady(log=None, name="steady"):
    def turn(_):
        if log is not None:
            log.append(name)
        return Slice((1.0, 1.0, 1.01), (0.5,), 3e-5, (looked(3, 1.4),), LEVELS, QUIET, fresh=False)

    return Seat(cell(name), lambda: OPENED, turn)


def noisy(log, name="noisy"):
    def turn(_):
        log.append(name)
        return Slice((1.0 + len(log),), (), 3e-5, (looked(1, 1.4),), LEVELS, QUIET, fresh=False)

    return Seat(cell(name), lambda: OPENED, turn)


def run(seats, profile=PROFILE, seed=1):
    found = {}
    sweep(seats, profile, seed, found, lambda _: None)
    return {key.partition("/")[2].partition("-")[0]: each for key, each in found.items()}


def test_a_steady_cell_ends_at_its_target_and_a_noisy_one_at_its_budget():
    found = run([steady(), noisy([])])
    assert (found["steady"].ended, len(found["steady"].slices)) == ("target", 3)
    assert (found["noisy"].ended, len(found["noisy"].slices)) == ("budget", 9)


def middling(name="middling"):
    """Passes on two levels: the median is known to within 4% soon, and to within 1.5% never."""
    turns = []

    def turn(_):
        turns.append(1)
        level = 1.0 + 0.04 * (len(turns) % 2)
        return Slice((level, level, level), (), 3e-5, (looked(3, 1.4),), LEVELS, QUIET, fresh=False)

    return Seat(cell(name), lambda: OPENED, turn)


def test_a_cell_within_its_target_goes_on_to_its_aim_while_others_leave_it_the_time():
    towards = replace(PROFILE, most_passes=30, aim=0.015)
    found = run([steady(), middling()], replace(towards, cell_s=60.0))
    assert (found["steady"].ended, len(found["steady"].slices)) == ("target", 3)
    assert (found["middling"].ended, len(found["middling"].slices)) == ("target", 30)
    found = run([steady(), middling()], replace(towards, cell_s=0.0))
    assert len(found["middling"].slices) == 3


def test_cells_take_turns_in_an_order_that_the_seed_decides():
    def order(seed):
        log = []
        run([steady(log, name) for name in ("a", "b", "c", "d")], seed=seed)
        return log

    assert order(1) == order(1) != order(2)
    for start in (0, 4, 8):
        assert sorted(order(1)[start : start + 4]) == ["a", "b", "c", "d"]


def test_a_cell_that_does_not_open_costs_itself():
    def crash():
        raise CrashError("gone")

    found = run([Seat(cell("broken"), crash, crash), steady()])
    assert str(found["broken"].error) == "gone"
    assert found["broken"].latency(0.05, LEVELS) is None
    assert found["steady"].ended == "target"


def test_a_cell_that_breaks_in_mid_run_takes_no_further_turn():
    turns = []

    def turn(_):
        turns.append(1)
        if len(turns) == 2:
            raise CrashError("gone")
        return Slice((1.0,), (), 3e-5, (looked(1, 1.4),), LEVELS, QUIET, fresh=False)

    found = run([Seat(cell("broken"), lambda: OPENED, turn), noisy([])])
    assert len(turns) == 2
    assert found["broken"].error is not None
    assert len(found["noisy"].slices) == 9


def test_an_interrupt_loses_no_slice():
    log = []

    def turn(_):
        if len(log) >= 2:
            raise KeyboardInterrupt
        return Slice((1.0,), (), 3e-5, (looked(1, 1.4),), LEVELS, QUIET, fresh=False)

    found = {}
    with pytest.raises(KeyboardInterrupt):
        sweep([noisy(log), Seat(cell("last"), lambda: OPENED, turn)], PROFILE, 1, found, lambda _: None)
    kept = found[cell("noisy").key]
    assert kept.ended == "interrupted"
    assert kept.latency(0.05, LEVELS).calls.pass_sizes == (1,) * len(kept.slices)
    assert len(kept.slices) == len(log) >= 2


def test_what_was_observed_keeps_its_passes_and_sums_its_disturbances():
    latency = run([steady()])["steady"].latency(0.05, LEVELS)
    assert latency.calls.pass_sizes == (3, 3, 3)
    assert latency.alone.samples_s == (0.5, 0.5, 0.5)
    assert latency.cores == (1,)
    assert latency.reference_s == (3e-5,) * 3
    assert latency.disturbance.wall_s == pytest.approx(0.03)


def test_a_cell_gets_more_passes_until_enough_had_calls_with_the_core_to_themselves():
    turns = []

    def turn(_):
        turns.append(1)
        alone = (looked(2, 2.0), looked(1, 1.4)) if len(turns) in {1, 3, 6} else (looked(3, 2.0),)
        return Slice((1.0, 1.0, 1.01), (), 3e-5, alone, LEVELS, QUIET, fresh=False)

    found = run([Seat(cell("shared"), lambda: OPENED, turn)])["shared"]
    assert (found.ended, len(found.slices)) == ("target", 6)
    flags = found.latency(0.05, LEVELS).undisturbed
    assert [number for number, alone in enumerate(flags) if alone] == [2, 8, 17]


def test_disturbed_calls_that_vary_do_not_keep_a_cell_from_its_target():
    turns = []

    def turn(_):
        turns.append(1)
        calls = (1.0, 1.01, 2.0 + len(turns))
        return Slice(calls, (), 3e-5, (looked(2, 1.4), looked(1, 2.0)), LEVELS, QUIET, fresh=False)

    assert run([Seat(cell("shared"), lambda: OPENED, turn)])["shared"].ended == "target"


def test_time_ends_a_sweep_after_its_least_passes():
    found = run([noisy([]), noisy([], "other")], replace(PROFILE, cell_s=0.0))
    assert {(each.ended, len(each.slices)) for each in found.values()} == {("budget", 3)}


def test_turns_may_wait_while_there_is_time():
    patience = []

    def turn(seconds):
        patience.append(seconds)
        return Slice((1.0, 2.0), (), 3e-5, (looked(2, 1.4),), LEVELS, QUIET, fresh=False)

    run([Seat(cell("shared"), lambda: OPENED, turn)], replace(PROFILE, cell_s=60.0))
    assert all(0 < seconds <= 1 for seconds in patience)


def test_where_nothing_was_observed_no_core_is_called_shared():
    assert levels_of([]) == {}
