"""The harness's self-test: runners of known cost, and how often the stated 95% interval holds the truth.

Each runner spins until the clock says that its time is up, so that its cost is known and does not depend on the
machine's speed. All runners are measured together in the suite's own rounds, again and again. Printed is, for each,
in how many repetitions the true median was inside the interval of the median. What the suite says of every sample is
that the clock's own cost is inside, so that much is allowed on top: it is printed too, and so is the cost of entering
and leaving a call, which a plain loop measures.
"""

import argparse
from dataclasses import replace
from functools import partial
from random import Random
from statistics import median
from time import perf_counter_ns

from lab4.analysis.distribution import summarize
from lab4.bench.collected import uncontended_ratios
from lab4.bench.measurement_session import MeasurementSession, ScheduledCell
from lab4.bench.profiles import WORKSHEET
from lab4.domain.cell import Cell
from lab4.domain.observed import Agreement
from lab4.domain.rounds import Burst, TimingWindow, WarmRunner
from lab4.domain.timing import TimingBudget
from lab4.kernels import frequency_probe_s
from lab4.measure.cores import pinned
from lab4.measure.latency import clock_cost_s, iterations_for, time_calls, warm_up
from lab4.measure.system_activity import difference, snapshot

PROFILE = replace(WORKSHEET, window_s=0.01, warmup_s=0.02)
WANTED = 0.9
_USUAL_S = 200e-6


class Runner:
    """A call of known cost: ``draw(random, turn)`` gives the seconds of a call of a round by its number."""

    def __init__(self, draw, random):
        self.draw, self.random, self.turn, self.asked = draw, random, -1, []
        self.level = None

    def begin(self):
        """Begin the next round."""
        self.turn += 1
        self.level = self.draw(self.random, self.turn)

    def __call__(self):
        """Use up the core for the next duration, drawing it included."""
        start = perf_counter_ns()
        seconds = self.level(self.random)
        self.asked.append(seconds)
        end = start + int(seconds * 1e9)
        while perf_counter_ns() < end:
            pass


def constant(seconds):
    """The same every time."""
    return lambda _random, _turn: lambda _: seconds


def heavy(seconds):
    """Most calls near the least, some many times longer: Lomax with shape 1.5."""
    return lambda _random, _turn: lambda random: seconds * (0.9 + 0.1 * (random.paretovariate(1.5) - 1) / _LOMAX)


_LOMAX = 2 ** (1 / 1.5) - 1


def drifting(seconds):
    """A tenth of a percent slower in every round."""
    return lambda _random, turn: lambda random: seconds * (1 + turn * 1e-3) * random.gauss(1, 0.005)


def bimodal(seconds):
    """Three rounds in five at one level, the others 15% slower: what this kind of machine does."""

    def level(random, _turn):
        chosen = seconds if random.random() < 0.6 else seconds * 1.15  # noqa: PLR2004
        return lambda random: chosen * random.gauss(1, 0.01)

    return level


def levels(seconds):
    """Every round at a level of its own, 2% apart."""

    def level(random, _turn):
        chosen = seconds * random.gauss(1, 0.02)
        return lambda random: chosen * random.gauss(1, 0.005)

    return level


#: Name to how a call's cost is drawn, and its true median in seconds; None: that of the costs drawn.
RUNNERS = {
    "spin 20 us": (constant(20e-6), 20e-6),
    "spin 200 us": (constant(200e-6), 200e-6),
    "spin 210 us (5% more)": (constant(210e-6), 210e-6),
    "spin 2 ms": (constant(2e-3), 2e-3),
    "heavy tail, 200 us": (heavy(200e-6), 200e-6),
    "drifting, 200 us": (drifting(200e-6), None),
    "bimodal, 200 us and 230 us": (bimodal(200e-6), 200e-6 * (1 + 0.01 * 0.9674215661017014)),
    "levels of rounds, 200 us": (levels(200e-6), 200e-6),
}


def beyond_s(seconds):
    """Seconds that a call takes beyond what it was asked for, of a plain loop: entering, leaving, the last look.

    The longer a call, the colder are the caches in which it finds its way out.
    """
    runner = Runner(constant(seconds), Random(0))  # noqa: S311
    runner.begin()
    found = []
    for _ in range(int(0.5 / seconds)):
        start = perf_counter_ns()
        runner()
        found.append(perf_counter_ns() - start)
    return median(found) / 1e9 - seconds


def opened(runner):
    """Warm the runner up, as the suite does."""
    runner.begin()
    warm, call_s = warm_up(runner, PROFILE.warmup_s)
    runner.asked.clear()
    runner.turn = -1
    iterations = iterations_for(call_s)
    return WarmRunner(0.0, 0.0, warm, Agreement(0.0, 0, 0), 1, None, "a spin", "", iterations, 1)


def window(runner, _):
    """Time one window, as the suite does; it takes as long by the clock on a contended core: nothing to wait for."""
    runner.begin()
    start = snapshot()
    samples_s = time_calls(runner, TimingBudget(PROFILE.window_s, PROFILE.min_calls))
    alone = {0: 1.0}
    bursts = (Burst(len(samples_s), (alone, alone)),)
    return TimingWindow(samples_s, (), frequency_probe_s(), bursts, alone, difference(start, snapshot()), fresh=False)


def repetition(number):
    """Measure all runners once; the latency and the true median of each, by name."""
    runners = {name: Runner(draw, Random(f"{name} {number}")) for name, (draw, _) in RUNNERS.items()}  # noqa: S311
    cells = {name: Cell("latency", f"runner{index}", (), "cpu", 1, "onnx") for index, name in enumerate(runners)}
    scheduled = [
        ScheduledCell(cells[name], partial(opened, runner), partial(window, runner)) for name, runner in runners.items()
    ]
    found = {}
    with pinned(1):
        MeasurementSession(PROFILE, number, found, lambda _: None, lambda _: None).run(scheduled)
    return {
        name: (
            found[cells[name].key].latency(PROFILE.target, uncontended_ratios(found.values())),
            RUNNERS[name][1] or median(runner.asked),
        )
        for name, runner in runners.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=100)
    count = parser.parse_args().repetitions
    with pinned(1):
        allowed = clock_cost_s()
        beyond = {name: beyond_s(truth or _USUAL_S) for name, (_, truth) in RUNNERS.items()}
    print(f"the clock's own cost, allowed on top of each interval: {allowed * 1e9:.0f} ns")
    costs = ", ".join(f"{beyond[name] * 1e9:.0f} ns ({name})" for name in list(RUNNERS)[:4])
    print(f"what a call takes beyond its spin, by a plain loop, added to the truth: {costs}")
    results = []
    for number in range(count):
        results.append(repetition(number))
        print(f"repetition {number + 1} of {count}", end="\r", flush=True)
    print(f"\n{'runner':30}{'inside':>9}{'half-width':>12}{'bias':>9}{'rounds':>8}{'drift':>8}")
    for name in RUNNERS:
        measured = [each[name] for each in results]
        rows = [(latency, summarize(latency).interval, truth + beyond[name]) for latency, truth in measured]
        inside = sum(found.low - allowed <= truth <= found.high + allowed for _, found, truth in rows)
        width = median(found.relative_half_width for _, found, _ in rows)
        bias = median(found.median / truth - 1 for _, found, truth in rows)
        rounds = median(len(latency.calls.round_sizes) for latency, _, _ in rows)
        drifts = median(summarize(latency).drift for latency, _, _ in rows)
        verdict = "" if inside >= WANTED * count else "  below 90%"
        print(f"{name:30}{inside:5} of {count}{width:11.2%}{bias:+9.2%}{rounds:8.0f}{drifts:+8.1%}{verdict}")
    more = sum(
        summarize(each["spin 210 us (5% more)"][0]).interval.low > summarize(each["spin 200 us"][0]).interval.high
        for each in results
    )
    print(f"5% more is seen as more, intervals apart, in {more} of {count}")


if __name__ == "__main__":
    main()
