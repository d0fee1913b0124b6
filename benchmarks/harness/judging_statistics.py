"""Which statistic to judge by: candidates on real repeated runs of unchanged code, and on simulated noise.

The first table reads files that `repeatability.py` has written, or folders of `repeated_runs.py`: the coefficient of
variation between runs, which is all error. The second simulates machines, and prints the variation and how much of a
change each candidate shows: one that is repeatable because it sees nothing would be no use.
"""

import argparse
import gzip
from pathlib import Path
from random import Random

import numpy as np
from repeatability import HOST, as_plain, read, variation

from lab4.history.json_text import parse_file
from lab4.history.run_file import run_of
from lab4.sampling.contention import uncontended_samples

RUNS = 300
ROUNDS, CALLS = 12, 100


def in_rounds(suite):
    """The samples of each round, as arrays."""
    return np.split(np.asarray(suite["samples_s"]), np.cumsum(suite["round_sizes"])[:-1])


def everything(quantile):
    """A quantile of all samples."""
    return lambda rounds, *_: float(np.quantile(np.concatenate(rounds), quantile))


def of_rounds(within, between):
    """A quantile between rounds of a quantile within each."""
    return lambda rounds, *_: float(np.quantile([np.quantile(each, within) for each in rounds], between))


def by_probe(within, between):
    """The same, each round divided by its frequency probe."""

    def ratio(rounds, reference, _):
        ratios = [np.quantile(each, within) / probe_s for each, probe_s in zip(rounds, reference, strict=True)]
        return float(np.quantile(ratios, between))

    return ratio


def pooled(quantile):
    """A quantile of all samples, each divided by the frequency probe of its round."""

    def ratio(rounds, reference, _):
        ratios = [np.asarray(each) / probe_s for each, probe_s in zip(rounds, reference, strict=True)]
        return float(np.quantile(np.concatenate(ratios), quantile))

    return ratio


def uncontended(of):
    """Another statistic, of uncontended calls only; of all calls where too few were uncontended."""

    def ratio(rounds, reference, flags):
        samples = np.concatenate(rounds).tolist()
        kept = uncontended_samples(samples, [len(each) for each in rounds], flags) or rounds
        kept_rounds = [index for index, each in enumerate(kept) if len(each)]
        return of([kept[index] for index in kept_rounds], [reference[index] for index in kept_rounds], ())

    return ratio


def quiet(rounds, reference, _):
    """The median of the quarter of the rounds in which the frequency probe was fastest."""
    chosen = np.argsort(reference)[: max(3, len(rounds) // 4)]
    return float(np.median(np.concatenate([rounds[index] for index in chosen])))


def mode(rounds, *_):
    """The half-sample mode (Bickel and Fruehwirth, 2006)."""
    values = np.sort(np.concatenate(rounds))
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
    "median of round medians": of_rounds(0.5, 0.5),
    "p25 of round medians": of_rounds(0.5, 0.25),
    "p25 of round p25": of_rounds(0.25, 0.25),
    "p25 of round minima": of_rounds(0.0, 0.25),
    "median of round minima": of_rounds(0.0, 0.5),
    "median of round p5": of_rounds(0.05, 0.5),
    "median of round p10": of_rounds(0.10, 0.5),
    "median of the quiet rounds": quiet,
    "half-sample mode": mode,
    "median of round medians, by probe": by_probe(0.5, 0.5),
    "median of round p10, by probe": by_probe(0.10, 0.5),
    "median of round p25, by probe": by_probe(0.25, 0.5),
    "p25 of round p10, by probe": by_probe(0.10, 0.25),
    "median of round minima, by probe": by_probe(0.0, 0.5),
    "median of round medians, uncontended": uncontended(by_probe(0.5, 0.5)),
    "median of round p10, uncontended": uncontended(by_probe(0.10, 0.5)),
    "p25 of round p10, uncontended": uncontended(by_probe(0.10, 0.25)),
    "p10 of round p10, uncontended": uncontended(by_probe(0.10, 0.10)),
    "p25 of round minima, uncontended": uncontended(by_probe(0.0, 0.25)),
    "minimum by probe, uncontended": uncontended(pooled(0.0)),
    "p2 by probe, uncontended": uncontended(pooled(0.02)),
    "p5 by probe, uncontended": uncontended(pooled(0.05)),
    "p10 by probe, uncontended": uncontended(pooled(0.10)),
    "p25 by probe, uncontended": uncontended(pooled(0.25)),
}


def on_real_runs(rounds):
    """Print the variation of each candidate over the cells of repeated runs."""
    keys = list(rounds[0]["suite"])
    print(f"{len(rounds)} runs of {len(keys)} cells: coefficient of variation between runs, in percent")
    print(f"{'statistic':40}{'median':>9}{'p75':>9}{'worst':>9}{'under 1%':>10}")
    for name, of in CANDIDATES.items():
        _line(name, [variation([_of(of, each["suite"][key]) for each in rounds]) for key in keys])
    for name, of in HOST.items() if rounds[0]["host"] else ():
        _line(f"pytest-benchmark's {name}", [variation([of(each["host"][key]) for each in rounds]) for key in keys])


def _of(candidate, suite):
    return candidate(in_rounds(suite), np.asarray(suite["probe_s"]), suite.get("uncontended", ()))


def _line(name, found):
    under = sum(each < 1 for each in found)
    columns = f"{np.median(found):9.2f}{np.quantile(found, 0.75):9.2f}{max(found):9.2f}"
    print(f"{name:40}{columns}{under:6} of {len(found)}")


def calm(random):
    """Independent noise of 1%."""
    noise = np.array([[abs(random.gauss(0, 0.01)) for _ in range(CALLS)] for _ in range(ROUNDS)])
    return noise, np.ones(ROUNDS), [True] * (ROUNDS * CALLS)


def two_levels(random):
    """The whole machine is slow by 13% in some rounds, which the frequency probe shows too."""
    speed = np.where([random.random() < 0.3 for _ in range(ROUNDS)], 1.13, 1.0)  # noqa: PLR2004
    noise, _, flags = calm(random)
    return (1 + noise) * speed[:, None] - 1, speed, flags


def drifting(random):
    """The machine's frequency is of the run: 1.5% between runs, 0.3% between rounds."""
    speed = random.gauss(1, 0.015) * np.array([random.gauss(1, 0.003) for _ in range(ROUNDS)])
    noise, _, flags = calm(random)
    return (1 + noise) * speed[:, None] - 1, speed, flags


def own_levels(random):
    """The cell itself has two levels by round, 8% apart, which no frequency probe shows."""
    level = np.where([random.random() < 0.4 for _ in range(ROUNDS)], 1.08, 1.0)  # noqa: PLR2004
    noise, _, flags = calm(random)
    reference = np.array([abs(random.gauss(1, 0.003)) for _ in range(ROUNDS)])
    return (1 + noise) * level[:, None] - 1, reference, flags


def co_runners(random):
    """In most rounds a co-runner shares the core: calls take 30 to 40% longer, the frequency probe does not."""
    shared = np.array([random.random() < 0.7 for _ in range(ROUNDS)])  # noqa: PLR2004
    noise, reference, _ = calm(random)
    slow = np.where(shared, [random.uniform(1.3, 1.4) for _ in range(ROUNDS)], 1.0)
    return (1 + noise) * slow[:, None] - 1, reference, np.repeat(~shared, CALLS).tolist()


MACHINES = {
    "calm": calm,
    "two levels": two_levels,
    "frequency": drifting,
    "own levels": own_levels,
    "co-runners": co_runners,
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
        name: [(change(samples, random), *others) for samples, *others in runs["calm"]]
        for name, change in CHANGES.items()
    }
    for name, of in CANDIDATES.items():
        varied = [variation([of(list(samples), *others) for samples, *others in made]) for made in runs.values()]
        before = np.mean([of(list(samples), *others) for samples, *others in runs["calm"]])
        shown = [
            100 * (np.mean([of(list(samples), *others) for samples, *others in made]) / before - 1)
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


def runs_in(folder):
    """The samples of each run in a folder of `repeated_runs.py`."""
    for path in sorted(folder.glob("*.json.gz")):
        run = run_of(parse_file(gzip.decompress(path.read_bytes()), path.name), path.name)
        outcomes = {each.cell.key: each.outcome for each in run.measurements}
        timed = {key: each.latency for key, each in outcomes.items() if getattr(each, "latency", None)}
        yield {"suite": {key: as_plain(latency) for key, latency in timed.items()}, "host": {}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, help="what repeatability.py or repeated_runs.py has written")
    for path in parser.parse_args().paths:
        print(f"\n{path.name}")
        on_real_runs(list(runs_in(path) if path.is_dir() else read(path)))
    on_simulated_machines()


if __name__ == "__main__":
    main()
