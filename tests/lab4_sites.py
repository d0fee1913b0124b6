"""A small history as a site shows it: two machines, one of which is renamed, a step that one cell has, and a text."""

from dataclasses import replace
from datetime import date
from math import exp
from random import Random

from lab4_examples import RUN
from lab4_gate_runs import cell, run_with

from lab4.analysis.policy import Policy
from lab4.analysis.site.changes import changes_of
from lab4.analysis.site.latest_gate import GateRules, latest_gates
from lab4.analysis.site.selection import selection_of
from lab4.domain.figures import CellFigures
from lab4.report.site import MARKER
from lab4.report.site.files import SiteFiles
from lab4.report.site.view import SiteView
from lab4.storage.generated import generate_folder

CELLS = (
    "latency/cnn-cpu-b1-onnx",
    "latency/cnn-cpu-b32-onnx",
    "latency/cnn.pruned80-cpu-b1-tflite_int8",
    "latency/fcnn-cpu-b1-onnx",
)
STEPPED = CELLS[0]
#: What a page must show as text.
HOSTILE = "test_x.py::</script><script>document.title='gone'</script>&<img src=http://example.org/x onerror=alert(1)>"
MACHINES = (RUN.machine, replace(RUN.machine, node="server", cpu="AMD EPYC 9654", logical_cores=64))
RULES = GateRules(Policy(), (), date(2026, 6, 1))
TURNS = 16


def numbered(turns=TURNS, noise=0.005, factor=1.3, seed=1):
    """So many runs of each machine: from the middle on a cell of the first is slower, and the machine renamed."""
    random = Random(seed)
    runs = []
    for number in range(turns * len(MACHINES)):
        at, machine = number // len(MACHINES), MACHINES[number % len(MACHINES)]
        is_later = at >= turns // 2
        if machine is MACHINES[0] and is_later:
            machine = replace(machine, node="box-renamed")
        cells = {}
        for index, key in enumerate(CELLS):
            slow = factor if key == STEPPED and is_later and number % len(MACHINES) == 0 else 1.0
            made = cell(1e-3 * (1 + index) * slow * exp(random.gauss(0, noise)), size=1e6)
            latency_s = made.values["latency"]
            cells[key] = replace(made, intervals={"p50": (latency_s, 1.1 * latency_s)}) if key == STEPPED else made
        cells[HOSTILE] = cell(2e-3 * exp(random.gauss(0, noise)))
        cells["examine/cnn-cpu-onnx"] = CellFigures("failed", reason=f"crashed {HOSTILE}")
        commit = replace(RUN.commit, revision=f"{at:02d}c0ffee" * 5)
        runs.append((number + 1, run_with(cells, number, machine=machine, commit=commit)))
    return runs


def view_of(runs, name="a site"):
    """The site of these runs, as pages see it."""
    found = selection_of(runs)
    by_number = dict(runs)
    gates = latest_gates(found.machines, lambda numbers: [by_number[each] for each in numbers], RULES)
    return SiteView(name, found, changes_of(found), gates)


def refused(sentence):
    """A note that no test expects."""
    raise AssertionError(sentence)


def written(place, runs, reports=(), note=refused):
    """Write the site of these runs; reports are numbers of runs, each with what makes its document."""
    view = view_of(runs)
    generate_folder(place, SiteFiles(view, reports, "salt", note), MARKER)
    return view
