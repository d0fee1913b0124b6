"""The models that a user gives: by options, and in ``[tool.lab4.models.NAME]``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab4.bench.given import names_of, source_of
from lab4.datasets import DATASETS
from lab4.domain.cell import check_name
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.functions import is_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lab4.domain.source import Source

#: What batch sizes are called among dimensions.
_BATCH = "batch"
#: Keys of a table, and what each holds.
_KEYS = ("path", "inputs", "dims", "dataset")
_LARGEST = 10**9


@dataclass
class _Given:
    """A model as it was written, and what was written for it."""

    written: str
    rules: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    dataset: str = ""


def own_models(
    models: Sequence[str], inputs: Sequence[str], dims: Sequence[str], folder: Path, tables: Mapping[str, Any]
) -> tuple[dict[str, Source], tuple[int, ...]]:
    """The models by name, and the batch sizes that ``--lab4-dim`` asks for.

    Models of the options replace those of the project's ``tables``. Paths are relative to ``folder``.

    Raises:
        Lab4Error: naming the option or key at fault.
    """
    if models:
        written = [_path(each, folder) for each in models]
        found = dict(zip(names_of(written), map(_Given, written), strict=True))
        if len(found) < len(written):
            raise Lab4Error("--lab4-model: two models have one name; rename one, or name them in [tool.lab4.models]")
    else:
        found = {name: _of_table(name, table, folder) for name, table in tables.items()}
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
        for each in _named(model, found):
            each.sizes[name] = sizes[0]
    return {name: _source(name, each, len(found)) for name, each in found.items()}, batch_sizes


def _source(name: str, given: _Given, count: int) -> Source:
    check_name("model", name)
    try:
        return source_of(name, given.written, given.rules, given.sizes, given.dataset)
    except Lab4Error as error:
        raise Lab4Error(f"{name}: {error}" if count > 1 else str(error)) from error


def _path(written: str, folder: Path) -> str:
    return written if is_function(written) else str(folder / Path(written).expanduser())


def _of_table(name: str, table: Any, folder: Path) -> _Given:  # noqa: ANN401
    where = f"[tool.lab4.models.{name}]"
    if not isinstance(table, dict) or not isinstance(table.get("path"), str):
        raise Lab4Error(f'{where} needs path = "...", a file, a folder or a function')
    for key in table:
        if key not in _KEYS:
            raise UnknownNameError.among(f"key in {where}:", key, _KEYS)
    inputs, dims = table.get("inputs", {}), table.get("dims", {})
    if not isinstance(inputs, dict) or not isinstance(dims, dict):
        raise Lab4Error(f"{where}: inputs and dims are tables, such as dims = {{ height = 320 }}")
    sizes = {key: _size(str(size), key) for key, size in dims.items()}
    dataset = table.get("dataset", "")
    if not isinstance(dataset, str):
        raise Lab4Error(f"{where}: dataset is {dataset!r}; write a file, a folder or a function in quotes")
    rules = {key: str(rule) for key, rule in inputs.items()}
    return _Given(_path(table["path"], folder), rules, sizes, data_path(dataset, folder, f"{where} dataset"))


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


def _pair(written: str, option: str, example: str, found: Mapping[str, _Given]) -> tuple[str, str, str]:
    left, equals, value = written.partition("=")
    if not equals or not left or not value:
        raise Lab4Error(f"{option} {written!r}: write NAME=VALUE, such as {example}")
    model, colon, name = left.partition(":")
    return (model, name, value) if colon and model in found else ("", left, value)


def _named(model: str, found: Mapping[str, _Given]) -> Iterable[_Given]:
    return [found[model]] if model else found.values()


def _size(written: str, name: str) -> int:
    text = written.strip()
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= _LARGEST:
        raise Lab4Error(f"the dimension {name}: {written!r} is no size; write a whole number from 1 to {_LARGEST}")
    return int(text)
