import re
from dataclasses import replace

import pytest
import worksheets
from worksheet_factory import NO_GPU, at, run, timed, weighed

from lab4.analysis.tables import NotMeasured, Quantity
from lab4.analysis.worksheet import worksheet
from lab4.domain.observed import Loading
from lab4.domain.outcome import Failed
from lab4.report.drafts import answers
from lab4.report.drafts.phrases import clear_loss
from lab4.report.units import spread, words

NUMBER = re.compile(r"[+-]?\d[\d,]*\.\d+")


def _drafts(made):
    return [answer.draft for part in range(1, 6) for answer in answers(made, part)]


@pytest.mark.parametrize("name", worksheets.ALL)
def test_every_part_but_the_reflection_has_three_questions_with_a_draft(name):
    for part in range(1, 6):
        found = answers(worksheets.ALL[name], part)
        assert len(found) == 3
        assert all(answer.question.endswith("?") and answer.draft for answer in found)
    assert answers(worksheets.ALL[name], 6) == ()


def test_every_number_in_a_draft_is_one_of_the_tables_or_a_ratio_of_two():
    known = set()
    for value, kind in worksheets.quantities(worksheets.FULL):
        known |= set(NUMBER.findall(f"{words(value, kind)} {spread(value, kind)}".replace("\u2013", " ")))
    for draft in _drafts(worksheets.FULL):
        told = re.sub(r"[\d.,]+ times|CPU @ 2.20GHz", "", draft).replace("\u2013", " ")
        assert set(NUMBER.findall(told)) <= known, draft


def test_a_run_without_a_gpu_says_so_instead_of_comparing():
    draft = answers(worksheets.FULL, 1)[0].draft
    assert f"CNN, GPU; FCNN, GPU (not measured: {NO_GPU.reason})" in draft


def test_with_a_gpu_the_platforms_are_compared():
    draft = answers(worksheets.MERGED, 1)[0].draft
    assert "times the throughput of CPU" in draft
    assert "NVIDIA T4" in draft


def test_an_empty_worksheet_has_nothing_to_answer_from():
    assert answers(worksheets.EMPTY, 5)[0].draft == "This run measured nothing that answers it."


def test_differences_within_the_spread_are_called_no_clear_difference():
    typical = {"cnn-cpu-b1-keras": 1e-3, "cnn-cpu-b32-keras": 32e-3, "cnn-cpu-b1-tflite_float32": 1e-4}
    inference = [at(f"latency/{key}", timed(seconds)) for key, seconds in typical.items()]
    made = worksheet([run(*inference, at("latency/cnn.pruned80-cpu-b1-tflite_float32", timed(1e-4)))])
    assert "no clear difference" in answers(made, 1)[1].draft
    assert "did not grow" not in answers(made, 1)[1].draft
    assert "no clear difference in latency from the original" in answers(made, 3)[2].draft


def test_losses_are_clear_only_when_their_interval_leaves_zero():
    assert clear_loss(Quantity(0.01, 0.005, 0.02)).startswith("a clear loss")
    assert clear_loss(Quantity(-0.01, -0.02, -0.005)).startswith("a clear gain")
    assert clear_loss(Quantity(0.01, -0.005, 0.02)).startswith("no clear difference")
    assert clear_loss(Quantity(0.01)).startswith("no clear difference")
    assert clear_loss(NotMeasured("no control")) == "not measured: no control"


def test_a_balance_prefers_what_loses_nothing_clearly():
    keys = {"keras": (1950, 1000), "tflite_float16": (1950, 500), "tflite_int8": (1700, 250)}
    made = worksheet([run(*(at(f"examine/cnn-cpu-{form}", weighed(*about)) for form, about in keys.items()))])
    assert "TFLite (Float16) made the file 50.0% smaller" in answers(made, 2)[0].draft


def test_an_int8_without_figures_is_not_described():
    made = worksheet([run(at("examine/cnn-cpu-tflite_int8", Failed("no converter")))])
    assert "int8 file" not in answers(made, 2)[2].draft
    assert "failed: no converter" in answers(made, 2)[0].draft


def test_formats_of_one_size_and_loading_time_are_not_ranked():
    made = worksheet([run(*(at(f"examine/cnn-cpu-{form}", weighed()) for form in ("keras", "onnx")))])
    assert "every format measured has 1.70 MB" in answers(made, 4)[0].draft
    assert "in every format measured" in answers(made, 4)[1].draft


def test_nothing_below_1_mb_is_said():
    made = worksheet([run(at("examine/cnn-cpu-keras", weighed(disk=2_000_000)))])
    assert answers(made, 5)[1].draft == "Nothing measured is below 1 MB; the smallest is CNN, Keras (H5)."


def test_loading_times_that_differ_are_ranked():
    slow = replace(weighed(), loading=Loading((0.5, 0.6)))
    made = worksheet([run(at("examine/cnn-cpu-keras", slow), at("examine/cnn-cpu-onnx", weighed()))])
    assert "ONNX loads fastest, in 20.0 ms" in answers(made, 4)[1].draft
