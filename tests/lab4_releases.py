"""Releases: runs of several machines, each with baselines of its own."""

from dataclasses import replace
from datetime import date
from random import Random

from lab4_gate_runs import lucky

from lab4.analysis.policy import Policy
from lab4.analysis.release.judge import ReleaseRules, judge_release
from lab4.analysis.release.machines import release_machines

TODAY = date(2026, 6, 1)
INT8 = "latency/cnn-cpu-b1-tflite_int8"
RACK = {"rack-1": "A", "rack-2": "A", "rack-3": "A", "lab-1": "B", "lab-2": "B"}


def on(node, cpu, runs):
    """The runs as of this machine."""
    return [
        replace(run, machine=replace(run.machine, node=node, cpu=cpu), source=f"{node}/{run.source}") for run in runs
    ]


def sides(seed=1, machines=RACK, *, saved=5, slow=None, count=1):
    """Candidates and baselines; ``slow`` has the factors of cells by machine, or those of all under ``*``."""
    random, candidates, baselines = Random(seed), [], []
    for node, cpu in machines.items():
        factors = {**(slow or {}).get("*", {}), **(slow or {}).get(node, {})}
        baselines += on(node, cpu, lucky(random, saved))
        candidates += on(node, cpu, lucky(random, count, first=30, factors=factors))
    return candidates, baselines


def judged(candidates, baselines, policy=None, *, faults=None, **rules):
    """The release of these runs."""
    machines = release_machines(candidates, baselines)
    rules = ReleaseRules(policy or Policy(), TODAY, **rules)
    return judge_release(machines, rules, baselines=baselines, faults=faults)


def released(seed=1, machines=RACK, policy=None, **how):
    """The release of drawn runs."""
    return judged(*sides(seed, machines, **how), policy)
