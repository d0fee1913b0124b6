from dataclasses import replace
from random import Random

from lab4_gate_runs import lucky, timed

from lab4.analysis.gate.verdict import ExitCode
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import built_in


def test_in_a_noisy_hour_a_doubling_is_seen_also_of_what_varies_most():
    """Every cell varies by a tenth; cells of one runtime are known for three fifths of that, others for a hundredth."""
    wide = {"own": 0.06}
    by_runtime = {"*": {"own": 0.01}, "tensorflow": wide, "tensorflow, long calls": wide}
    known = built_in().deviations | {"latency": {"*": by_runtime}}
    policy = Policy(spreads=replace(built_in(), deviations=known))
    for seed in range(20):
        random = Random(seed)
        before, after = lucky(random, 1, 0.1), lucky(random, 1, 0.1, first=20)
        stops = {each.stops for each in timed(before, after, policy) if each.figure == "latency"}
        assert ExitCode.CANNOT_JUDGE not in stops, seed
