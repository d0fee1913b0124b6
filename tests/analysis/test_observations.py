from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import CATALOGUE, NO_GPU, at, machine, realistic, run, trained, weighed

from lab4.analysis.observations import observations_of
from lab4.domain.catalogue import ModelTraits
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


def _plain(found):
    return {key: (reading.outcome, reading.source) for key, reading in found.by_key.items()}


@given(st.lists(runs, max_size=4).flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_merging_does_not_depend_on_the_order_of_the_runs(orders):
    one, other = (observations_of(order) for order in orders)
    assert _plain(one) == _plain(other)
    assert one.sources == other.sources


@given(st.lists(runs, max_size=4))
def test_a_cell_is_measured_if_any_run_measured_it(made):
    merged = observations_of(made)
    for key in KEYS:
        found = [m.outcome for r in made for m in r.measurements if m.cell.key == key]
        measured = [outcome for outcome in found if isinstance(outcome, Measured)]
        assert (key in merged.by_key) == bool(found)
        if found:
            assert isinstance(merged.by_key[key].outcome, Measured) == bool(measured)


@given(st.lists(runs, max_size=3))
def test_merging_a_run_with_itself_changes_no_outcome(made):
    once, twice = observations_of(made), observations_of([*made, *made])
    assert {k: r.outcome for k, r in once.by_key.items()} == {k: r.outcome for k, r in twice.by_key.items()}


def test_of_two_measured_the_run_started_later_wins_whatever_its_time_zone():
    early = run(at(KEYS[1], weighed(1900)), started_at="2026-03-01T11:30:00+02:00")
    late = run(at(KEYS[1], weighed(1950)), started_at="2026-03-01T10:00:00Z")
    assert sum(observations_of([late, early]).by_key[KEYS[1]].outcome.per_example.correct) == 1950


def test_a_later_failure_does_not_hide_an_earlier_measurement():
    early = run(at(KEYS[1], weighed()), on=machine("one"))
    late = run(at(KEYS[1], Failed("it broke")), started_at="2026-03-02T10:00:00+00:00", on=machine("two"))
    assert observations_of([early, late]).by_key[KEYS[1]].source.machine == "one"


def test_a_failure_beats_what_is_unavailable():
    broken, absent = run(at(KEYS[0], Failed("it broke"))), run(at(KEYS[0], NO_GPU), started_at="2026-04-01T00:00:00Z")
    assert observations_of([broken, absent]).by_key[KEYS[0]].outcome == Failed("it broke")


def test_machines_of_one_name_are_told_apart():
    both = observations_of([realistic(70), realistic(70, gpu=True, started_at="2026-03-02T00:00:00Z")])
    assert [source.machine for source in both.sources] == ["lab-pc-07", "lab-pc-07 (2)"]


def test_a_machine_without_a_name_is_called_so():
    assert observations_of([run(on=machine(""))]).sources[0].machine == "unnamed machine"


def test_traits_are_the_latest_runs():
    late = run(
        started_at="2027-01-01T00:00:00Z", catalogue=replace(CATALOGUE, models={"cnn": ModelTraits("cnn", "Newer")})
    )
    found = observations_of([late, run()])
    assert [found.catalogue.model(name).label for name in ("cnn", "fcnn", "rnn")] == ["Newer", "FCNN", "rnn"]


def test_the_same_run_given_twice_is_one_source():
    one = run()
    assert len(observations_of([one, one]).sources) == 1
    assert len(observations_of([one, replace(one, source="a copy of it")]).sources) == 1


def test_queries_ask_by_any_axis_and_by_mark():
    found = observations_of([realistic(70, gpu=True)])
    assert {each.cell.kind for each in found.where("latency", model="cnn", batch_size=32)} == {"latency"}
    assert {each.cell.batch_size for each in found.where("latency", batch_size=32)} == {32}
    assert {each.cell.device for each in found.where(device="gpu")} == {"gpu"}
    usual = found.where("latency", model="cnn", format="keras", device="cpu", batch_size=1, runtime="")
    assert [each.cell.id for each in usual] == ["cnn-cpu-b1-keras", "cnn.pruned80-cpu-b1-keras"]
    quantized = found.where(mark="quantization", model="fcnn")
    assert {each.cell.format for each in quantized} == {"keras", "tflite_float32", "tflite_float16", "tflite_int8"}
    assert found.models == ("cnn", "fcnn")


def test_the_original_is_the_unmodified_model_in_its_own_format():
    found = observations_of([realistic(70)])
    original = found.original("cnn")
    assert original.cell.key == "examine/cnn-cpu-keras"
    assert found.original("other") is None
