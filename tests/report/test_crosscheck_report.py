import json

import pytest

from lab4.domain.crosscheck import Contender, Crosscheck, Figure, Subject
from lab4.domain.outcome import Unavailable
from lab4.report.crosscheck import as_json, closing, text

MEDIAN, MEAN = Figure("whole", "median"), Figure("whole", "mean")
SUBJECT = Subject("/cache/model.onnx", ".onnx", "images", (28, 28, 1), "float32", None)


def check(rounds=6, **changes):
    contenders = (
        Contender("bare loop", MEDIAN, "session.run", (1.6e-5,) * rounds),
        Contender("slow_tool", MEDIAN, "session.run", (3.2e-5,) * rounds, note="it dawdles"),
        Contender("gone_tool", MEAN, "session.run", Unavailable("there is no gone_tool here"), note="never shown"),
    )
    suite = {MEDIAN: (1.6e-5,) * rounds}
    fields = {"name": "cnn onnx", "subject": SUBJECT, "threads": 1, "batch_size": 1, "seed": 3, "rounds": rounds}
    fields |= {"suite": suite, "clocks": {"whole": "input copy, run, output copy"}, "contenders": contenders}
    return Crosscheck(**(fields | changes))


WANTED = """\
cnn onnx (/cache/model.onnx)
input float32 1x28x28x1, 1 thread, 6 rounds in an order by seed 3
suite, whole: input copy, run, output copy
contender  its clock contains  statistic     us  beside     us  beside / it  95% interval    verdict
---------  ------------------  ---------  -----  ------  -----  -----------  --------------  -------
bare loop  whole: session.run  median     16.00  suite   16.00        1.000  1.000 to 1.000  agrees
slow_tool  whole: session.run  median     32.00  suite   16.00        0.500  0.500 to 0.500  differs
gone_tool  whole: session.run  mean       not measured: there is no gone_tool here
slow_tool: it dawdles"""


def test_the_table_is_aligned_and_says_what_was_not_measured():
    assert text(check()) == WANTED


def test_a_table_of_nothing_but_reasons_is_a_table_too():
    gone = check().contenders[-1:]
    assert text(check(contenders=gone)).endswith("mean       not measured: there is no gone_tool here")


def test_a_file_named_by_its_path_is_named_once():
    assert text(check(name=SUBJECT.path)).startswith("/cache/model.onnx\n")


@pytest.mark.parametrize(("rounds", "told"), [(1, True), (5, True), (6, False), (11, False)])
def test_too_few_rounds_for_an_interval_are_told(rounds, told):
    assert ("it is the range; give --rounds 6 or more" in text(check(rounds))) == told


def test_the_closing_line_counts_every_row_of_every_file():
    line = closing([check(), check()])
    assert line.startswith("2 files: 2 agree, 2 differ, 2 not measured; a row differs where")
    assert "\n" not in line


def test_the_json_has_seconds_a_round_and_what_was_made_of_them():
    (plain,) = json.loads(as_json([check()]))
    assert plain["suite"] == [{"content": "whole", "statistic": "median", "observed_s": [1.6e-5] * 6}]
    loop, slow, gone = plain["contenders"]
    assert (loop["verdict"], loop["observed_s"], loop["beside"]) == ("agrees", [1.6e-5] * 6, "suite")
    assert (slow["ratio"], slow["low"], slow["high"]) == (0.5, 0.5, 0.5)
    assert (gone["verdict"], gone["reason"]) == ("not measured", "there is no gone_tool here")
    assert plain["subject"]["item_shape"] == [28, 28, 1]
