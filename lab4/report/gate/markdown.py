"""The gate as Markdown, for the summary of a GitHub step or a merge request's comment."""

from lab4.analysis.gate.verdict import Gate
from lab4.report.gate.words import amount, change, interval, reckoning, summary, telling, threshold
from lab4.report.markdown import escape

__all__ = ["annotations", "render"]

#: A page of GitHub's holds 1 MiB; nobody reads more rows.
_MOST = 200


def render(gate: Gate) -> str:
    """A heading, what changed, and how far to trust it."""
    shown = telling(gate.judged)
    lines = [f"### {escape(summary(gate))}", ""]
    if shown:
        lines += [
            "| verdict | cell | figure | baseline | candidate | change | 95% interval | threshold | why |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
    for each in shown[:_MOST]:
        evidence = each.evidence
        cells = (
            f"**{each.verdict.value}**" if each.stops else each.verdict.value,
            _code(each.cell),
            each.figure,
            amount(evidence.baseline, each.figure),
            amount(evidence.candidate, each.figure),
            change(evidence, each.figure),
            interval(evidence, each.figure),
            threshold(evidence, each.figure),
            escape(each.reason),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(shown) > _MOST:
        lines += ["", f"{len(shown) - _MOST} more are in the JSON."]
    lines += ["", *(f"- {escape(line)}" for line in (*reckoning(gate), *gate.notes)), ""]
    return "\n".join(lines)


def _code(name: str) -> str:
    """A name as code in a table's cell; as plain text where code could not hold it."""
    line = " ".join(name.split())
    if not line or "`" in line or "\\" in line:
        return escape(line)
    return "`{}`".format(line.replace("|", r"\|"))  # which ends the table's cell even in code


def annotations(gate: Gate) -> str:
    """GitHub's workflow commands, a line for each verdict that stops."""
    return "\n".join(
        f"::error title={_property(f'{each.verdict.value} {each.figure} of {each.cell}')}::{_data(each.reason)}"
        for each in telling(gate.judged)
        if each.stops
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
