"""Metrics of any name, unit and direction."""

from dataclasses import replace

import pytest
from worksheet_factory import CATALOGUE, accuracy, at, run, weighed

from lab4.analysis.charts.artifacts import quality_charts, size_charts
from lab4.analysis.measures import MEASURES, metric_measures, metrics_of
from lab4.analysis.observations import observations_of
from lab4.analysis.overview import report
from lab4.analysis.subject import Subject
from lab4.analysis.tables import NotMeasured, Quantity, Text
from lab4.domain.catalogue import MetricTraits, MissingTraitError, Promise, TechniqueTraits
from lab4.domain.observed import Score

LOSS = MetricTraits("size", "Cross-entropy", "number", higher_is_better=False)
FEW, MANY = "examine/cnn-cpu-keras", "examine/cnn-cpu-onnx"


def scored(value, disk=1000, name="size"):
    return replace(weighed(disk=disk), metrics={name: Score(value)})


def observed(*measurements, metrics=(LOSS,)):
    made = replace(CATALOGUE, metrics={each.name: each for each in metrics})
    return observations_of([run(*measurements, catalogue=made)])


def value(found, key=FEW):
    (measure,) = metric_measures(found).values()
    return measure.value(Subject(found, at(key, None).cell))


def test_a_metric_of_any_name_is_a_measure_under_its_label():
    (measure,) = metric_measures(observed(at(FEW, scored(0.3)))).values()
    assert (measure.heading, measure.kind) == ("Cross-entropy", "ratio")
    assert value(observed(at(FEW, scored(0.3)))) == Quantity(0.3)


def test_one_that_is_called_as_a_measure_does_not_replace_it():
    found = observed(at(FEW, scored(0.3, 77)))
    assert not set(metric_measures(found)) & set(MEASURES)
    made = report([run(at(FEW, scored(0.3, 77)), catalogue=found.catalogue)])
    (table,) = (each for each in made.tables if each.key == "examine")
    assert table.value(table.rows[0], "metric_size") == Quantity(0.3)
    assert table.value(table.rows[0], "size") == Quantity(77)


def test_a_share_of_examples_has_its_interval():
    share = MetricTraits("top5", "Top 5", "share", higher_is_better=True, is_per_example=True)
    found = value(observed(at(FEW, replace(weighed(), metrics={"top5": accuracy(90, 100)})), metrics=[share]))
    assert found.low < found.value == 0.9 < found.high


def test_what_a_cell_does_not_measure_says_so():
    found = observed(at(FEW, replace(weighed(), metrics={})))
    assert value(found) == NotMeasured("this cell does not measure it")


def test_a_metric_without_an_entry_is_found_and_its_missing_unit_is_named():
    found = observed(at(FEW, scored(0.3, name="f1")), metrics=())
    assert [each.name for each in metrics_of(found)] == ["f1"]
    with pytest.raises(MissingTraitError, match="the metric 'f1' does not declare its unit"):
        value(found)
    assert size_charts(found) == ()


def test_where_less_is_better_the_front_has_the_lower():
    found = observed(at(FEW, scored(0.3, 1000)), at(MANY, scored(0.2, 1000)))
    chart = quality_charts(found)[0]
    assert chart.title == "Cross-entropy against size: CNN"
    front = next(layer for layer in chart.layers if layer.shape == "step")
    assert [mark.y for mark in front.marks] == [Quantity(0.2)]


def test_a_promise_that_a_later_technique_gave_up_says_which():
    pruned = TechniqueTraits("pruned80", "Pruned (80%)", "pruning", (Promise("sparsity", "zeros", at_least=0.8),))
    keeping = TechniqueTraits("keeping", "Keeping", "clustering", preserves=("sparsity",))
    dropping = TechniqueTraits("dropping", "Dropping", "clustering")
    catalogue = replace(CATALOGUE, techniques={each.name: each for each in (pruned, keeping, dropping)})
    key = "examine/cnn.pruned80.keeping.dropping-cpu-keras"
    made = run(at(key, weighed()), catalogue=catalogue)
    assert MEASURES["promises"].value(Subject(observations_of([made]), at(key, None).cell)) == Text(
        "zeros: at least 0.8, not verified: Dropping does not preserve it"
    )


@pytest.mark.parametrize(("counts", "said"), [({"distinct": 12}, ", counted 12"), ({}, "")])
def test_promises_stand_with_what_was_counted(counts, said):
    promise = Promise("distinct", "distinct weights", at_most=16)
    techniques = {"clustered": TechniqueTraits("clustered", "Clustered", "clustering", (promise,))}
    key = "examine/cnn.clustered-cpu-keras"
    made = run(at(key, replace(weighed(), verified=counts)), catalogue=replace(CATALOGUE, techniques=techniques))
    assert MEASURES["promises"].value(Subject(observations_of([made]), at(key, None).cell)) == Text(
        f"distinct weights: at most 16{said}"
    )
