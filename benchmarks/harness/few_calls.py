"""How much comparison latencies vary between runs of unchanged code, by how many calls they are of.

``python benchmarks/harness/few_calls.py FOLDER...`` takes folders of `repeated_runs.py`, or histories of their figures.
A value's distance from the cell's median over all runs, less the median distance of the cell's peers in that run.
"""

import argparse
from collections import defaultdict
from math import log, sqrt
from pathlib import Path
from statistics import fmean, median

from gate_draws import runs_in, timed_cells

from lab4.analysis.gate.peers import MIN_PEERS, PeerGroups
from lab4.domain.catalogue import merged

#: Classes of numbers of calls: up to each of these.
CALLS = (8, 16, 64, 256, 10**9)


def distances(runs):
    """The number of calls and the distance of each corrected value."""
    groups = PeerGroups({key for run in runs for key in run.cells}, merged(run.catalogue for run in runs))
    values = defaultdict(dict)
    for number, run in enumerate(runs):
        for key in timed_cells(run):
            if "latency" in run.cells[key].corrected:
                values[key][number] = log(run.cells[key].corrected["latency"])
    apart = {key: {at: each - median(own.values()) for at, each in own.items()} for key, own in values.items()}
    for key, own in apart.items():
        for number, distance in own.items():
            peers = [apart[each][number] for each in groups.of(key) if each != key and number in apart.get(each, {})]
            if len(peers) >= MIN_PEERS:
                yield runs[number].cells[key].calls, distance - median(peers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("places", nargs="+", type=Path)
    heads = [f"up to {most}" for most in CALLS[:-1]] + [f"more than {CALLS[-2]}"]
    print(f"| | {' | '.join(heads)} |")
    print(f"| --- {'| --- ' * len(heads)}|")
    for place in parser.parse_args().places:
        classes = defaultdict(list)
        for calls, distance in distances([each.run for each in runs_in(place)]):
            if calls:
                classes[next(most for most in CALLS if calls <= most)].append(distance)
        row = [
            f"{sqrt(fmean(each**2 for each in classes[most])):.1%} ({len(classes[most]):,})" if classes[most] else ""
            for most in CALLS
        ]
        print(f"| {place.stem} | {' | '.join(row)} |")


if __name__ == "__main__":
    main()
