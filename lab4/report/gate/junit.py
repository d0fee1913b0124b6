"""The gate as JUnit XML, which every CI shows: a test case per verdict, a failure where it stops."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict, VerdictOutcome
from lab4.report.gate.words import summary


def render(gate: GateResult) -> str:
    """One test suite. An inconclusive verdict is an error if it stops, and skipped if it does not."""
    tags = [_tag(verdict) for verdict in gate.verdicts]
    has_fault = gate.fault is not None
    counts = {
        "tests": len(tags) + has_fault,
        "failures": tags.count("failure"),
        "errors": tags.count("error") + has_fault,
        "skipped": tags.count("skipped"),
    }
    suites = Element("testsuites")
    suite = SubElement(suites, "testsuite", {"name": "lab4 gate", **{name: str(n) for name, n in counts.items()}})
    SubElement(suite, "properties").append(Element("property", name="summary", value=_clean(summary(gate))))
    if gate.fault is not None:  # a suite without a case passes in most CIs
        case = SubElement(suite, "testcase", classname="lab4", name="gate")
        SubElement(case, "error", message=_clean(gate.fault), type="cannot judge").text = _clean(gate.fault)
    for verdict, tag in zip(gate.verdicts, tags, strict=True):
        case = SubElement(suite, "testcase", classname=_clean(verdict.cell), name=verdict.figure)
        words = _clean(f"{verdict.outcome.value}: {verdict.reason}")
        if verdict.stops:
            SubElement(case, tag, message=words, type=verdict.outcome.value).text = words
        elif tag == "skipped":
            SubElement(case, tag, message=words)
        else:
            SubElement(case, tag).text = words
    indent(suites)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(suites, encoding='unicode')}\n"


def _tag(verdict: Verdict) -> str:
    if verdict.stops:
        return "failure" if verdict.stops is ExitCode.REGRESSION else "error"
    return "skipped" if verdict.outcome is VerdictOutcome.INCONCLUSIVE else "system-out"


def _clean(text: str) -> str:
    """Replace control characters, which XML does not allow even as escapes."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
