"""The reports of a release: which machines, which cells, and why, on a screen."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from lab4_releases import INT8, RACK, judged, released, sides

from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.policy import Policy
from lab4.domain.figures import CellFigures
from lab4.report.gate import RELEASE_REPORTS, report_of
from lab4.report.gate.release.text import render
from lab4.report.gate.release.words import attributions, ordered, summary, unjudged
from lab4.report.gate.text import printed

SLOW = {"*": {INT8: 1.12}, "rack-2": {"latency/fcnn-cpu-b1-onnx": 2.0}}


@pytest.fixture(scope="module")
def mixed():
    """A change on all machines, one on rack-2, a file that is damaged, and a machine without a baseline."""
    candidates, baselines = sides(slow=SLOW, saved=10)
    known = [run for run in baselines if run.machine.node != "lab-2"]
    return judged(candidates, known, Policy(machines=["phone"]), faults={"x|y.json": "cut off"})


def test_the_summary_says_how_it_ended_and_where(mixed):
    assert summary(mixed) == (
        "release: regression: 2 figures on all machines (the code); 1 figure on rack-2 only; phone is missing; "
        "no verdict on lab-2, x|y.json; 4 machines judged"
    )
    passed = summary(released())
    assert passed.startswith("release: passed: 5 machines judged; a slowdown of ")
    assert "on all of them would have been seen in the median cell" in passed


def test_what_is_on_all_machines_comes_first_and_has_its_cause(mixed):
    *everywhere, last = [each for each in ordered(mixed) if each.verdict.stops]
    assert {(each.verdict.cell, each.is_everywhere) for each in everywhere} == {(INT8, True)}
    assert last.machines == ("rack-2",)
    assert attributions(mixed.verdicts) == [
        "2 figures on all 4 machines: a change of the code",
        "1 figure on rack-2 only: the machine, or code that only it runs",
    ]


def test_each_machine_without_a_verdict_has_a_sentence(mixed):
    phone, lab, file = unjudged(mixed)
    assert phone == "phone is missing: no run of this release is of such a machine"
    assert lab.startswith("lab-2 has no baseline, so that only its budgets were judged; add its run to the history")
    assert lab.endswith("with: lab4 history add lab-2/run30.json")
    assert file == "x|y.json cannot be judged: cut off"


def test_the_text_names_machines_that_did_not_pass_and_all_of_them_if_asked():
    candidates, baselines = sides(slow={"rack-2": SLOW["rack-2"]})
    release = judged(candidates, [run for run in baselines if run.machine.node != "lab-2"])
    lines = render(release).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["rack-2", "lab-2"]
    assert lines[3] == "3 more passed (shown by --all)."
    everything = render(release, everything=True)
    assert all(name in everything for name in RACK)
    assert render(released()).count("\n") == 0


def test_a_release_of_many_changes_fits_a_screen():
    slow = {"*": {key: 1.3 + 0.05 * number for number, key in enumerate(sides()[0][0].cells)}}
    release = released(slow=slow, saved=10)
    assert len(release.verdicts) > 20
    text = render(release)
    assert len(text.splitlines()) < 40
    assert f"{len(release.verdicts) - 20} more are shown by --all." in text
    assert f"{len(release.verdicts) - 20} more are in the JSON." in report_of(release, "markdown")


def test_a_failed_cell_has_its_reason_in_every_report():
    candidates, baselines = sides()
    failed = [
        replace(run, cells={**run.cells, INT8: CellFigures("failed", reason="no room")})
        if run.machine.node == "lab-1"
        else run
        for run in candidates
    ]
    release = judged(failed, baselines)
    assert f"missing on lab-1: {INT8} measurement: failed: no room" in render(release)
    for name in RELEASE_REPORTS:
        assert "failed: no room" in report_of(release, name)


def test_json_has_the_verdicts_over_machines_and_each_machine_s_gate(mixed):
    document = json.loads(report_of(mixed, "json"), parse_constant=pytest.fail)
    assert (document["exit_code"], document["missing"]) == (1, ["phone"])
    assert document["unjudged"] == unjudged(mixed)
    first = document["verdicts"][0]
    assert (first["cell"], first["on_all_machines"], first["of_machines"]) == (INT8, True, 4)
    assert first["machines"] == ["rack-1", "rack-2", "rack-3", "lab-1"]
    gates = {each["name"]: each["gate"] for each in document["machines"]}
    assert [*gates] == [*RACK, "x|y.json"]
    assert gates["rack-2"]["exit_code"] == 1
    assert gates["lab-2"]["exit_code"] == 3


def test_junit_has_a_suite_of_all_machines_and_one_of_each(mixed):
    suites = ET.fromstring(report_of(mixed, "junit").partition("\n")[2])  # noqa: S314  # our own
    by_name = {each.get("name"): each for each in suites}
    assert [*by_name] == ["lab4 release", *RACK, "x|y.json"]
    whole = by_name["lab4 release"]
    assert int(whole.get("failures")) == 4  # the missing machine, and three figures
    assert any("on all 4 machines" in one.get("message") for one in whole.iter("failure"))
    assert by_name["x|y.json"].get("errors") == "1"
    warned = judged(*sides(), Policy(unjudged_only_warns=True), faults={"x.json": "cut off"})
    suites = ET.fromstring(report_of(warned, "junit").partition("\n")[2])  # noqa: S314  # our own
    assert {each.get("errors") for each in suites} == {"0"}


def test_markdown_escapes_what_others_wrote(mixed):
    page = report_of(mixed, "markdown")
    assert page.startswith("### release: regression")
    assert r"x\|y.json" in page
    assert "x|y.json |" not in page


def test_in_a_workflow_of_github_each_stop_is_an_annotation(mixed, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    lines = [line for line in printed(mixed).splitlines() if line.startswith("::error")]
    assert len(lines) == 6
    assert sum("on all 4 machines" in line for line in lines) == 2


def test_a_release_that_only_one_file_keeps_from_passing_cannot_be_judged():
    release = judged(*sides(), faults={"x.json": "cut off"})
    assert release.exit_code is ExitCode.CANNOT_JUDGE
    assert summary(release) == "release: cannot judge: no verdict on x.json; 5 machines judged"
