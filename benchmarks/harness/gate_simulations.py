"""How often the gate and the trend err where chance is known: accuracies, sizes, and histories without end.

Accuracies: of 60 cells on 2,000 images one loses 1.5 points, and loses and wins single images besides, as a model that
was trained or converted again does. Histories: of noise between runs as was seen on real machines, with outliers.
"""

import argparse
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from math import exp
from random import Random
from statistics import mean

from gate_error_rates import run_of

from lab4.analysis.gate.judge import judge
from lab4.analysis.gate.policy import Budget, Policy
from lab4.analysis.gate.verdict import Verdict
from lab4.analysis.trend import Sample, trend
from lab4.domain.figures import CellFigures
from lab4.sampling.binomial import upper

IMAGES, CELLS, ACCURACY = 2_000, 60, 0.97
#: Images that are lost and won by chance at each rebuilding, beside what is really lost.
CHURN = (0, 5, 10, 20)
TODAY = date(2026, 1, 1)
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


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


def accurate(sides, number):
    cells = {
        f"quantization/m{at}-cpu-keras": CellFigures("measured", {"accuracy": sum(each) / IMAGES}, correct=each)
        for at, each in enumerate(sides)
    }
    return run_of(cells, number)


def accuracy_alarms(draws, loss, churn, random):
    """Draws in which the changed cell stopped, and in which any other did."""
    caught = false = 0
    for _ in range(draws):
        before = [bits(random) for _ in range(CELLS)]
        after = [changed(each, churn, churn, random) for each in before]
        after[0] = changed(before[0], loss + churn, churn, random)
        found = judge([accurate(after, 1)], [accurate(before, 0)], Policy(), today=TODAY)
        worse = {each.cell for each in found.judged if each.verdict is Verdict.WORSE}
        caught += "quantization/m0-cpu-keras" in worse
        false += bool(worse - {"quantization/m0-cpu-keras"})
    return caught, false


def accuracies(draws, random):
    print(f"accuracy: {CELLS} cells of {IMAGES:,} images, {draws} draws each")
    for loss, what in ((1, "one image lost in one cell"), (30, "1.5 points lost in one cell")):
        for churn in CHURN:
            caught, false = accuracy_alarms(draws, loss, churn, random)
            print(f"  {what}, {churn:2} lost and won by chance in all: stops {caught} of {draws}; others {false}")


def budgets(draws):
    stopped = 0
    for size in range(1_000, 1_000 + draws):
        run = run_of({"a": CellFigures("measured", {"size": float(size + 1)})}, 1)
        policy = Policy(budgets=[Budget("*", "size", at_most=float(size), written="")])
        stopped += judge([run], [replace(run, source="b")], policy, today=TODAY).exit_code == 1
    print(f"size: one byte over its budget stops {stopped} of {draws}")


def history(random, noise, steps, outliers):
    """A history by run: each value is the level that ``steps`` (run to factor) have reached, by chance."""
    level, samples = 1e-3, []
    for number in range(max(steps) if steps else 0):
        level *= steps.get(number, 1.0)
        value = level * exp(random.gauss(0, noise)) * (1.5 if random.random() < outliers else 1.0)
        moment = (START + timedelta(days=number)).isoformat()
        samples.append(Sample(number, moment, "m", str(number), CellFigures("measured", {"latency": value})))
    return samples


def false_steps(histories, length, noise, outliers, random):
    found = sum(
        len(trend("c", "latency", history(random, noise, {length: 1.0}, outliers)).steps) for _ in range(histories)
    )
    runs = histories * length
    print(
        f"  {noise:.1%} between runs, {outliers:.0%} outliers: {found} false change points in {runs:,} runs: "
        f"{500 * found / runs:.2f} in 500"
    )


def delays(draws, noise, random):
    """Runs after a step of 5% until the trend tells it, as a history grows run by run."""
    seen = []
    for _ in range(draws):
        series = history(random, noise, {40: 1.05, 60: 1.0}, 0.0)
        for length in range(41, 61):
            steps = trend("c", "latency", series[:length]).steps
            if any(step.worse and abs(step.first.number - 40) <= 2 for step in steps):  # noqa: PLR2004  # about there
                seen.append(length - 40)
                break
        else:
            seen.append(20)
    print(
        f"  {noise:.1%} between runs: a step of 5% is told after {mean(seen):.1f} runs on average; "
        f"under 5 in {sum(each < 5 for each in seen)} of {draws}"  # noqa: PLR2004  # the figure that is wanted
    )


def creeping(draws, noise, random):
    found = 0
    for _ in range(draws):
        samples = []
        for week in range(20):
            value = 1e-3 * 1.01**week * exp(random.gauss(0, noise))
            moment = (START + timedelta(weeks=week)).isoformat()
            samples.append(Sample(week, moment, "m", str(week), CellFigures("measured", {"latency": value})))
        seen = trend("c", "latency", samples)
        found += any(each.worse for each in (*seen.creeps, *seen.steps))
    print(f"  {noise:.1%} between runs: 1% a week over 20 weeks is told in {found} of {draws}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=100)
    options = parser.parse_args()
    random = Random(1)  # noqa: S311  # draws, not secrets
    accuracies(options.draws, random)
    budgets(options.draws)
    print("trend")
    for noise, outliers in ((0.005, 0.0), (0.01, 0.0), (0.02, 0.0), (0.01, 0.02)):
        false_steps(options.draws // 4, 500, noise, outliers, random)
    for noise in (0.005, 0.01, 0.015):
        delays(options.draws, noise, random)
    for noise in (0.01, 0.02):
        creeping(options.draws, noise, random)
    print(f"an upper 95% bound of no event in {options.draws} draws is {upper(0, options.draws):.1%}")


if __name__ == "__main__":
    main()
