"""The gate as JUnit XML, which every CI shows: a test case per verdict, a failure where it stops."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict, VerdictOutcome
from lab4.report.gate.words import summary


def render(gate: GateResult) -> str:
    """One test suite. An inconclusive verdict is an error if it stops, and skipped if it does not."""
    return written([suite("lab4 gate", summary(gate), cases_of(gate.verdicts), gate.fault)])


def written(suites: Sequence[Element]) -> str:
    """The file that holds these suites."""
    whole = Element("testsuites")
    whole.extend(suites)
    indent(whole)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(whole, encoding='unicode')}\n"


def suite(name: str, summary: str, cases: Sequence[Element], fault: str | None = None) -> Element:
    """A test suite; a ``fault`` that kept it from having cases is an error: without a case it passes in most CIs."""
    if fault is not None:
        case = Element("testcase", classname="lab4", name="gate")
        SubElement(case, "error", message=_clean(fault), type="cannot judge").text = _clean(fault)
        cases = [case, *cases]
    tags = [each.tag for case in cases for each in case]
    made = Element(
        "testsuite",
        name=_clean(name),
        tests=str(len(cases)),
        failures=str(tags.count("failure")),
        errors=str(tags.count("error")),
        skipped=str(tags.count("skipped")),
    )
    SubElement(made, "properties").append(Element("property", name="summary", value=_clean(summary)))
    made.extend(cases)
    return made


def cases_of(verdicts: Iterable[Verdict]) -> list[Element]:
    """A test case for each verdict."""
    cases = []
    for verdict in verdicts:
        name = f"{verdict.figure} budget" if verdict.is_budget else verdict.figure
        case, tag = Element("testcase", classname=_clean(verdict.cell), name=name), _tag(verdict)
        words = _clean(f"{verdict.outcome.value}: {verdict.reason}")
        if verdict.stops:
            SubElement(case, tag, message=words, type=verdict.outcome.value).text = words
        elif tag == "skipped":
            SubElement(case, tag, message=words)
        else:
            SubElement(case, tag).text = words
        cases.append(case)
    return cases


def _tag(verdict: Verdict) -> str:
    if verdict.stops:
        return "failure" if verdict.stops is ExitCode.REGRESSION else "error"
    return "skipped" if verdict.outcome is VerdictOutcome.INCONCLUSIVE else "system-out"


def _clean(text: str) -> str:
    """Replace control characters, which XML does not allow even as escapes."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
