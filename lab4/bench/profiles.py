"""How much a run is worth: three profiles."""

from dataclasses import dataclass

from lab4.domain.registry import Registry

__all__ = ["PROFILES", "QUICK", "THOROUGH", "WORKSHEET", "Profile"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile's name stands for.

    ``latency_s`` is how long each inference cell is measured, for ``min_calls`` at least; ``loads`` is how often
    an artifact is loaded for its load time, ``quantization_images`` how many training images choose the int8 ranges.
    """

    name: str
    epochs: int
    finetune_epochs: int
    latency_s: float
    min_calls: int
    loads: int
    quantization_images: int


QUICK = Profile("quick", epochs=2, finetune_epochs=2, latency_s=0.06, min_calls=5, loads=2, quantization_images=100)
WORKSHEET = Profile(
    "worksheet", epochs=3, finetune_epochs=2, latency_s=0.5, min_calls=20, loads=5, quantization_images=200
)
THOROUGH = Profile(
    "thorough", epochs=10, finetune_epochs=4, latency_s=2.0, min_calls=50, loads=10, quantization_images=500
)

PROFILES: Registry[Profile] = Registry(
    "profile",
    {
        "quick": "lab4.bench.profiles:QUICK",
        "worksheet": "lab4.bench.profiles:WORKSHEET",
        "thorough": "lab4.bench.profiles:THOROUGH",
    },
)
