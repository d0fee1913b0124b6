"""Machines of one kind: a slower or noisier one is named, and equal ones are not."""

from dataclasses import replace
from math import exp
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab4_gate_runs import CELLS, run_with
from scipy import stats

from lab4.analysis.kinds import FALSE_ALARMS, kind_label, kinds_of, unusual_machines
from lab4.domain.figures import CellFigures


def rack(random, count, *, between=0.015, slow=None, noisy=None, cells=CELLS, runs=1):  # noqa: PLR0913  # a rack
    """So many machines of one kind; ``slow`` and ``noisy`` are factors of single machines by number."""
    found = {}
    for number in range(count):
        speed = exp(random.gauss(0, between)) * (slow or {}).get(number, 1.0)
        tail = 0.1 * exp(random.gauss(0, 0.2)) * (noisy or {}).get(number, 1.0)
        found[f"node-{number}"] = [
            run_with(
                {
                    key: figures(1e-4 * (1 + index) * speed * exp(random.gauss(0, 0.01)), tail)
                    for index, key in enumerate(cells)
                },
                run,
            )
            for run in range(runs)
        ]
    return found


def figures(latency_s, tail):
    return CellFigures("measured", {"latency": latency_s, "p50": latency_s, "p90": (1 + tail) * latency_s})


@pytest.mark.parametrize("count", [3, 5, 20])
@pytest.mark.parametrize("how", ["slow", "noisy"])
def test_the_machine_that_differs_is_named_with_its_evidence(count, how):
    factor = 1.3 if how == "slow" else 5.0
    (found,) = unusual_machines(rack(Random(count), count, **{how: {1: factor}}))
    assert (found.machine, found.fault) == ("node-1", "slower" if how == "slow" else "noisier")
    assert found.low < factor < found.high
    assert found.cells == len(CELLS)
    assert set(found.others) == {f"node-{number}" for number in range(count)} - {"node-1"}
    assert f"node-1 is {found.fault} than the {count - 1} other machines of its kind" in found.reason


def test_of_two_machines_the_slower_one_is_named():
    (found,) = unusual_machines(rack(Random(1), 2, slow={0: 1.5}))
    assert found.machine == "node-0"
    assert "slower than the other machine of its kind" in found.reason


def test_a_machine_that_is_slower_by_as_much_as_such_machines_differ_is_not_named():
    assert unusual_machines(rack(Random(2), 8, slow={3: 1.03})) == ()


def test_equal_machines_are_named_in_at_most_as_many_racks_as_admitted():
    alarms = {"slower": 0, "noisier": 0}
    racks = 300
    for number in range(racks):
        for each in unusual_machines(rack(Random(number), 2 + number % 8, cells=CELLS[:5])):
            alarms[each.fault] += 1
    # Beyond what one in a hundred gives in 999 of 1,000 such series.
    assert max(alarms.values()) <= stats.binom.isf(1e-3, racks, FALSE_ALARMS)


@given(st.floats(0.01, 100.0), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_units_and_the_order_of_machines_do_not_matter(unit, random):
    machines = rack(Random(3), 5, slow={2: 1.4})
    scaled = {
        name: [
            replace(
                run,
                cells={
                    key: replace(cell, values={figure: unit * value for figure, value in cell.values.items()})
                    for key, cell in run.cells.items()
                },
            )
            for run in runs
        ]
        for name, runs in random.sample(sorted(machines.items()), len(machines))
    }
    (one,), (other,) = unusual_machines(machines), unusual_machines(scaled)
    assert other.machine == one.machine
    assert other.factor == pytest.approx(one.factor)
    assert other.p_value == pytest.approx(one.p_value)


def test_machines_of_other_hardware_and_of_unknown_hardware_are_not_compared():
    machines = rack(Random(4), 4, slow={1: 2.0})
    (run,) = machines["node-1"]
    for other in (replace(run.machine, cpu="Another CPU"), replace(run.machine, cpu="", node="node-1")):
        apart = machines | {"node-1": [replace(run, machine=other)]}
        assert len(kinds_of(apart)) == 2
        assert unusual_machines(apart) == ()


def test_fewer_cells_than_three_name_no_machine():
    assert unusual_machines(rack(Random(5), 4, slow={1: 3.0}, cells=CELLS[:2])) == ()


def test_cells_that_failed_or_that_one_machine_alone_has_say_nothing():
    machines = rack(Random(6), 4)
    (run,) = machines["node-1"]
    slow = {key: replace(cell, state="failed", values={"latency": 9.0}) for key, cell in run.cells.items()}
    own = {f"{key}-own": figures(9.0, 0.1) for key in CELLS}
    assert unusual_machines(machines | {"node-1": [replace(run, cells={**slow, **own})]}) == ()


def test_a_slow_run_among_several_counts_as_one_of_them():
    machines = rack(Random(7), 4, runs=3, slow={1: 1.3})
    (found,) = unusual_machines(machines)
    assert found.factor == pytest.approx(1.3, rel=0.05)


def test_a_kind_is_named_by_its_hardware():
    (run,) = rack(Random(8), 1)["node-0"]
    assert kind_label(run.machine) == "CPU, 8 cores, 16 GiB, H"
    bare = replace(run.machine, cpu="", logical_cores=0, memory_bytes=0, gpus=())
    assert kind_label(bare) == "unknown"
