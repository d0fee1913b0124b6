"""The models that a user gives: by options, in ``[tool.lab4.models.NAME]``, by the hook and in tests."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab4.bench.given import dimensions_of, file_name, names_of, source_of
from lab4.datasets import DATASETS
from lab4.domain.cell import check_name
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.functions import is_function
from lab4.storage.settings import user_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lab4.domain.source import Source
    from lab4.domain.untyped import Untyped

#: What batch sizes are called among dimensions.
_BATCH = "batch"
#: Keys of a table, and what each holds.
_KEYS = ("path", "inputs", "dims", "dataset", "golden")
_LARGEST = 10**9
#: Where another dimension begins in ``height=320,width=320``; in ``batch=1,32`` there is none.
NEXT_PAIR = re.compile(r",(?=[^,=]+=)")


@dataclass
class Given:
    """A model as it was written, and what was written for it; paths are absolute.

    ``sizes`` are those of each dynamic dimension: each combination of several is measured as a model.
    """

    written: str
    rules: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    dataset: str = ""
    golden: str = ""
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
    written = [_path(each, folder, "--lab4-model") for each in models]
    found = dict(zip(names_of(written), map(Given, written), strict=True))
    twice = [name for name in found if name in named]
    if len(found) < len(written) or twice:
        raise Lab4Error("--lab4-model: two models have one name; rename one, or name them in [tool.lab4.models]")
    found |= named
    batch_sizes: tuple[int, ...] = ()
    for model, name, rule in (_pair(each, "--lab4-input", "sr=const:16000", found) for each in inputs):
        for each in _named(model, found):
            each.rules[name] = rule
    pairs = [pair for each in dims for pair in NEXT_PAIR.split(each)]
    for model, name, written_sizes in (_pair(each, "--lab4-dim", "height=320", found) for each in pairs):
        sizes = _sizes(written_sizes.split(","), name)
        if name == _BATCH:
            batch_sizes = sizes
            continue
        for each in _named(model, found) if model else _having(name, found):
            each.sizes[name] = sizes
    sources: dict[str, Source] = {}
    for name, each in found.items():
        for other, source in sources_named(name, each, alone=len(found) == 1).items():
            if other in sources or (other != name and other in found):
                raise Lab4Error(f"two models are called {other}: rename one")
            sources[other] = source
    return sources, batch_sizes


def sources_named(name: str, given: Given, *, alone: bool = False) -> dict[str, Source]:
    """Look at a model, with each combination of its sizes; raises `Lab4Error`, which has its name unless ``alone``."""
    found = {}
    for called, sizes in named_sizes(name, given.sizes).items():
        check_name("model", called)
        with Lab4Error.prefixed("" if alone else f"{name}: "):
            source = source_of(called, given.written, given.rules, sizes, given.dataset)
        several = [f"{each}={size}" for each, size in sizes.items() if len(given.sizes[each]) > 1]
        label = f"{name} ({', '.join(several)})" if several else ""
        golden = given.golden and _golden_of_sizes(given.golden, called.removeprefix(name))
        found[called] = replace(source, golden=golden, label=label, optional_sizes=frozenset(given.optional))
    return found


def named_sizes(name: str, sizes: Mapping[str, Sequence[int]]) -> dict[str, dict[str, int]]:
    """Each combination of the sizes of dimensions, by what the model is called with it.

    >>> named_sizes("net", {"time": (100, 200), "width": (8,)})
    {'net_time100': {'time': 100, 'width': 8}, 'net_time200': {'time': 200, 'width': 8}}
    """
    several = [each for each in sizes if len(sizes[each]) > 1]
    combined = [dict(zip(sizes, each, strict=True)) for each in product(*sizes.values())]
    return {"_".join([name, *(_size_name(each, one[each]) for each in several)]): one for one in combined}


def _size_name(dimension: str, size: int) -> str:
    return file_name(f"{dimension}{'_' if dimension[-1:].isdigit() else ''}{size}")


def _golden_of_sizes(path: str, suffix: str) -> str:
    return str(Path(path).with_stem(f"{Path(path).stem}{suffix}"))


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
        return Given(_path(str(value), folder, where))
    if callable(value):
        return Given(_written_function(value, where))
    raise Lab4Error(f"{where} is a {type(value).__name__}; give a path, a function, a table or lab4.from_model(...)")


def _written_function(function: Untyped, where: str) -> str:
    """A function as text, by which another process finds it: where it is, and what it is called."""
    name = getattr(function, "__qualname__", "")
    if not name.isidentifier():
        raise Lab4Error(f"{where}: {name or function!r} is not a function at the top of its file; name one that is")
    return f"{inspect.getfile(function)}:{name}"


def _path(written: str, folder: Path, where: str) -> str:
    if not is_function(written):
        return str(folder / user_path(written, where))
    module, _, name = written.rpartition(":")
    return f"{folder / user_path(module, where)}:{name}" if module.endswith(".py") else written


def _of_table(table: Mapping[str, Any], where: str, folder: Path) -> Given:
    path = table.get("path")
    if not isinstance(path, str | Path) or not str(path):
        raise Lab4Error(f'{where} needs path = "...", a file, a folder or a function')
    for key in table:
        if key not in _KEYS:
            raise UnknownNameError.among(f"key in {where}:", key, _KEYS)
    dataset, golden = (_text(table, key, where) for key in ("dataset", "golden"))
    inputs, dims = table.get("inputs", {}), table.get("dims", {})
    if not isinstance(inputs, Mapping) or not isinstance(dims, Mapping):
        raise Lab4Error(f"{where}: inputs and dims are tables, such as dims = {{ height = 320 }}")
    data = data_path(dataset, folder, f"{where} dataset")
    with Lab4Error.prefixed(f"{where}: "):
        return Given(
            _path(str(path), folder, "path"), rules_of(inputs), sizes_of(dims), data, golden_file(golden, folder)
        )


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    text = table.get(key, "")
    if not isinstance(text, str | Path):
        raise Lab4Error(f"{where}: {key} is {text!r}; write a file, a folder or a function in quotes")
    return str(text)


def golden_file(written: str | Path, folder: Path) -> str:
    """The file of golden outputs that a user names, which need not be there; empty where none is named."""
    return str(folder / user_path(str(written), "golden")) if str(written) else ""


def data_path(written: str, folder: Path, where: str) -> str:
    """Data of a user's as they are loaded: a name, a function, or the path of a file or folder that is there.

    Raises:
        Lab4Error: where there is none.
    """
    if not written or written in DATASETS or is_function(written):
        return written
    path = folder / user_path(written, where)
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


def sizes_of(dims: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
    """The sizes of dimensions, of each one or several; raises `Lab4Error` for what is none."""
    found = {name: _sizes(size if isinstance(size, list | tuple) else [size], name) for name, size in dims.items()}
    if len(found.get(_BATCH, ())) > 1:
        raise Lab4Error(
            f"the dimension {_BATCH}: give several batch sizes as --lab4-batch-sizes, or batch-sizes of lab4"
        )
    return found


def _sizes(sizes: Sequence[object], name: str) -> tuple[int, ...]:
    if not sizes:
        raise Lab4Error(f"the dimension {name} has no size; write at least one")
    return tuple(dict.fromkeys(_size(str(each), name) for each in sizes))


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
    if len(found) <= 1:
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
