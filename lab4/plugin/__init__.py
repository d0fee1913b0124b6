"""The pytest plugin: hooks, and nothing else; it is imported by every pytest run of the environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab4.bench.bench import Bench
    from lab4.bench.builds import BuiltModel
    from lab4.bench.sources import OpenedSource
    from lab4.bench.specs import Built
    from lab4.domain.cell import Cell
    from lab4.domain.outcome import Measured
    from lab4.domain.untyped import Untyped
    from lab4.plugin.settings import RunSettings

NOT_DISTRIBUTED = "not measured: tests that run at once disturb each other's timing; leave out -n (pytest-xdist)"
_MARKERS = (
    "train: cells that train a model",
    "latency: cells that time calls of an artifact",
    "examine: cells that measure an artifact's size, accuracy and load time",
    "training: cells of the worksheet's training table",
    "inference: cells of its inference table",
    "quantization: cells of its table of precisions",
    "pruning: cells of its table of pruning",
    "deployment: cells of its table of formats",
    (
        "cell(kind, model, technique, device, batch_size, threads, format, runtime, settings): exact choice, "
        "as in -m \"cell(model='cnn')\""
    ),
    "lab4_suite(selection): set by parametrize() of a lab4.ModelSuite",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of lab4."""
    from lab4.plugin.options import add_options

    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hook that names models."""
    from lab4.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Register markers; refuse bad options before anything is collected."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    settings = _settings(config)
    if settings is not None:
        from lab4.plugin.checks import require_own_root

        require_own_root(config)
        if settings.axes.sources and config.args_source is not pytest.Config.ArgsSource.ARGS:
            # Models are named, and no tests: those that need no file of the user's.
            config.args = [str(Path(__file__).parents[1] / "suite")]


@pytest.hookimpl(optionalhook=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Call the tests of lab4's own suite by its name: the path to where lab4 is installed says nothing."""
    if module_path.parent != Path(__file__).parents[1] / "suite":
        return None
    return pytest.Module.from_parent(parent, path=module_path, nodeid=f"lab4/suite/{module_path.name}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every cell that has the mark of the test."""
    if "lab4_cell" in metafunc.fixturenames:
        from lab4.plugin.parametrize import parametrize

        parametrize(metafunc)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the cells in the order of a run."""
    if _has_cells(items):
        from lab4.plugin.detail import without_detail
        from lab4.plugin.items import has_no_cell, in_order

        items[:] = without_detail(config, in_order([item for item in items if not has_no_cell(item)]))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Wake up if a cell is left to measure, after every plugin has chosen."""
    config = session.config
    if "lab4.plugin.recording" in sys.modules:
        from lab4.plugin.recording import refuse_faults

        refuse_faults(config)
    if not _has_cells(session.items):
        if sys.exc_info()[0] is None:  # pytest calls this hook too where collecting has failed, which it reports
            _require_no_demand(config)
    elif not config.option.collectonly and not hasattr(config, "workerinput"):
        from lab4.plugin.activation import activate

        activate(config, session.items)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_benchmark_compare_machine_info(compared_benchmark: dict[str, Any]) -> None:
    """Leave our fingerprint out of pytest-benchmark's comparison: it has none of this machine so early."""
    (compared_benchmark.get("machine_info") or {}).pop("lab4", None)


def pytest_terminal_summary(terminalreporter: Untyped, config: pytest.Config) -> None:  # private type
    """Say, once and visibly, that a distributed run has measured nothing: it must not look like one that did."""
    if config.getoption("dist", "no") != "no":
        skipped = sum(NOT_DISTRIBUTED in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
        if skipped:
            terminalreporter.write_line(f"lab4: {skipped} cells {NOT_DISTRIBUTED}", yellow=True)


def _has_cells(items: list[pytest.Item]) -> bool:
    return any("lab4_cell" in getattr(item, "fixturenames", ()) for item in items)


def _settings(config: pytest.Config) -> RunSettings | None:
    """The settings, where any are made; a project's table alone asks for nothing where the suite is not installed."""
    from lab4.plugin.options import is_configured, is_given

    if not is_configured(config):
        return None
    try:
        from lab4.plugin.settings import settings_of

        return settings_of(config)
    except ModuleNotFoundError as error:
        if is_given(config):
            raise pytest.UsageError(f"lab4: {error.name} is not installed; run: pip install 'lab4[suite]'") from None
        return None


def _require_no_demand(config: pytest.Config) -> None:
    """Refuse to judge or to continue without any cell: it would look as if all were well."""
    settings = None if config.option.collectonly else _settings(config)
    if settings is not None:
        if settings.gate:
            raise pytest.UsageError("lab4: --lab4-gate: no cell is selected, so that nothing would be judged")
        if settings.resume:
            raise pytest.UsageError(
                "lab4: --lab4-resume: no cell is selected; give it the same options as the interrupted run"
            )


@pytest.fixture
def lab4_cell(request: pytest.FixtureRequest) -> Cell:
    """The cell of this test; skips where its device or runtime is not here."""
    from lab4.plugin.activation import session_of

    return session_of(request.config).cell_of(request.param)


@pytest.fixture
def lab4_bench(request: pytest.FixtureRequest) -> Bench:
    """The run's bench: builds models and artifacts, measures cells."""
    from lab4.plugin.activation import session_of

    return session_of(request.config).bench


@pytest.fixture
def lab4_model(lab4_cell: Cell, lab4_bench: Bench) -> BuiltModel | OpenedSource:
    """The cell's model: trained, and pruned where the cell says so; or your own, opened."""
    return lab4_bench.model(lab4_cell)


@pytest.fixture
def lab4_artifact(lab4_cell: Cell, lab4_bench: Bench, lab4_model: BuiltModel | OpenedSource) -> Built:
    """The cell's model exported in its format, and quantized where the format says so."""
    return lab4_bench.artifact(lab4_cell, lab4_model)


@pytest.fixture
def lab4_record(request: pytest.FixtureRequest, lab4_cell: Cell, benchmark: object) -> Callable[[Measured], None]:
    """A function that takes what was observed into pytest-benchmark's record."""
    from lab4.plugin.recording import recorder

    return recorder(request.node, lab4_cell, benchmark)
