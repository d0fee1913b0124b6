"""What a node says of itself before anything is measured on it, and why one cannot take part: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab4.domain.text import counted

#: A run's models, artifacts and results take less: bytes.
ROOM_BYTES = 300_000_000
#: Histories order runs by the clocks of their machines: seconds.
_MOST_SKEW_S = 60.0


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node's answer.

    ``machine_id`` stays with the node's disk, whatever the machine is called; ``kind`` is its hardware (see
    `lab4.domain.machine.Machine.hardware_id`); ``host`` distinguishes machines that are up, since several nodes may be
    on one. ``skew_s`` is how far its clock is ahead of the driver's. ``niceness`` is that of its processes.
    """

    machine_id: str
    name: str
    kind: str
    host: str
    missing: tuple[str, ...]
    free_bytes: int
    folder: str
    skew_s: float
    niceness: int
    has_gpu: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """Which Python a node has, and which lab4; empty where it has none."""

    python: str
    lab4: str


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A node as Ray knows it; ``cpus`` are those that it offers to tasks."""

    ray_id: str
    name: str
    cpus: float
    gpus: float


def other_versions(name: str, theirs: Versions, ours: Versions) -> str:
    """Why a node with other versions than this machine takes no part, in one sentence; empty where they are equal."""
    if _minor(theirs.python) != _minor(ours.python):
        return (
            f"{name} has Python {theirs.python} and this machine {ours.python}; start Ray there with "
            f"{_minor(ours.python)}"
        )
    if theirs.lab4 != ours.lab4:
        found = f"has lab4 {theirs.lab4} and this machine {ours.lab4}" if theirs.lab4 else "has no lab4"
        return f"{name} {found}; run there, in Ray's environment: pip install 'lab4[fleet]=={ours.lab4}'"
    return ""


def refusal(facts: NodeFacts) -> str:
    """Why nothing is measured on the node, in one sentence with the remedy; empty where it can be."""
    if facts.missing:
        return f"{facts.name} lacks {' and '.join(facts.missing)}; run there: pip install 'lab4[fleet]'"
    if facts.free_bytes < ROOM_BYTES:
        return (
            f"{facts.name} has {facts.free_bytes / 1e6:.0f} MB free in {facts.folder} and a run may need "
            f"{ROOM_BYTES / 1e6:.0f}; make room there, or start Ray there with another LAB4_CACHE"
        )
    if abs(facts.skew_s) > _MOST_SKEW_S:
        direction = "ahead of" if facts.skew_s > 0 else "behind"
        return (
            f"the clock of {facts.name} is {counted(round(abs(facts.skew_s) / 60), 'minute')} {direction} this "
            "machine's, so that its runs would be out of order; set it there: timedatectl set-ntp true"
        )
    return ""


def one_folder(facts: NodeFacts, others: Iterable[NodeFacts]) -> str:
    """Why the node cannot measure next to ``others``: one of them has the same folder; empty where it can."""
    same = next((each.name for each in others if each.machine_id == facts.machine_id), None)
    if same is None:
        return ""
    return (
        f"{same} and {facts.name} use one folder, {facts.folder}, so that only the first measures; start Ray on the "
        "other with another LAB4_CACHE"
    )


def remarks(found: Sequence[NodeFacts]) -> list[str]:
    """What makes the figures of these nodes worse and can be helped, in sentences."""
    nice = dict.fromkeys(facts.name for facts in found if facts.niceness > 0)
    said = []
    if nice:
        said.append(
            f"Ray runs its tasks on {', '.join(nice)} with low priority, so that other programs delay them; "
            "start it there with: RAY_worker_niceness=0 ray start ..."
        )
    hosts: dict[str, list[str]] = {}
    for facts in found:
        hosts.setdefault(facts.host, []).append(facts.name)
    said += [
        f"{len(names)} nodes are on the machine {names[0]}, so that they disturb each other; start one on each machine"
        for names in hosts.values()
        if len(names) > 1
    ]
    return said


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
