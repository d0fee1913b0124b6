"""Charts: one for what can be compared, in base units."""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

import pytest
from worksheet_factory import CATALOGUE, PEAKS, at, machine, realistic, run, timed, trained, weighed

from lab4.analysis.charts.artifacts import pareto_points, quality_charts, size_charts
from lab4.analysis.charts.latencies import latency_charts, throughput_charts
from lab4.analysis.charts.platforms import platform_charts
from lab4.analysis.charts.rooflines import original_rooflines, roofline_charts
from lab4.analysis.charts.training import training_charts
from lab4.analysis.observations import observations_of


def latencies(*keys):
    return [at(f"latency/{key}", timed(seconds)) for key, seconds in keys]


def layer(chart, shape):
    (found,) = [each for each in chart.layers if each.shape == shape]
    return found.marks


def test_cells_are_compared_where_all_else_is_equal():
    keys = ("cnn-cpu-b1-onnx", 2e-3), ("cnn-cpu-b1-keras", 1e-3), ("cnn-cpu-b7-onnx", 3e-3), ("cnn-cpu-b7-keras", 4e-3)
    more = ("cnn-cpu-b1-t2-onnx", 1e-3), ("cnn-gpu-b1-onnx", 1e-3), ("fcnn-cpu-b1-onnx", 1e-3)
    pruned = ("cnn.pruned80-cpu-b1-onnx", 5e-3)
    found = observations_of([run(*latencies(*keys, *more, pruned))])
    charts = latency_charts(found)
    assert charts[0].title == "Latency of the CNN, batch 1, CPU"
    assert [mark.y.text for mark in layer(charts[0], "point")] == ["Keras (H5)", "ONNX", "ONNX"]
    assert [mark.group for mark in layer(charts[0], "point")] == ["original", "original", "Pruned Model (80%)"]
    (alone,) = latency_charts(found, 7)
    assert alone.title == "Latency of the CNN, batch 7, CPU"
    (plain,) = [chart for chart in latency_charts(found, 1) if "2 threads" not in chart.title and "CNN" in chart.title]
    assert len(layer(plain, "point")) == 2


def test_a_latency_has_its_distribution_its_test_and_its_clock():
    (chart,) = latency_charts(observations_of([run(*latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-keras", 1e-3)))]))
    (wide, _), (narrow, _) = layer(chart, "range"), layer(chart, "point")
    assert wide.x.low <= narrow.x.low <= narrow.x.value <= narrow.x.high <= wide.x.high
    facts = {fact.name: fact.value for fact in narrow.facts}
    assert facts["Test"].text.startswith("test_latency[cnn-cpu-b1-")
    assert facts["Clock"].text
    assert facts["Median, 95% interval"].low <= narrow.x.value


def test_machines_are_never_in_one_chart_of_latencies():
    one = run(*latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-keras", 1e-3)))
    two = run(
        *latencies(("cnn-cpu-b1-saved_model", 1e-3), ("cnn-cpu-b1-tflite_int8", 1e-3)), on=machine("far", gpu=True)
    )
    titles = [chart.title for chart in latency_charts(observations_of([one, two]))]
    assert sorted(title.rpartition(" on ")[2] for title in titles) == ["far", "lab-pc-07"]


def test_machines_are_side_by_side_for_what_both_measured():
    keys = ("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-keras", 2e-3), ("cnn.pruned80-cpu-b1-onnx", 1e-3)
    one, two = run(*latencies(*keys)), run(*latencies(*keys), on=machine("far", gpu=True))
    (chart,) = platform_charts([one, two])
    assert chart.title == "Latency of the CNN by machine and device"
    assert {mark.group for mark in chart.marks} == {"lab-pc-07", "far"}
    assert len(chart.marks) == 4
    assert platform_charts([one]) == ()
    facts = {fact.name: fact.value for fact in chart.marks[0].facts}
    assert facts["Test"].text.startswith("test_latency[cnn-cpu-b1-")
    assert facts["Clock"].text
    assert facts["Median, 95% interval"] == chart.marks[0].x


def test_throughput_grows_along_the_batch_sizes_in_order():
    keys = ("cnn-cpu-b32-onnx", 8e-3), ("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-keras", 1e-3)
    (chart,) = throughput_charts(observations_of([run(*latencies(*keys))]))
    line = layer(chart, "line")
    assert [mark.x.value for mark in line] == [1, 1, 32]
    assert line[-1].y.value == pytest.approx(32 / 8e-3, rel=0.05)
    assert line == layer(chart, "point")
    assert throughput_charts(observations_of([run(*latencies(*keys[1:]))])) == ()


def test_quality_is_shown_against_size_and_latency_with_the_front_and_a_control_is_no_choice():
    keys = {"cnn-cpu-keras": (1950, 1000), "cnn-cpu-onnx": (1950, 999), "cnn.finetuned-cpu-keras": (1999, 1)}
    made = [at(f"examine/{key}", weighed(*about)) for key, about in keys.items()]
    timings = latencies(("cnn-cpu-b1-keras", 2e-3), ("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b32-onnx", 1e-6))
    by_size, by_latency = quality_charts(observations_of([run(*made, *timings)]))
    assert [mark.group for mark in layer(by_size, "point")] == ["Keras (H5)", "ONNX"]
    assert [mark.x.value for mark in layer(by_size, "step")] == [999]
    assert sorted(mark.x.value for mark in layer(by_latency, "point")) == pytest.approx([1e-3, 2e-3], rel=0.05)
    assert [mark.name for mark in layer(by_latency, "step")] == ["CNN, ONNX"]


def test_models_are_together_where_that_is_asked():
    made = [at(f"examine/{name}-cpu-keras", weighed(1950, size)) for name, size in (("cnn", 1000), ("fcnn", 500))]
    found = observations_of([run(*made)])
    assert quality_charts(found) == ()
    (chart,) = quality_charts(found, together=True)
    assert chart.title == "Accuracy against size"
    assert [mark.variety for mark in layer(chart, "point")] == ["CNN", "FCNN"]


def test_sizes_are_bars_by_format_and_technique():
    keys = "cnn-cpu-keras", "cnn-cpu-onnx", "cnn.pruned80-cpu-onnx"
    (chart,) = size_charts(observations_of([run(*(at(f"examine/{key}", weighed()) for key in keys))]))
    assert [(mark.y.text, mark.group) for mark in layer(chart, "bar")] == [
        ("Keras (H5)", "original"),
        ("ONNX", "original"),
        ("ONNX", "Pruned Model (80%)"),
    ]


def test_the_front_has_what_nothing_beats():
    assert pareto_points([]) == set()
    assert pareto_points([(2.0, 0.5), (2.0, 0.5), (1.0, 0.4), (3.0, 0.5)]) == {(2.0, 0.5), (1.0, 0.4)}


def test_points_under_a_roof_are_of_its_machine_and_place():
    made = run(
        *latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-t2-onnx", 1e-3), ("cnn-gpu-b1-keras", 1e-3)), peaks=PEAKS
    )
    (chart,) = roofline_charts(observations_of([made]))
    assert chart.title == "Roofline of the CNN, CPU, one thread"
    assert [mark.name for mark in layer(chart, "point")] == ["CNN, ONNX, batch 1"]
    # Roofs of an arithmetic that no cell has would be lines without a meaning.
    assert {mark.group for mark in layer(chart, "line")} == {"float32"}
    assert {mark.variety for mark in layer(chart, "line")} == {"memory", "cache"}


def test_a_roof_is_the_lower_of_its_peak_and_its_slope():
    (chart,) = original_rooflines(observations_of([run(*latencies(("cnn-cpu-b1-keras", 1e-3)), peaks=PEAKS)]))
    corners = [mark for mark in layer(chart, "line") if mark.variety == "memory"]
    low, ridge, high = ((mark.x.value, mark.y.value) for mark in corners)
    assert low[0] < ridge[0] < high[0]
    assert low[1] < ridge[1] == high[1]
    assert low[1] / low[0] == ridge[1] / ridge[0]


def test_a_cell_whose_work_or_place_is_unknown_has_no_point():
    idle = at("latency/cnn-cpu-b1-keras", replace(timed(1e-3), work=None))
    made = run(*latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-npu-b1-onnx", 1e-3)), idle, peaks=PEAKS)
    (chart,) = roofline_charts(observations_of([made]))
    assert [mark.name for mark in layer(chart, "point")] == ["CNN, ONNX, batch 1"]


def test_a_device_of_unknown_kind_is_under_no_roof():
    devices = {name: each for name, each in CATALOGUE.devices.items() if name != "cpu"}
    assert roofline_charts(observations_of([realistic(70, catalogue=type(CATALOGUE)(devices=devices))])) == ()


def test_scores_after_each_epoch_are_lines_by_model():
    def of(model, *scores):
        plain = trained((1.0,) * len(scores))
        training = replace(plain.training, scores={"loss": tuple(1 - each for each in scores), "accuracy": scores})
        return at(f"train/{model}-cpu-b128-keras", replace(plain, training=training))

    loss, accuracy = training_charts(observations_of([run(of("cnn", 0.9, 0.95), of("fcnn", 0.8, 0.85))]))
    assert (loss.title, accuracy.title) == ("Loss by epoch, CPU", "Accuracy by epoch, CPU")
    assert [(mark.group, mark.x.value, mark.y.value) for mark in layer(accuracy, "line")] == [
        ("CNN, batch 128", 1, 0.9),
        ("CNN, batch 128", 2, 0.95),
        ("FCNN, batch 128", 1, 0.8),
        ("FCNN, batch 128", 2, 0.85),
    ]
    assert training_charts(observations_of([run(at("train/cnn-cpu-b128-keras", trained((1.0,))))])) == ()
