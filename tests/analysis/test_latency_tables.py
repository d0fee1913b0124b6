"""Latencies in detail: how calls vary, start, what they take, what limits them."""

from dataclasses import replace

import pytest
from worksheet_factory import CATALOGUE, PEAKS, at, latency, realistic, run, timed

from lab4.analysis.latency_tables import latency_tables
from lab4.analysis.observations import observations_of
from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity, Text
from lab4.domain.catalogue import DeviceTraits
from lab4.domain.observed import Counters, Energy, Series
from lab4.domain.outcome import Measured, Unavailable

KEY = "latency/cnn-cpu-b1-onnx"
NAME = "CNN, ONNX, CPU, batch 1"
TABLES = ("inference_variation", "inference_start", "inference_resources", "inference_roofline")


def of(outcome, *more, **about):
    return made_of(run(at(KEY, outcome), *more, **about))


def made_of(made):
    return {table.key: table for table in latency_tables(observations_of([made]))}


def cell(made, key, row, column):
    """What stands in the row of this name."""
    table = made[key]
    return next(table.value(each, column) for each in table.rows if each.name == row)


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_has_a_row_whatever_its_outcome(table):
    found = realistic(70)
    rows = made_of(found)[table].rows
    assert [row.key for row in rows] == [m.cell.key for m in found.measurements if m.cell.kind == "latency"]


@pytest.mark.parametrize("table", TABLES)
def test_a_cell_that_is_not_to_be_had_says_why_everywhere(table):
    made = of(Unavailable("no such runtime"))[table]
    assert set(made.rows[0].values[1:]) == {NotMeasured("no such runtime")}


def test_variation_shows_interval_iqr_and_counts():
    samples = tuple(1e-3 * (1 + 0.001 * (n % 10)) for n in range(200))
    measured = replace(timed(1e-3), latency=latency(1e-3))
    measured = replace(
        measured, latency=replace(measured.latency, calls=Series(samples, (20,) * 10, 1, "call"), ended="target")
    )
    made = of(measured)
    p50 = cell(made, "inference_variation", NAME, "p50")
    assert p50.low <= p50.value <= p50.high
    assert cell(made, "inference_variation", NAME, "uncertainty").text.startswith("\u00b1 ")
    assert cell(made, "inference_variation", NAME, "causes") == NotApplicable()
    assert cell(made, "inference_variation", NAME, "calls") == Quantity(200)
    assert cell(made, "inference_variation", NAME, "rounds") == Quantity(10)
    assert cell(made, "inference_variation", NAME, "min") == Quantity(1e-3)


def test_start_says_what_the_clock_contains_and_which_cores():
    made = of(replace(timed(1e-3), latency=replace(latency(1e-3), cores=(1, 3))))
    assert cell(made, "inference_start", NAME, "clock") == Text("call")
    assert cell(made, "inference_start", NAME, "cores") == Text("1, 3")
    assert cell(made, "inference_start", NAME, "warm") == Text("steady")
    assert isinstance(cell(made, "inference_start", NAME, "compute_only"), NotMeasured)


def test_the_model_alone_is_told_of_undisturbed_calls_as_that_with_copies_is():
    alone = Series((1e-3, 2e-3, 2e-3) * 4, (3,) * 4, 1, "compute_only")
    told = replace(latency(1e-3), compute_only=alone, compute_only_uncontended=(True, False, False) * 4)
    assert cell(of(replace(timed(1e-3), latency=told)), "inference_start", NAME, "compute_only") == Quantity(1e-3)
    untold = replace(told, compute_only_uncontended=())
    assert cell(of(replace(timed(1e-3), latency=untold)), "inference_start", NAME, "compute_only") == Quantity(2e-3)


def test_resources_are_a_call_or_say_why_not():
    made = of(timed(1e-3))
    assert cell(made, "inference_resources", NAME, "memory") == Quantity(2_000_000)
    assert cell(made, "inference_resources", NAME, "energy") == NotMeasured("no meter")
    assert cell(made, "inference_resources", NAME, "cycles") == NotMeasured("no counters")
    told = replace(
        timed(1e-3), energy=Energy({"package-0": 3.0, "gpu-0": 1.0}, 1000, 1.0), counters=Counters({"cycles": 500}, 20)
    )
    made = of(told)
    assert cell(made, "inference_resources", NAME, "energy") == Quantity(0.004)
    assert cell(made, "inference_resources", NAME, "cycles") == Quantity(25)
    assert isinstance(cell(made, "inference_resources", NAME, "instructions"), NotMeasured)


def test_a_cell_stands_under_the_roof_of_its_own_run():
    more = at("latency/cnn-cpu-b32-onnx", timed(3.1e-2, batch=32))
    made = of(timed(1e-3), more, peaks=PEAKS)
    attained = cell(made, "inference_roofline", NAME, "attained")
    assert attained.value == pytest.approx(8e6 / 1e-3, rel=0.1)
    assert 0 < cell(made, "inference_roofline", NAME, "share").value < 1
    assert cell(made, "inference_roofline", NAME, "bound") == Text("compute")
    assert cell(made, "inference_roofline", NAME, "arithmetic") == Text("float32")


def test_a_gpus_cell_is_not_put_under_a_cpus_roof():
    key = "latency/cnn-gpu-b1-onnx"
    made = made_of(run(at(key, timed(1e-6)), peaks=PEAKS))
    bound = cell(made, "inference_roofline", NAME.replace("CPU", "GPU"), "bound")
    assert bound == NotMeasured("no peaks in float32 on the device gpu in this run")


def test_a_gpus_cell_is_under_its_own_roof():
    key = "latency/cnn-gpu-b1-onnx"
    roofs = tuple(peak for peak in PEAKS if peak.kind != "cache")
    on_gpu = tuple(replace(peak, work=peak.work * 100, device="gpu") for peak in roofs)
    made = made_of(run(at(key, timed(1e-3)), peaks=(*PEAKS, *on_gpu)))
    there = cell(made, "inference_roofline", NAME.replace("CPU", "GPU"), "share").value
    assert (
        0 < there == pytest.approx(cell(of(timed(1e-3), peaks=roofs), "inference_roofline", NAME, "share").value / 100)
    )


def test_without_peaks_or_work_the_reason_stands_there():
    made = of(timed(1e-3))
    assert "no peaks" in cell(made, "inference_roofline", NAME, "bound").reason
    assert cell(made, "inference_roofline", NAME, "work") == Quantity(8_000_000)
    lacking = replace(timed(1e-3), work=None, missing={"work": "cannot be counted"})
    assert cell(of(lacking, peaks=PEAKS), "inference_roofline", NAME, "work") == NotMeasured("cannot be counted")


def test_a_record_of_schema_1_says_that_it_does_not_tell():
    made = of(Measured(latency=replace(latency(1e-3), load_s=None)))
    assert cell(made, "inference_start", NAME, "load") == NotMeasured("not in the record")
    assert cell(made, "inference_resources", NAME, "memory") == NotMeasured("not in the record")


def test_one_batch_size_alone_tells_no_overhead():
    made = of(timed(1e-3), peaks=PEAKS)
    assert cell(made, "inference_roofline", NAME, "overhead") == NotMeasured("one batch size only")
    assert isinstance(cell(made, "inference_roofline", NAME, "bound"), NotMeasured)


def test_a_device_that_does_not_say_whether_it_is_the_host_costs_its_own_rows():
    devices = {**CATALOGUE.devices, "npu": DeviceTraits("npu", "NPU")}
    rows = at("latency/cnn-npu-b1-onnx", timed(1e-3)), at("latency/cnn-cpu-b1-onnx", timed(1e-3))
    made = made_of(run(*rows, peaks=PEAKS, catalogue=replace(CATALOGUE, devices=devices)))
    lacking = cell(made, "inference_roofline", "CNN, ONNX, NPU, batch 1", "share")
    assert lacking == NotMeasured("the device 'npu' does not declare whether it is host")
    assert isinstance(cell(made, "inference_roofline", NAME, "share"), Quantity)
