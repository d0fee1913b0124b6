"""Charts: one for what can be compared, in base units."""

from dataclasses import replace

from worksheet_factory import CATALOGUE, PEAKS, at, machine, realistic, run, timed, weighed

from lab4.analysis.charts import latency_charts, pareto_points, roofline_charts, size_charts
from lab4.analysis.observations import observations_of


def latencies(*keys):
    return [at(f"latency/{key}", timed(seconds)) for key, seconds in keys]


def test_formats_are_compared_where_all_else_is_equal():
    keys = ("cnn-cpu-b1-onnx", 2e-3), ("cnn-cpu-b1-keras", 1e-3), ("cnn-cpu-b7-onnx", 3e-3), ("cnn-cpu-b7-keras", 4e-3)
    more = ("cnn-cpu-b1-t2-onnx", 1e-3), ("cnn-gpu-b1-onnx", 1e-3), ("fcnn-cpu-b1-onnx", 1e-3)
    pruned = ("cnn.pruned80-cpu-b1-onnx", 1e-3)
    found = observations_of([run(*latencies(*keys, *more, pruned))])
    charts = latency_charts(found)
    assert [chart.title for chart in charts] == [
        "Latency of the CNN by format, batch 1, CPU",
        "Latency of the CNN by format, batch 7, CPU",
    ]
    assert [bar.name for bar in charts[0].bars] == ["Keras (H5)", "ONNX"]
    assert [chart.title for chart in latency_charts(found, 7)] == ["Latency of the CNN by format, batch 7, CPU"]


def test_machines_are_never_in_one_chart():
    one = run(*latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-keras", 1e-3)))
    two = run(
        *latencies(("cnn-cpu-b1-saved_model", 1e-3), ("cnn-cpu-b1-tflite_int8", 1e-3)), on=machine("far", gpu=True)
    )
    titles = [chart.title for chart in latency_charts(observations_of([one, two]))]
    assert sorted(title.rpartition(" on ")[2] for title in titles) == ["far", "lab-pc-07"]


def test_sizes_stand_out_on_the_front_and_a_control_is_no_choice():
    keys = {"cnn-cpu-keras": (1950, 1000), "cnn-cpu-onnx": (1950, 999), "cnn.finetuned-cpu-keras": (1999, 1)}
    made = [at(f"examine/{key}", weighed(*about)) for key, about in keys.items()]
    (chart,) = size_charts(observations_of([run(*made)]))
    assert [(bar.name, bar.strong) for bar in chart.bars] == [("Keras (H5)", False), ("ONNX", True)]
    assert chart.bars[0].quantity.value == 1000


def test_the_front_has_what_nothing_beats():
    assert pareto_points([]) == set()
    assert pareto_points([(2.0, 0.5), (2.0, 0.5), (1.0, 0.4), (3.0, 0.5)]) == {(2.0, 0.5), (1.0, 0.4)}


def test_points_under_a_roof_are_of_its_machine_and_place():
    made = run(
        *latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-cpu-b1-t2-onnx", 1e-3), ("cnn-gpu-b1-keras", 1e-3)), peaks=PEAKS
    )
    (chart,) = roofline_charts(observations_of([made]))
    assert (chart.title, [point.name for point in chart.points]) == (
        "Roofline of the CNN, CPU, one thread",
        ["ONNX, batch 1"],
    )
    assert {roof.arithmetic for roof in chart.roofs} == {"float32", "int8"}
    assert {roof.level for roof in chart.roofs} == {"memory", "cache"}


def test_a_cell_whose_work_or_place_is_unknown_has_no_point():
    idle = at("latency/cnn-cpu-b1-keras", replace(timed(1e-3), work=None))
    made = run(*latencies(("cnn-cpu-b1-onnx", 1e-3), ("cnn-npu-b1-onnx", 1e-3)), idle, peaks=PEAKS)
    (chart,) = roofline_charts(observations_of([made]))
    assert [point.name for point in chart.points] == ["ONNX, batch 1"]


def test_a_device_of_unknown_kind_is_under_no_roof():
    devices = {name: each for name, each in CATALOGUE.devices.items() if name != "cpu"}
    assert roofline_charts(observations_of([realistic(70, catalogue=type(CATALOGUE)(devices=devices))])) == ()
