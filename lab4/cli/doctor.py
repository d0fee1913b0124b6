"""``lab4 doctor``: what on this machine would disturb a measurement."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from lab4.cli.commands import Command
from lab4.cli.shared import answer, terminal_columns

_DISTURBED = 1
_SIGNS = {"good": "ok", "disturbs": "DISTURBS", "lacks": "lacks", "unknown": "unknown"}


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="exit with 1 if something disturbs measurements")


def _run(arguments: Namespace) -> int:
    from lab4.doctor.checks import System, examine
    from lab4.report.columns import wrapped

    findings = examine(System())
    disturbing = [name for name, finding in findings.items() if finding.state == "disturbs"]
    lines = []
    for name, finding in findings.items():
        lines.append(f"{_SIGNS[finding.state]:9} {name:10} {finding.message}")
        if finding.remedy:
            lines.append(f"{'':21}remedy: {finding.remedy}")
    summary = "Nothing seen here would disturb a measurement."
    if disturbing:
        summary = f"Measurements here would be disturbed by: {', '.join(disturbing)}."
    plain = {name: asdict(finding) for name, finding in findings.items()}
    answer(arguments, "\n".join(wrapped([*lines, "", summary], terminal_columns())), plain)
    return _DISTURBED if arguments.strict and disturbing else 0


DOCTOR = Command(
    "say what on this machine would disturb a measurement, and the remedy",
    _declare,
    _run,
    ("lab4 doctor", "lab4 doctor --strict   # in a script: exit code 1 if something disturbs"),
)
