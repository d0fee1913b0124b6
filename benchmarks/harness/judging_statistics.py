"""Which statistic to judge by: candidates on real repeated runs of unchanged code, and on simulated noise.

The first table reads files that `repeatability.py` has written: the coefficient of variation between runs, which is all
error. The second simulates machines, and says beside the variation how much of a change each candidate shows: one that
is repeatable because it sees nothing would be no use.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np
from repeatability import HOST, read, variation

from lab4.sampling.contention import uncontended_samples

RUNS = 300
PASSES, CALLS = 12, 100


def in_passes(suite):
    """The samples of each pass, as arrays."""
    return np.split(np.asarray(suite["samples_s"]), np.cumsum(suite["round_sizes"])[:-1])


def everything(quantile):
    """A quantile of all samples."""
    return lambda passes, *_: float(np.quantile(np.concatenate(passes), quantile))


def of_passes(within, between):
    """A quantile between passes of a quantile within each."""
    return lambda passes, *_: float(np.quantile([np.quantile(each, within) for each in passes], between))


def by_reference(within, between):
    """The same, each pass divided by the reference kernel beside it."""

    def ratio(passes, reference, _):
        ratios = [np.quantile(each, within) / beside for each, beside in zip(passes, reference, strict=True)]
        return float(np.quantile(ratios, between))

    return ratio


def alone(within, between):
    """The same of the calls alone that had their core to themselves; of all where hardly one had."""
    of = by_reference(within, between)

    def ratio(passes, reference, flags):
        samples = np.concatenate(passes).tolist()
        kept = uncontended_samples(samples, [len(each) for each in passes], flags) or passes
        told = [index for index, each in enumerate(kept) if len(each)]
        return of([kept[index] for index in told], [reference[index] for index in told], ())

    return ratio


def quiet(passes, reference, _):
    """The median of the quarter of the passes in which the reference kernel was fastest."""
    chosen = np.argsort(reference)[: max(3, len(passes) // 4)]
    return float(np.median(np.concatenate([passes[index] for index in chosen])))


def mode(passes, *_):
    """The half-sample mode (Bickel and Fruehwirth, 2006)."""
    values = np.sort(np.concatenate(passes))
    while len(values) > 3:  # noqa: PLR2004
        half = (len(values) + 1) // 2
        start = int(np.argmin(values[half - 1 :] - values[: len(values) - half + 1]))
        values = values[start : start + half]
    return float(np.mean(values))


CANDIDATES = {
    "minimum": everything(0.0),
    "p1": everything(0.01),
    "p5": everything(0.05),
    "p10": everything(0.10),
    "p25": everything(0.25),
    "p50": everything(0.5),
    "median of pass medians": of_passes(0.5, 0.5),
    "p25 of pass medians": of_passes(0.5, 0.25),
    "p25 of pass p25": of_passes(0.25, 0.25),
    "p25 of pass minima": of_passes(0.0, 0.25),
    "median of pass minima": of_passes(0.0, 0.5),
    "median of pass p5": of_passes(0.05, 0.5),
    "median of pass p10": of_passes(0.10, 0.5),
    "median of the quiet passes": quiet,
    "half-sample mode": mode,
    "median of pass medians, by reference": by_reference(0.5, 0.5),
    "median of pass p10, by reference": by_reference(0.10, 0.5),
    "median of pass p25, by reference": by_reference(0.25, 0.5),
    "p25 of pass p10, by reference": by_reference(0.10, 0.25),
    "median of pass minima, by reference": by_reference(0.0, 0.5),
    "median of pass medians, alone": alone(0.5, 0.5),
    "median of pass p10, alone": alone(0.10, 0.5),
    "p25 of pass p10, alone": alone(0.10, 0.25),
    "p10 of pass p10, alone": alone(0.10, 0.10),
    "p25 of pass minima, alone": alone(0.0, 0.25),
}


def on_real_runs(rounds):
    """Print the variation of each candidate over the cells of repeated runs."""
    keys = list(rounds[0]["suite"])
    print(f"{len(rounds)} runs of {len(keys)} cells: coefficient of variation between runs, in percent")
    print(f"{'statistic':40}{'median':>9}{'p75':>9}{'worst':>9}{'under 1%':>10}")
    for name, of in CANDIDATES.items():
        _line(name, [variation([_of(of, each["suite"][key]) for each in rounds]) for key in keys])
    for name, of in HOST.items():
        _line(f"pytest-benchmark's {name}", [variation([of(each["host"][key]) for each in rounds]) for key in keys])


def _of(candidate, suite):
    return candidate(in_passes(suite), np.asarray(suite["probe_s"]), suite.get("uncontended", ()))


def _line(name, found):
    under = sum(each < 1 for each in found)
    columns = f"{np.median(found):9.2f}{np.quantile(found, 0.75):9.2f}{max(found):9.2f}"
    print(f"{name:40}{columns}{under:6} of {len(found)}")


def calm(random):
    """Independent noise of 1%."""
    noise = np.array([[abs(random.gauss(0, 0.01)) for _ in range(CALLS)] for _ in range(PASSES)])
    return noise, np.ones(PASSES), [True] * (PASSES * CALLS)


def two_levels(random):
    """The whole machine is slow by 13% in some passes, which the reference kernel feels too."""
    speed = np.where([random.random() < 0.3 for _ in range(PASSES)], 1.13, 1.0)  # noqa: PLR2004
    noise, _, alone_there = calm(random)
    return (1 + noise) * speed[:, None] - 1, speed, alone_there


def drifting(random):
    """The machine's frequency is of the run: 1.5% between runs, 0.3% between passes."""
    speed = random.gauss(1, 0.015) * np.array([random.gauss(1, 0.003) for _ in range(PASSES)])
    noise, _, alone_there = calm(random)
    return (1 + noise) * speed[:, None] - 1, speed, alone_there


def own_levels(random):
    """The cell itself has two levels by pass, 8% apart, which no reference kernel feels."""
    level = np.where([random.random() < 0.4 for _ in range(PASSES)], 1.08, 1.0)  # noqa: PLR2004
    noise, _, alone_there = calm(random)
    reference = np.array([abs(random.gauss(1, 0.003)) for _ in range(PASSES)])
    return (1 + noise) * level[:, None] - 1, reference, alone_there


def neighbours(random):
    """In most passes something else works on the core: calls take 30 to 40% longer, the reference kernel does not."""
    shared = np.array([random.random() < 0.7 for _ in range(PASSES)])  # noqa: PLR2004
    noise, reference, _ = calm(random)
    slow = np.where(shared, [random.uniform(1.3, 1.4) for _ in range(PASSES)], 1.0)
    return (1 + noise) * slow[:, None] - 1, reference, np.repeat(~shared, CALLS).tolist()


MACHINES = {
    "calm": calm,
    "two levels": two_levels,
    "frequency": drifting,
    "own levels": own_levels,
    "neighbours": neighbours,
}


def slower(samples, _random):
    """Every call 5% slower."""
    return samples * 1.05


def tail(samples, random):
    """One call in fifty twice as long."""
    return samples * np.where([[random.random() < 0.02 for _ in row] for row in samples], 2.0, 1.0)  # noqa: PLR2004


def second_mode(samples, random):
    """A third of the calls 20% slower."""
    return samples * np.where([[random.random() < 1 / 3 for _ in row] for row in samples], 1.2, 1.0)


CHANGES = {"5% slower": slower, "p99 doubled": tail, "second mode": second_mode}


def on_simulated_machines():
    """Print variation and response of each candidate on each simulated machine."""
    print(f"\n{RUNS} simulated runs: variation in percent on each machine, then the change shown on the calm")
    print(f"{'statistic':40}" + "".join(f"{name:>13}" for name in (*MACHINES, *CHANGES)))
    runs = {name: _simulated(machine) for name, machine in MACHINES.items()}
    random = Random(99)  # noqa: S311
    changed = {
        name: [(change(samples, random), *beside) for samples, *beside in runs["calm"]]
        for name, change in CHANGES.items()
    }
    for name, of in CANDIDATES.items():
        varied = [variation([of(list(samples), *beside) for samples, *beside in made]) for made in runs.values()]
        before = np.mean([of(list(samples), *beside) for samples, *beside in runs["calm"]])
        shown = [
            100 * (np.mean([of(list(samples), *beside) for samples, *beside in made]) / before - 1)
            for made in changed.values()
        ]
        print(f"{name:40}" + "".join(f"{each:13.2f}" for each in varied) + "".join(f"{each:+13.1f}" for each in shown))


def _simulated(machine):
    random = Random(1)  # noqa: S311
    made = []
    for _ in range(RUNS):
        noise, reference, flags = machine(random)
        made.append((1e-3 * (1 + noise), 3e-5 * reference, flags))
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="what repeatability.py has written")
    rounds = [each for path in parser.parse_args().files for each in read(path)]
    if rounds:
        on_real_runs(rounds)
    on_simulated_machines()


if __name__ == "__main__":
    main()
