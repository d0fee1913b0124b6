from dataclasses import replace

import pytest

from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict, VerdictOutcome
from lab4.report.gate import code_of, write_reports

PASSED = GateResult([Verdict("latency/a", "size", VerdictOutcome.SAME, "the same")], (), ("old.json",), ("new.json",))
WORSE = replace(
    PASSED, verdicts=[Verdict("latency/a", "size", VerdictOutcome.WORSE, "more", stops=ExitCode.REGRESSION)]
)


def test_one_report_that_cannot_be_written_is_told_and_the_others_are_there(tmp_path):
    (tmp_path / "file").touch()
    faults = write_reports(PASSED, {"json": tmp_path / "file" / "x", "markdown": tmp_path / "gate.md"})
    assert list(faults) == ["json"]
    assert faults["json"].startswith(f"cannot write {tmp_path / 'file' / 'x'}")
    assert (tmp_path / "gate.md").read_text().startswith("### gate: passed")


@pytest.mark.parametrize(
    ("gate", "code"),
    [(PASSED, 2), (WORSE, 1), (replace(PASSED, first=ExitCode.NO_BASELINE), 2)],
)
def test_a_report_that_is_missing_is_no_pass_and_a_regression_stays_one(gate, code):
    assert code_of(gate, {}) is gate.exit_code
    assert code_of(gate, {"json": "cannot write"}) == code
