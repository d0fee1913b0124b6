"""The models that a user gives: by options, in ``[tool.lab4.models.NAME]``, by the hook and in tests."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab4.bench.given import dimensions_of, names_of, source_of
from lab4.datasets import DATASETS
from lab4.domain.cell import check_name
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.functions import is_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lab4.domain.source import Source
    from lab4.domain.untyped import Untyped

#: What batch sizes are called among dimensions.
_BATCH = "batch"
#: Keys of a table, and what each holds.
_KEYS = ("path", "inputs", "dims", "dataset")
_LARGEST = 10**9


@dataclass
class Given:
    """A model as it was written, and what was written for it; paths are absolute."""

    written: str
    rules: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    dataset: str = ""
    #: Dimensions that it may lack.
    optional: set[str] = field(default_factory=set)


def own_models(
    models: Sequence[str],
    inputs: Sequence[str],
    dims: Sequence[str],
    folder: Path,
    named: Mapping[str, Given],
) -> tuple[dict[str, Source], tuple[int, ...]]:
    """The models by name, and the batch sizes that ``--lab4-dim`` asks for.

    ``models`` are those of ``--lab4-model``, with paths relative to ``folder``; ``named`` are the project's.

    Raises:
        Lab4Error: naming the option or key at fault.
    """
    written = [_path(each, folder) for each in models]
    found = dict(zip(names_of(written), map(Given, written), strict=True))
    twice = [name for name in found if name in named]
    if len(found) < len(written) or twice:
        raise Lab4Error("--lab4-model: two models have one name; rename one, or name them in [tool.lab4.models]")
    found |= named
    batch_sizes: tuple[int, ...] = ()
    for model, name, rule in (_pair(each, "--lab4-input", "sr=const:16000", found) for each in inputs):
        for each in _named(model, found):
            each.rules[name] = rule
    for model, name, written_sizes in (_pair(each, "--lab4-dim", "height=320", found) for each in dims):
        sizes = [_size(each, name) for each in written_sizes.split(",")]
        if name == _BATCH:
            batch_sizes = tuple(dict.fromkeys(sizes))
            continue
        if len(sizes) > 1:
            raise Lab4Error(f"--lab4-dim {name}: one size per run; only {_BATCH} takes several")
        for each in _named(model, found) if model else _having(name, found):
            each.sizes[name] = sizes[0]
    return {name: source_named(name, each, alone=len(found) == 1) for name, each in found.items()}, batch_sizes


def source_named(name: str, given: Given, *, alone: bool = False) -> Source:
    """Look at a model; raises `Lab4Error`, which begins with its name unless it is ``alone``."""
    check_name("model", name)
    with Lab4Error.prefixed("" if alone else f"{name}: "):
        source = source_of(name, given.written, given.rules, given.sizes, given.dataset)
        return replace(source, optional_sizes=frozenset(given.optional))


def given_by(value: Untyped, where: str, folder: Path) -> Given:
    """What a table or a hook gives, found ``where``; relative paths are relative to ``folder``.

    Raises:
        Lab4Error: where it is nothing that can be a model.
    """
    given = getattr(value, "given", value)
    if isinstance(given, Given):
        return given
    if isinstance(value, Mapping):
        return _of_table(value, where, folder)
    if isinstance(value, str | Path):
        return Given(_path(str(value), folder))
    if callable(value):
        return Given(_written_function(value, where))
    raise Lab4Error(f"{where} is a {type(value).__name__}; give a path, a function, a table or lab4.from_model(...)")


def _written_function(function: Untyped, where: str) -> str:
    """A function as text, by which another process finds it: where it is, and what it is called."""
    name = getattr(function, "__qualname__", "")
    if not name.isidentifier():
        raise Lab4Error(f"{where}: {name or function!r} is not a function at the top of its file; name one that is")
    return f"{inspect.getfile(function)}:{name}"


def _path(written: str, folder: Path) -> str:
    if not is_function(written):
        return str(folder / Path(written).expanduser())
    module, _, name = written.rpartition(":")
    return f"{folder / Path(module).expanduser()}:{name}" if module.endswith(".py") else written


def _of_table(table: Mapping[str, Any], where: str, folder: Path) -> Given:
    path = table.get("path")
    if not isinstance(path, str | Path) or not str(path):
        raise Lab4Error(f'{where} needs path = "...", a file, a folder or a function')
    for key in table:
        if key not in _KEYS:
            raise UnknownNameError.among(f"key in {where}:", key, _KEYS)
    dataset = table.get("dataset", "")
    if not isinstance(dataset, str | Path):
        raise Lab4Error(f"{where}: dataset is {dataset!r}; write a file, a folder or a function in quotes")
    inputs, dims = table.get("inputs", {}), table.get("dims", {})
    if not isinstance(inputs, Mapping) or not isinstance(dims, Mapping):
        raise Lab4Error(f"{where}: inputs and dims are tables, such as dims = {{ height = 320 }}")
    data = data_path(str(dataset), folder, f"{where} dataset")
    with Lab4Error.prefixed(f"{where}: "):
        return Given(_path(str(path), folder), rules_of(inputs), sizes_of(dims), data)


def data_path(written: str, folder: Path, where: str) -> str:
    """Data of a user's as they are loaded: a name, a function, or the path of a file or folder that is there.

    Raises:
        Lab4Error: where there is none.
    """
    if not written or written in DATASETS or is_function(written):
        return written
    path = folder / Path(written).expanduser()
    if not path.is_dir() and not (path.is_file() and path.suffix == ".npz"):
        what = "that is no .npz file" if path.is_file() else f"there is no {path}"
        raise Lab4Error(
            f"{where}: {what}; give an .npz file, a folder of images with one folder per class, "
            f"package.module:function or file.py:function, or one of {', '.join(DATASETS)}"
        )
    return str(path)


def rules_of(inputs: Mapping[str, object]) -> dict[str, str]:
    """The rules of inputs as texts; raises `Lab4Error` for one that is empty, as ``lab4 init`` writes it."""
    for name, rule in inputs.items():
        if not str(rule).strip():
            raise Lab4Error(f"the input {name!r} is to be filled in, with a rule such as const:16000")
    return {name: str(rule) for name, rule in inputs.items()}


def sizes_of(dims: Mapping[str, object]) -> dict[str, int]:
    """The sizes of dimensions; raises `Lab4Error` for what is none."""
    return {name: _size(str(size), name) for name, size in dims.items()}


def _pair(written: str, option: str, example: str, found: Mapping[str, Given]) -> tuple[str, str, str]:
    left, equals, value = written.partition("=")
    if not equals or not left or not value:
        raise Lab4Error(f"{option} {written!r}: write NAME=VALUE, such as {example}")
    model, colon, name = left.partition(":")
    return (model, name, value) if colon and model in found else ("", left, value)


def _named(model: str, found: Mapping[str, Given]) -> Iterable[Given]:
    return [found[model]] if model else found.values()


def _having(name: str, found: Mapping[str, Given]) -> list[Given]:
    """Of several models those that have a dimension, and those of which that is known only when they are opened.

    Raises:
        Lab4Error: where none has it.
    """
    if len(found) == 1:
        return [*found.values()]
    dimensions = {}
    for model, each in found.items():
        with Lab4Error.prefixed(f"{model}: "):
            dimensions[model] = dimensions_of(each.written)
    late = [model for model, known in dimensions.items() if known is None]
    having = [model for model, known in dimensions.items() if known is not None and name in known]
    if not having and not late:
        known = [f"{model} has {', '.join(sorted(each or ())) or 'none'}" for model, each in dimensions.items()]
        raise Lab4Error(f"--lab4-dim {name}: no model has this dimension; {'; '.join(known)}")
    if having or len(late) > 1:
        for model in late:
            found[model].optional.add(name)
    return [found[model] for model in (*having, *late)]


def _size(written: str, name: str) -> int:
    text = written.strip()
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= _LARGEST:
        raise Lab4Error(f"the dimension {name}: {written!r} is no size; write a whole number from 1 to {_LARGEST}")
    return int(text)
