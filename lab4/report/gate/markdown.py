"""The gate as Markdown, for the summary of a GitHub step or a merge request's comment."""

from lab4.analysis.gate.verdict import GateResult
from lab4.report.gate.words import amount, change, interval, notable, self_check_lines, summary, threshold
from lab4.report.markdown import escape

__all__ = ["annotations", "render"]

#: GitHub limits a step's summary to 1 MiB.
_MAX_ROWS = 200


def render(gate: GateResult) -> str:
    """A heading, a table of what changed, and the self-check."""
    shown = notable(gate.verdicts)
    lines = [f"### {escape(summary(gate))}", ""]
    if shown:
        lines += [
            "| verdict | cell | figure | baseline | candidate | change | 95% interval | threshold | why |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
    for verdict in shown[:_MAX_ROWS]:
        evidence = verdict.evidence
        cells = (
            f"**{verdict.outcome.value}**" if verdict.stops else verdict.outcome.value,
            _code(verdict.cell),
            verdict.figure,
            amount(evidence.baseline, verdict.figure),
            amount(evidence.candidate, verdict.figure),
            change(evidence, verdict.figure),
            interval(evidence, verdict.figure),
            threshold(evidence, verdict.figure),
            escape(verdict.reason),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(shown) > _MAX_ROWS:
        lines += ["", f"{len(shown) - _MAX_ROWS} more are in the JSON."]
    lines += ["", *(f"- {escape(line)}" for line in (*self_check_lines(gate), *gate.notes)), ""]
    return "\n".join(lines)


def _code(name: str) -> str:
    """A name as code in a table's cell; as plain text where code could not hold it."""
    line = " ".join(name.split())
    if not line or "`" in line or "\\" in line:
        return escape(line)
    return "`{}`".format(line.replace("|", r"\|"))  # a bar ends the table's cell even in code


def annotations(gate: GateResult) -> str:
    """GitHub's workflow commands, a line for each verdict that stops."""
    return "\n".join(
        f"::error title={_property(f'{each.outcome.value} {each.figure} of {each.cell}')}::{_data(each.reason)}"
        for each in notable(gate.verdicts)
        if each.stops
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
