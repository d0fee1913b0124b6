"""What a run was asked for: the command line before ``[tool.lab4]`` before the defaults, checked."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import pytest

from lab4.bench.cells import Axes, formats_of_sources, runtimes_of
from lab4.bench.combinations import timed_runtimes, tuning, tuning_profile, with_values
from lab4.bench.profiles import PATIENCE_S, PROFILES, Order
from lab4.cache import default_folder
from lab4.datasets import DATASETS
from lab4.domain.cell import quoted, split_id
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.registry import ALL, DEFAULT
from lab4.functions import is_function
from lab4.metrics import metric_name
from lab4.models import MODELS
from lab4.plugin.options import OPTIONS, RENAMED, Option, project_table
from lab4.plugin.own_models import own_models
from lab4.plugin.project_models import model_tables, project_models
from lab4.plugin.runtime_settings import setting_values
from lab4.storage.settings import user_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from lab4.domain.registry import Registry
    from lab4.domain.source import Source
    from lab4.domain.untyped import Untyped
    from lab4.plugin.own_models import Given
    from lab4.plugin.suites import ModelSuite

#: Images of one call: more than any device is fed at once, and still in every machine's memory.
_LARGEST_BATCH = 10_000
#: Threads of one call: more than any machine has cores.
_MOST_THREADS = 1_024
#: For how many seconds timing goes on for quiet moments; where it is never quiet, none come.
_PATIENCE = "LAB4_PATIENCE"
#: Tables inside the table, which their own readers check.
_TABLES = ("gate",)
#: The keys of `Axes`, in its order.
_AXES = ("models", "techniques", "devices", "batch-sizes", "formats", "threads", "train-batch-sizes", "runtimes")
#: Those of `Axes` that suites add to.
_LISTS = ("models", "source_formats", "runtimes", "devices", "batch_sizes", "threads")
#: Who names one of these wants all of its cells.
_SELECTING = frozenset({"formats", "runtimes", "batch-sizes", "threads", "settings", "tune", "model"})
_SETTINGS: pytest.StashKey[RunSettings] = pytest.StashKey()
_FOR_CELLS: pytest.StashKey[bool] = pytest.StashKey()


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Options, resolved; ``remarks`` are sentences on what was asked for and is left out.

    ``tune`` where the run looks for the best settings: then that is what its reports are about. ``progress`` is how the
    run is shown while it lasts. ``only_deciding``: where no cells are selected, those that add detail are left out.
    ``build_only``: nothing is measured.
    """

    axes: Axes
    order: Order
    output: Path
    reports: tuple[str, ...]
    resume: bool
    gate: tuple[Path, ...]
    first_run_ok: bool
    second_look: bool = True
    remarks: tuple[str, ...] = ()
    tune: bool = False
    progress: str = "auto"
    only_deciding: bool = False
    build_only: bool = False


def settings_of(config: pytest.Config) -> RunSettings:
    """Resolve the settings once per session; raises `pytest.UsageError` with the key at fault.

    The models that the project names are among them only where ``--lab4-models`` names them, or `settings_of_cells` was
    asked: a project's own tests run as ever, whatever has become of a model.
    """
    if _SETTINGS not in config.stash:
        config.stash[_SETTINGS] = _resolved(config, for_cells=False)
    return config.stash[_SETTINGS]


def settings_of_cells(config: pytest.Config) -> RunSettings:
    """The settings where tests are made of cells: of all models that the project names, unless options name others."""
    if _FOR_CELLS not in config.stash:
        config.stash[_SETTINGS] = _resolved(config, for_cells=True)
        config.stash[_FOR_CELLS] = True
    return config.stash[_SETTINGS]


def settings_with(
    settings: RunSettings, suites: Iterable[ModelSuite], config: pytest.Config, measured: Collection[str]
) -> RunSettings:
    """The settings with what these suites measure as well; ``measured`` are the models that the run has cells of.

    Raises:
        Lab4Error: where the model of one is not there, or called as another is.
    """
    axes = settings.axes
    for suite in suites:
        added = suite.axes(config, settings.axes)
        for name, source in added.sources.items():
            if axes.sources.get(name, source) != source:
                raise Lab4Error(f"two models are called {name}; name one of them, as in lab4.from_model(..., name=...)")
        lists: dict[str, Any] = {
            name: tuple(dict.fromkeys((*getattr(axes, name), *getattr(added, name)))) for name in _LISTS
        }
        axes = replace(axes, sources={**axes.sources, **added.sources}, **lists)
    if axes.sources == settings.axes.sources:
        return settings
    axes = replace(axes, models=tuple(name for name in axes.models if name in measured))
    return replace(settings, axes=axes, order=replace(settings.order, sources=axes.sources))


def _resolved(config: pytest.Config, *, for_cells: bool) -> RunSettings:
    try:
        return _resolve(config, for_cells=for_cells)
    except Lab4Error as error:
        raise pytest.UsageError(f"lab4: {error}") from None


def _resolve(config: pytest.Config, *, for_cells: bool) -> RunSettings:
    table = _table_values(config)
    named, registered = _named_models(config, for_cells=for_cells)
    left_out = [fault for option, written in _table(config) for fault in _left_out(option, written)]
    values = {}
    for option in OPTIONS:
        given = registered if option.key == "models" else config.getoption(option.dest)
        if given is not None:
            left_out += _left_out(option, given)
        values[option.key] = _value_of(option, given, table, config)
    chosen = _chosen(config, table)
    if named and registered is None:
        chosen.discard("models")
    profile = PROFILES[values["profile"]]
    axes = _axes(values, chosen, named, config)
    if "techniques" not in chosen:
        axes = replace(axes, only_examined=tuple((name,) for name in profile.curve))
    if not axes.sources and (values["input"] or values["dim"]) and (for_cells or not model_tables(config)):
        raise Lab4Error("--lab4-input and --lab4-dim are of models of yours; name one with --lab4-model")
    _check_runtimes(axes)
    axes = _with_settings(axes, values, chosen)
    is_selected = bool(_SELECTING & chosen) or _are_cells_selected(config)
    only_deciding = profile.only_deciding and not values["all"] and not is_selected
    order = Order(
        dataset=values["dataset"],
        profile=tuning_profile(profile) if values["tune"] else profile,
        seed=values["seed"],
        cache=values["cache"] or default_folder(),
        rebuild=values["rebuild"],
        cell_limit_s=values["cell-timeout"],
        metrics=values["metrics"],
        resources=profile.resources if only_deciding and "resources" not in chosen else values["resources"],
        sources=axes.sources,
        source_metrics=values["metrics"] if "metrics" in chosen else (),
        update_golden=values["update"],
        profile_operators=values["profile-operators"],
        train_by=values["train-by"],
        patience_s=_whole(os.environ.get(_PATIENCE, PATIENCE_S), _PATIENCE, least=0),
    )
    if values["gate"]:
        _check_gate(config)
    return RunSettings(
        axes,
        order,
        values["output"],
        values["report"] if "report" in chosen else (),
        values["resume"],
        values["gate"],
        values["first-run-ok"],
        not values["no-second-look"],
        tuple(dict.fromkeys(left_out)),
        values["tune"],
        values["progress"],
        only_deciding,
        values["build-only"],
    )


def _axes(
    values: Mapping[str, Any], chosen: Collection[str], named: Mapping[str, Given], config: pytest.Config
) -> Axes:
    """What is measured: the user's own models alone, unless others are named as well."""
    axes = replace(Axes(*(values[key] for key in _AXES)), formats_are_named="formats" in chosen)
    folder = config.invocation_params.dir
    sources, batch_sizes = own_models(values["model"], values["input"], values["dim"], folder, named)
    sources = _with_values(sources, values, chosen)
    if not sources:
        if not values["dataset"].endswith(".npz") and values["dataset"] not in DATASETS:
            raise Lab4Error(
                "--lab4-dataset: a folder or a function is data of a model of yours; name one with --lab4-model"
            )
        return axes
    others = axes.models if "models" in chosen else ()
    return replace(
        axes,
        models=(*sources, *others),
        # One example per call, unless asked: larger batches of a large model take minutes.
        batch_sizes=batch_sizes or (axes.batch_sizes if others or "batch-sizes" in chosen else (1,)),
        sources=sources,
        source_formats=axes.formats if "formats" in chosen else formats_of_sources(sources.values()),
    )


def with_options(sources: Mapping[str, Source], config: pytest.Config) -> dict[str, Source]:
    """Models of tests as the options say: their data where they have none of their own, and whether they are trusted.

    Raises:
        Lab4Error: for options on inputs, which such models have of their own.
    """
    is_named = config.getoption("lab4_model") or config.getoption("lab4_models")
    for key in ("input", "dim"):
        if config.getoption(f"lab4_{key}") and not is_named:
            raise Lab4Error(
                f"--lab4-{key} is for models that --lab4-model or --lab4-models names; {next(iter(sources))} is "
                "that of a test: give it in lab4.from_model(...), or in its table in pyproject.toml"
            )
    table = _table_values(config)
    values = {
        option.key: _value_of(option, config.getoption(option.dest), table, config)
        for option in OPTIONS
        if option.key in {"dataset", "trust"}
    }
    return _with_values(sources, values, _chosen(config, table))


def _table_values(config: pytest.Config) -> dict[str, Any]:
    """All of the table, checked, also what the command line overrides: a mistake in it must not wait."""
    return {
        option.key: _value(option, written, f"[tool.lab4] {option.key}", config.rootpath)
        for option, written in _table(config)
    }


def _value_of(option: Option, given: Untyped, table: Mapping[str, Any], config: pytest.Config) -> Untyped:
    """What is used of an option: what is ``given`` on the command line, before the table, before the default."""
    if given is not None:
        return _value(option, given, option.flag, config.invocation_params.dir)
    return table[option.key] if option.key in table else _default_value(option, config)


def _chosen(config: pytest.Config, table: Mapping[str, Any]) -> set[str]:
    """The keys of the options that somebody gave."""
    return {option.key for option in OPTIONS if config.getoption(option.dest) is not None} | set(table)


def _with_values(
    sources: Mapping[str, Source], values: Mapping[str, Any], chosen: Collection[str]
) -> dict[str, Source]:
    """Models with what the options say of all; ``chosen`` are keys of those that were given."""
    data = values["dataset"] if "dataset" in chosen else ""
    return {
        name: replace(
            each, dataset=each.dataset or data, formats_are_named="formats" in chosen, is_trusted=values["trust"]
        )
        for name, each in sources.items()
    }


def _with_settings(axes: Axes, values: Mapping[str, Any], chosen: Collection[str]) -> Axes:
    """The axes with the settings of runtimes that were asked for, or with all that the best are chosen from."""
    asked = setting_values(values["settings"], timed_runtimes(axes))
    if not values["tune"]:
        return with_values(axes, asked)
    # A technique changes weights, and seldom what a call takes: it is for the user to ask.
    techniques = axes.techniques if "techniques" in chosen else ()
    return tuning(replace(axes, techniques=techniques), asked, axes.threads if "threads" in chosen else ())


def _named_models(config: pytest.Config, *, for_cells: bool) -> tuple[dict[str, Given], str | None]:
    """The project's models that are measured, and the names of registered ones that ``--lab4-models`` has."""
    written: str | None = config.getoption("lab4_models")
    if written is None:
        wants_all = for_cells and not config.getoption("lab4_model")
        return {name: given() for name, given in project_models(config).items()} if wants_all else {}, None
    known = project_models(config)
    names = [each.strip() for each in written.split(",")]
    for name in filter(None, names):
        if name not in {*known, ALL, DEFAULT} and name not in MODELS:
            raise UnknownNameError(f"--lab4-models: {UnknownNameError.among('model', name, [*known, *MODELS])}")
    others = [name for name in names if name not in known]
    return {name: known[name]() for name in names if name in known}, ",".join(others) if others else None


def _default_value(option: Option, config: pytest.Config) -> Untyped:
    if option.kind == "filter":
        return ()
    default = _default(option) if option.kind == "names" else option.default
    return _value(option, default, option.flag, config.invocation_params.dir)


def _check_runtimes(axes: Axes) -> None:
    """Refuse runtimes in which no format would be timed."""
    if not any(runtimes_of(form, axes.runtimes) for form in axes.formats):
        raise Lab4Error(
            f"--lab4-runtimes: no chosen format ({', '.join(axes.formats)}) runs in {' or '.join(axes.runtimes)}; "
            "choose others with --lab4-formats"
        )


def _are_cells_selected(config: pytest.Config) -> bool:
    """Whether somebody asks for some of the tests, by marks, words, ids or what failed before."""
    option = config.option
    asked = option.markexpr or option.keyword or getattr(option, "lf", False)
    return bool(asked) or any("::" in each for each in config.args)


def _check_gate(config: pytest.Config) -> None:
    """Refuse a gate over a run that measures nothing, which would be green, and one whose policy has a mistake."""
    from lab4.reading.runs import policy_at

    if config.getoption("numprocesses", None) or config.getoption("dist", "no") != "no":
        raise Lab4Error("--lab4-gate: under xdist nothing is measured; leave out -n and --dist")
    if config.option.collectonly:
        raise Lab4Error("--lab4-gate: with --collect-only nothing is measured; leave out one of them")
    policy_at(None, config.rootpath / "pyproject.toml")


def _table(config: pytest.Config) -> list[tuple[Option, Any]]:
    table = project_table(config)
    options = [option for option in OPTIONS if option.in_table]
    keys = [*(option.key for option in options), *_TABLES]
    for key in table:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise Lab4Error(f"{UnknownNameError.among('key in [tool.lab4]:', key, keys)}{hint}")
    of_tables = {"models"} if isinstance(table.get("models"), dict) else set()
    return [(option, table[option.key]) for option in options if option.key in table.keys() - of_tables]


def _value(option: Option, given: Untyped, where: str, folder: Path) -> Untyped:
    """Turn what was written into what is used, or raise `Lab4Error` naming ``where`` it was written."""
    if option.kind in {"names", "filter", "chains", "sizes"}:
        return _several(option, given, where)
    if option.kind == "repeated":
        if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
            raise Lab4Error(f"{where} is {given!r}; write a list of texts")
        return tuple(given)
    if option.kind == "flag":
        if not isinstance(given, bool):
            raise Lab4Error(f"{where} is {given!r}; write true or false")
        return given
    if option.kind == "number":
        return _whole(given, where, least=1 if option.key == "cell-timeout" else 0)
    return _written(option, given, where, folder)


def _written(option: Option, given: Untyped, where: str, folder: Path) -> Untyped:
    if option.kind == "paths":
        paths = tuple(folder / user_path(each.strip(), where) for each in _parts(given) if each.strip())
        if not paths and isinstance(given, str):  # not the default: an unset variable of a script
            raise Lab4Error(f"{where} is empty; name a run file or a folder of them")
        return paths
    if not isinstance(given, str):
        raise Lab4Error(f"{where} is {given!r}; write a text in quotes")
    if option.kind == "name":
        return _known(option, given, where)
    if option.kind == "path":
        return folder / user_path(given, where) if given else None
    return _dataset(given, where, folder)


def _dataset(given: str, where: str, folder: Path) -> str:
    """A known name, a function, or the path of a file or folder that is there; what is in it is looked at later."""
    if is_function(given):
        return given
    if not given.endswith(".npz"):
        if given not in DATASETS and (folder / user_path(given, where)).is_dir():
            return str(folder / user_path(given, where))
        if given not in DATASETS:
            ways = ["a path to an .npz file", "for models of yours a folder of images or file.py:function"]
            raise UnknownNameError(f"{where}: {UnknownNameError.among('dataset', given, [*DATASETS, *ways])}")
        return given
    path = folder / user_path(given, where)
    if not path.is_file():
        raise Lab4Error(f"{where}: there is no file {path}")
    return str(path)


def _several(option: Option, given: Untyped, where: str) -> tuple[Any, ...]:
    parts = _parts(given)
    if not isinstance(parts, list | tuple):
        raise Lab4Error(f"{where} is {given!r}; write a list")
    if not [part for part in parts if part != ""]:  # a number is not empty
        known = "" if option.kind == "sizes" else f" of {', '.join(_registry(option))}"
        raise Lab4Error(f"{where} is empty; write at least one{known}")
    if option.kind == "sizes":
        most = _MOST_THREADS if option.key == "threads" else _LARGEST_BATCH
        return tuple(dict.fromkeys(_whole(part, where, least=1, most=most) for part in parts))
    written = [name for part in parts for name in _expanded(option, str(part).strip())]
    if option.key == "metrics" and len({metric_name(each) for each in written}) < len(set(written)):
        raise Lab4Error(f"{where}: two metrics have one name; rename a function")
    if option.kind in {"names", "filter"}:
        return tuple(dict.fromkeys(_known(option, name, where) for name in written))
    return tuple(dict.fromkeys(_chain(option, chain, where) for chain in written))


def _expanded(option: Option, written: str) -> list[str]:
    names = _registry(option).expanded([written], _default(option))
    return [quoted(name) for name in names] if option.kind == "chains" and written == ALL else names


def _left_out(option: Option, given: Any) -> list[str]:  # noqa: ANN401
    """Why entries are not among all of a registry, where all are asked for."""
    is_list = option.kind in {"names", "filter", "chains"}
    return list(_registry(option).faults().values()) if is_list and ALL in _parts(given) else []


def _default(option: Option) -> tuple[str, ...]:
    """The default of an option for names: the project's own entries, where no list is given."""
    return cast("tuple[str, ...]", option.default) or _registry(option).default


def _chain(option: Option, written: str, where: str) -> tuple[str, ...]:
    """Names with dots between; a name that has a dot itself is in brackets, as in an id."""
    parts = split_id(written) or [("", written)]
    if any(separator not in {"", "."} for separator, _ in parts):
        parts = [("", written)]  # refused as the name that it is not
    return tuple(_known(option, name, where) for _, name in parts)


def _parts(given: Untyped) -> Untyped:
    return given.split(",") if isinstance(given, str) else given


def _registry(option: Option) -> Registry[object]:
    module, _, attribute = option.registry.partition(":")
    return cast("Registry[object]", getattr(import_module(module), attribute))


def _known(option: Option, name: str, where: str) -> str:
    if option.key == "metrics" and is_function(name):
        return name
    if (option.key, name) in RENAMED:
        raise UnknownNameError(f"{where}: {name!r} {RENAMED[option.key, name]}")
    _registry(option).require([name], where)
    return name


def _whole(given: Untyped, where: str, *, least: int, most: int = 2**31) -> int:
    try:
        number = int(str(given).strip())
    except ValueError:
        number = least - 1
    if number < least or isinstance(given, bool):
        raise Lab4Error(f"{where}: {given!r} is not a whole number of at least {least}")
    if number > most:
        raise Lab4Error(f"{where}: {given!r} is too large; the most is {most}")
    return number
