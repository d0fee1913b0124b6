"""What a run was asked for, and how much it is worth: three profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab4.bench.resources import RESOURCES
from lab4.domain.registry import Registry
from lab4.domain.source import Source

#: Other programs come and go within seconds.
PATIENCE_S = 20
#: What a window takes, in times of its calls that are timed: probes, calls of another kind, a load anew.
_WINDOW_COST = 2.5


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile's name means; the worksheet's own, where nothing else is said.

    An inference cell is timed for ``window_s`` (``min_calls`` at least) in every round, until the 95% interval of
    the median of its uncontended calls is within ``aim`` of it: after ``min_rounds`` at the earliest, of which
    ``uncontended_rounds`` have such calls, and ``max_rounds`` at the latest. One that is not within ``target`` by
    then is marked; one that ``max_rounds`` would not bring within it ends after twice ``min_rounds``. Where not
    even the comparison latency is within ``rough`` by then, in a noisy hour, rounds go on. All cells together may
    take ``cell_s`` each, waiting for an uncontended core included. Cells that converge early give their remaining
    time to the others. A warm-up takes ``warmup_s`` at most. ``loads`` is how often an artifact is loaded for its
    load time, ``peak_s`` how long each of the machine's peaks is timed, ``quantization_images`` how many training
    images choose the int8 ranges, ``examined`` how many examples of a user's data are examined at most.
    ``finetune_epochs`` are those of a technique and of its control: as many as it takes for a model with 80% zeros
    to be as accurate as its original and nearly as its control (docs/evidence/results.md). The quick profile has
    fewer, and promises that of no technique. ``curve`` are techniques that are examined as well where none are
    named: the steps of a curve of accuracy against sparsity. ``only_deciding``: where no cells are selected, those
    that add detail are left out (`lab4.bench.cells.decides`). Then ``resources`` are measured too, where none are
    named; otherwise all are.
    """

    name: str
    epochs: int = 3
    finetune_epochs: int = 6
    window_s: float = 0.04
    min_calls: int = 2
    min_rounds: int = 16
    uncontended_rounds: int = 8
    max_rounds: int = 240
    cell_s: float = 3.2
    target: float = 0.02
    aim: float = 0.01
    rough: float = 0.1
    warmup_s: float = 0.2
    loads: int = 5
    peak_s: float = 0.3
    quantization_images: int = 200
    examined: int = 2_000
    curve: tuple[str, ...] = ()
    only_deciding: bool = False
    resources: tuple[str, ...] = tuple(RESOURCES)

    @property
    def latency_s(self) -> float:
        """Seconds of timing that a cell may be given at most."""
        return self.window_s * self.max_rounds

    @property
    def usual_cell_s(self) -> float:
        """Seconds that a timed cell takes on average, where it ends halfway between the least and the most rounds."""
        return min(self.cell_s, self.usual_window_s * (self.min_rounds + self.max_rounds) / 2)

    @property
    def usual_window_s(self) -> float:
        """Seconds that a window takes, with what is not its calls."""
        return _WINDOW_COST * self.window_s


QUICK = Profile(
    "quick",
    epochs=2,
    finetune_epochs=2,
    window_s=0.01,
    min_rounds=6,
    uncontended_rounds=3,
    max_rounds=10,
    cell_s=0.5,
    target=0.05,
    aim=0.05,
    warmup_s=0.02,
    loads=2,
    peak_s=0.1,
    quantization_images=100,
    examined=500,
    only_deciding=True,
    # What the worksheet shows: others are processes of their own for each cell.
    resources=("peaks", "work"),
)
WORKSHEET = Profile("worksheet")
THOROUGH = Profile(
    "thorough",
    epochs=10,
    window_s=0.08,
    min_calls=4,
    min_rounds=20,
    uncontended_rounds=12,
    max_rounds=400,
    cell_s=20.0,
    target=0.01,
    aim=0.005,
    warmup_s=0.5,
    loads=10,
    quantization_images=500,
    examined=10_000,
    curve=("pruned50", "pruned90", "pruned95"),
)

PROFILES: Registry[Profile] = Registry(
    "profile",
    {
        "quick": "lab4.bench.profiles:QUICK",
        "worksheet": "lab4.bench.profiles:WORKSHEET",
        "thorough": "lab4.bench.profiles:THOROUGH",
    },
)


@dataclass(frozen=True, slots=True)
class Order:
    """What a run was asked for, apart from its cells.

    ``cell_limit_s`` is how long one job of a cell may take, ``resources`` what is measured besides time,
    ``sources`` the user's own models by name. ``source_metrics`` are theirs; without any, the one that fits their
    outputs and labels. ``update_golden`` where the golden outputs of these models are written. ``profile_operators``
    profiles artifacts by operator, apart from what is timed. ``train_by`` names what runs an epoch of training cells.
    ``patience_s`` is for how long timing goes on, after its time, for calls that no other program disturbs.
    """

    dataset: str
    profile: Profile
    seed: int
    cache: Path
    rebuild: bool
    cell_limit_s: float
    resources: tuple[str, ...] = tuple(RESOURCES)
    metrics: tuple[str, ...] = ("accuracy",)
    sources: Mapping[str, Source] = field(default_factory=dict)
    source_metrics: tuple[str, ...] = ()
    update_golden: bool = False
    profile_operators: bool = False
    train_by: str = "device"
    patience_s: float = PATIENCE_S
