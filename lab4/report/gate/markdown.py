"""The gate as Markdown, for the summary of a GitHub step or a merge request's comment."""

from lab4.analysis.gate.verdict import GateResult
from lab4.report.gate.words import COLUMNS, columns, notable, self_check_lines, summary
from lab4.report.markdown import escape

#: What fits a screen.
MAX_ROWS = 20


def render(gate: GateResult) -> str:
    """A heading, a table of what changed, and the self-check."""
    shown = notable(gate.verdicts)
    lines = [f"### {escape(summary(gate))}", ""]
    if shown:
        headings = ("verdict", "cell", "figure", *COLUMNS, "why")
        lines += [f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}"]
    for verdict in shown[:MAX_ROWS]:
        outcome = f"**{verdict.outcome.value}**" if verdict.stops else verdict.outcome.value
        cells = (outcome, code(verdict.cell), verdict.figure, *columns(verdict), escape(verdict.reason))
        lines.append(f"| {' | '.join(cells)} |")
    if len(shown) > MAX_ROWS:
        lines += ["", f"{len(shown) - MAX_ROWS} more are in the JSON."]
    lines += ["", *(f"- {escape(line)}" for line in (*self_check_lines(gate), *gate.notes)), ""]
    return "\n".join(lines)


def code(name: str) -> str:
    """A name as code in a table's cell; as plain text where code could not hold it."""
    line = " ".join(name.split())
    if not line or "`" in line or "\\" in line:
        return escape(line)
    return "`{}`".format(line.replace("|", r"\|"))  # a bar ends the table's cell even in code


def annotations(gate: GateResult) -> str:
    """GitHub's workflow commands, a line for each verdict that stops."""
    stopping = (verdict for verdict in notable(gate.verdicts) if verdict.stops)
    return "\n".join(
        annotation(f"{verdict.outcome.value} {verdict.figure} of {verdict.cell}", verdict.reason)
        for verdict in stopping
    )


def annotation(title: str, message: str) -> str:
    """GitHub's workflow command that shows an error."""
    return f"::error title={_data(title).replace(':', '%3A').replace(',', '%2C')}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
