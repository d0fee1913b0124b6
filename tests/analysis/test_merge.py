from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import NO_GPU, at, machine, realistic, run, trained, weighed

from lab4.analysis.merge import merge
from lab4.domain.outcome import Failed, Measured

KEYS = ("train/cnn-cpu-b128-keras", "examine/cnn-cpu-keras", "examine/cnn-cpu-tflite_int8")
outcomes = st.sampled_from([NO_GPU, Failed("it broke"), trained(), trained((1.0, 1.2)), weighed(), weighed(1900)])
starts = st.integers(0, 3).map(
    lambda hours: (datetime(2026, 3, 1, tzinfo=timezone.utc) + timedelta(hours=hours)).isoformat()
)
runs = st.builds(
    lambda chosen, start, node: run(
        *(at(key, outcome) for key, outcome in chosen.items()), started_at=start, on=machine(node)
    ),
    st.dictionaries(st.sampled_from(KEYS), outcomes),
    starts,
    st.sampled_from(["one", "two"]),
)


def _plain(merged):
    return {key: (reading.outcome, reading.source) for key, reading in merged.readings.items()}


@given(st.lists(runs, max_size=4).flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_merging_does_not_depend_on_the_order_of_the_runs(orders):
    one, other = (merge(order) for order in orders)
    assert _plain(one) == _plain(other)
    assert one.sources == other.sources


@given(st.lists(runs, max_size=4))
def test_a_cell_is_measured_if_any_run_measured_it(made):
    merged = merge(made)
    for key in KEYS:
        found = [m.outcome for r in made for m in r.measurements if m.cell.key == key]
        measured = [outcome for outcome in found if isinstance(outcome, Measured)]
        assert (key in merged.readings) == bool(found)
        if found:
            assert isinstance(merged.readings[key].outcome, Measured) == bool(measured)


@given(st.lists(runs, max_size=3))
def test_merging_a_run_with_itself_changes_no_outcome(made):
    once, twice = merge(made), merge([*made, *made])
    assert {k: r.outcome for k, r in once.readings.items()} == {k: r.outcome for k, r in twice.readings.items()}


def test_of_two_measured_the_run_started_later_wins_whatever_its_time_zone():
    early = run(at(KEYS[1], weighed(1900)), started_at="2026-03-01T11:30:00+02:00")
    late = run(at(KEYS[1], weighed(1950)), started_at="2026-03-01T10:00:00Z")
    assert sum(merge([late, early]).readings[KEYS[1]].outcome.per_example.correct) == 1950


def test_a_later_failure_does_not_hide_an_earlier_measurement():
    early = run(at(KEYS[1], weighed()), on=machine("one"))
    late = run(at(KEYS[1], Failed("it broke")), started_at="2026-03-02T10:00:00+00:00", on=machine("two"))
    assert merge([early, late]).readings[KEYS[1]].source.machine == "one"


def test_a_failure_beats_what_is_unavailable():
    broken, absent = run(at(KEYS[0], Failed("it broke"))), run(at(KEYS[0], NO_GPU), started_at="2026-04-01T00:00:00Z")
    assert merge([broken, absent]).readings[KEYS[0]].outcome == Failed("it broke")


def test_machines_of_one_name_are_told_apart():
    both = merge([realistic(70), realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z")])
    assert [source.machine for source in both.sources] == ["lab-pc-07", "lab-pc-07 (2)"]


def test_a_machine_without_a_name_is_called_so():
    assert merge([run(on=machine(""))]).sources[0].machine == "unnamed machine"


def test_labels_are_the_latest_runs_and_the_printed_ones_without_any():
    late = run(started_at="2027-01-01T00:00:00Z", labels={"cnn": "Convolutional"})
    merged = merge([late, run(labels={"fcnn": "Dense"})])
    assert [merged.label(name) for name in ("cnn", "fcnn", "gpu", "rnn")] == ["Convolutional", "Dense", "GPU", "rnn"]


def test_the_same_run_given_twice_is_one_source():
    one = run()
    assert len(merge([one, one]).sources) == 1
    assert len(merge([one, replace(one, source="a copy of it")]).sources) == 1
