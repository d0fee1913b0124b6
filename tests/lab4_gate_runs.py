"""Runs as a gate sees them: cells with figures, and as much luck between runs as a test asks for."""

from dataclasses import replace
from math import exp

from lab4_examples import RUN

from lab4.analysis.gate.timed import at_equal_parts, comparison_of, decided, judge_timed
from lab4.analysis.policy import Policy
from lab4.domain.figures import CellFigures, RunFigures
from lab4.history.earlier import catalogue_of_labels
from lab4.history.run_schema import CATALOGUE as CATALOGUES

FORMATS = ("keras", "tflite_float32", "tflite_int8", "onnx")
#: The traits of the suite's own entries.
CATALOGUE = CATALOGUES.read(catalogue_of_labels({}))
CELLS = tuple(
    f"latency/{model}-cpu-b{batch}-{format_}" for model in ("cnn", "fcnn") for batch in (1, 32) for format_ in FORMATS
)
IMAGES = 2_000


def cell(latency_s=1e-3, **more):
    values = {"latency": latency_s, "throughput": 1 / latency_s, "p90": 1.1 * latency_s, "p99": 1.2 * latency_s, **more}
    return CellFigures("measured", values)


def run_with(cells, number=0, **changes):
    made = RunFigures(
        started_at=f"2026-01-{1 + number // 24:02d}T{number % 24:02d}:00:00+00:00",
        lab4_version="0.1.0",
        settings=RUN.settings,
        dataset=RUN.dataset,
        machine=RUN.machine,
        commit=RUN.commit,
        complete=True,
        catalogue=CATALOGUE,
        cells=cells,
        source=f"run{number}.json",
    )
    return replace(made, **changes)


def lucky(random, count, noise=0.01, first=0, factors=None):
    """So many runs of `CELLS`: each cell's times vary by a factor of about ``noise``; ``factors`` slow cells."""
    runs = []
    for number in range(first, first + count):
        cells = {}
        for index, key in enumerate(CELLS):
            usual = 1e-4 * (1 + index) * (factors or {}).get(key, 1.0)
            cells[key] = cell(
                usual * exp(random.gauss(0, noise)),
                p90=1.1 * usual * exp(random.gauss(0, 3 * noise)),
                p99=1.3 * usual * exp(random.gauss(0, 5 * noise)),
                throughput=exp(random.gauss(0, noise)) / usual,
                size=1_000.0 * (1 + index),
            )
        runs.append(run_with(cells, number))
    return runs


def at_speeds(random, spread, runs):
    """The runs on a machine whose speed varies by about ``spread`` between them, as the reference kernel tells."""
    found = []
    for run in runs:
        slower = exp(random.gauss(0, spread))
        times = {"latency": slower, "p90": slower, "p99": slower, "throughput": 1 / slower}
        cells = {
            key: replace(
                each,
                values={name: value * times.get(name, 1.0) for name, value in each.values.items()},
                corrected={name: value for name, value in each.values.items() if name in times},
            )
            for key, each in run.cells.items()
        }
        found.append(replace(run, cells=cells))
    return found


def timed(before, after, policy=None, *, paired=False):
    """The verdicts on timed figures alone."""
    policy = policy or Policy()
    compared = comparison_of(before, after, policy, paired=paired)
    if paired:
        return judge_timed(compared, at_equal_parts(compared.tests, policy.false_alarms, len(compared.tests)))
    return judge_timed(compared, decided(compared.tests, policy, (len(before), len(after))))


def verdicts(judged):
    return {(each.cell, each.figure): each.outcome for each in judged}
