"""How often the gate and the trend err where chance is known: suites, accuracies, sizes, and histories without end.

Suites: of 28 cells, each with luck of its own between runs (0.4 to 2%, most of them under 1%), a state of the machine
that all cells of a format share (1%), and the machine's speed (2%), which the frequency probe shows.

Accuracies: of 60 cells on 2,000 images one loses 1.5 points, and loses and wins single images besides, as a model that
was trained or converted again does. Histories: of noise between runs as was seen on real machines, with outliers.
"""

import argparse
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from math import exp, log
from random import Random
from statistics import mean

from gate_draws import timed

from lab4.analysis.gate.interleaved import DEFAULT_EFFORT, judge_interleaved
from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.verdict import VerdictOutcome
from lab4.analysis.policy import BudgetRule, Policy
from lab4.analysis.side_by_side import figure_named
from lab4.analysis.trend import NamedFigure, TrendSample, trend, trends_of
from lab4.domain.catalogue import Catalogue
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.machine import Machine
from lab4.domain.run import Commit, DatasetInfo, Settings
from lab4.history.earlier import catalogue_of_labels
from lab4.history.run_schema import CATALOGUE
from lab4.sampling.binomial import upper

IMAGES, CELLS, ACCURACY = 2_000, 60, 0.97
#: Images that are lost and won by chance at each rebuilding, in addition to what is really lost.
CHURN = (0, 5, 10, 20)
TODAY = date(2026, 1, 1)
FORMATS = ("keras", "keras_predict", "tflite_float32", "tflite_float16", "tflite_int8", "onnx", "saved_model")
SUITE = tuple(
    f"latency/{model}-cpu-b{batch}-{name}" for model in ("cnn", "fcnn") for batch in (1, 32) for name in FORMATS
)
#: Standard deviations between runs, of logarithms: of the machine's speed, of the state that a format's cells share.
SPEED, STATE = 0.02, 0.01
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
#: Of an interleaved pair of runs, and of each of its cells: seconds.
PAIR_S, CELL_S = 14, 1
_CATALOGUE = CATALOGUE.read(catalogue_of_labels({}))
_MACHINE = Machine("", "any CPU", (), 1, 1, 0, (), "", "", (), ())


def run_of(cells, number, seed=0):
    """A run with these cells."""
    return RunFigures(
        started_at=f"2026-01-01T00:00:{number % 60:02d}+00:00",
        lab4_version="",
        settings=Settings("", seed, 0, 0, 0.0),
        dataset=DatasetInfo("", 0, 0, ""),
        machine=_MACHINE,
        commit=Commit(None, dirty=False),
        complete=True,
        catalogue=_CATALOGUE,
        cells=cells,
        source=str(number),
    )


class Suite:
    """Runs by chance; ``slow`` makes one cell of them slower."""

    def __init__(self, random):
        self.random = random
        self.spreads = {key: min(0.02, 0.004 * exp(random.expovariate(1.5))) for key in SUITE}
        self.number = 0

    def moment(self):
        """The machine's speed, and the state that the cells of each format share."""
        return exp(self.random.gauss(0, SPEED)), {name: self.random.gauss(0, STATE) for name in FORMATS}

    def pair(self, slow, factor, cells):
        """Two interleaved runs, which meet the same moment."""
        moment = self.moment()
        runs = self.run(moment=moment), self.run(slow, factor, moment)
        return runs if cells is None else [replace(run, cells={key: run.cells[key] for key in cells}) for run in runs]

    def run(self, slow=None, factor=1.0, moment=None):
        """One run."""
        self.number += 1
        speed, state = moment or self.moment()
        cells = {}
        for index, key in enumerate(SUITE):
            usual = 1e-4 * (1 + index) * (factor if key == slow else 1.0) * exp(state[key.rpartition("-")[2]])
            corrected = {
                name: times * usual * exp(self.random.gauss(0, wider * self.spreads[key]))
                for name, times, wider in (("latency", 1.0, 1), ("p90", 1.1, 3), ("p99", 1.3, 5))
            }
            corrected["throughput"] = exp(self.random.gauss(0, 1.5 * self.spreads[key])) / usual
            values = {
                name: value / speed if name == "throughput" else value * speed for name, value in corrected.items()
            }
            cells[key] = CellFigures("measured", values, corrected)
        return run_of(cells, self.number)


def named(name):
    """A figure as a trend takes it."""
    return NamedFigure(name, figure_named(name, Catalogue()))


def worse(judged):
    return {each.cell for each in judged if each.outcome is VerdictOutcome.WORSE}


def saved(draws, random):
    print(f"saved runs of a suite of {len(SUITE)} cells, {draws} draws each")
    for before, after in ((5, 1), (10, 1), (10, 3), (20, 5), (20, 10)):
        counted = []
        for factor in (1.0, 1.03, 1.05):
            caught = 0
            for number in range(draws):
                suite, slow = Suite(random), SUITE[number % len(SUITE)]
                baselines = [suite.run() for _ in range(before)]
                candidates = [suite.run(slow, factor) for _ in range(after)]
                found = worse(timed(baselines, candidates))
                caught += bool(found) if factor == 1 else slow in found
            counted.append(f"{'false alarms' if factor == 1 else f'{factor - 1:.0%} caught'} {caught}")
        print(f"  {before:2} runs against {after}: {', '.join(counted)} of {draws}")


class Paired:
    """Measures pairs of a suite by chance, and says how long that takes."""

    def __init__(self, random, slow, factor):
        self.suite, self.slow, self.factor, self.seconds = Suite(random), slow, factor, 0.0

    def __call__(self, cells):
        """The next pair."""
        self.seconds += PAIR_S + CELL_S * len(SUITE if cells is None else cells)
        return self.suite.pair(self.slow, self.factor, cells)

    def clock(self):
        """Seconds so far."""
        return self.seconds


def interleaved(draws, random):
    print(f"interleaved, with a second look, {draws} draws each")
    for factor in (1.0, 1.02, 1.03, 1.05):
        caught, used = 0, []
        for number in range(draws):
            slow = SUITE[number % len(SUITE)]
            bench = Paired(random, slow, factor)
            gate = judge_interleaved(bench, Policy(), DEFAULT_EFFORT, today=TODAY, confirm=True, clock=bench.clock)
            found = worse(gate.verdicts)
            caught += bool(found) if factor == 1 else slow in found
            used.append(bench.seconds / 60)
        what = "false alarms" if factor == 1 else f"{factor - 1:.0%} caught"
        print(f"  {what} {caught} of {draws}, after {mean(used):.1f} minutes", flush=True)


def bits(random):
    return tuple(random.random() < ACCURACY for _ in range(IMAGES))


def changed(before, lost, won, random):
    after = list(before)
    right = [at for at, is_right in enumerate(before) if is_right]
    wrong = [at for at, is_right in enumerate(before) if not is_right]
    for at in random.sample(right, lost):
        after[at] = False
    for at in random.sample(wrong, min(won, len(wrong))):
        after[at] = True
    return tuple(after)


def accurate(sides, number, seed=0):
    cells = {
        f"examine/m{at}-cpu-keras": CellFigures("measured", {"accuracy": sum(each) / IMAGES}, correct=each)
        for at, each in enumerate(sides)
    }
    return run_of(cells, number, seed)


def training_alarms(draws, loss, churn, seeds, random):
    """As `accuracy_alarms`, of models trained anew: the baseline from so many seeds, the candidate from another."""
    caught = false = 0
    for _ in range(draws):
        usual = [bits(random) for _ in range(CELLS)]
        before = [
            accurate([changed(each, churn, churn, random) for each in usual], seed, seed) for seed in range(seeds)
        ]
        after = [changed(each, churn, churn, random) for each in usual]
        after[0] = changed(usual[0], loss + churn, churn, random)
        found = judge([accurate(after, seeds, seeds)], before, Policy(), today=TODAY)
        worse = {each.cell for each in found.verdicts if each.outcome is VerdictOutcome.WORSE}
        caught += "examine/m0-cpu-keras" in worse
        false += bool(worse - {"examine/m0-cpu-keras"})
    return caught, false


def accuracy_alarms(draws, loss, churn, random):
    """Draws in which the changed cell stopped, and in which any other did."""
    caught = false = 0
    for _ in range(draws):
        before = [bits(random) for _ in range(CELLS)]
        after = [changed(each, churn, churn, random) for each in before]
        after[0] = changed(before[0], loss + churn, churn, random)
        found = judge([accurate(after, 1)], [accurate(before, 0)], Policy(), today=TODAY)
        worse = {each.cell for each in found.verdicts if each.outcome is VerdictOutcome.WORSE}
        caught += "examine/m0-cpu-keras" in worse
        false += bool(worse - {"examine/m0-cpu-keras"})
    return caught, false


def accuracies(draws, random):
    print(f"accuracy: {CELLS} cells of {IMAGES:,} images, {draws} draws each")
    for loss, what in ((1, "one image lost in one cell"), (30, "1.5 points lost in one cell")):
        for churn in CHURN:
            caught, false = accuracy_alarms(draws, loss, churn, random)
            print(f"  {what}, {churn:2} lost and won by chance in all: stops {caught} of {draws}; others {false}")
    for seeds in (3, 5, 10):
        caught, false = training_alarms(draws, 30, 20, seeds, random)
        print(f"  1.5 points, 20 by chance, {seeds} seeds against 1: stops {caught} of {draws}; others {false}")


def budgets(draws):
    stopped = 0
    for size in range(1_000, 1_000 + draws):
        run = run_of({"a": CellFigures("measured", {"size": float(size + 1)})}, 1)
        policy = Policy(budgets=[BudgetRule("*", "size", at_most=float(size), written="")])
        stopped += judge([run], [replace(run, source="b")], policy, today=TODAY).exit_code == 1
    print(f"size: one byte over its budget stops {stopped} of {draws}")


def history(random, noise, steps, outliers):
    """A history by run: each value is the level that ``steps`` (run to factor) have reached, by chance."""
    level, samples = 1e-3, []
    for number in range(max(steps) if steps else 0):
        level *= steps.get(number, 1.0)
        value = level * exp(random.gauss(0, noise)) * (1.5 if random.random() < outliers else 1.0)
        moment = (START + timedelta(days=number)).isoformat()
        samples.append(TrendSample(number, moment, "m", str(number), CellFigures("measured", {"latency": value})))
    return samples


def false_steps(histories, length, noise, outliers, random):
    found = sum(
        len(trend("c", named("latency"), history(random, noise, {length: 1.0}, outliers)).steps)
        for _ in range(histories)
    )
    runs = histories * length
    print(
        f"  {noise:.1%} between runs, {outliers:.0%} outliers: {found} false change points in {runs:,} runs: "
        f"{500 * found / runs:.2f} in 500"
    )


def jumping(random, length):
    """A history of a figure that has one of two values at random, 15% apart, and one of them more often."""
    seldom = random.uniform(0.15, 0.5)
    samples = history(random, 0.005, {length: 1.0}, 0.0)
    lower = [CellFigures("measured", {"latency": 0.85 * each.figures.values["latency"]}) for each in samples]
    pairs = zip(samples, lower, strict=True)
    return [replace(each, figures=low) if random.random() < seldom else each for each, low in pairs]


def false_steps_of_suites(suites, length, jumps, random, outliers=0.0):
    """Of suites of 60 cells with 0.5 to 5% between runs, ``jumps`` of which have one of two values."""
    found = 0
    for _ in range(suites):
        noises = [exp(random.uniform(log(0.005), log(0.05))) for _ in range(CELLS - jumps)]
        cells = [history(random, noise, {length: 1.0}, outliers) for noise in noises]
        cells += [jumping(random, length) for _ in range(jumps)]
        trends, common = trends_of(named("latency"), {str(number): cell for number, cell in enumerate(cells)})
        found += sum(len(each.steps) for each in trends) + len(common)
    runs = suites * length
    print(
        f"  suites of {CELLS} cells over {length} runs, {jumps} with two values, {outliers:.0%} of values outliers: "
        f"{found} false change points in {runs:,} runs: {500 * found / runs:.2f} in 500"
    )


def delays(draws, noise, random):
    """Runs after a step of 5% until the trend reports it, as a history grows run by run."""
    seen = []
    for _ in range(draws):
        series = history(random, noise, {40: 1.05, 60: 1.0}, 0.0)
        for length in range(41, 61):
            steps = trend("c", named("latency"), series[:length]).steps
            if any(step.worse and abs(step.first.number - 40) <= 2 for step in steps):  # noqa: PLR2004  # about there
                seen.append(length - 40)
                break
        else:
            seen.append(20)
    print(
        f"  {noise:.1%} between runs: a step of 5% is found after {mean(seen):.1f} runs on average; "
        f"under 5 in {sum(each < 5 for each in seen)} of {draws}"  # noqa: PLR2004  # the figure that is wanted
    )


def drifting(draws, noise, random):
    found = 0
    for _ in range(draws):
        samples = []
        for week in range(20):
            value = 1e-3 * 1.01**week * exp(random.gauss(0, noise))
            moment = (START + timedelta(weeks=week)).isoformat()
            samples.append(TrendSample(week, moment, "m", str(week), CellFigures("measured", {"latency": value})))
        seen = trend("c", named("latency"), samples)
        found += any(each.worse for each in (*seen.drifts, *seen.steps))
    print(f"  {noise:.1%} between runs: 1% per week over 20 weeks is found in {found} of {draws}")


def exact(draws, random):
    accuracies(draws, random)
    budgets(draws)


def trends(draws, random):
    print("trend")
    for noise, outliers in ((0.005, 0.0), (0.01, 0.0), (0.02, 0.0), (0.01, 0.02)):
        false_steps(draws // 4, 500, noise, outliers, random)
    for length in (8, 25, 100):
        for jumps in (0, 6):
            false_steps_of_suites(draws * 100 // length, length, jumps, random)
        false_steps_of_suites(draws * 100 // length, length, 0, random, 0.02)
    for noise in (0.005, 0.01, 0.015):
        delays(draws, noise, random)
    for noise in (0.01, 0.02):
        drifting(draws, noise, random)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--only", choices=["saved", "interleaved", "exact", "trend"], help="one part of it")
    options = parser.parse_args()
    random = Random(1)  # noqa: S311  # draws, not secrets
    parts = {"saved": saved, "interleaved": interleaved, "exact": exact, "trend": trends}
    for name, part in parts.items():
        if options.only in {None, name}:
            part(options.draws, random)
    print(f"an upper 95% bound of no event in {options.draws} draws is {upper(0, options.draws):.1%}")


if __name__ == "__main__":
    main()
