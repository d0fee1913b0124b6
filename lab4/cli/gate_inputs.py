"""The saved runs that a gate judges: their options, and how they are read."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.shared import RenamedOption, declare_assumption, declare_history, given_text, note
from lab4.domain.errors import Lab4Error

if TYPE_CHECKING:
    from lab4.domain.figures import RunFigures

__all__ = ["baselines_of", "candidates_of", "declare_inputs"]

#: Runs of the history that a candidate is judged against.
_LAST = 20


def declare_inputs(parser: ArgumentParser, cells_help: str) -> None:
    """Declare the options that say which runs to judge, and by which rules."""
    parser.add_argument(
        "--baseline", nargs="+", type=Path, default=[], metavar="RUN", help="runs to compare with, or folders of runs"
    )
    declare_history(parser)
    parser.add_argument("--last", type=int, metavar="N", help="the last N runs of this machine in the history")
    parser.add_argument("--cells", type=partial(given_text, "--cells"), metavar="PATTERNS", help=cells_help)
    parser.add_argument("--cross-machine", action="store_true", help="judge ratios to float32 across machines")
    declare_assumption(parser)
    parser.add_argument("--interleaved", action="store_true", help="the runs were interleaved (by --against)")
    parser.add_argument(
        "--in-turns", action=RenamedOption, current="--interleaved", dest="interleaved", nargs=0, const=True
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="file with [tool.lab4.gate] (pyproject.toml)")
    parser.add_argument("--approvals", type=Path, metavar="FILE", help="approved changes (lab4-approvals.jsonl)")
    parser.add_argument("--blessings", action=RenamedOption, current="--approvals", dest="approvals", type=Path)


def candidates_of(paths: Sequence[Path]) -> "list[RunFigures]":
    """The candidate's runs; raises `Lab4Error` where there are none."""
    from lab4.reading.runs import runs_at

    candidates = runs_at(paths, note)
    if not candidates:
        raise Lab4Error(f"there is no run in {', '.join(map(str, paths))}; measure one with: pytest benchmarks")
    return candidates


def baselines_of(arguments: Namespace, candidates: "Sequence[RunFigures]") -> "list[RunFigures]":
    """The baseline's runs, from files and the history; a candidate that is among them is left out."""
    from lab4.domain.identity import distinct, identity
    from lab4.reading.runs import baselines_at

    baselines = baselines_at(arguments.baseline, note)
    if arguments.last is not None or arguments.history is not None:
        baselines = distinct([*_from_history(arguments, candidates[-1]), *baselines], note)
    own = {identity(run) for run in candidates}
    others = [run for run in baselines if identity(run) not in own]
    if baselines and not others:
        note("the baseline has no run but the candidate itself")
    return others


def _from_history(arguments: Namespace, candidate: "RunFigures") -> "list[RunFigures]":
    """The history's last runs of the candidate's machine and profile; where there are none, its last runs of all."""
    from lab4.domain.identity import identity
    from lab4.reading.store import opened

    last = _LAST if arguments.last is None else arguments.last
    if last < 1:
        raise Lab4Error(f"--last {last}: name a positive number")
    store = opened(arguments.history, note, read_only=True)
    try:
        # One more, because the candidate may be in the history.
        own = store.runs(last + 1, candidate.machine.hardware_id, candidate.settings.profile)
        return [run for run in own if identity(run) != identity(candidate)][-last:] or store.runs(last)
    finally:
        store.close()
