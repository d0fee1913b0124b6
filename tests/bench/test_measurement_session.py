"""Rounds over cells: scheduled cells are functions here, runtimes are elsewhere."""

from dataclasses import replace

import pytest

from lab4.bench import measurement_session
from lab4.bench.collected import collected_in, uncontended_ratios
from lab4.bench.measurement_session import MeasurementSession, ScheduledCell
from lab4.bench.profiles import QUICK
from lab4.domain.cell import Cell
from lab4.domain.errors import CrashError
from lab4.domain.observed import Agreement, SystemActivity, WarmUp
from lab4.domain.rounds import Burst, Round, TimingWindow, WarmRunner
from lab4.interleaving import Interleaving

PROFILE = replace(QUICK, min_rounds=3, uncontended_rounds=2, max_rounds=6, target=0.05, aim=0.05)
QUIET = SystemActivity(0.01, 0.01, 0, 0.0, 0, 0, 0, None, 0.5, None, None)
RUNNER = WarmRunner(0.1, 0.2, WarmUp(8, 0.1, steady=True), Agreement(0.0, 1, 1), 1, (1,), "call", "alone", 1, 1)
RATIOS = {0: 1.4}


def burst(samples, ratio):
    return Burst(samples, ({0: 1.4}, {0: ratio}))


def cell(name):
    return Cell("latency", name, (), "cpu", 1, "onnx")


def steady(log=None, name="steady"):
    def turn(_):
        if log is not None:
            log.append(name)
        return TimingWindow((1.0, 1.0, 1.01), (0.5,), 3e-5, (burst(3, 1.4),), RATIOS, QUIET, fresh=False)

    return ScheduledCell(cell(name), lambda: RUNNER, turn)


def noisy(log, name="noisy"):
    def turn(_):
        log.append(name)
        return TimingWindow((1.0 + len(log),), (), 3e-5, (burst(1, 1.4),), RATIOS, QUIET, fresh=False)

    return ScheduledCell(cell(name), lambda: RUNNER, turn)


def two_modes(name="two_modes"):
    """The median is one of two values, by chance; the fastest calls are known."""
    turns = []

    def turn(_):
        turns.append(1)
        calls = (1.0, 1.0, 1.8) if len(turns) % 2 else (1.0, 1.8, 1.8)
        return TimingWindow(calls, (), 3e-5, (burst(3, 1.4),), RATIOS, QUIET, fresh=False)

    return ScheduledCell(cell(name), lambda: RUNNER, turn)


def run(scheduled, profile=PROFILE, seed=1, keep=None, **more):
    found, kept = {}, []
    keep = (kept if keep is None else keep).append
    MeasurementSession(profile, seed, found, lambda _: None, keep, **more).run(scheduled)
    return {key.partition("/")[2].partition("-")[0]: each for key, each in found.items()}


def test_a_steady_cell_ends_at_its_target_and_a_noisy_one_at_its_budget():
    found = run([steady(), two_modes()])
    assert (found["steady"].ended, len(found["steady"].windows)) == ("target", 3)
    assert (found["two_modes"].ended, len(found["two_modes"].windows)) == ("budget", 6)


def test_rounds_go_on_where_not_even_the_fastest_calls_agree_as_long_as_there_is_time():
    found = run([steady(), noisy([])], replace(PROFILE, cell_s=60.0))
    assert (found["noisy"].ended, len(found["noisy"].windows)) == ("budget", 24)
    found = run([steady(), noisy([])], replace(PROFILE, cell_s=0.0))
    assert len(found["noisy"].windows) == 3


def test_progress_says_how_many_rounds_are_usual_also_where_they_go_on():
    shown = []
    session = MeasurementSession(replace(PROFILE, cell_s=60.0), 1, {}, shown.append, lambda _: None)
    session.run([noisy([])])
    first, *rounds = shown
    assert (first.phase, first.done, first.total) == ("loading and warming up", 0, 1)
    assert [each.round for each in rounds] == list(range(1, 25))
    assert {(each.phase, each.rounds, each.done, each.total) for each in rounds} == {("measuring", 6, 0, 1)}
    left = [each.left_s for each in rounds]
    assert left[0] == pytest.approx(4.5 * PROFILE.usual_window_s)  # of three to six rounds
    assert all(0 <= each <= 60.0 for each in left)


def middling(name="middling"):
    """Passes on two levels: the median is known to within 4% soon, and to within 1.5% never."""
    turns = []

    def turn(_):
        turns.append(1)
        level = 1.0 + 0.04 * (len(turns) % 2)
        return TimingWindow((level, level, level), (), 3e-5, (burst(3, 1.4),), RATIOS, QUIET, fresh=False)

    return ScheduledCell(cell(name), lambda: RUNNER, turn)


def test_a_cell_within_its_target_goes_on_to_its_aim_while_others_leave_it_the_time():
    towards = replace(PROFILE, max_rounds=30, aim=0.015)
    found = run([steady(), middling()], replace(towards, cell_s=60.0))
    assert (found["steady"].ended, len(found["steady"].windows)) == ("target", 3)
    assert (found["middling"].ended, len(found["middling"].windows)) == ("target", 30)
    found = run([steady(), middling()], replace(towards, cell_s=0.0))
    assert len(found["middling"].windows) == 3


def test_a_cell_that_all_rounds_would_not_bring_within_its_target_ends_early_where_runs_can_be_compared_by_it():
    patient = replace(PROFILE, max_rounds=30, cell_s=60.0)
    found = run([two_modes(), noisy([])], patient)
    assert (found["two_modes"].ended, len(found["two_modes"].windows)) == ("budget", 6)
    assert len(found["noisy"].windows) == 120
    found = run([middling()], replace(patient, aim=0.015, target=0.02))  # 4%, however many rounds there were
    assert (found["middling"].ended, len(found["middling"].windows)) == ("budget", 9)


def test_calls_that_shared_their_core_by_turns_are_contended():
    def turn(_):
        probes = {0: 1.4}, {0: 1.4}
        bursts = Burst(1, probes, lost=0.5), Burst(2, probes)
        return TimingWindow((2.0, 1.0, 1.0), (), 3e-5, bursts, RATIOS, QUIET, fresh=False)

    found = run([ScheduledCell(cell("turns"), lambda: RUNNER, turn)])["turns"]
    assert found.flags(RATIOS)[:3] == (False, True, True)
    assert found.ended == "target"


def shared(free_from, name="shared"):
    """A cell whose core another program has half of the time, until a round."""
    turns, probes = [], ({0: 1.4}, {0: 1.4})

    def turn(_):
        turns.append(1)
        return TimingWindow((1.0,), (), 3e-5, (Burst(1, probes, 0.5 * (len(turns) < free_from)),), RATIOS, QUIET, False)

    return ScheduledCell(cell(name), lambda: RUNNER, turn)


def test_a_cell_with_too_few_uncontended_calls_goes_on_when_the_others_have_ended():
    found = run([steady(), shared(free_from=40)], replace(PROFILE, cell_s=0.0))
    assert (found["steady"].ended, len(found["steady"].windows)) == ("target", 3)
    assert (found["shared"].ended, len(found["shared"].windows)) == ("target", 42)  # three uncontended rounds


def test_where_other_programs_never_pause_patience_ends():
    found = run([shared(free_from=10**9)], replace(PROFILE, cell_s=0.0), patience_s=0.01)
    assert found["shared"].ended == "budget"


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

    found = run([ScheduledCell(cell("broken"), crash, crash), steady()])
    assert str(found["broken"].error) == "gone"
    assert found["broken"].latency(0.05, RATIOS) is None
    assert found["steady"].ended == "target"


def test_a_cell_that_breaks_in_mid_run_takes_no_further_turn():
    turns = []

    def turn(_):
        turns.append(1)
        if len(turns) == 2:
            raise CrashError("gone")
        return TimingWindow((1.0,), (), 3e-5, (burst(1, 1.4),), RATIOS, QUIET, fresh=False)

    found = run([ScheduledCell(cell("broken"), lambda: RUNNER, turn), two_modes()])
    assert len(turns) == 2
    assert found["broken"].error is not None
    assert len(found["two_modes"].windows) == 6


def test_an_interrupt_loses_no_window():
    log = []

    def turn(_):
        if len(log) >= 2:
            raise KeyboardInterrupt
        return TimingWindow((1.0,), (), 3e-5, (burst(1, 1.4),), RATIOS, QUIET, fresh=False)

    found, rounds = {}, []
    with pytest.raises(KeyboardInterrupt):
        MeasurementSession(PROFILE, 1, found, lambda _: None, rounds.append).run(
            [noisy(log), ScheduledCell(cell("last"), lambda: RUNNER, turn)]
        )
    kept = found[cell("noisy").key]
    assert kept.ended == "interrupted"
    assert kept.latency(0.05, RATIOS).calls.round_sizes == (1,) * len(kept.windows)
    assert len(kept.windows) == len(log) >= 2
    assert collected_in(rounds)[cell("noisy").key].windows == kept.windows


def test_what_was_observed_keeps_its_passes_and_sums_its_disturbances():
    latency = run([steady()])["steady"].latency(0.05, RATIOS)
    assert latency.calls.round_sizes == (3, 3, 3)
    assert latency.compute_only.samples_s == (0.5, 0.5, 0.5)
    assert latency.cores == (1,)
    assert latency.probe_s == (3e-5,) * 3
    assert latency.system_activity.wall_s == pytest.approx(0.03)


def test_a_cell_gets_more_passes_until_enough_had_calls_with_the_core_to_themselves():
    turns = []

    def turn(_):
        turns.append(1)
        alone = (burst(2, 2.0), burst(1, 1.4)) if len(turns) in {1, 3, 6} else (burst(3, 2.0),)
        return TimingWindow((1.0, 1.0, 1.01), (), 3e-5, alone, RATIOS, QUIET, fresh=False)

    found = run([ScheduledCell(cell("shared"), lambda: RUNNER, turn)])["shared"]
    assert (found.ended, len(found.windows)) == ("target", 6)
    flags = found.latency(0.05, RATIOS).uncontended
    assert [number for number, alone in enumerate(flags) if alone] == [2, 8, 17]


def test_disturbed_calls_that_vary_do_not_keep_a_cell_from_its_target():
    turns = []

    def turn(_):
        turns.append(1)
        calls = (1.0, 1.01, 2.0 + len(turns))
        return TimingWindow(calls, (), 3e-5, (burst(2, 1.4), burst(1, 2.0)), RATIOS, QUIET, fresh=False)

    assert run([ScheduledCell(cell("shared"), lambda: RUNNER, turn)])["shared"].ended == "target"


def test_time_ends_a_sweep_after_its_least_passes():
    found = run([noisy([]), noisy([], "other")], replace(PROFILE, cell_s=0.0))
    assert {(each.ended, len(each.windows)) for each in found.values()} == {("budget", 3)}


def test_windows_may_wait_while_there_is_time():
    waits = []

    def turn(seconds):
        waits.append(seconds)
        return TimingWindow((1.0, 2.0), (), 3e-5, (burst(2, 1.4),), RATIOS, QUIET, fresh=False)

    run([ScheduledCell(cell("shared"), lambda: RUNNER, turn)], replace(PROFILE, cell_s=60.0))
    assert all(0 < seconds <= 1 for seconds in waits)


def test_where_nothing_was_observed_no_core_is_called_shared():
    assert uncontended_ratios([]) == {}


def counted(name, opened):
    """A cell whose windows depend on how many it had: what a continued session must not notice."""

    def time(_):
        number = len(opened[cell(name).key].windows)
        value = 1.0 + 0.04 * (number % 3) + (name == "noisy") * number
        return TimingWindow((value, value), (0.5,), 3e-5, (burst(2, 1.4),), RATIOS, QUIET, fresh=False)

    return ScheduledCell(cell(name), lambda: RUNNER, time)


def session(keep, before=(), profile=PROFILE):
    found = collected_in(before)
    made = MeasurementSession(profile, 1, found, lambda _: None, keep.append, before)
    made.run([counted(name, found) for name in ("steady", "noisy", "other")])
    return found


@pytest.mark.parametrize("profile", [PROFILE, replace(PROFILE, aim=0.03, cell_s=60.0)])
@pytest.mark.parametrize("ended", range(10))
def test_a_session_killed_after_any_round_continues_as_if_nothing_had_happened(ended, profile):
    rounds = []
    whole = session(rounds, profile=profile)
    continued = session([], rounds[:ended], profile)
    assert continued == whole


def test_a_round_is_kept_when_it_ends_with_the_runners_warmed_up_for_it():
    rounds = []
    run([steady(), two_modes()], keep=rounds)
    assert [each.number for each in rounds] == list(range(1, 7))
    assert set(rounds[0].runners) == {cell("steady").key, cell("two_modes").key}
    assert not any(each.runners for each in rounds[1:])
    assert [cell("steady").key in each.windows for each in rounds] == [True] * 3 + [False] * 3
    assert [each.elapsed_s for each in rounds] == sorted(each.elapsed_s for each in rounds)


def test_a_continued_session_has_no_more_time_than_one_that_was_not_interrupted():
    key, log = cell("noisy").key, []
    windows = [noisy(log).time(0) for _ in range(3)]
    before = [Round(number, 1000.0, {key: each}, {key: RUNNER}) for number, each in enumerate(windows, 1)]
    found = collected_in(before)
    MeasurementSession(PROFILE, 1, found, lambda _: None, [].append, before).run([noisy(log)])
    assert (found[key].ended, len(found[key].windows)) == ("budget", 3)


def test_windows_without_a_warmed_up_runner_are_of_no_use():
    assert collected_in([Round(2, 1.0, {cell("noisy").key: noisy([]).time(0)})]) == {}


class Counted(Interleaving):
    """Interleaving of a run that is measured alone, counted."""

    def __init__(self, least_s=0.0):
        super().__init__(None, least_s)
        self.taken, self.met = 0, False

    def next_window(self, _cell):
        self.taken += 1

    def meet(self):
        self.met = True


def interleaved(alone, *scheduled):
    found = {}
    MeasurementSession(PROFILE, 1, found, lambda _: None, [].append, interleaving=alone).run(scheduled)
    return [len(each.windows) for each in found.values()]


def test_each_window_is_asked_for_and_the_end_is_common():
    alone = Counted()
    assert interleaved(alone, steady(), two_modes()) == [3, 6]
    assert (alone.taken, alone.met) == (9, True)


def test_a_session_lasts_as_long_as_it_is_asked_to(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(measurement_session, "perf_counter", lambda: now[0])

    def turn(_):
        now[0] += 1.0
        return steady().time(0)

    (windows,) = interleaved(Counted(least_s=40.0), ScheduledCell(cell("steady"), lambda: RUNNER, turn))
    assert windows == 40 > PROFILE.max_rounds
