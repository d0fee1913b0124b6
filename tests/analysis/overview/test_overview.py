"""The general report: whatever was run is in it, by its traits."""

import re
import sys
from dataclasses import replace
from math import sqrt
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1]))  # the runs are made where the analysis is tested

from lab4_examples import latency
from worksheet_factory import CATALOGUE, at, realistic, run, timed, trained, weighed

from lab4.analysis.document import Chart
from lab4.analysis.overview import report
from lab4.analysis.tables import Quantity, Text, Unmeasured
from lab4.domain.catalogue import Catalogue, FormatTraits, ModelTraits, Promise, TechniqueTraits
from lab4.domain.observed import Series
from lab4.domain.outcome import Failed, Unavailable
from lab4.report.units import sentence

STRANGE = Catalogue(
    models={"my-model.v3": ModelTraits("my-model.v3", "My Model", "classification", "onnx")},
    techniques={
        "clustered": TechniqueTraits(
            "clustered",
            "Clustered",
            "clustering",
            (Promise("distinct", "distinct weights", at_most=16, precisions=("int8",)),),
        )
    },
    formats={"onnx": FormatTraits("onnx", "ONNX", "onnx", "float32", "float32", ("onnxruntime",), ("server",))},
)


def table(document, key):
    return next(each for each in document.tables if each.key == key)


def column(made, name):
    return [made.value(row, name) for row in made.rows]


def test_a_section_for_each_kind_of_cells_that_was_run():
    def titles(*measurements):
        return [section.title for section in report([run(*measurements)]).sections]

    every = titles(
        at("train/cnn-cpu-b128-keras", trained()),
        at("latency/cnn-cpu-b1-onnx", timed(1e-3)),
        at("examine/cnn-cpu-onnx", weighed()),
    )
    assert every == [
        "Training",
        "Latency and throughput",
        "What limits the latency",
        "Size and quality",
        "Details of the latencies",
        "Models, formats and devices",
    ]
    assert titles(at("examine/cnn-cpu-onnx", weighed())) == ["Size and quality", "Models, formats and devices"]
    assert titles() == ["Models, formats and devices"]


def test_what_decides_comes_first():
    assert report([realistic(70)]).sections[0].title == "At a glance"


@pytest.mark.parametrize(("kind", "key"), [("train", "train"), ("latency", "latency"), ("examine", "examine")])
def test_every_cell_has_a_row_or_shares_a_reason(kind, key):
    made = realistic(70)
    found = table(report([made]), key)
    of_kind = [each for each in made.measurements if each.cell.kind == kind]
    assert [row.key for row in found.rows] == [
        each.cell.key for each in of_kind if not isinstance(each.outcome, Unavailable)
    ]
    assert all(row.cell is not None for row in found.rows)
    if len(found.rows) < len(of_kind):
        assert Unmeasured("no GPU visible to TensorFlow", ("all cells on the GPU",)) in found.unmeasured


def test_cells_that_are_all_unavailable_for_one_reason_are_named_once():
    made = run(*(at(f"latency/cnn-gpu-b{size}-keras", Unavailable("no GPU")) for size in (1, 32, 64)))
    found = table(report([made]), "latency")
    assert found.rows == ()
    assert found.unmeasured == (Unmeasured("no GPU", ("every cell",)),)


def test_names_batch_sizes_and_devices_that_nobody_has_foreseen_are_reported():
    cells = (
        ("latency/[my-model.v3].clustered-npu-b7-onnx", timed(1e-3)),
        ("examine/[my-model.v3].clustered-npu-onnx", weighed()),
    )
    made = report([run(*(at(*each) for each in cells), catalogue=STRANGE)])
    assert column(table(made, "latency"), "cell") == [Text("My Model, Clustered, ONNX, npu, batch 7")]
    assert isinstance(column(table(made, "latency"), "time")[0], Quantity)
    assert isinstance(column(table(made, "examine"), "metric_accuracy")[0], Quantity)


def test_what_was_run_stands_there_with_its_traits():
    made = report([run(at("latency/[my-model.v3].clustered-npu-b7-onnx", timed(1e-3)), catalogue=STRANGE)])
    assert column(table(made, "models"), "original_format") == [Text("onnx")]
    assert column(table(made, "techniques"), "promises") == [Text("distinct weights: at most 16 (in int8)")]
    assert column(table(made, "formats"), "targets") == [Text("server")]
    assert column(table(made, "runtimes"), "name") == [Text("onnxruntime")]
    assert column(table(made, "devices"), "kind") == [Text("not declared")]
    assert "metrics" not in {each.key for each in made.tables}


def test_an_entry_without_a_trait_costs_the_values_that_need_it():
    cells = ("examine/cnn-cpu-onnx", "examine/cnn-cpu-keras", "latency/cnn-cpu-b1-onnx")
    bare = replace(CATALOGUE, devices={}, formats={"onnx": FormatTraits("onnx", "ONNX")})
    made = report([run(at(cells[0], weighed()), at(cells[1], weighed()), at(cells[2], timed(1e-3)), catalogue=bare)])
    reason = "the device 'cpu' does not declare whether it is host"
    assert reason in {each.reason for each in table(made, "inference_roofline").unmeasured}
    assert all(isinstance(each, Quantity) for each in column(table(made, "examine"), "size"))
    assert isinstance(column(table(made, "latency"), "time")[0], Quantity)


def test_failures_say_why():
    made = report([run(at("examine/cnn-cpu-onnx", Failed("no converter")))])
    assert set(table(made, "examine").rows[0].values[1:]) >= {Failed("no converter")}


def test_charts_are_of_what_was_measured():
    blocks = (block for section in report([realistic(70)]).sections for block in section.blocks)
    titles = [block.title.partition(" ")[0] for block in blocks if isinstance(block, Chart)]
    assert {"Accuracy", "Latency", "Throughput", "Roofline", "Size"} <= set(titles)


def test_imprecise_latencies_are_counted_with_what_cannot_be_distinguished():
    (caution,) = [each for each in report([realistic(70)]).cautions if "less precisely" in each.template]
    text = sentence(caution)
    assert "of 56 latencies are known less precisely than the 2% that the profile wants" in text
    said = r"known to ([\d.]+)% differ clearly from ([\d.]+)% on, two that are known to ([\d.]+)% from ([\d.]+)% on"
    middle, apart, widest, most_apart = map(float, re.search(said, text).groups())
    assert f"half of them to {middle:g}% or better, the least precise to {widest:g}%" in text
    assert middle < widest
    assert (apart / middle, most_apart / widest) == (pytest.approx(sqrt(2), rel=0.1), pytest.approx(sqrt(2), rel=0.1))


def test_latencies_of_contended_calls_are_counted_apart_from_imprecise_ones():
    steady, flags = (1e-3,) * 60, (False,) * 60
    calls = {
        "b1": latency(steady),
        "b8": latency(steady, uncontended=flags),
        "b32": latency((1e-3, 2e-3, 3e-3) * 20, uncontended=flags),
    }
    cells = [at(f"latency/cnn-cpu-{size}-onnx", replace(timed(1e-3), latency=each)) for size, each in calls.items()]
    imprecise, contended = map(sentence, report([run(*cells)]).cautions)
    assert imprecise.startswith("1 of 3 latencies are known less precisely than the 2% that the profile wants, to 50%.")
    assert "two such cells differ clearly from 71% on" in imprecise
    assert contended.startswith("1 of 3 latencies are as precise as the profile wants, but of contended calls: ")


def test_a_latency_of_few_uncontended_rounds_is_not_said_to_have_the_time_of_other_programs():
    calls, flags = Series((1e-3, 1.4e-3) * 10, (2,) * 10, 1, "call"), (True, False) * 5 + (False, False) * 5
    cell = at("latency/cnn-cpu-b1-onnx", replace(timed(1e-3), latency=latency(calls=calls, uncontended=flags)))
    (caution,) = [each for each in report([run(cell)]).cautions if "rounds" in each.template]
    text = sentence(caution)
    assert text.startswith("1 of 1 latencies are as precise as the profile wants, by uncontended calls of fewer than 6")
    assert "Other programs are not part of these figures" in text


def test_only_the_short_tables_are_printed():
    assert [each.key for each in report([realistic(70)]).tables if each.printed] == [
        "train",
        "latency",
        "precision_speed",
        "precision_why",
        "examine",
    ]


def test_what_artifacts_compute_in_other_runtimes_has_a_table_of_its_own():
    elsewhere = replace(weighed(), size=None, sparsity=None, verified={})
    document = report([run(at("examine/cnn-cpu-onnx", weighed()), at("examine/cnn-cpu-onnx:predict", elsewhere))])
    assert len(table(document, "examine").rows) == 1
    assert [row.cell.runtime for row in table(document, "elsewhere").rows] == ["predict"]
    alone = report([run(at("examine/cnn-cpu-onnx", weighed()))])
    assert "elsewhere" not in {each.key for each in alone.tables}
