"""Whether the suite's packages are installed; none is imported."""

from importlib.metadata import PackageNotFoundError, version

from lab4.doctor.finding import Finding, good, lacks
from lab4.doctor.system import System

__all__ = ["check"]

_SUITE = (
    "pytest",
    "pytest-benchmark",
    "tensorflow",
    "tf-keras",
    "tensorflow-model-optimization",
    "onnxruntime",
    "tf2onnx",
    "tensorflowjs",
    "ai-edge-litert",
)


def check(system: System) -> Finding:
    """Look for what measuring needs in this Python."""
    del system  # this Python's own packages, wherever they are
    absent = [name for name in _SUITE if _version(name) is None]
    if not absent:
        return good(", ".join(f"{name} {_version(name)}" for name in _SUITE))
    return lacks(f"not installed: {', '.join(absent)}", "pip install 'lab4[suite]' (Python 3.13 has no tensorflowjs)")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
