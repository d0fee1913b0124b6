"""One table of settings: it makes the command-line options, the ``[tool.lab4]`` keys and their help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Option:
    """A setting: its key, default, what values it takes, and its help.

    ``kind`` is names (a list of registry names; an empty default means the project's own), chains (a list of them, each
    of one name or several with dots between; in both, ``all`` and ``default`` mean several), filter (names; without any
    nothing is left out), sizes (a list of whole numbers above 0), name (one registry name), text, path, paths (a list
    of them), number (a whole number) or flag. ``registry`` is where the names are, ``module:attribute``. ``in_table``
    says whether it may be in ``[tool.lab4]`` as well.
    """

    key: str
    kind: str
    default: object
    help: str
    registry: str = ""
    in_table: bool = True

    @property
    def flag(self) -> str:
        """The command-line spelling."""
        return f"--lab4-{self.key}"

    @property
    def dest(self) -> str:
        """The attribute in pytest's namespace."""
        return f"lab4_{self.key.replace('-', '_')}"


#: Values of options that have another name now, and what to give instead.
RENAMED = {
    ("formats", "keras_predict"): (
        "is the runtime 'predict' of the format 'keras' now; give --lab4-formats keras --lab4-runtimes predict"
    )
}

OPTIONS = (
    Option("models", "names", (), "models to measure, separated by commas", "lab4.models:MODELS"),
    Option(
        "techniques",
        "chains",
        ("finetuned", "pruned80"),
        "techniques, separated by commas, or by dots where one follows another; finetuned is the control",
        "lab4.techniques:TECHNIQUES",
    ),
    Option("devices", "names", (), "devices to measure on, separated by commas", "lab4.devices:DEVICES"),
    Option("batch-sizes", "sizes", (1, 32), "images per inference call, separated by commas"),
    Option("threads", "sizes", (1,), "threads of every runtime in an inference call, separated by commas"),
    Option("train-batch-sizes", "sizes", (128,), "images per optimizer step, separated by commas"),
    Option("formats", "names", (), "formats to measure, separated by commas", "lab4.formats:FORMATS"),
    Option(
        "runtimes",
        "filter",
        (),
        "runtimes to measure in, separated by commas (default: those that each format names)",
        "lab4.runtimes:RUNTIMES",
    ),
    Option(
        "profile",
        "name",
        "worksheet",
        "how much to measure: quick, worksheet or thorough",
        "lab4.bench.profiles:PROFILES",
    ),
    Option("metrics", "names", (), "metrics computed from predictions, separated by commas", "lab4.metrics:METRICS"),
    Option(
        "resources",
        "names",
        (),
        "what is measured in addition to time, separated by commas (fewer take less time)",
        "lab4.bench.resources:RESOURCES",
    ),
    Option("dataset", "text", "mnist_10k", "mnist_10k (embedded), mnist, fashion_mnist, cifar10, or a path to an .npz"),
    Option("report", "names", (), "reports to write, separated by commas", "lab4.report:REPORTS"),
    Option("cell-timeout", "number", 600, "seconds that one job of a cell may take before it fails"),
    Option("seed", "number", 1, "seed of every random choice"),
    Option("output", "path", "lab4-results", "folder for run.json and the reports"),
    Option("cache", "path", "", "folder for trained models and artifacts (default: the user's cache folder)"),
    Option("rebuild", "flag", False, "build every model and artifact anew"),
    Option("resume", "flag", False, "continue the run that was interrupted in the output folder"),
    Option(
        "gate",
        "paths",
        (),
        "judge the run against these runs or folders of runs, separated by commas (see lab4 gate --help)",
        in_table=False,  # there [tool.lab4.gate] is what the gate is to ask
    ),
    Option("first-run-ok", "flag", False, "with --lab4-gate: pass where there is no baseline yet", in_table=False),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare every option; a value of ``None`` means not given."""
    group = parser.getgroup("lab4", "lab4: model benchmarks")
    for option in OPTIONS:
        if option.kind == "flag":
            group.addoption(option.flag, dest=option.dest, action="store_true", default=None, help=option.help)
        else:
            group.addoption(option.flag, dest=option.dest, default=None, metavar=option.kind.upper(), help=option.help)


def project_table(config: pytest.Config) -> dict[str, Any]:
    """The ``[tool.lab4]`` table of the project's pyproject.toml, however it is written; empty if there is none.

    Raises:
        Lab4Error: if the file names lab4 and cannot be read.
    """
    path = config.rootpath / "pyproject.toml"
    try:
        if b"lab4" not in path.read_bytes():  # not parsed in every project that has lab4 only installed
            return {}
    except OSError:
        return {}
    from lab4.storage.settings import tool_table

    return tool_table(path)


def is_configured(config: pytest.Config) -> bool:
    """Whether anything of ours is set: else there is nothing to refuse."""
    from lab4.domain.errors import Lab4Error

    if any(config.getoption(option.dest) is not None for option in OPTIONS):
        return True
    try:
        return bool(project_table(config))
    except Lab4Error:
        return True  # it may be; whoever reads the settings says what is wrong
