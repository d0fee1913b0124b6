"""``lab4 site``: a history as pages that work from a folder, without a server."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from lab4.cli.commands import Command
from lab4.cli.shared import answer, declare_assumption, given_text, note
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab4.analysis.document import Document
    from lab4.analysis.site.latest_gate import GateRules
    from lab4.domain.run import Run
    from lab4.history.store import Store
    from lab4.report.site.files import SiteFiles
    from lab4.report.site.view import SiteView

#: Reports of each machine's newest runs: one takes a fifth of a second.
_REPORTS = 3


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "history",
        nargs="?",
        metavar="HISTORY",
        help="an SQLite file, a folder of run.json files, or postgresql://USER@HOST/NAME (default: .benchmarks, "
        "$LAB4_HISTORY)",
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="folder of the site; an earlier one is replaced"
    )
    parser.add_argument("--title", default="", type=partial(given_text, "--title"), help="the site's title")
    parser.add_argument(
        "--reports",
        type=int,
        default=_REPORTS,
        metavar="N",
        help=f"write the reports of so many of each machine's newest runs (default: {_REPORTS})",
    )
    parser.add_argument(
        "--runs", type=Path, metavar="FOLDER", help="run.json files, for reports of runs whose file the history lacks"
    )
    parser.add_argument("--policy", type=Path, metavar="FILE", help="file with [tool.lab4.gate] (pyproject.toml)")
    parser.add_argument("--approvals", type=Path, metavar="FILE", help="approved changes (lab4-approvals.jsonl)")
    declare_assumption(parser)


def _run(arguments: Namespace) -> int:
    from lab4.reading.site import history_at
    from lab4.report.site import MARKER
    from lab4.storage.generated import generate_folder, require_replaceable

    if not arguments.output:
        raise Lab4Error("-o '' is not a folder; name the folder to write to")
    if arguments.reports < 0:
        raise Lab4Error(f"--reports {arguments.reports}: name a number from 0")
    if arguments.runs is not None and not arguments.runs.is_dir():
        raise Lab4Error(f"--runs: there is no folder {arguments.runs}")
    place = Path(arguments.output)
    require_replaceable(place, MARKER)  # before a minute of work
    rules = _rules(arguments)
    with closing(history_at(arguments.history, note)) as store:
        view, files = _site(arguments, store, rules)
        size = generate_folder(place, files, MARKER)
    first = place / "index.html"
    text = f"{printable(str(first))}: {_in_words(view, files.reports, size)}"
    answer(arguments, text, _plain(view, first, files.reports, size))
    return 0


def _rules(arguments: Namespace) -> "GateRules":
    """By what the newest runs are judged; raises `Lab4Error` where a file of it cannot be read."""
    from datetime import date

    from lab4.analysis.site.latest_gate import GateRules
    from lab4.cli.project import approvals_path, policy_of
    from lab4.history.approvals import read_approvals

    return GateRules(
        policy_of(arguments, note),
        read_approvals(approvals_path(arguments)),
        date.today(),  # noqa: DTZ011  # the user's day
        assume_same_machine=arguments.assume_same_machine,
    )


def _site(arguments: Namespace, store: "Store", rules: "GateRules") -> "tuple[SiteView, SiteFiles]":
    """What the site shows, and its files."""
    from lab4.analysis.site.changes import changes_of
    from lab4.analysis.site.latest_gate import latest_gates
    from lab4.analysis.site.selection import selection_of
    from lab4.reading.site import whole_runs
    from lab4.report.site.files import SiteFiles
    from lab4.report.site.view import SiteView

    found = selection_of(store.numbered_runs(with_packed=False))
    changes = changes_of(found, assume_same_machine=arguments.assume_same_machine)
    gates = latest_gates(found.machines, lambda numbers: [store.run(number) for number in numbers], rules)
    newest = arguments.reports
    numbers = [run.number for machine in found.machines for run in machine.runs[-newest:] if newest]
    view = SiteView(arguments.title or printable(_called(store)), found, changes, gates)
    reports = ((number, partial(_report, run)) for number, run in whole_runs(store, numbers, arguments.runs, note))
    return view, SiteFiles(view, reports, "".join(entry.digest for entry in store.entries()), note)


def _called(store: "Store") -> str:
    """What a history is called: the last part of its address, since the rest of it is nothing to publish.

    Of a hidden folder, such as ``.benchmarks``, it is the folder that this is in.
    """
    if store.folder is not None:
        folder = store.folder.resolve()
        return folder.parent.name if folder.name.startswith(".") else folder.name
    return PurePath(store.name.partition("?")[0]).stem


def _report(run: "Run") -> "Document":
    from lab4.analysis.overview import report
    from lab4.worksheet import candidate_sections, has_form_cells

    return report([run], candidate_sections([run]) if has_form_cells([run]) else ())


def _in_words(view: "SiteView", reports: "Sequence[int]", size: int) -> str:
    from lab4.report.site.view import many

    found = view.found
    counts = (
        (len(found.runs), "run"),
        (len(found.cells), "cell"),
        (len(found.machines), "machine"),
        (len(view.changes), "change"),
        (len(reports), "report"),
    )
    return f"{', '.join(many(*each) for each in counts)}, {size / 1e6:.1f} MB"


def _plain(view: "SiteView", first: Path, reports: "Sequence[int]", size: int) -> dict[str, Any]:
    found = view.found
    return {
        "site": str(first),
        "runs": len(found.runs),
        "cells": len(found.cells),
        "machines": {
            gate.machine.label: {
                "hardware": gate.machine.key,
                "newest": gate.run.number,
                "gate": int(gate.result.exit_code),
            }
            for gate in view.gates
        },
        "changes": Counter("worse" if each.worse else "better" for each in view.changes),
        "reports": sorted(reports),
        "bytes": size,
    }


SITE = Command(
    "write a history as pages that work without a server",
    _declare,
    _run,
    ("lab4 site .benchmarks -o site", "lab4 site postgresql://lab@db/history -o public --title 'Our rack'"),
)
