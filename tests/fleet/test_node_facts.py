"""Which nodes take no part, with the remedy."""

from dataclasses import replace

import pytest

from lab4.fleet.facts import NodeFacts, one_folder, refusal, remarks

GOOD = NodeFacts("ab", "box", "562b73a2c10c", "boot", "3.11.9", "1.0", (), 10**10, "/var/cache", 3.0, 0, has_gpu=False)


def test_a_node_like_this_machine_takes_part():
    assert refusal(GOOD, "3.11.2", "1.0") == ""


@pytest.mark.parametrize(
    ("changes", "problem", "remedy"),
    [
        ({"python": "3.12.1"}, "box has Python 3.12.1 and this machine 3.11.2", "start Ray there with 3.11"),
        ({"lab4": "0.9"}, "box has lab4 0.9 and this machine 1.0", "run there: pip install 'lab4[fleet]==1.0'"),
        (
            {"missing": ("pytest", "tensorflow")},
            "box lacks pytest and tensorflow",
            "run there: pip install",
        ),
        (
            {"free_bytes": 5_000_000},
            "box has 5 MB free in /var/cache and a run may need 300",
            "make room there",
        ),
        ({"skew_s": -301.0}, "the clock of box is 5 minutes behind this machine's", "set it there: timedatectl"),
        ({"skew_s": 61.0}, "the clock of box is 1 minute ahead of this machine's", "set it there: timedatectl"),
    ],
)
def test_what_keeps_a_node_out_is_one_sentence_with_the_remedy(changes, problem, remedy):
    said = refusal(replace(GOOD, **changes), "3.11.2", "1.0")
    assert said.startswith(problem)
    assert f"; {remedy}" in said
    assert "\n" not in said


def test_low_priority_and_a_shared_machine_are_remarked_upon_once():
    nodes = [replace(GOOD, niceness=15), replace(GOOD, niceness=15), replace(GOOD, name="other", host="its own")]
    low, shared = remarks(nodes)
    assert low.startswith("Ray runs its tasks on box with low priority")
    assert low.endswith("RAY_worker_niceness=0 ray start ...")
    assert shared == "2 nodes are on the machine box, so that they disturb each other; start one on each machine"
    assert remarks([GOOD]) == []


def test_two_nodes_of_one_folder_are_named_and_two_of_one_machine_are_not_refused():
    said = one_folder(replace(GOOD, name="other"), [replace(GOOD, machine_id="cd"), GOOD])
    assert said.startswith("box and other use one folder, /var/cache, ")
    assert said.endswith("; start Ray on the other with another LAB4_CACHE")
    assert one_folder(GOOD, [replace(GOOD, machine_id="cd")]) == ""
