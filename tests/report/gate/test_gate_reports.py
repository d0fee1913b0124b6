import json
import re
from dataclasses import replace
from math import inf
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.gate.verdict import Evidence, ExitCode, GateResult, SelfCheck, Verdict, VerdictOutcome, failed_gate
from lab4.domain.errors import RecordError
from lab4.report.gate import GATE_REPORTS
from lab4.report.gate.markdown import annotations
from lab4.report.gate.text import printed, render
from lab4.report.gate.words import self_check_lines, summary

SLOW = Verdict(
    "latency/cnn-cpu-b1-onnx",
    "latency",
    VerdictOutcome.WORSE,
    "latency +10.0%: far beyond chance",
    Evidence(1e-3, 1.1e-3, 0.1, 0.08, 0.12, 0.02, 0.03, 1e-12),
    ExitCode.REGRESSION,
    quantity="time",
)
LESS = Verdict(
    "examine/cnn-cpu-onnx",
    "accuracy",
    VerdictOutcome.BETTER,
    "20 won",
    Evidence(0.95, 0.96, 0.01, 0.005, 0.015, 0.0025),
    quantity="share",
)
GONE = Verdict("latency/a", "measurement", VerdictOutcome.MISSING, "not in the candidate", stops=ExitCode.REGRESSION)
BLIND = Verdict(
    "latency/b", "latency", VerdictOutcome.INCONCLUSIVE, "underpowered", Evidence(threshold=inf), ExitCode.CANNOT_JUDGE
)
QUIET = Verdict("latency/c", "p99", VerdictOutcome.INCONCLUSIVE, "too few calls")
SAME = Verdict("latency/d", "size", VerdictOutcome.SAME, "the same", Evidence(1000.0, 1000.0, 0.0, 0.0, 0.0, 0.0))
EVERY = GateResult([SAME, QUIET, LESS, BLIND, GONE, SLOW], ["onnxruntime: 1 to 2"], ["old.json"], ["new.json"])
TEXTS = st.text(max_size=40)


def gate(*judged, **more):
    return GateResult(list(judged), [], ["old.json"], ["new.json"], **more)


def test_the_largest_changes_come_first():
    def slower(cell, change):
        return replace(SLOW, cell=cell, evidence=replace(SLOW.evidence, change=change))

    lines = render(gate(slower("latency/a", 0.1), slower("latency/b", 3.0), slower("latency/c", 0.5))).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("worse!")] == ["latency/b", "latency/c", "latency/a"]


def test_the_largest_of_what_may_have_changed_comes_first_too():
    def maybe(cell, change):
        return replace(SLOW, cell=cell, outcome=VerdictOutcome.INCONCLUSIVE, evidence=Evidence(change=change))

    lines = render(gate(maybe("latency/a", 0.1), maybe("latency/b", -0.5))).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("inconclusive!")][:2] == ["latency/b", "latency/a"]


def test_a_budget_is_told_from_a_change_of_the_same_figure():
    both = gate(SLOW, replace(SLOW, is_budget=True, reason="breaks its budget of 1 ms"))
    first, second = json.loads(GATE_REPORTS["json"](both))["verdicts"]
    assert "budget" not in first
    assert second["budget"] is True
    cases = ET.fromstring(GATE_REPORTS["junit"](both).partition("\n")[2])[0].findall("testcase")  # noqa: S314  # our own
    assert [case.get("name") for case in cases] == ["latency", "latency budget"]


def test_what_stops_comes_first_and_what_is_the_same_is_counted():
    lines = render(EVERY).splitlines()
    assert lines[0] == "note: onnxruntime: 1 to 2"
    head = lines.index("") + 1
    assert lines[head].startswith("verdict")
    shown = [line.split()[0] for line in lines[head + 1 : head + 5]]
    assert shown == ["worse!", "missing!", "inconclusive!", "better"]
    assert "2 figures are as before, new or not comparable (shown by --all)." in lines
    assert lines[-1] == "gate: regression (2 verdicts): 1 worse, 1 missing, 2 inconclusive, 1 better, 1 same"
    assert "same" in {line.split()[0] for line in render(EVERY, everything=True).splitlines() if line}


def test_numbers_have_units_and_shares_are_in_points():
    text = render(EVERY)
    assert "1.00 ms" in text
    assert ["+8.0%", "to", "+12.0%", "2.0%"] in [line.split()[-4:] for line in text.splitlines()]
    assert "+1.00 points  +0.50 to +1.50 points" in text
    assert "0.25 points" in text
    assert "inf%" not in text


@pytest.mark.parametrize(
    ("judged", "code", "says"),
    [
        ((SAME, LESS), ExitCode.PASSED, "gate: passed: 1 better, 1 same"),
        ((SLOW, BLIND), ExitCode.REGRESSION, "gate: regression (1 verdict)"),
        ((BLIND, SAME), ExitCode.CANNOT_JUDGE, "gate: cannot judge (1 verdict)"),
    ],
)
def test_a_regression_comes_before_what_cannot_be_judged(judged, code, says):
    found = gate(*judged)
    assert found.exit_code is code
    assert summary(found).startswith(says)


@pytest.mark.parametrize(
    ("first", "judged", "code", "says"),
    [
        (ExitCode.NO_BASELINE, SAME, 3, "gate: no baseline yet: 1 same"),
        (ExitCode.PASSED, SAME, 0, "gate: passed without a baseline (first-run-ok): 1 same"),
        (ExitCode.NO_BASELINE, BLIND, 2, "gate: cannot judge (1 verdict): 1 inconclusive"),
        (ExitCode.PASSED, SLOW, 1, "gate: regression (1 verdict): 1 worse"),
    ],
)
def test_a_first_run_says_in_every_output_that_it_has_no_baseline(first, judged, code, says):
    found = gate(judged, first=first)
    document = json.loads(GATE_REPORTS["json"](found))
    assert (document["exit_code"], document["summary"]) == (code, says)
    assert says in GATE_REPORTS["junit"](found)
    assert render(found).splitlines()[-1] == says


def test_the_json_has_every_verdict_and_no_number_that_json_has_not():
    document = json.loads(GATE_REPORTS["json"](EVERY), parse_constant=pytest.fail)
    assert document["exit_code"] == 1
    assert [each["verdict"] for each in document["verdicts"]] == [each.outcome.value for each in EVERY.verdicts]
    assert document["verdicts"][-1]["change"] == 0.1
    assert "threshold" not in document["verdicts"][3]


def test_junit_counts_failures_errors_and_skips():
    suite = ET.fromstring(GATE_REPORTS["junit"](EVERY).partition("\n")[2])[0]  # noqa: S314  # our own
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    assert suite.find("testcase[@name='latency']/failure") is not None


def test_what_could_not_be_judged_is_green_in_no_output():
    found = failed_gate(RecordError("cannot read <a|b>: it is empty"))
    document = json.loads(GATE_REPORTS["json"](found))
    assert (document["exit_code"], document["verdicts"]) == (2, [])
    assert document["summary"] == render(found) == "gate: cannot judge: cannot read <a|b>: it is empty"
    suite = ET.fromstring(GATE_REPORTS["junit"](found).partition("\n")[2])[0]  # noqa: S314  # our own
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert suite.find("testcase/error") is not None
    assert "cannot judge" in GATE_REPORTS["markdown"](found)


def test_a_page_of_many_rows_says_how_many_more_there_are():
    page = GATE_REPORTS["markdown"](gate(*[SLOW] * 250))
    assert page.count("| **worse** |") == 20
    assert "230 more are in the JSON." in page


@given(TEXTS, TEXTS)
def test_any_text_leaves_every_output_whole(cell, reason):
    found = gate(Verdict(cell, "latency", VerdictOutcome.WORSE, reason, stops=ExitCode.REGRESSION))
    case = ET.fromstring(GATE_REPORTS["junit"](found).partition("\n")[2])[0].find("testcase")  # noqa: S314  # ours
    assert case is not None
    assert json.loads(GATE_REPORTS["json"](found))["verdicts"][0]["reason"] == reason
    assert len(annotations(found).split("\n")) == 1
    assert sum(line.startswith("| **worse**") for line in GATE_REPORTS["markdown"](found).split("\n")) == 1


@given(st.text("ab|`\\\n ", max_size=12))
def test_a_row_has_its_nine_columns_whatever_the_cell_is_called(cell):
    found = gate(Verdict(cell, "latency", VerdictOutcome.WORSE, cell, stops=ExitCode.REGRESSION))
    (row,) = [line for line in GATE_REPORTS["markdown"](found).split("\n") if line.startswith("| **worse**")]
    assert re.sub(r"\\.", "", row).count("|") == 10


def test_a_name_reads_in_markdown_as_it_is():
    named = {cell: GATE_REPORTS["markdown"](gate(replace(GONE, cell=cell))) for cell in ("a|b", "a_b", "a`b")}
    assert r"`a\|b`" in named["a|b"]
    assert "`a_b`" in named["a_b"]
    assert r"| a\`b |" in named["a`b"]


def test_annotations_are_for_github_alone(monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert "::error" not in printed(EVERY)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert printed(EVERY).count("::error title=") == 3
    assert printed(gate(SAME)) == render(gate(SAME))


def test_the_gate_says_how_far_to_trust_it():
    assert self_check_lines(gate(SAME)) == []
    check = SelfCheck(10, (("run3.json", "latency/a p90"),), 0.39)
    (counted,) = self_check_lines(gate(SAME, self_check=check))
    judged = "each of 10 baseline runs was judged against the others"
    assert f"{judged}; 1 ended red: run3.json by latency/a p90 (at most 39%" in counted
    (none,) = self_check_lines(gate(SAME, self_check=SelfCheck(10, (), 0.26)))
    assert f"{judged}; none ended red (" in none
    (by_design,) = self_check_lines(gate(SAME, self_check=SelfCheck(0, (), 0.01)))
    assert "by design in at most 1.0% of comparisons" in by_design


BLURS = (("latency/a", 0.31), ("latency/b", 0.02), ("latency/c", 0.14))


def test_a_pass_says_what_could_have_been_seen():
    seen = [replace(SAME, cell=cell, figure="latency", evidence=Evidence(detectable=size)) for cell, size in BLURS]
    assert summary(gate(*seen)) == (
        "gate: passed: 3 same; a slowdown of 14% would have been seen in the median cell, 31% in the worst"
    )
    assert "would have been seen" not in summary(gate(*seen, SLOW))
