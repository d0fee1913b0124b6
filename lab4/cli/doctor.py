"""``lab4 doctor``: what on this machine would disturb a measurement."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from lab4.cli.commands import Command

_DISTURBED = 1
_SIGNS = {"good": "ok", "disturbs": "DISTURBS", "lacks": "lacks", "unknown": "unknown"}


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if something disturbs measurements")


def _run(arguments: Namespace) -> int:
    from lab4.doctor.checks import System, examine

    findings = examine(System())
    disturbing = [name for name, finding in findings.items() if finding.state == "disturbs"]
    if arguments.json:
        print(json.dumps({name: asdict(finding) for name, finding in findings.items()}, indent=2))
    else:
        for name, finding in findings.items():
            print(f"{_SIGNS[finding.state]:9} {name:10} {finding.message}")
            if finding.remedy:
                print(f"{'':21}remedy: {finding.remedy}")
        print()
        if disturbing:
            print(f"Measurements here would be disturbed by: {', '.join(disturbing)}.")
        else:
            print("Nothing seen here would disturb a measurement.")
    return _DISTURBED if arguments.strict and disturbing else 0


DOCTOR = Command("say what on this machine would disturb a measurement, and the remedy", _declare, _run)
