"""The gate as JUnit XML, which every CI shows: a test case a verdict, a failure where it stops."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lab4.analysis.gate.verdict import ExitCode, Gate, Judged, Verdict
from lab4.report.gate.words import summary

__all__ = ["render"]


def render(gate: Gate) -> str:
    """One test suite. What cannot be judged is an error if it stops, and skipped if it does not."""
    suites = Element("testsuites")
    counts = {
        "tests": len(gate.judged) + (gate.fault is not None),
        "failures": sum(each.stops is ExitCode.REGRESSION for each in gate.judged),
        "errors": sum(each.stops is ExitCode.CANNOT_JUDGE for each in gate.judged) + (gate.fault is not None),
        "skipped": sum(_is_skipped(each) for each in gate.judged),
    }
    suite = SubElement(suites, "testsuite", {"name": "lab4 gate", **{name: str(n) for name, n in counts.items()}})
    SubElement(suite, "properties").append(Element("property", name="summary", value=_clean(summary(gate))))
    if gate.fault is not None:  # a suite without a case is green in most CIs
        case = SubElement(suite, "testcase", classname="lab4", name="gate")
        SubElement(case, "error", message=_clean(gate.fault), type="cannot judge").text = _clean(gate.fault)
    for each in gate.judged:
        case = SubElement(suite, "testcase", classname=_clean(each.cell), name=each.figure)
        words = _clean(f"{each.verdict.value}: {each.reason}")
        if each.stops:
            kind = "failure" if each.stops is ExitCode.REGRESSION else "error"
            SubElement(case, kind, message=words, type=each.verdict.value).text = words
        elif _is_skipped(each):
            SubElement(case, "skipped", message=words)
        else:
            SubElement(case, "system-out").text = words
    indent(suites)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(suites, encoding='unicode')}\n"


def _is_skipped(each: Judged) -> bool:
    return each.verdict is Verdict.INCONCLUSIVE and not each.stops


def _clean(text: str) -> str:
    """XML has no control characters, not even escaped ones."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
