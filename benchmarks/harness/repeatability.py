"""How repeatable each statistic is: the whole inference set, measured again and again, the suite next to its host.

Every run is one of fresh processes, as a user's run is. Runs of the suite (in interleaved rounds) and of
plain pytest-benchmark (one contiguous block per cell, in the same processes and for the same total time) alternate.
Printed is, for each cell and statistic, the coefficient of variation between runs: nothing changed, so all of it is
error. Raw samples go to a file, from which `--read` prints the tables again.
"""

import argparse
import gzip
import json
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean, median, stdev
from time import perf_counter

from contiguous import time_contiguously

from lab4.analysis.distribution import COMPARISON_LATENCY, relative, summarize, uncontended_rounds
from lab4.bench.bench import Bench
from lab4.bench.cells import Axes, cells
from lab4.bench.profiles import PROFILES, Order
from lab4.cache import default_folder
from lab4.domain.observed import Latency, Series, WarmUp

#: What pytest-benchmark itself offers to compare by.
HOST = {"min": min, "mean": mean, "median": median}


def order_of(profile):
    return Order("mnist_10k", profile, seed=1, cache=default_folder(), rebuild=False, cell_limit_s=600)


def suite_run(chosen, profile, number):
    """Samples by round, and the frequency probe of each, by cell key."""
    bench = Bench(replace(order_of(profile), seed=number), print)
    try:
        bench.preload(chosen)
        bench.time_in_rounds(chosen, lambda _: None, lambda _: None)
        return {
            cell.key: as_plain(bench.latency(cell, bench.artifact(cell, bench.model(cell))).latency) for cell in chosen
        }
    finally:
        bench.close()


def host_run(chosen, profile, seconds):
    """Samples of one contiguous block per cell, in the order of the worksheet, as pytest-benchmark takes them."""
    bench = Bench(order_of(profile), print)
    try:
        bench.preload(chosen)
        found = {}
        for cell in chosen:
            hosted = bench.hosted(cell, bench.artifact(cell, bench.model(cell)))
            found[cell.key] = hosted.host.run(hosted.spec, partial(time_contiguously, seconds=seconds[cell.key]))
        return found
    finally:
        bench.close()


def timed_s(plain, window_s):
    """For how long the suite timed calls: of short ones not every sample is kept."""
    return max(sum(plain["samples_s"]) * plain["iterations"], len(plain["round_sizes"]) * window_s)


def as_plain(latency):
    return {
        "samples_s": latency.calls.samples_s,
        "round_sizes": latency.calls.round_sizes,
        "iterations": latency.calls.iterations,
        "probe_s": latency.probe_s,
        "uncontended": latency.uncontended,
    }


def as_latency(plain):
    calls = Series(tuple(plain["samples_s"]), tuple(plain["round_sizes"]), plain["iterations"], "")
    warm, alone = WarmUp(0, 0.0, True), tuple(plain.get("uncontended", ()))
    return Latency(calls, None, tuple(plain["probe_s"]), 0.0, 0.0, warm, 1, "budget", None, uncontended=alone)


def variation(values):
    """Coefficient of variation, in percent."""
    return 100 * stdev(values) / mean(values)


def report(rounds):
    """Print the variation between runs of every cell, then medians and worst cells."""
    print(f"\ncoefficient of variation between {len(rounds)} runs, in percent")
    names = [f"suite: {COMPARISON_LATENCY}", "suite: p50", *(f"host: {name}" for name in HOST)]
    print(f"{'cell':42}" + "".join(f"{name:>30}" for name in names))
    columns = {name: [] for name in names}
    contended = 0
    for key in rounds[0]["suite"]:
        pairs = [(as_latency(each["suite"][key]), each["host"][key]) for each in rounds]
        judged = [(ours, hosts) for ours, hosts in pairs if uncontended_rounds(ours) is not None]
        contended += len(pairs) - len(judged)
        if len(judged) < 2:  # noqa: PLR2004
            print(f"{key.partition('/')[2]:42}  too few uncontended calls in every run")
            continue
        figures = [
            variation([relative(ours) for ours, _ in judged]),
            variation([summarize(ours).p50_s for ours, _ in judged]),
            *(variation([of(hosts) for _, hosts in judged]) for of in HOST.values()),
        ]
        for name, figure in zip(names, figures, strict=True):
            columns[name].append(figure)
        print(f"{key.partition('/')[2]:42}" + "".join(f"{figure:30.2f}" for figure in figures))
    for label, of in (("median of the cells", median), ("worst of the cells", max)):
        print(f"{label:42}" + "".join(f"{of(columns[name]):30.2f}" for name in names))
    print(f"{COMPARISON_LATENCY}: {contended} cells of runs had too few uncontended calls: left out of all columns")
    under, cells_told = sum(figure < 1 for figure in columns[names[0]]), len(rounds[0]["suite"])
    print(f"\n{COMPARISON_LATENCY}: {under} of {cells_told} cells vary by under 1% (wanted: all)")
    better = sum(ours < hosts for ours, hosts in zip(columns["suite: p50"], columns["host: median"], strict=True))
    print(f"p50: {better} of {cells_told} cells vary less than pytest-benchmark's median (wanted: all)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--profile", choices=list(PROFILES), default="worksheet")
    parser.add_argument("--techniques", default="", help="also measure models after these, separated by commas")
    parser.add_argument("--file", type=Path, default=Path("repeatability.json.gz"), help="where raw samples go")
    parser.add_argument("--read", action="store_true", help="measure nothing; print the tables of the file")
    options = parser.parse_args()
    report(read(options.file) if options.read else measure(options))


def read(path):
    """All whole runs; an interrupted measurement's file has no end."""
    found = []
    with gzip.open(path, "rt") as file, suppress(EOFError):
        found.extend(json.loads(line) for line in file)
    return found


def measure(options):
    profile = PROFILES[options.profile]
    techniques = tuple(filter(None, options.techniques.split(",")))
    formats = ("keras", "tflite_float32", "tflite_float16", "tflite_int8", "onnx", "saved_model")
    chosen = list(cells("latency", Axes(("cnn", "fcnn"), techniques, ("cpu",), (1, 32), formats)))
    rounds = []
    with gzip.open(options.file, "wt") as file:
        for number in range(1, options.runs + 1):
            start = perf_counter()
            suite = suite_run(chosen, profile, number)
            seconds = {key: timed_s(each, profile.window_s) for key, each in suite.items()}
            middle = perf_counter()
            rounds.append({"suite": suite, "host": host_run(chosen, profile, seconds)})
            file.write(json.dumps(rounds[-1]) + "\n")
            file.flush()
            print(f"run {number}: suite {middle - start:.1f} s, host {perf_counter() - middle:.1f} s", flush=True)
    return rounds


if __name__ == "__main__":
    main()
