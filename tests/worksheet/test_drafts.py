import re
from dataclasses import replace

import pytest
from worksheet_cases import REAL, RUNS, draft, questions
from worksheet_factory import NO_GPU, at, run, timed, weighed

from lab4.analysis.query import Figure
from lab4.analysis.tables import NotMeasured, Quantity, Row
from lab4.domain.observed import Loading
from lab4.domain.outcome import Failed
from lab4.report.units import sentence, spread, words
from lab4.worksheet import worksheet
from lab4.worksheet.sentences import clear_loss, say, versus

NUMBER = re.compile(r"[+-]?\d[\d,]*\.\d+")


@pytest.mark.parametrize("name", RUNS)
def test_every_part_but_the_reflection_has_three_questions_with_a_draft(name):
    made = worksheet(RUNS[name])
    for part in range(1, 6):
        found = questions(made, part)
        assert len(found) == 3
        assert all(text.endswith("?") and answer for text, answer in found)
    assert questions(made, 6) == []


def test_every_number_in_a_draft_is_one_of_the_tables_or_a_ratio_of_two():
    known = set()
    for table in REAL.tables:
        for row in table.rows:
            for value, column in zip(row.values, table.columns, strict=True):
                if isinstance(value, Quantity):
                    text = f"{words(value, column.kind)} {spread(value, column.kind)}"
                    known |= set(NUMBER.findall(text.replace("\u2013", " ")))
    for part in range(1, 6):
        for _, answer in questions(REAL, part):
            plain = re.sub(r"[\d.,]+ times|CPU @ 2.20GHz", "", answer).replace("\u2013", " ")
            assert set(NUMBER.findall(plain)) <= known, answer


def test_a_run_without_a_gpu_says_so_instead_of_comparing():
    assert f"CNN, GPU; FCNN, GPU (not measured: {NO_GPU.reason})" in draft(REAL, 1, 1)


def test_with_a_gpu_the_platforms_are_compared():
    found = draft(worksheet(RUNS["cpu and gpu"]), 1, 1)
    assert "times as fast as on lab-pc-07 CPU" in found
    assert "NVIDIA T4" in found


def test_an_empty_worksheet_has_nothing_to_answer_from():
    assert draft(worksheet([]), 5, 1) == "This run measured nothing that answers it."


def test_differences_within_the_spread_are_called_no_clear_difference():
    typical = {"cnn-cpu-b1-keras": 1e-3, "cnn-cpu-b32-keras": 32e-3, "cnn-cpu-b1-tflite_float32": 1e-4}
    inference = [at(f"latency/{key}", timed(seconds)) for key, seconds in typical.items()]
    made = worksheet([run(*inference, at("latency/cnn.pruned80-cpu-b1-tflite_float32", timed(1e-4)))])
    assert "no clear difference" in draft(made, 1, 2)
    assert "did not grow" not in draft(made, 1, 2)
    assert "no clear difference in latency from the original" in draft(made, 3, 3)


def test_losses_are_clear_only_when_their_interval_leaves_zero():
    verdicts = {
        Quantity(0.01, 0.005, 0.02): "a clear loss",
        Quantity(-0.01, -0.02, -0.005): "a clear gain",
        Quantity(0.01, -0.005, 0.02): "no clear difference",
        Quantity(0.01): "no clear difference",
    }
    for loss, verdict in verdicts.items():
        (said,) = clear_loss(loss)
        assert sentence(said).startswith(verdict)
    assert clear_loss(NotMeasured("no control")) == ()


def test_a_sentence_with_a_figure_that_was_not_measured_is_not_said():
    assert say("{a} of {b}", a=(Quantity(1), "count"), b=(NotMeasured("no"), "count")) == ()
    assert say("{a} of {b}", a=(Quantity(1), "count"), b=(Failed("no"), "count")) == ()
    (said,) = say("{a} of {b}", a=(Quantity(1), "count"), b="{braces}")
    assert sentence(said) == "1 of {braces}"


def test_a_balance_prefers_what_loses_nothing_clearly():
    keys = {"keras": (1950, 1000), "tflite_float16": (1950, 500), "tflite_int8": (1700, 250)}
    made = worksheet([run(*(at(f"examine/cnn-cpu-{form}", weighed(*about)) for form, about in keys.items()))])
    assert "TFLite (Float16) made the file 50.0% smaller" in draft(made, 2, 1)


def test_an_int8_without_figures_is_not_described():
    made = worksheet([run(at("examine/cnn-cpu-tflite_int8", Failed("no converter")))])
    assert draft(made, 2, 3) == "This run measured nothing that answers it."
    assert "failed: no converter" in draft(made, 2, 1)


def test_formats_of_one_size_and_loading_time_are_not_ranked():
    made = worksheet([run(*(at(f"examine/cnn-cpu-{form}", weighed()) for form in ("keras", "onnx")))])
    assert "every format measured has 1.70 MB" in draft(made, 4, 1)
    assert "in every format measured" in draft(made, 4, 2)


def test_nothing_below_1_mb_is_said():
    made = worksheet([run(at("examine/cnn-cpu-keras", weighed(disk=2_000_000)))])
    assert draft(made, 5, 2) == "Nothing measured is below 1 MB; the smallest is CNN, Keras (H5)."


def test_loading_times_that_differ_are_ranked():
    slow = replace(weighed(), loading=Loading((0.5, 0.6)))
    made = worksheet([run(at("examine/cnn-cpu-keras", slow), at("examine/cnn-cpu-onnx", weighed()))])
    assert "ONNX loads fastest, in 20.0 ms" in draft(made, 4, 2)


def test_there_is_no_ratio_to_a_figure_of_zero():
    one, none = (Figure(Row("r", "R", ()), Quantity(value), "rate") for value in (2.0, 0.0))
    assert sentence(versus(one, none, "ONNX", "throughput")) == "no ratio to the throughput of ONNX, which is zero"
