"""One table of settings: it makes the command-line options, the ``[tool.lab4]`` keys and their help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


@dataclass(frozen=True)
class Option:
    """A setting: its key, default, what values it takes, and its help.

    ``kind`` is names (a list of registry names; an empty default means the registry's), chains (a list of them, each
    of one name or several with dots between; in both, ``all`` and ``default`` mean several), filter (names; without any
    nothing is left out), sizes (a list of whole numbers above 0), name (one registry name), text, path, paths (a list
    of them), repeated (texts, each with the option again), number (a whole number) or flag. ``registry`` is where the
    names are, ``module:attribute``. ``in_table`` says whether it may be in ``[tool.lab4]`` as well.
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

#: Options that are of one session, and not of what it measures.
_OF_A_SESSION = frozenset(
    {
        "build-only",
        "gate",
        "first-run-ok",
        "no-second-look",
        "output",
        "progress",
        "report",
        "resume",
        "rebuild",
        "update",
    }
)

OPTIONS = (
    Option(
        "model",
        "repeated",
        (),
        "a model of yours: a file or folder, or package.module:build or file.py:build (repeat it for several)",
        in_table=False,  # there it is [tool.lab4.models.NAME]
    ),
    Option(
        "input",
        "repeated",
        (),
        "values of an input of your models, [MODEL:]NAME=RULE, such as sr=const:16000 (repeat it for several)",
        in_table=False,
    ),
    Option(
        "dim",
        "repeated",
        (),
        "size of a dynamic dimension of your models, [MODEL:]NAME=SIZE; with several, such as time=100,200, each is "
        "measured; batch=1,32 are batch sizes",
        in_table=False,
    ),
    Option(
        "models",
        "names",
        (),
        "models to measure, separated by commas, also those of [tool.lab4.models.NAME]",
        "lab4.models:MODELS",
    ),
    Option(
        "trust",
        "flag",
        False,
        "run code that files of your models hold, such as Lambda layers",
        in_table=False,  # a project's file is not leave to run another's code
    ),
    Option(
        "update",
        "flag",
        False,
        "write the golden outputs of your models, which later runs compare theirs with",
        in_table=False,  # it would never find a difference
    ),
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
    Option(
        "train-by",
        "name",
        "device",
        "what runs an epoch of training: loop (of steps), xla (one compiled program, compared with the loop), or "
        "device: xla on accelerators, loop on the CPU",
        "lab4.bench.train_by:TRAIN_BY",
    ),
    Option(
        "settings",
        "repeated",
        (),
        "settings of runtimes in an inference call, [RUNTIME:]NAME=VALUE,..., such as "
        "onnxruntime:graph=basic,all,spinning=off; each combination is measured (repeat it for several)",
    ),
    Option(
        "tune",
        "flag",
        False,
        "find the best threads and settings of each runtime for the chosen models, and print the code that chooses "
        "them; only calls are timed",
        in_table=False,  # it is a question, and no way to measure
    ),
    Option("train-batch-sizes", "sizes", (128,), "images per optimizer step, separated by commas"),
    Option(
        "formats",
        "names",
        (),
        "formats to measure, separated by commas (default for models of yours: every format of lab4)",
        "lab4.formats:FORMATS",
    ),
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
    Option("all", "flag", False, "measure the latency cells too that the quick profile leaves out"),
    Option(
        "metrics",
        "names",
        ("accuracy",),
        "metrics computed from predictions, separated by commas, or functions of yours, file.py:function (default for "
        "models of yours: by their outputs and labels)",
        "lab4.metrics:METRICS",
    ),
    Option(
        "resources",
        "names",
        (),
        "what is measured in addition to time, separated by commas (default: all; peaks,work where the quick profile "
        "leaves out cells)",
        "lab4.bench.resources:RESOURCES",
    ),
    Option(
        "dataset",
        "text",
        "mnist_10k",
        "mnist_10k (embedded), mnist, fashion_mnist, cifar10, or a path to an .npz; for models of yours also a "
        "folder of images with one folder per class, or file.py:function",
    ),
    Option(
        "report",
        "names",
        (),
        "reports to write, separated by commas (default: all but docx, and no pdf of the report)",
        "lab4.report:REPORTS",
    ),
    Option(
        "progress",
        "name",
        "auto",
        "what is shown while cells are measured: live (a display), lines (one about every ten seconds), steps (every "
        "one), off, or auto (live in a terminal, lines elsewhere)",
        "lab4.plugin.progress:MODES",
    ),
    Option("cell-timeout", "number", 600, "seconds that one job of a cell may take before it fails"),
    Option(
        "profile-operators",
        "flag",
        False,
        "measure the time by operator of ONNX and TFLite artifacts too, by their runtimes' profilers, apart from what "
        "is timed",
    ),
    Option("seed", "number", 1, "seed of every random choice"),
    Option("output", "path", "lab4-results", "folder for run.json and the reports"),
    Option("cache", "path", "", "folder for trained models and artifacts (default: the user's cache folder)"),
    Option("rebuild", "flag", False, "build every model and artifact anew"),
    Option(
        "build-only",
        "flag",
        False,
        "build the models and artifacts of the cells into the cache, and measure nothing",
        in_table=False,  # it is a step before measuring, and no way to measure
    ),
    Option("resume", "flag", False, "continue the run that was interrupted in the output folder"),
    Option(
        "gate",
        "paths",
        (),
        "judge the run against these runs or folders of runs, separated by commas (see lab4 gate --help)",
        in_table=False,  # there [tool.lab4.gate] is what the gate is to ask
    ),
    Option("first-run-ok", "flag", False, "with --lab4-gate: pass where there is no baseline yet", in_table=False),
    Option(
        "no-second-look",
        "flag",
        False,
        "with --lab4-gate: judge at once, without measuring again what looks worse",
        in_table=False,
    ),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare every option; a value of ``None`` means not given."""
    group = parser.getgroup("lab4", "lab4: model benchmarks")
    for option in OPTIONS:
        if option.kind == "flag":
            group.addoption(option.flag, dest=option.dest, action="store_true", default=None, help=option.help)
        elif option.kind == "repeated":
            group.addoption(option.flag, dest=option.dest, action="append", default=None, help=option.help)
        else:
            group.addoption(option.flag, dest=option.dest, default=None, metavar=option.kind.upper(), help=option.help)


def project_table(config: pytest.Config) -> dict[str, Any]:
    """The ``[tool.lab4]`` table of the project's pyproject.toml, however it is written; empty if there is none.

    Raises:
        Lab4Error: if the file names lab4 and cannot be read.
    """
    path = config.rootpath / "pyproject.toml"
    if not _names_lab4(path):
        return {}
    from lab4.storage.settings import tool_table

    return tool_table(path)


def _names_lab4(path: Path) -> bool:
    """Whether the file has the word: it is not parsed in every project that has lab4 only installed."""
    try:
        return b"lab4" in path.read_bytes()
    except OSError:
        return False


def is_given(config: pytest.Config) -> bool:
    """Whether an option of ours is on the command line."""
    return any(config.getoption(option.dest) is not None for option in OPTIONS)


def is_configured(config: pytest.Config) -> bool:
    """Whether anything of ours is set: else there is nothing to refuse."""
    if is_given(config):
        return True
    if not _names_lab4(config.rootpath / "pyproject.toml"):
        return False
    from lab4.domain.errors import Lab4Error

    try:
        table = project_table(config)
        # Tables of models alone ask for nothing: their models are looked at where cells are collected.
        return bool(table) and not (set(table) == {"models"} and isinstance(table["models"], dict))
    except Lab4Error:
        return True  # it may be; whoever reads the settings says what is wrong


def measuring_words(config: pytest.Config) -> list[str]:
    """Arguments of pytest that measure as this session does: its tests, plugins, and options on what is measured."""
    words = [*config.args, *(text for name in config.option.plugins for text in ("-p", name)), *_of_pytest(config)]
    for option in OPTIONS:
        given = config.getoption(option.dest)
        if given is None or option.key in _OF_A_SESSION:
            continue
        if option.kind == "flag":
            words.append(option.flag)
        else:
            words += [f"{option.flag}={each}" for each in (given if option.kind == "repeated" else [given])]
    return words


def _of_pytest(config: pytest.Config) -> Iterator[str]:
    """Options of pytest's own that decide which tests and settings there are."""
    option = config.option
    if option.pyargs:
        yield "--pyargs"
    if option.inifilename:
        yield from ("-c", str(option.inifilename))
    for flag, value in (("--rootdir", option.rootdir), ("--confcutdir", option.confcutdir)):
        if value:
            yield f"{flag}={value}"
    yield f"--import-mode={option.importmode}"
    for each in option.override_ini or ():
        yield f"--override-ini={each}"
