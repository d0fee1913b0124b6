"""Whether the suite's packages are installed; none is imported."""

from importlib.metadata import PackageNotFoundError, version

from lab4.doctor.finding import Finding, good, lacks
from lab4.doctor.system import System

__all__ = ["check"]

#: Packages that hold what another of the suite does.
_INSTEAD = {"onnxruntime": "onnxruntime-gpu"}
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
    found = {name: _found(name) for name in _SUITE}
    absent = [name for name, told in found.items() if told is None]
    if not absent:
        return good(", ".join(filter(None, found.values())))
    return lacks(f"not installed: {', '.join(absent)}", "pip install 'lab4[suite]' (Python 3.13 has no tensorflowjs)")


def _found(name: str) -> str | None:
    """Name and version of the package, or of the one instead of it."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return _found(_INSTEAD[name]) if name in _INSTEAD else None
