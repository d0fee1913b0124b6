"""docs/design.md says what to write to add a thing: every row of its table is done here, and the thing is used."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lab4.bench.cells import Axes, catalogue_of, cells
from lab4.datasets import load
from lab4.devices import DEVICES
from lab4.domain.cell import KINDS
from lab4.formats import FORMATS
from lab4.metrics import computed
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES

ROOT = Path(__file__).parents[2]

#: A module of another package for each kind of entry, which has it as ``MINE``.
SOURCES = {
    "model": """
        from dataclasses import replace
        from lab4.models import MODELS
        MINE = replace(MODELS["cnn"], traits=replace(MODELS["cnn"].traits, name="mine", label="Mine"))
    """,
    "technique": """
        from lab4.domain.catalogue import TechniqueTraits
        class Mine:
            traits = TechniqueTraits("mine", "Mine", "distillation")
            checks, distributions = (), ()
            def apply(self, model, trainer): ...
        MINE = Mine()
    """,
    "format": """
        from dataclasses import replace
        from lab4.formats import FORMATS
        MINE = replace(FORMATS["onnx"], traits=replace(FORMATS["onnx"].traits, name="mine", label="Mine"))
    """,
    "runtime": """
        from dataclasses import replace
        from lab4.runtimes import RUNTIMES
        _OURS = RUNTIMES["onnxruntime"]
        MINE = replace(_OURS, traits=replace(_OURS.traits, name="mine", label="Mine"))
    """,
    "device": """
        from dataclasses import replace
        from lab4.devices import DEVICES
        MINE = replace(DEVICES["gpu"], traits=replace(DEVICES["gpu"].traits, name="mine", label="Mine"))
    """,
    "metric": """
        from lab4.domain.catalogue import MetricTraits
        from lab4.domain.observed import Score
        from lab4.metrics import Metric
        _TRAITS = MetricTraits("mine", "Mine", "number", higher_is_better=False, tolerance=0.1, is_per_example=False)
        MINE = Metric(_TRAITS, lambda outputs, labels: Score(float(abs(outputs.argmax(axis=1) - labels).mean())))
    """,
    "dataset": """
        import numpy as np
        from lab4.datasets import Dataset
        def MINE():
            x = np.arange(40 * 64, dtype=np.uint8).reshape(40, 8, 8, 1)
            y = np.arange(40) % 2
            return Dataset("mine", x[:30], y[:30], x[30:], y[30:], classes=2)
    """,
    "report": """
        from lab4.report import Renderer
        MINE = Renderer("mine", "txt", lambda document, student: document.title)
    """,
}


@pytest.fixture
def added(strangers):
    """A function that installs a package with an entry ``mine`` of a kind."""

    def install(kind):
        strangers("acme", {(f"lab4.{kind}s", "mine"): f"acme_{kind}:MINE"}, {f"acme_{kind}.py": SOURCES[kind]})

    return install


def made(metrics=(), **changed):
    """The ids of all cells of a run with these choices, and its catalogue."""
    axes = {
        "models": ("fcnn",),
        "techniques": (),
        "devices": ("cpu",),
        "batch_sizes": (1,),
        "formats": ("keras", "onnx"),
        **changed,
    }
    chosen = Axes(**axes)
    return [cell.id for kind in KINDS for cell in cells(kind, chosen)], catalogue_of(chosen, metrics)


@dataclass
class Copy:
    """A copy of lab4, to be changed."""

    folder: Path

    def write(self, path, text):
        """Add a file."""
        (self.folder / path).write_text(text, encoding="utf-8")

    def line(self, path, before, line):
        """Add a line before the first that contains a text."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        found = re.search(rf"^.*{re.escape(before)}.*$", text, re.MULTILINE)
        assert found is not None, f"{path} has no line with {before}"
        file.write_text(text[: found.start()] + line + "\n" + text[found.start() :], encoding="utf-8")

    def _printed(self, *arguments):
        answer = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout + answer.stderr

    def lab4(self, *arguments):
        """What the copy's command prints."""
        return self._printed("-m", "lab4", *arguments)

    def pytest(self, *arguments):
        """What pytest prints with the copy's plugin."""
        return self._printed("-m", "pytest", ROOT / "benchmarks", "-q", "--collect-only", *arguments)

    def python(self, *lines):
        """What these lines print with the copy."""
        return self._printed("-c", "\n".join(lines))


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "lab4", tmp_path / "lab4", ignore=shutil.ignore_patterns("__pycache__"))
    return Copy(tmp_path)


def test_a_model(added):
    added("model")
    ids, catalogue = made(models=("mine",))
    assert "mine-cpu-b128-keras" in ids
    assert catalogue.model("mine").label == "Mine"
    assert MODELS["mine"].name == "mine"


def test_a_technique(added):
    added("technique")
    ids, catalogue = made(techniques=(("mine",), ("pruned80", "mine")))
    assert {"fcnn.mine-cpu-b1-onnx", "fcnn.pruned80.mine-cpu-keras"} <= set(ids)
    assert catalogue.technique("mine").kind == "distillation"


def test_a_format(added):
    added("format")
    ids, catalogue = made(formats=("keras", "mine"))
    assert {"fcnn-cpu-b1-mine", "fcnn-cpu-mine"} <= set(ids)
    assert catalogue.format("mine").container == "onnx"
    assert FORMATS["mine"].filename


def test_a_runtime(added):
    added("runtime")
    ids, catalogue = made(runtimes=("mine",))
    assert "fcnn-cpu-b1-onnx:mine" in ids
    assert catalogue.runtime("mine").label == "Mine"
    assert RUNTIMES["mine"].name == "mine"


def test_a_device(added):
    added("device")
    ids, catalogue = made(devices=("cpu", "mine"))
    assert "fcnn-mine-b128-keras" in ids
    assert catalogue.device("mine").label == "Mine"
    assert DEVICES["mine"].name == "mine"


def test_a_metric(added):
    added("metric")
    outputs, labels = np.eye(3, dtype=np.float32), np.array([0, 1, 0])
    assert computed(["accuracy", "mine"], outputs, labels)["mine"].value == pytest.approx(2 / 3)
    _, catalogue = made(metrics=("accuracy", "mine"))
    assert catalogue.metric("mine").label == "Mine"


def test_a_dataset(added):
    added("dataset")
    assert load("mine").classes == 2
    assert load("mine").x_train.dtype == np.uint8


def test_a_report(added, tmp_path):
    from lab4.analysis.document import Document
    from lab4.report.files import write_documents

    added("report")
    written = write_documents([Document("report", "A title", (), ())], tmp_path, ["mine"])
    (path,) = written.paths
    assert (path.name, path.read_text(encoding="utf-8")) == ("report.txt", "A title")


def test_a_profile(copy):
    copy.line("lab4/bench/profiles.py", "WORKSHEET = Profile(", "SHORT = QUICK\n")
    copy.line("lab4/bench/profiles.py", '"worksheet": "lab4.bench', '        "short": "lab4.bench.profiles:SHORT",')
    assert "fcnn-cpu-keras" in copy.pytest("--lab4-profile", "short")


def test_a_report_of_the_gate(copy):
    copy.write("lab4/report/gate/short.py", "def render(gate):\n    return f'{len(gate.verdicts)} verdicts'\n")
    copy.line("lab4/report/gate/__init__.py", '"json": "lab4', '        "short": "lab4.report.gate.short:render",')
    copy.line("lab4/cli/gate.py", "_EXIT_CODES = (", 'REPORTS = (*REPORTS, "short")')
    run = ROOT / "docs" / "runs" / "nvidia-h100.json"
    copy.lab4("gate", run, "--baseline", run, "--short", "short.txt")
    assert re.fullmatch(r"[1-9]\d* verdicts", (copy.folder / "short.txt").read_text(encoding="utf-8"))


def test_a_command(copy):
    command = "HELLO = Command('say hello', lambda _: None, lambda _: print('hello'))"
    copy.write("lab4/cli/hello.py", f"from lab4.cli.commands import Command\n\n{command}")
    copy.line("lab4/cli/commands.py", '"gate": "lab4.cli', '        "hello": "lab4.cli.hello:HELLO",')
    assert copy.lab4("hello").strip() == "hello"
    assert "say hello" in copy.lab4("--help")


def test_a_figure_that_is_gated_followed_and_compared(copy):
    line = '        "half_size": FigureTraits("half the size", "memory", Nature.EXACT, compared=True),'
    value = '        "half_size": lambda m: None if m.size is None else Quantity(m.size.disk_bytes / 2),'
    copy.line("lab4/analysis/figures.py", '"size": FigureTraits(', line)
    copy.line("lab4/analysis/figures.py", '"sparsity": lambda m:', value)
    run = ROOT / "docs" / "runs" / "nvidia-h100.json"
    assert "half the size" in copy.lab4("compare", run, "--by", "format", "--figure", "half_size")


def test_a_python_dependency(copy):
    copy.write("lab4/tiny_framework.py", "VERSION = 1")
    functions = [
        f"{name} = _door({module!r}, {name.title()!r})"
        for name, module in (("tiny", "lab4.tiny_framework"), ("absent", "no_such"))
    ]
    copy.line("lab4/frameworks.py", "tensorflow = _door(", "\n".join(functions))
    info = copy.folder / "lab4-9.9.dist-info"  # as an installer makes it of pyproject.toml
    info.mkdir()
    requires = "Requires-Dist: numpy; extra == 'suite'\nRequires-Dist: no-such; extra == 'suite'\n"
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: lab4\nVersion: 9.9\n{requires}", encoding="utf-8")
    printed = copy.python(
        "from lab4 import frameworks, dependencies",
        "print(frameworks.tiny().VERSION, dependencies.suite_versions()['no-such'])",
        "frameworks.absent()",
    )
    assert printed.startswith("1 None\n")
    assert "Absent is not installed" in printed


def test_a_check_of_lab4_doctor(copy):
    copy.line("lab4/doctor/software.py", "def threads(", "def moon(system):\n    return good('the moon is up')\n\n")
    copy.line("lab4/doctor/checks.py", '"node":', '        "moon": "lab4.doctor.software:moon",')
    assert "the moon is up" in copy.lab4("doctor")


def test_an_external_tool_of_the_cross_check(copy):
    shutil.copytree(ROOT / "benchmarks", copy.folder / "benchmarks", ignore=shutil.ignore_patterns("__pycache__"))
    tools = "benchmarks/harness/crosscheck/tools"
    source = "WATCH = ExternalTool(lines={}, measure=lambda task, folder: {'watch': 1.0})\n"
    copy.write(f"{tools}/watch.py", f"from benchmarks.harness.crosscheck.tools.tool import ExternalTool\n\n{source}")
    copy.line(f"{tools}/__init__.py", "__all__", "from benchmarks.harness.crosscheck.tools.watch import WATCH\n")
    copy.line(f"{tools}/__init__.py", '"bare loop":', '    "watch": WATCH,')
    printed = copy.python(
        "from benchmarks.harness.crosscheck.tools import TOOLS", "print(TOOLS['watch'].measure(None, None))"
    )
    assert printed.strip() == "{'watch': 1.0}"


def test_every_row_is_done_here():
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = text.partition("## Adding things")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[2:]
    tests = {f"test_{re.sub(r'[^a-z0-9]+', '_', row.lower()).strip('_')}" for row in rows}
    assert rows
    assert tests <= set(globals())
