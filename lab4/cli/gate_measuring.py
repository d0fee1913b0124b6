"""Measuring for a gate: two interleaved sides, flagged cells again, or unchanged code."""

import json
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from itertools import count
from math import inf
from pathlib import Path

from lab4 import launch
from lab4.analysis.approvals import holding, notes_on, with_approvals, with_notes_on_others
from lab4.analysis.calibration import Hour, spreads_document
from lab4.analysis.cell_selection import with_unselected
from lab4.analysis.figures import known_figures
from lab4.analysis.gate.interleaved import DEFAULT_EFFORT, THOROUGH_EFFORT, Effort, judge_interleaved
from lab4.analysis.gate.judge import Remeasure, judge, self_check
from lab4.analysis.gate.presence import require_measured
from lab4.analysis.gate.timed import comparison_of
from lab4.analysis.gate.verdict import ExitCode, GateResult
from lab4.analysis.policy import Policy, require_known_figures
from lab4.analysis.policy_scope import with_notes_on_policy, without_unselected_budgets
from lab4.cache.folder import default_folder, why_not_usual
from lab4.cli.project import approvals_path, policy_of, project_folder
from lab4.cli.shared import note
from lab4.datasets import DATASETS
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import Approval, RunFigures
from lab4.domain.pattern import selected
from lab4.domain.text import counted, printable
from lab4.functions import is_function
from lab4.history.approvals import APPROVALS_FILE, EARLIER_FILE, approvals_in, read_approvals
from lab4.interrupts import InterruptedWithRemark
from lab4.reading.runs import figures_in, runs_at
from lab4.reading.store import add_document, opened
from lab4.report.gate.words import self_check_lines, summary
from lab4.storage.atomic import write_atomically
from lab4.storage.settings import tool_table

_FOLDER = Path("lab4-results", "gate")
#: The folders in it of either side's runs.
_SIDES = ("baseline", "candidate")
#: Runs of an unchanged suite: fewer do not show how runs vary.
_MIN_CALIBRATION = 3
#: Options with relative paths that must refer to the same file on both sides, by their keys in ``[tool.lab4]``.
_SHARED = ("cache", "dataset")


def check(arguments: Namespace) -> None:
    """Raise `Lab4Error` for a number that cannot be, and for options that exclude each other."""
    if arguments.confirm and arguments.cross_machine:
        raise Lab4Error("--confirm measures seconds and --cross-machine judges ratios; leave out one of them")
    if arguments.minutes is not None and not 0 < arguments.minutes < inf:
        raise Lab4Error(f"--minutes {arguments.minutes:g}: name a positive number")
    if arguments.calibrate is not None and arguments.calibrate < _MIN_CALIBRATION:
        raise Lab4Error(f"--calibrate {arguments.calibrate}: name at least {_MIN_CALIBRATION} runs")


def _show(sentence: str) -> None:
    print(f"lab4: {printable(sentence)}", file=sys.stderr, flush=True)


def _kept(arguments: Namespace) -> Path:
    return Path(arguments.kept or _FOLDER, datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S"))


def _keep(data: bytes, folder: Path) -> RunFigures:
    """Write a run under the next number of its folder; it is then on the disk."""
    path = folder / f"{len(list(folder.glob('*.json'))) + 1:03d}.json"
    write_atomically(path, data)
    return figures_in(data, str(path))


@dataclass(frozen=True, slots=True)
class MeasuringRequest:
    """pytest's arguments, the cells to measure (``None``: all) and those that a selection leaves out."""

    arguments: tuple[str, ...]
    cells: tuple[str, ...] | None = None
    left_out: tuple[str, ...] = ()


def _here(name: str = "this checkout", python: Path = Path(sys.executable)) -> launch.LaunchSide:
    """This checkout in an environment; raises `UnavailableError` where it cannot measure."""
    side = launch.LaunchSide(name, python, Path.cwd())
    launch.require_suite(side)
    return side


@contextmanager
def _other_side(arguments: Namespace) -> Iterator[launch.LaunchSide]:
    """The environment or the revision to compare with; raises `UnavailableError` where it cannot measure."""
    if arguments.against is None:
        yield _here(str(arguments.against_env), arguments.against_env.absolute())
    else:
        with launch.checked_out(arguments.against, Path.cwd()) as folder:
            yield launch.LaunchSide(arguments.against, Path(sys.executable), folder)


def request_of(
    written: str | None, default: Sequence[str], sides: Sequence[launch.LaunchSide], cells: str | None = None
) -> MeasuringRequest:
    """The request for all of these sides: pytest arguments ``written`` or ``default``, and cells that match ``cells``.

    Raises:
        Lab4Error: where a pattern matches no cell of any side, or a side has no selected cell.
    """
    words = (*launch.judged_only(sides), *_shared(list(default) if written is None else _pytest_words(written)))
    if cells is None:
        return MeasuringRequest(words)
    cells_by_side = {side.name: launch.collected(side, words) for side in sides}
    together = list(dict.fromkeys(key for keys in cells_by_side.values() for key in keys))
    chosen = selected(together, cells)
    for name, keys in cells_by_side.items():
        if not set(keys) & set(chosen):
            raise Lab4Error(f"{name} has no cell like {cells!r}; it has {keys[0]} and {len(keys) - 1} more")
    return MeasuringRequest(words, tuple(chosen), tuple(key for key in together if key not in chosen))


def _pytest_words(written: str) -> list[str]:
    try:
        return shlex.split(written)
    except ValueError as error:
        raise Lab4Error(f"--pytest {written!r}: {error}; write its arguments as in a shell") from None


def _shared(own: Sequence[str]) -> list[str]:
    """The arguments, with absolute paths for the cache and the data: each side has its own working folder.

    Each is one word: of two, pytest would take the path for one of tests, and its folder for that of the project, so
    that both sides would measure what one of them says.
    """
    flags, folder = {f"--lab4-{key}": key for key in _SHARED}, project_folder().absolute()
    words, given = list[str](), set[str]()
    left = iter(own)
    for word in left:
        flag, equals, value = word.partition("=")
        if flag in flags and (equals or (value := next(left, ""))):
            given.add(flag)
            words.append(f"{flag}={_absolute(flags[flag], value, Path.cwd())}")
        else:
            words.append(word)
    table = tool_table(folder / "pyproject.toml")
    for flag, key in flags.items():
        written = table.get(key) or None
        # The cache of a user without a usable home folder would differ between the sides.
        if not written and key == "cache" and why_not_usual(default_folder()):
            written = str(default_folder())
        if flag not in given and isinstance(written, str):
            words.insert(0, f"{flag}={_absolute(key, written, folder)}")
    return words


def _absolute(key: str, written: str, folder: Path) -> str:
    """A path from the root; data may also have a name, or be a function, which may be of a file."""
    path, colon, function = written, "", ""
    if key == "dataset":
        if is_function(written):
            path, colon, function = written.rpartition(":")
        if written in DATASETS or (function and not path.endswith(".py")):
            return written
    if not path:
        return written
    return f"{folder / os.path.expanduser(path)}{colon}{function}"  # noqa: PTH111  # leaves an unknown user's home


def interleaved(arguments: Namespace) -> GateResult:
    """Measure two sides, interleaved, and judge them; raises `InterruptedWithRemark` once there are runs to judge."""
    policy = policy_of(arguments)
    approvals, held, noted = _new_approvals(arguments), list[Approval](), list[str]()
    folder = _kept(arguments)
    here = _here()
    with _other_side(arguments) as other:
        request = request_of(arguments.pytest, launch.DEFAULT_ARGUMENTS, (here, other), arguments.cells)
        sides = other, here
        paired = launch.can_interleave(sides)
        if not paired:
            _show("a side's lab4 is too old to interleave windows; its runs are made one after the other")

        startup_s, pairs = 0.0, count()

        def measure(cells: Sequence[str] | None) -> tuple[RunFigures, RunFigures]:
            nonlocal startup_s
            asked = request.arguments, request.cells if cells is None else cells
            if paired:
                # Few cells are timed for as long as it takes to start the processes: either kind of variance counts.
                data, startup_s = launch.measured_interleaved(sides, *asked, least_s=startup_s / len(sides))
            else:
                # Which side is first alternates, so that a drift of the machine cancels.
                order = sides[:: 1 if next(pairs) % 2 == 0 else -1]
                by_side = {side: launch.measured(side, *asked) for side in order}
                data = [by_side[side] for side in sides]
            before, after = (_keep(each, folder / side) for each, side in zip(data, _SIDES, strict=True))
            require_known_figures(policy, known_figures([before, after]))  # now, and not after a quarter of an hour
            held[:] = holding(approvals, [after])  # by its hardware: both sides have the name of the moment
            noted[:] = noted or notes_on(held, [before], whenever=True)  # by the first, which has all cells
            return with_approvals([before], held, whenever=True)[0], after

        try:
            gate = judge_interleaved(
                measure,
                policy,
                _effort(arguments),
                today=date.today(),  # noqa: DTZ011  # the user's day
                paired=paired,
                confirm=arguments.confirm is not False,
                show=_show,
            )
        except (Lab4Error, KeyboardInterrupt) as error:
            if not any(folder.rglob("*.json")):
                raise
            how = " --interleaved" if paired else ""
            remark = (
                f"the runs measured so far are in {folder}; "
                f"judge them with: lab4 gate {folder / _SIDES[1]} --baseline {folder / _SIDES[0]}{how}"
            )
            if isinstance(error, KeyboardInterrupt):
                raise InterruptedWithRemark(f"interrupted; {remark}") from None
            note(remark)
            raise
    note(f"the runs are in {folder}")
    gate = with_notes_on_others(replace(gate, notes=[*gate.notes, *noted]), approvals, held)
    return _with_policy_notes(arguments, request, gate, policy, folder / _SIDES[1])


def _effort(arguments: Namespace) -> Effort:
    """What `--thorough` and `--minutes` ask for."""
    effort = THOROUGH_EFFORT if arguments.thorough else DEFAULT_EFFORT
    return effort if arguments.minutes is None else replace(effort, seconds=60 * arguments.minutes)


def _with_policy_notes(
    arguments: Namespace, request: MeasuringRequest, gate: GateResult, policy: Policy, runs: Path
) -> GateResult:
    """The gate with notes on rules that match no cell, and on budgets of cells that were not selected."""
    measured_once = runs_at([min(runs.glob("*.json"))], note)  # the first: later ones leave out decided cells
    everything = [with_unselected(run, request.left_out) for run in measured_once]
    gate = with_notes_on_policy(gate, policy, everything)
    own = arguments.pytest is not None and launch.narrows(_pytest_words(arguments.pytest))
    if arguments.pytest is not None and not own and request.cells is None:
        return gate  # a whole run
    return without_unselected_budgets(gate, measured_once, everything, narrowed=own)


def _new_approvals(arguments: Namespace) -> list[Approval]:
    """The approvals of this checkout that the other revision does not have."""
    if arguments.against is None:
        return []
    path = approvals_path(arguments)
    # The project's own file may have had its earlier name in that revision.
    project_files = [path.with_name(file.name) for file in (APPROVALS_FILE, EARLIER_FILE)]
    known = [
        approval
        for file in (project_files if path in project_files else [path])
        if (data := launch.file_at(arguments.against, file)) is not None
        for approval in approvals_in(data, f"{file} of {arguments.against}")
    ]
    return [approval for approval in read_approvals(path) if approval not in known]


def remeasuring(arguments: Namespace, candidate: RunFigures) -> Remeasure:
    """A function that measures flagged cells of this checkout again, with the candidate's profile."""
    side, folder = _here(), _kept(arguments) / "again"
    default = ("benchmarks", "--lab4-profile", candidate.settings.profile)
    chosen = request_of(arguments.pytest, default, [side]).arguments

    return launch.measuring_again(side, chosen, lambda data, _: _keep(data, folder), _show)


def calibrate(arguments: Namespace) -> tuple[GateResult, str]:
    """Add runs of unchanged code to the history; returns what the gate says of them, which stops nothing, in words too.

    Where a run goes wrong, a note says how many the history has.
    """
    policy = policy_of(arguments, note)
    side = _here()
    request = request_of(arguments.pytest, launch.DEFAULT_ARGUMENTS, [side], arguments.cells)
    store = opened(arguments.history, note)
    runs = list[RunFigures]()

    def added() -> str:
        where = printable(store.name)
        return f"{counted(len(runs), 'run')} added to {where}; judge a run against them with: lab4 gate RUN --last 20"

    try:
        for number in range(1, arguments.calibrate + 1):
            _show(f"run {number} of {arguments.calibrate}")
            data = launch.measured(side, request.arguments, request.cells)
            run = figures_in(data, f"calibration {number}")
            require_measured([run], "run")  # an empty run is no baseline for later candidates
            require_known_figures(policy, known_figures([run]))
            add_document(store, data, f"calibration of {datetime.now(timezone.utc):%Y-%m-%d}")
            runs.append(run)
    except BaseException:
        if runs:
            note(added())
        raise
    finally:
        store.close()
    lines = [added()]
    if arguments.spreads is not None:
        hour = Hour(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M}", runs)
        write_atomically(arguments.spreads, json.dumps(spreads_document([hour]), indent=1).encode())
        file = printable(str(arguments.spreads))
        lines.append(f"the spreads of these runs are in {file}; name it in [tool.lab4.gate] spreads")
    today = date.today()  # noqa: DTZ011  # the user's day
    gate = judge(runs[-1:], runs[:-1], policy, today=today)
    gate = replace(gate, self_check=self_check(comparison_of(runs, runs[-1:], policy), today))
    lines += [*self_check_lines(gate), summary(gate)]
    return replace(gate, verdicts=[replace(each, stops=ExitCode.PASSED) for each in gate.verdicts]), "\n".join(lines)
