"""Quality against sparsity: over seeds, by what techniques promise, and only where runs can be compared."""

from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worksheet_factory import CATALOGUE, at, machine, run, weighed

from lab4.analysis.document import Chart
from lab4.analysis.observations import observations_of
from lab4.analysis.overview import report
from lab4.analysis.sparsity import sparsity_section
from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity
from lab4.domain.catalogue import MetricTraits, Promise, TechniqueTraits
from lab4.domain.observed import Score

TOTAL = 420_000
STEPS = {"": (0, None), ".finetuned": (0, None), ".pruned50": (210_000, 0.5), ".pruned80": (336_000, 0.8)}


def of_seed(seed, right, model="cnn", **about):
    """A run of a seed with so many right predictions of 2,000 by variant; they start in the order of their seeds."""
    cells = [at(f"examine/{model}{each}-cpu-keras", weighed(n, zeros=STEPS[each][0])) for each, n in right.items()]
    made = run(*cells, started_at=f"2026-03-{seed:02}T10:00:00+00:00", **about)
    return replace(made, settings=replace(made.settings, seed=seed))


def section(*runs):
    return sparsity_section(runs, observations_of(runs))


def rows(found, key="sparsity_accuracy"):
    (table,) = [each for each in found.tables if each.key == key]
    return {
        row.key.removeprefix("examine/"): {c.key: table.value(row, c.key) for c in table.columns} for row in table.rows
    }


THREE = [
    of_seed(1, {"": 1900, ".finetuned": 1940, ".pruned50": 1936, ".pruned80": 1930}),
    of_seed(2, {"": 1910, ".finetuned": 1950, ".pruned50": 1944, ".pruned80": 1934}),
    of_seed(3, {"": 1920, ".finetuned": 1942, ".pruned50": 1940, ".pruned80": 1920}),
]


def test_a_figure_is_the_mean_of_the_seeds_from_the_lowest_to_the_highest():
    found = rows(section(*THREE))
    pruned = found["cnn.pruned80-cpu-keras"]
    accuracy = pruned["accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == pytest.approx((0.964, 0.96, 0.967))
    assert pruned["seeds"] == Quantity(3)
    assert (pruned["promised"], pruned["sparsity"]) == (Quantity(0.8), Quantity(0.8))


def test_a_loss_is_of_the_same_seed_with_the_interval_of_its_mean():
    pruned = rows(section(*THREE))["cnn.pruned80-cpu-keras"]
    # 10, 16 and 22 images of 2,000; t of 0.975 with 2 degrees of freedom is 4.3027.
    margin = 4.302653 * 6 / 3**0.5 / 2000
    against = pruned["control_loss"]
    assert (against.value, against.low, against.high) == pytest.approx(
        (16 / 2000, 16 / 2000 - margin, 16 / 2000 + margin)
    )
    assert pruned["loss"].value == pytest.approx(fmean((-30, -24, 0)) / 2000)


def test_what_is_compared_with_has_no_loss_against_itself():
    found = rows(section(*THREE))
    assert found["cnn-cpu-keras"]["loss"] == found["cnn-cpu-keras"]["control_loss"] == NotApplicable()
    control = found["cnn.finetuned-cpu-keras"]
    assert (control["control_loss"], control["promised"]) == (NotApplicable(), NotApplicable())
    assert control["loss"].value < 0


def test_one_seed_has_no_spread_and_says_how_to_have_one():
    found = section(THREE[0])
    values = rows(found)["cnn.pruned80-cpu-keras"]
    assert values["accuracy"] == Quantity(0.965)
    assert values["loss"].low < values["loss"].value < values["loss"].high  # of the images
    (note,) = found.tables[0].notes
    assert "how much trainings vary is not measured" in note
    assert "--lab4-seed" in note
    assert "lab4 report" in note
    assert "3 seeds" in section(*THREE).tables[0].notes[0]


def test_of_two_runs_of_a_seed_the_later_counts_and_copies_count_once():
    again = of_seed(1, {"": 1800, ".pruned80": 1700})
    again = replace(again, started_at="2026-04-01T10:00:00+00:00")
    found = rows(section(THREE[0], THREE[0], again))
    assert found["cnn.pruned80-cpu-keras"]["accuracy"] == Quantity(0.85)
    assert found["cnn.pruned50-cpu-keras"]["seeds"] == Quantity(1)


def test_runs_with_other_epochs_or_data_are_left_out_and_counted():
    longer = replace(THREE[0], settings=replace(THREE[0].settings, finetune_epochs=9))
    other = replace(THREE[1], dataset=replace(THREE[1].dataset, sha256="cd" * 32))
    found = section(longer, other, THREE[2])
    assert rows(found)["cnn.pruned80-cpu-keras"]["seeds"] == Quantity(1)
    assert found.tables[0].notes[1].startswith("Left out are 2 runs")


def test_losses_are_only_of_seeds_that_have_both():
    apart = section(of_seed(1, {"": 1900}), of_seed(2, {".pruned80": 1890}))
    values = rows(apart)["cnn.pruned80-cpu-keras"]
    assert values["loss"] == NotMeasured("no seed has both")
    assert values["control_loss"] == NotMeasured("no control was measured")


def test_techniques_are_on_the_curve_by_what_they_promise_and_never_by_their_names():
    sparse = TechniqueTraits("zeroed", "Zeroed", "other", (Promise("sparsity", "zeros", at_least=0.7),))
    grouped = TechniqueTraits("pruned50", "Grouped", "clustering", (Promise("distinct", "weights", at_most=16),))
    catalogue = replace(CATALOGUE, techniques={"zeroed": sparse, "pruned50": grouped})
    names = ("cnn", "cnn.zeroed", "cnn.pruned50", "cnn.zeroed.pruned50")
    made = run(*(at(f"examine/{each}-cpu-keras", weighed(zeros=294_000)) for each in names), catalogue=catalogue)
    found = section(made)
    assert list(rows(found)) == ["cnn-cpu-keras", "cnn.zeroed-cpu-keras"]


def test_other_formats_are_not_on_the_curve_and_a_model_without_pruning_has_none():
    made = run(
        *(at(f"examine/{each}", weighed()) for each in ("cnn-cpu-keras", "cnn.pruned80-cpu-onnx", "fcnn-cpu-keras"))
    )
    assert section(made) is None
    assert all(each.title != "Quality against sparsity" for each in report([made]).sections)


def test_a_chart_for_each_model_has_its_steps_by_their_zeros_and_its_control_as_a_level():
    both = [
        replace(one, measurements=(*one.measurements, *two.measurements))
        for one, two in zip(THREE, [of_seed(n, {"": 1800, ".pruned80": 1790}, "fcnn") for n in (1, 2, 3)], strict=True)
    ]
    cnn, fcnn = (each for each in section(*both).blocks if isinstance(each, Chart))
    levels, line, points = cnn.layers
    assert line.marks == points.marks
    assert [(each.name, each.x.value) for each in points.marks] == [
        ("Original", 0.0),
        ("Pruned Model (50%)", 0.5),
        ("Pruned Model (80%)", 0.8),
    ]
    assert [each.name for each in levels.marks] == ["Control (trained on, not pruned)"]
    assert fcnn.layers[0].marks == ()
    assert "lowest to the highest seed" in cnn.note
    assert "no spread" in next(each for each in section(THREE[0]).blocks if isinstance(each, Chart)).note


def test_an_error_is_lost_upwards_and_a_metric_of_unknown_direction_is_left_out():
    metrics = {
        "error": MetricTraits("error", "Error", "number", higher_is_better=False),
        "mood": MetricTraits("mood", "Mood", "number"),
    }
    cells = [
        at(f"examine/cnn{each}-cpu-keras", replace(weighed(), metrics={"error": Score(value), "mood": Score(1.0)}))
        for each, value in (("", 2.0), (".pruned80", 2.5))
    ]
    found = section(run(*cells, catalogue=replace(CATALOGUE, metrics=metrics)))
    assert [each.key for each in found.tables] == ["sparsity_error"]
    assert rows(found, "sparsity_error")["cnn.pruned80-cpu-keras"]["loss"] == Quantity(0.5)


def test_an_artifact_without_a_metric_or_zeros_says_so():
    bare = replace(weighed(), metrics={}, sparsity=None)
    made = run(at("examine/cnn-cpu-keras", weighed()), at("examine/cnn.pruned80-cpu-keras", bare))
    values = rows(section(made))["cnn.pruned80-cpu-keras"]
    assert isinstance(values["accuracy"], NotMeasured)
    assert isinstance(values["sparsity"], NotMeasured)
    assert isinstance(values["loss"], NotMeasured)


def test_figures_of_several_machines_name_them():
    runs = [THREE[0], replace(THREE[1], machine=machine("far", gpu=True))]
    row = section(*runs).tables[0].rows[0]
    assert row.machine == "lab-pc-07 and far"


@given(st.lists(st.tuples(*[st.integers(0, 2000)] * 2), min_size=2, max_size=6))
def test_whatever_seeds_give_the_mean_is_within_its_spread_and_its_interval(right):
    runs = [of_seed(seed, {"": one, ".pruned80": two}) for seed, (one, two) in enumerate(right, 1)]
    values = rows(section(*runs))["cnn.pruned80-cpu-keras"]
    assert values["accuracy"].low - 1e-12 <= values["accuracy"].value <= values["accuracy"].high + 1e-12
    assert values["loss"].low <= values["loss"].value <= values["loss"].high
