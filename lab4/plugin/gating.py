"""The run that has just ended, judged against a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lab4.analysis.gate.first_run import judge_first
from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import ExitCode
from lab4.domain.errors import Lab4Error
from lab4.history.blessings import BLESSINGS_FILE, read_blessings
from lab4.history.files import write_atomically
from lab4.reading.rules import policy_at
from lab4.reading.runs import baselines_at, identity, runs_at
from lab4.report.gate import GATE_REPORTS
from lab4.report.gate.console import printed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab4.analysis.gate.verdict import Gate
    from lab4.plugin.settings import RunSettings

__all__ = ["Judgement", "judged"]

#: Beside run.json, by the name of the report.
_FILES = {"json": "gate.json", "junit": "gate.xml", "markdown": "gate.md"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate says, and the exit code that it asks for."""

    text: str
    code: int
    paths: tuple[Path, ...] = ()


def judged(settings: RunSettings, root: Path, warn: Callable[[str], None]) -> Judgement:
    """Judge the run file of this run by the rules of the project at ``root``; an error of ours is its answer."""
    try:
        gate = _gate(settings, root, warn)
    except Lab4Error as error:
        return Judgement(f"gate: cannot judge: {error}", ExitCode.CANNOT_JUDGE)
    paths = []
    for report, name in _FILES.items():
        path = settings.output / name
        write_atomically(path, GATE_REPORTS[report](gate).encode())
        paths.append(path)
    return Judgement(printed(gate), gate.exit_code, tuple(paths))


def _gate(settings: RunSettings, root: Path, warn: Callable[[str], None]) -> Gate:
    policy = policy_at(None, root / "pyproject.toml")
    (run,) = runs_at([settings.output / "run.json"], warn)
    # A folder of baselines may be the one that this run was written to.
    baselines = [each for each in baselines_at(settings.gate, warn) if identity(each) != identity(run)]
    if not baselines:
        return judge_first([run], policy, ok=settings.first_run_ok)
    today = date.today()  # noqa: DTZ011  # the day where people are
    return judge([run], baselines, policy, today=today, blessings=read_blessings(root / BLESSINGS_FILE))
