"""What lab4 requires: distributions, as its own metadata lists them (nothing is imported), Node.js and a browser."""

from functools import cache
from importlib import metadata

#: Distributions that take the place of another: the key is then not installed.
_SUBSTITUTES = {"onnxruntime": "onnxruntime-gpu"}
#: Modules without which nothing is measured; cells need a framework or a runtime too.
MEASURING = ("pytest", "pytest_benchmark", "numpy", "psutil")
#: The oldest Node.js that the JavaScript runtimes run in.
LEAST_NODE = 20
#: Commands of browsers that they run in, the preferred one first.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def required(extra: str) -> list[str]:
    """Names of the distributions that an extra of lab4 requires on this Python, sorted; none if lab4 is not installed.

    >>> "tensorflow" in required("suite"), "tensorflow" in required("history")
    (True, False)
    """
    try:
        return list(_of_extra(extra, tuple(metadata.requires("lab4") or ())))
    except metadata.PackageNotFoundError:
        return []


@cache  # a run asks twice, and to understand them takes a tenth of a second
def _of_extra(extra: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    from packaging.requirements import Requirement  # not needed to read results, which must stay fast

    requirements = map(Requirement, lines)
    markers = [(each.name, each.marker) for each in requirements if each.marker]
    # What the base requires holds without any extra.
    of_extras = [(name, marker) for name, marker in markers if not marker.evaluate({"extra": ""})]
    return tuple(sorted({name for name, marker in of_extras if marker.evaluate({"extra": extra})}))


def suite_versions() -> dict[str, str | None]:
    """Installed version by distribution that measuring requires on this Python; ``None`` if it is not installed.

    A substitute, such as onnxruntime-gpu, is listed under its own name.
    """
    versions: dict[str, str | None] = {}
    for name in required("suite"):
        substitute = _SUBSTITUTES.get(name)
        if installed_version(name) is None and substitute and installed_version(substitute):
            name = substitute  # noqa: PLW2901
        versions[name] = installed_version(name)
    return versions


def installed_version(name: str) -> str | None:
    """Installed version of a distribution; ``None`` if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
