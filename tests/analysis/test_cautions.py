from dataclasses import replace

from worksheet_factory import CATALOGUE, accuracy, at, run, weighed

from lab4.analysis.observations import observations_of
from lab4.analysis.overview import cautions
from lab4.domain.catalogue import MetricTraits
from lab4.domain.run import Commit


def test_cautions_name_interrupted_merged_dirty_and_differing_runs():
    one = run(complete=False, commit=Commit(None, dirty=True))
    two = run(settings=replace(one.settings, profile="thorough"), started_at="2026-03-02T00:00:00+00:00")
    found = cautions(observations_of([one, two]))
    assert len(found) == 4
    for named in ("interrupted", "merged", "uncommitted", "different settings"):
        assert sum(named in caution.template for caution in found) == 1
    assert cautions(observations_of([two])) == ()


def test_a_run_without_accuracy_says_what_its_tables_call_so():
    top5 = MetricTraits("top5", "Top-5 Accuracy", "share", higher_is_better=True, is_per_example=True)
    measured = replace(weighed(), metrics={"top5": accuracy(1990)})
    made = run(at("examine/cnn-cpu-onnx", measured), catalogue=replace(CATALOGUE, metrics={"top5": top5}))
    (caution,) = cautions(observations_of([made]))
    assert "Accuracy and losses of it are by {}" in caution.template
    assert caution.figures[0][0].text == "Top-5 Accuracy"
    assert cautions(observations_of([run(at("examine/cnn-cpu-onnx", weighed()))])) == ()
