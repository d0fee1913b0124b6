"""The run that has just ended, judged against a baseline."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.analysis.charts.histories import latency_history
from lab4.analysis.figures import figures_of
from lab4.analysis.gate.judge import Remeasure, judge, judge_first_run
from lab4.analysis.gate.verdict import failed_gate
from lab4.analysis.policy_scope import with_notes_on_policy, without_unselected_budgets
from lab4.analysis.trend import samples_in
from lab4.domain.errors import Lab4Error
from lab4.domain.identity import identity
from lab4.domain.text import printable
from lab4.history.approvals import approvals_at, read_approvals
from lab4.launch import LaunchSide, measuring_again
from lab4.plugin.options import measuring_words
from lab4.plugin.progress.displays import width_of
from lab4.reading.runs import baselines_at, figures_in, policy_at, runs_at
from lab4.report.gate import code_of, write_reports
from lab4.report.gate.text import printed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from lab4.analysis.document import Section
    from lab4.domain.figures import RunFigures
    from lab4.domain.run import Run
    from lab4.plugin.settings import RunSettings

#: Next to run.json, by the name of the report.
_FILES = {"json": "gate.json", "junit": "gate.xml", "markdown": "gate.md"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate says, and the exit code that it asks for."""

    text: str
    code: int
    paths: tuple[Path, ...] = ()


def baselines_of(settings: RunSettings, warn: Callable[[str], None]) -> Sequence[RunFigures] | Lab4Error:
    """Read them, before this run is written: its file may take a baseline's place.

    An error is returned for the verdict, as it must not keep the run from being written.
    """
    try:
        return baselines_at(settings.gate, warn)
    except Lab4Error as error:
        return error


def history_sections(
    run: Run, before: Sequence[RunFigures] | Lab4Error, warn: Callable[[str], None]
) -> tuple[Section, ...]:
    """How latencies have changed from the baselines to this run, for its report; nothing without baselines."""
    own = figures_of(run)
    others = [] if isinstance(before, Lab4Error) else _others(before, own)
    if not others:
        return ()
    samples = {cell: each for cell, each in samples_in([*others, own]).items() if cell in own.cells}
    try:
        return (latency_history(samples),)
    except Lab4Error as error:  # the report does without it
        warn(f"the report shows no history: {error}")
        return ()


def _others(before: Sequence[RunFigures], run: RunFigures) -> list[RunFigures]:
    """The baselines without the run itself: their folder may be the one that it was written to."""
    return [each for each in before if identity(each) != identity(run)]


def judged(
    settings: RunSettings,
    folder: Path,
    config: pytest.Config,
    before: Sequence[RunFigures] | Lab4Error,
    warn: Callable[[str], None],
) -> Judgement:
    """Judge the run file in ``folder`` by the rules of pytest's project; an error of ours, or an interrupt, ends it."""
    try:
        (run,) = runs_at([folder / "run.json"], warn)
        policy = policy_at(None, config.rootpath / "pyproject.toml")
        approvals = approvals_at(config.rootpath, warn)
        if isinstance(before, Lab4Error):
            raise before
        if baselines := _others(before, run):
            today = date.today()  # noqa: DTZ011  # the user's day
            gate = judge(
                [run],
                baselines,
                policy,
                today=today,
                approvals=read_approvals(approvals),
                remeasure=_remeasuring(config) if settings.second_look else None,
            )
        else:
            gate = judge_first_run([run], policy, ok=settings.first_run_ok)
        gate = with_notes_on_policy(gate, policy, [run])
        if config.getoption("markexpr") or config.getoption("keyword"):
            gate = without_unselected_budgets(gate, [run])
    except (Lab4Error, KeyboardInterrupt) as error:  # in the files as well, where an earlier run may have left a pass
        gate = failed_gate(error if isinstance(error, Lab4Error) else Lab4Error("interrupted before a verdict"))
    paths = {report: folder / name for report, name in _FILES.items()}
    faults = write_reports(gate, paths)
    written = tuple(path for report, path in paths.items() if report not in faults)
    return Judgement(
        "\n".join([printed(gate, width=width_of(config)), *faults.values()]), code_of(gate, faults), written
    )


def _remeasuring(config: pytest.Config) -> Remeasure:
    """Measures flagged cells again as this session has, in processes of their own."""
    side = LaunchSide("the second look", Path(sys.executable), config.invocation_params.dir)
    words = (*measuring_words(config), "--lab4-report=md", "-p", "no:cacheprovider")
    return measuring_again(side, words, lambda data, number: figures_in(data, f"second look, run {number}"), _show)


def _show(sentence: str) -> None:
    sys.stderr.write(f"lab4: {printable(sentence)}\n")
    sys.stderr.flush()
