"""A release as JUnit XML: a test suite of all machines together, and one of each machine."""

from dataclasses import replace

from lab4.analysis.gate.verdict import ExitCode, Verdict, VerdictOutcome
from lab4.analysis.release.verdict import ReleaseResult, ReleaseVerdict
from lab4.report.gate import junit
from lab4.report.gate.release.words import ordered, summary, where
from lab4.report.gate.words import summary as summary_of_machine


def render(release: ReleaseResult) -> str:
    """The verdicts over all machines first; a machine that cannot be judged is an error unless the policy warns."""
    missing = [
        Verdict(
            name,
            "machine",
            VerdictOutcome.MISSING,
            "no run of this release is of such a machine",
            stops=ExitCode.REGRESSION,
        )
        for name in release.missing
    ]
    cases = junit.cases_of([*missing, *(_with_place(each) for each in ordered(release))])
    suites = [junit.suite("lab4 release", summary(release), cases)]
    for each in release.machines:
        fault = each.gate.fault
        if each.gate.first is ExitCode.NO_BASELINE:
            fault = "it has no baseline, so that only its budgets were judged"
        fault = None if each.only_warns else fault
        own = junit.cases_of(each.gate.verdicts)
        suites.append(junit.suite(each.name, summary_of_machine(each.gate), own, fault))
    return junit.written(suites)


def _with_place(found: ReleaseVerdict) -> Verdict:
    return replace(found.verdict, reason=f"on {where(found)}: {found.verdict.reason}")
