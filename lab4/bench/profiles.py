"""How much a run is worth: three profiles."""

from dataclasses import dataclass

from lab4.domain.registry import Registry

__all__ = ["PROFILES", "QUICK", "THOROUGH", "WORKSHEET", "Profile"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile's name stands for.

    An inference cell is timed for ``slice_s`` (``min_calls`` at least) in every pass, until the 95% interval of the
    median of its calls while nothing else worked on the core is within ``aim`` of it: after ``least_passes`` at the
    earliest, of which ``undisturbed_passes`` have such calls, and ``most_passes`` at the latest. One that is not within
    ``target`` by then is marked. All cells together may take ``cell_s`` each, waiting for their core included: what
    those leave that were soon known is for the others; then all end, with ``least_passes`` at least. A warm-up takes
    ``warmup_s`` at most. ``loads`` is how often an artifact is loaded for its load time, ``quantization_images`` how
    many training images choose the int8 ranges.
    """

    name: str
    epochs: int
    finetune_epochs: int
    slice_s: float
    min_calls: int
    least_passes: int
    undisturbed_passes: int
    most_passes: int
    cell_s: float
    target: float
    aim: float
    warmup_s: float
    loads: int
    quantization_images: int

    @property
    def latency_s(self) -> float:
        """Seconds of timing that a cell may be given at most."""
        return self.slice_s * self.most_passes


QUICK = Profile(
    "quick",
    epochs=2,
    finetune_epochs=2,
    slice_s=0.01,
    min_calls=2,
    least_passes=6,
    undisturbed_passes=3,
    most_passes=10,
    cell_s=0.5,
    target=0.05,
    aim=0.05,
    warmup_s=0.02,
    loads=2,
    quantization_images=100,
)
WORKSHEET = Profile(
    "worksheet",
    epochs=3,
    finetune_epochs=2,
    slice_s=0.04,
    min_calls=2,
    least_passes=16,
    undisturbed_passes=8,
    most_passes=240,
    cell_s=3.2,
    target=0.02,
    aim=0.01,
    warmup_s=0.2,
    loads=5,
    quantization_images=200,
)
THOROUGH = Profile(
    "thorough",
    epochs=10,
    finetune_epochs=4,
    slice_s=0.08,
    min_calls=4,
    least_passes=20,
    undisturbed_passes=12,
    most_passes=400,
    cell_s=20.0,
    target=0.01,
    aim=0.005,
    warmup_s=0.5,
    loads=10,
    quantization_images=500,
)

PROFILES: Registry[Profile] = Registry(
    "profile",
    {
        "quick": "lab4.bench.profiles:QUICK",
        "worksheet": "lab4.bench.profiles:WORKSHEET",
        "thorough": "lab4.bench.profiles:THOROUGH",
    },
)
