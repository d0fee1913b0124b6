from dataclasses import replace

from lab4.analysis.charts.histories import history_section
from lab4.analysis.document import Chart, Prose
from lab4.analysis.figures import FIGURES
from lab4.analysis.tables import Quantity, Text
from lab4.analysis.trend import NamedFigure, TrendSample, trends_of
from lab4.domain.figures import CellFigures
from lab4.report.units import sentence

FIGURE = NamedFigure("latency", FIGURES["latency"])


def samples(*seconds):
    return [
        TrendSample(
            number,
            f"2026-03-{number:02}T00:00:00Z",
            "a" * 16,
            f"{number:012x}",
            CellFigures("measured", {"latency": each}),
        )
        for number, each in enumerate(seconds, 1)
    ]


def section(by_cell):
    return history_section(FIGURE, by_cell, *trends_of(FIGURE, by_cell, assume_same_machine=True))


def test_a_step_is_an_upright_line_at_its_run_with_the_change():
    noise = (1.0, 1.001, 0.999, 1.002, 0.998, 1.0)
    found = section({"latency/cnn-cpu-b1-onnx": samples(*noise, *(1.2 * each for each in noise))})
    (said, chart) = found.blocks
    assert isinstance(said, Prose)
    assert sentence(said.sentences[0]) == "The figure comparison latency changed in 1 of 1 cells."
    moments, line, points = chart.layers
    assert [(mark.x.value, mark.label) for mark in moments.marks] == [(7, "+20.0%")]
    assert len(points.marks) == len(line.marks) == 12


def test_pointing_at_a_run_shows_its_interval_its_test_and_its_revision():
    cell = "latency/cnn-cpu-b1-onnx"
    known, unknown = samples(1.0, 1.0)
    spread = CellFigures("measured", {"latency": 1.0, "p50": 1.1}, intervals={"p50": (1.05, 1.2)})
    charts = [
        each for each in section({cell: [replace(known, figures=spread), unknown]}).blocks if isinstance(each, Chart)
    ]
    first, second = ({fact.name: fact.value for fact in mark.facts} for mark in charts[0].layers[-1].marks)
    assert first["Median, 95% interval"] == Quantity(1.1, 1.05, 1.2)
    assert first["Test"] == Text("test_latency[cnn-cpu-b1-onnx]")
    assert first["Revision"] == Text(f"{1:012}")
    assert set(first) - set(second) == {"Median, 95% interval"}


def test_a_history_without_a_change_shows_its_cells_all_the_same():
    found = section({"latency/cnn-cpu-b1-onnx": samples(*(1.0,) * 8)})
    (chart,) = [each for each in found.blocks if isinstance(each, Chart)]
    assert chart.layers[0].marks == ()


def test_a_person_looks_through_twelve_charts_and_the_rest_is_counted():
    noise = (1.0, 1.001, 0.999, 1.002, 0.998, 1.0)
    many = {
        f"latency/cnn-cpu-b{size}-onnx": samples(*noise, *((1 + size / 50) * each for each in noise))
        for size in range(5, 20)
    }
    charts = [each for each in section(many).blocks if isinstance(each, Chart)]
    assert len(charts) <= 12


def test_a_step_that_many_cells_have_in_common_is_said_once_and_drawn_in_each():
    noise = (1.0, 1.001, 0.999, 1.002, 0.998, 1.0)
    slower = {f"latency/cnn-cpu-b{size}-onnx": samples(*noise, *(1.2 * each for each in noise)) for size in range(1, 6)}
    said, *charts = section(slower).blocks
    assert [sentence(each) for each in said.sentences] == [
        "The figure comparison latency changed in 5 of 5 cells.",
        (
            "From run 7 on 5 of 5 cells of a machine changed together, by +20.0% in the middle: by the machine, its "
            "software, or a revision that affects them all."
        ),
    ]
    assert [[(mark.x.value, mark.label) for mark in chart.layers[0].marks] for chart in charts] == [[(7, "+20.0%")]] * 5
