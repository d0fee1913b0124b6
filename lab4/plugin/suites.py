"""Suites of cells for a project's own tests: ``lab4.from_model(...).where(...).parametrize()``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

from lab4.domain.cell import EXAMINE, KINDS, LATENCY, check_name
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.plugin.measured_cell import MeasuredCell  # noqa: F401  # the face of the package has it from here
from lab4.plugin.own_models import Given, data_path, given_by, golden_file, rules_of, sizes_of

if TYPE_CHECKING:
    from lab4.bench.cells import Axes
    from lab4.domain.cell import Cell
    from lab4.domain.source import Source
    from lab4.domain.untyped import Untyped

F = TypeVar("F", bound=Callable[..., object])
Names = str | Sequence[str] | None
Sizes = int | Sequence[int] | None

#: The mark that carries a suite to where tests are made.
SUITE = "lab4_suite"
_SOURCES: pytest.StashKey[dict[str, tuple[Given, dict[str, Source]]]] = pytest.StashKey()
#: What `ModelSuite.where` chooses by, and the axis of a run that it replaces.
_AXES = {
    "format": "source_formats",
    "runtime": "runtimes",
    "device": "devices",
    "batch_size": "batch_sizes",
    "threads": "threads",
}


@dataclass(frozen=True)
class ModelSuite:
    """The cells of one model; make it with `from_model` or `from_table`.

    ``given`` is ``None`` where pyproject.toml or the hook says what the model is. ``chosen`` has what `where` was asked
    for, by its names. ``fault`` is what is wrong with what was given: said once, when tests are collected.
    """

    name: str
    given: Given | None
    chosen: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    fault: str = ""

    def where(  # noqa: PLR0913  # one for each axis, as in an id
        self,
        *,
        kind: Names = None,
        format: Names = None,  # noqa: A002  # as the axis is called everywhere
        runtime: Names = None,
        device: Names = None,
        batch_size: Sizes = None,
        threads: Sizes = None,
        settings: Names = None,
    ) -> ModelSuite:
        """The cells that have these values; each is one, or a list of several.

        What is not named is as for ``pytest --lab4-model``. ``kind`` is ``latency`` (calls are timed) or ``examine``
        (size and outputs); an examined cell has no batch size, threads and settings, and is chosen whatever these are.
        ``settings`` are values of settings of runtimes, as ``--lab4-settings`` takes them.
        """
        asked = {
            "kind": kind,
            "format": format,
            "runtime": runtime,
            "device": device,
            "batch_size": batch_size,
            "threads": threads,
            "settings": settings,
        }
        chosen = {axis: _several(value) for axis, value in asked.items() if value is not None}
        return replace(self, chosen={**self.chosen, **chosen})

    def parametrize(self) -> Callable[[F], F]:
        """Decorate a test that takes the argument ``cell``, a `MeasuredCell`: it is run for each cell."""

        def decorated(function: F) -> F:
            marked = pytest.mark.usefixtures("lab4_cell", "lab4_bench", "benchmark")(function)
            return cast("F", getattr(pytest.mark, SUITE).with_args(self)(marked))

        return decorated

    def axes(self, config: pytest.Config, axes: Axes) -> Axes:
        """What is measured of the model, where ``axes`` is what the run's options say.

        Raises:
            Lab4Error: where there is no such model, or a name is not known.
        """
        from lab4.bench.cells import formats_of_sources
        from lab4.bench.combinations import timed_runtimes, with_values
        from lab4.devices import DEVICES
        from lab4.formats import FORMATS
        from lab4.plugin.runtime_settings import setting_values
        from lab4.runtimes import RUNTIMES

        for axis, registry in (("format", FORMATS), ("runtime", RUNTIMES), ("device", DEVICES)):
            registry.require(map(str, self.chosen.get(axis, ())), f"where({axis}=...)")
        for kind in self.chosen.get("kind", ()):
            if kind not in KINDS:
                raise UnknownNameError.among("kind", kind, (LATENCY, EXAMINE))
        sources = self._sources(config)
        given = formats_of_sources(sources.values())
        changed: dict[str, Any] = {_AXES[axis]: value for axis, value in self.chosen.items() if axis in _AXES}
        usual = {
            "source_formats": axes.formats if _is_asked("formats", config) else given,
            "batch_sizes": axes.batch_sizes if axes.sources or _is_asked("batch-sizes", config) else (1,),
        }
        found = replace(axes, **{**usual, **changed}, models=tuple(sources), sources=sources)
        if "settings" not in self.chosen:
            return found
        written = map(str, self.chosen["settings"])
        return with_values(found, setting_values(written, timed_runtimes(found), "where(settings=...)"))

    def cells(self, axes: Axes) -> list[Cell]:
        """The cells, in the order of a run; raises `Lab4Error` where there is none."""
        from lab4.bench.cells import cells

        found = [cell for kind in KINDS for cell in cells(kind, axes) if self._has(cell)]
        if not found:
            asked = ", ".join(f"{axis}={' or '.join(map(str, values))}" for axis, values in self.chosen.items())
            raise Lab4Error(f"the model {self.name} has no cell where {asked}; lab4 inspect says what it can be run in")
        return found

    def _has(self, cell: Cell) -> bool:
        from lab4.bench.cells import runtime_of

        values = {**cell.axes, "runtime": runtime_of(cell)}
        if cell.kind == EXAMINE:
            values |= dict.fromkeys(("batch_size", "threads"))
        wanted = {axis: several for axis, several in self.chosen.items() if axis != "settings"}  # `axes` has no others
        return all(values[axis] in several for axis, several in wanted.items() if values[axis] is not None)

    def _sources(self, config: pytest.Config) -> dict[str, Source]:
        """Look at the model with each of its sizes, once in a run."""
        from lab4.plugin.own_models import named_sizes, sources_named
        from lab4.plugin.project_models import project_model
        from lab4.plugin.settings import settings_of, with_options

        if self.fault:
            raise Lab4Error(self.fault)
        given = self.given or project_model(self.name, config)
        known = config.stash.setdefault(_SOURCES, {})
        if self.name not in known:
            asked = settings_of(config).axes.sources
            found = {name: asked[name] for name in named_sizes(self.name, given.sizes) if name in asked}
            known[self.name] = given, found or with_options(sources_named(self.name, given), config)
        before, sources = known[self.name]
        if before != given:
            raise Lab4Error(
                f"two models are called {self.name}: {before.written} and {given.written}, or what is given for their "
                "inputs differs; name one of them, as in lab4.from_model(..., name=...)"
            )
        return sources


def _is_asked(key: str, config: pytest.Config) -> bool:
    """Whether an option is given, or is in ``[tool.lab4]``."""
    from lab4.plugin.options import project_table

    return config.getoption(f"lab4_{key.replace('-', '_')}") is not None or key in project_table(config)


def suites_of(items: Sequence[pytest.Item]) -> list[ModelSuite]:
    """The suites that these tests are of."""
    marks = (item.get_closest_marker(SUITE) for item in items)
    return [mark.args[0] for mark in marks if mark is not None]


def _several(value: str | int | Sequence[str] | Sequence[int]) -> tuple[str | int, ...]:
    return (value,) if isinstance(value, str | int) else (*value,)


def from_model(  # noqa: PLR0913  # one for each key of a table
    model: str | Path | Callable[[], object],
    *,
    name: str = "",
    inputs: Mapping[str, str] | None = None,
    dims: Mapping[str, int | Sequence[int]] | None = None,
    data: str | Path = "",
    golden: str | Path = "",
) -> ModelSuite:
    """A suite of the cells of a model: a file or folder, or a function that builds a Keras model.

    ``inputs`` are rules for the values of inputs, such as ``const:16000``; ``dims`` sizes of dynamic dimensions, of
    each one or several; ``data`` an ``.npz`` file of examples; ``golden`` the file of its golden outputs, by default
    one next to the model. Relative paths are relative to the file that calls this. ``name`` is what the model is called
    in ids; without it, it is called as the file or function is.

    What is wrong with any of these is said when tests are collected, in one sentence.
    """
    from lab4.bench.given import names_of

    folder = _caller_folder()
    called = name
    try:
        given = given_by(model, "lab4.from_model", folder)
        called = name or names_of([given.written])[0]
        check_name("model", called)
        rules, sizes = rules_of(inputs or {}), sizes_of(dims or {})
        dataset, kept = data_path(str(data), folder, "data"), golden_file(golden, folder)
        given = replace(given, rules=rules, sizes=sizes, dataset=dataset, golden=kept)
    except Lab4Error as error:
        return ModelSuite(called, None, fault=f"lab4.from_model({str(model)!r}): {error}")
    return ModelSuite(called, given)


def from_table(name: str) -> ModelSuite:
    """A suite of the cells of the model in ``[tool.lab4.models.NAME]``, or of the hook ``pytest_lab4_models``."""
    return ModelSuite(name, None)


def _caller_folder() -> Path:
    """The folder of the file that called the function that calls this; the working folder where there is none."""
    frame: Untyped = inspect.currentframe()
    path = Path(frame.f_back.f_back.f_code.co_filename)
    return path.parent.absolute() if path.is_file() else Path.cwd()
