"""What every conformance suite has: names as parameters, checks that are of no kind, a tiny bench to try entries in."""

import atexit
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from lab4.bench.bench import Bench
from lab4.bench.profiles import QUICK, Order
from lab4.bench.specs import Built
from lab4.domain.cell import EXAMINE, Cell, check_name
from lab4.domain.outcome import Measured
from lab4.domain.registry import REGISTRIES, Registry
from lab4.domain.text import printable
from lab4.domain.untyped import Untyped
from lab4.environment import child_environment
from lab4.formats import FORMATS
from lab4.metrics import METRICS
from lab4.storage.folders import TemporaryFolder

#: What takes seconds to import, and is in a process of its own where it is used.
_FRAMEWORKS = ("ai_edge_litert", "jax", "onnxruntime", "tensorflow", "tf2onnx", "tf_keras", "torch")

_LOADED = """
import sys
from lab4.domain.registry import REGISTRIES
before = set(sys.modules)
REGISTRIES[{kind!r}][{name!r}]
print(*({{name.partition(".")[0] for name in set(sys.modules) - before}} & {{*{frameworks!r}}}))
"""


def require(condition: object, sentence: str) -> None:
    """Fail the test with a sentence that says what an entry must be."""
    __tracebackhide__ = True
    if not condition:
        raise AssertionError(sentence)


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter; returns what it printed."""
    command = [sys.executable, "-c", code]
    return subprocess.run(  # noqa: S603  # our own code
        command, env=child_environment(), capture_output=True, text=True, check=False
    )


class Conformance:
    """The suite of one kind of entry; ``names`` are those of the entries that are tested."""

    kind: ClassVar[str]
    names: ClassVar[Sequence[str]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test with each name."""
        if not self.names:
            raise pytest.UsageError(f"{type(self).__name__} has no names; set them, such as names = ('mine',)")
        metafunc.parametrize("name", self.names)

    @property
    def registry(self) -> Registry[Untyped]:
        """The registry of the kind."""
        return REGISTRIES[self.kind]

    def test_it_is_registered_and_can_be_loaded(self, name: str) -> None:
        """The entry is found by its name, and is the same each time."""
        check_name(self.kind, name)
        require(self.registry[name] == self.registry[name], f"the {self.kind} {name!r} differs each time it is loaded")
        require(name in list(self.registry), f"the {self.kind} {name!r} is not listed")

    def test_loading_it_opens_no_framework(self, name: str) -> None:
        """Pytest's own process loads entries to make test ids: that must be quick, and start no threads."""
        code = _LOADED.format(kind=self.kind, name=name, frameworks=_FRAMEWORKS)
        answer = run_python(code)
        require(answer.returncode == 0, f"{name} cannot be loaded in a process of its own: {answer.stderr}")
        opened = answer.stdout.strip()
        require(not opened, f"loading {name} imports {opened}; import it inside the functions that use it")


class TraitsConformance(Conformance):
    """The suite of a kind whose entries declare traits; ``optional`` are those that need not be declared."""

    optional: ClassVar[frozenset[str]] = frozenset()

    def test_its_traits_are_complete(self, name: str) -> None:
        """Reports compare traits: an entry without them is left out where they are needed."""
        traits = self.registry[name].traits
        values = {each.name: getattr(traits, each.name) for each in fields(traits) if each.name not in self.optional}
        missing = [each for each, value in values.items() if value is None or value == ()]
        require(not missing, f"the {self.kind} {name!r} does not declare its {', '.join(missing)}")
        require(traits.name == name, f"the traits of {name!r} say {traits.name!r}")
        hash(traits)  # they are compared and travel with the record

    def test_its_label_can_be_shown_in_a_line(self, name: str) -> None:
        """Labels are words of tables and sentences."""
        label = self.registry[name].traits.label
        require(isinstance(label, str) and label.strip() == label != "", f"the label {label!r} is not text for people")
        require(printable(label) == label and "|" not in label, f"the label {label!r} has signs that no table can show")


SIDE, CLASSES = 16, 4
_IMAGES, _SEED = 1_000, 7
_PROFILE = replace(QUICK, name="tiny", epochs=4, finetune_epochs=3, loads=1)


def _images() -> dict[str, Untyped]:
    """Grey images with a bright patch in one of four corners, and noise: uint8 (n, 16, 16, 1), int64 (n,)."""
    rng = np.random.default_rng(_SEED)
    labels = rng.permutation(np.arange(_IMAGES) % CLASSES)
    images = rng.integers(0, 90, (_IMAGES, SIDE, SIDE, 1))
    down, across = rng.integers(0, 5, (2, _IMAGES))
    for index, label in enumerate(labels):
        top, left = down[index] + 8 * (label // 2), across[index] + 8 * (label % 2)
        images[index, top : top + 4, left : left + 4] += 150
    return {"x": images.astype(np.uint8), "y": labels}


@cache
def tiny_bench() -> Bench:
    """The bench of this process, closed when it ends; what it builds is kept for all tests."""
    folder = TemporaryFolder("testing")
    atexit.register(folder.close)
    path = Path(folder.path) / "corners.npz"
    np.savez(path, **_images())
    cache = folder.path / "cache"
    order = Order(str(path), _PROFILE, 1, cache, rebuild=False, cell_limit_s=300, metrics=tuple(METRICS.own))
    bench = Bench(order, lambda _: None)
    atexit.register(bench.close)
    return bench


def cell_of(model: str, techniques: tuple[str, ...], form: str, runtime: str = "") -> Cell:
    """The cell that examines an artifact on the CPU."""
    return Cell(EXAMINE, model, techniques, "cpu", None, form, runtime=runtime)


@cache
def built(cell: Cell) -> Built:
    """The cell's artifact; raises what a failed cell would."""
    bench = tiny_bench()
    bench.require(cell)
    return bench.artifact(cell, bench.model(cell))


@cache
def examined(cell: Cell) -> Measured:
    """What the suite observes of the cell: raises where outputs disagree or promises are broken."""
    return tiny_bench().examine(cell, built(cell))


def kernels_of(cell: Cell) -> list[Untyped]:
    """The weights in the cell's artifact, as its format reads them."""
    return tiny_bench().processes.inspecting(cell.format).call(_kernels, built(cell))


def _kernels(artifact: Built) -> list[Untyped]:
    return [np.array(each) for each in FORMATS[artifact.format].kernels(artifact.path)]
