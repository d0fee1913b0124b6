import json

import pytest

from benchmarks.harness.crosscheck.report import as_json, closing, text
from benchmarks.harness.crosscheck.results import Crosscheck, LatencyKind, ModelFile, ToolResult
from lab4.domain.contract import Contract, Dimension, TensorSpec
from lab4.domain.outcome import Unavailable

MEDIAN, MEAN = LatencyKind("whole", "median"), LatencyKind("whole", "mean")
IMAGES = TensorSpec("images", "float32", (Dimension(None, "n"), Dimension(28), Dimension(28), Dimension(1)))
SUBJECT = ModelFile("/cache/model.onnx", ".onnx", Contract((IMAGES,), ()))


def check(rounds=6, **changes):
    results = (
        ToolResult("bare loop", MEDIAN, "session.run", (1.6e-5,) * rounds),
        ToolResult("slow_tool", MEDIAN, "session.run", (3.2e-5,) * rounds, note="it dawdles"),
        ToolResult("gone_tool", MEAN, "session.run", Unavailable("there is no gone_tool here"), note="never shown"),
    )
    suite = {MEDIAN: (1.6e-5,) * rounds}
    fields = {"name": "cnn onnx", "model_file": SUBJECT, "threads": 1, "seed": 3, "rounds": rounds}
    fields |= {"suite": suite, "clocks": {"whole": "input copy, run, output copy"}, "results": results}
    return Crosscheck(**(fields | changes))


WANTED = """\
cnn onnx (/cache/model.onnx)
images float32 1x28x28x1, 1 thread, 6 rounds in an order by seed 3
suite, whole: input copy, run, output copy
tool       its clock contains  statistic     us  reference     us  reference / tool  95% interval    verdict
---------  ------------------  ---------  -----  ---------  -----  ----------------  --------------  -------
bare loop  whole: session.run  median     16.00  suite      16.00             1.000  1.000 to 1.000  agrees
slow_tool  whole: session.run  median     32.00  suite      16.00             0.500  0.500 to 0.500  differs
gone_tool  whole: session.run  mean       not measured: there is no gone_tool here
slow_tool: it dawdles"""


def test_the_table_is_aligned_and_says_what_was_not_measured():
    assert text(check()) == WANTED


def test_a_table_without_measurements():
    gone = check().results[-1:]
    assert text(check(results=gone)).endswith("mean       not measured: there is no gone_tool here")


def test_a_file_named_by_its_path_is_named_once():
    assert text(check(name=SUBJECT.path)).startswith("/cache/model.onnx\n")


@pytest.mark.parametrize(("rounds", "told"), [(1, True), (5, True), (6, False), (11, False)])
def test_too_few_rounds_for_an_interval_add_a_note(rounds, told):
    assert ("it is the range; give --rounds 6 or more" in text(check(rounds))) == told


def test_the_closing_line_counts_every_row_of_every_file():
    line = closing([check(), check()])
    assert line.startswith("2 files: 2 agree, 2 differ, 2 not measured; a row differs where")
    assert "\n" not in line


def test_the_json_has_the_rounds_and_the_comparison():
    (plain,) = json.loads(as_json([check()]))
    assert plain["suite"] == [{"content": "whole", "statistic": "median", "observed_s": [1.6e-5] * 6}]
    loop, slow, gone = plain["results"]
    assert (loop["verdict"], loop["observed_s"], loop["reference"]) == ("agrees", [1.6e-5] * 6, "suite")
    assert (slow["ratio"], slow["low"], slow["high"]) == (0.5, 0.5, 0.5)
    assert (gone["verdict"], gone["reason"]) == ("not measured", "there is no gone_tool here")
    assert plain["model_file"]["contract"]["inputs"][0]["name"] == "images"
