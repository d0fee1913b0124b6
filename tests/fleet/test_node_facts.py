"""Which nodes take no part, with the remedy."""

import platform
import sys
from dataclasses import replace

import pytest

from lab4 import __version__
from lab4.fleet.cluster import facts_of
from lab4.fleet.facts import NodeFacts, Versions, one_folder, other_versions, refusal, remarks

OURS = Versions("3.11.2", "1.0")

GOOD = NodeFacts("ab", "box", "562b73a2c10c", "boot", (), 10**10, "/var/cache", 3.0, 0, has_gpu=False)


def test_a_node_like_this_machine_takes_part():
    assert refusal(GOOD) == ""
    assert other_versions("box", Versions("3.11.9", "1.0"), OURS) == ""


@pytest.mark.parametrize(
    ("changes", "problem", "remedy"),
    [
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
    said = refusal(replace(GOOD, **changes))
    assert said.startswith(problem)
    assert f"; {remedy}" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("theirs", "problem", "remedy"),
    [
        (("3.12.1", "1.0"), "box has Python 3.12.1 and this machine 3.11.2", "start Ray there with 3.11"),
        (("3.11.9", "0.9"), "box has lab4 0.9 and this machine 1.0", "pip install 'lab4[fleet]==1.0'"),
        (("3.11.9", ""), "box has no lab4", "pip install 'lab4[fleet]==1.0'"),
    ],
)
def test_other_versions_are_one_sentence_with_the_remedy(theirs, problem, remedy):
    said = other_versions("box", Versions(*theirs), OURS)
    assert said.startswith(problem)
    assert remedy in said


def test_a_node_of_another_lab4_says_which_and_is_asked_nothing_else(monkeypatch):
    python = platform.python_version()
    assert facts_of(python, "0.0.9")() == (python, __version__)
    assert facts_of("3.1.0", __version__)() == (python, __version__)
    monkeypatch.setitem(sys.modules, "lab4", None)
    assert facts_of(python, __version__)() == (python, "")


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
