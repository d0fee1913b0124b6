"""Code that reads results compares traits: no registered name, part of one or batch size of the form stands in it.

The form's own data is the exception: it is a description of one worksheet.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab4
from lab4.domain.registry import REGISTRIES

PACKAGE = Path(lab4.__file__).parent
READERS = ("analysis", "report", "worksheet")
FORM_DATA = {"worksheet/form.py"}
KINDS = ("model", "technique", "format", "runtime", "device", "dataset")
NAMES = frozenset(name for kind in KINDS for name in REGISTRIES[kind].own)
#: A metric's name is a word too, such as the key of a column: it may stand, but nothing is compared with it or looked
#: up by it.
METRICS = frozenset(REGISTRIES["metric"].own)
#: The batch sizes of the form, as numbers and as they stand in ids.
BATCHES, IN_IDS = frozenset({1, 32}), frozenset({"b1", "b32", "-b1-", "-b32-"})
#: Methods that look for a part of a text.
PARTS = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split", "find", "count"}
#: The shortest part of a name that is nobody's word, such as ``tflite``.
SHORTEST = 4


def violations(source: str) -> list[str]:
    """What in a source compares names: one text for each, with its line."""
    tree = ast.parse(source)
    ignored = {id(text) for text in _docstrings(tree)}
    found = [each for node in ast.walk(tree) if id(node) not in ignored for each in _of(node)]
    return sorted(set(found))


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """Texts that stand alone: those of modules, classes and functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _of(node: ast.AST) -> Iterator[str]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES | IN_IDS:
        yield f"{line}: {node.value!r} is a registered name"
    for name in _looked_up(node):
        if name in METRICS:
            yield f"{line}: something is chosen by the name of the metric {name!r}"
    for part in _looked_for(node):
        if len(part) >= SHORTEST and any(part in name for name in NAMES):
            yield f"{line}: a text is searched for {part!r}, a part of a registered name"
    if any(number in BATCHES for subject, number in _numbers(node) if "batch" in subject.lower()):
        yield f"{line}: a batch size is one of {sorted(BATCHES)}"


def _looked_up(node: ast.AST) -> Iterator[str]:
    """Literals that something is compared with, or that a metric is asked for by."""
    if isinstance(node, ast.Compare):
        yield from (text for side in (node.left, *node.comparators) for text in _texts(side))
    elif isinstance(node, ast.MatchValue):
        yield from _texts(node.value)
    elif isinstance(node, ast.Subscript) and "metric" in _named(node.value).lower():
        yield from _texts(node.slice)
    elif isinstance(node, ast.Call) and "metric" in _named(node.func).lower():
        yield from (text for argument in node.args for text in _texts(argument))


def _looked_for(node: ast.AST) -> Iterator[str]:
    """Literals that a text is searched for, or put together from."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PARTS:
        yield from (each for argument in node.args for each in _texts(argument))
    elif isinstance(node, ast.Compare) and any(isinstance(operator, ast.In | ast.NotIn) for operator in node.ops):
        yield from _texts(node.left)
    elif isinstance(node, ast.JoinedStr):
        yield from (each for part in node.values for each in _texts(part) if "_" in each)


def _texts(node: ast.AST) -> Iterator[str]:
    for each in node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else (node,):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _numbers(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Literal numbers with the name that they are compared with, assigned to, or given as."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        yield from ((_named(side), number) for side in sides for other in sides for number in _literals(other))
    elif isinstance(node, ast.keyword) and node.arg:
        yield from ((node.arg, number) for number in _literals(node.value))
    elif isinstance(node, ast.Assign):
        yield from ((_named(target), number) for target in node.targets for number in _literals(node.value))
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield from ((_named(node.target), number) for number in _literals(node.value))
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield from ((str(getattr(key, "value", "")), number) for number in _literals(value))
    elif isinstance(node, ast.arguments):
        yield from _defaults(node)


def _defaults(node: ast.arguments) -> Iterator[tuple[str, int]]:
    """Arguments with default values."""
    arguments = [*node.posonlyargs, *node.args]
    pairs = [*zip(reversed(arguments), reversed(node.defaults), strict=False)]
    pairs += [*zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    yield from ((argument.arg, number) for argument, value in pairs if value for number in _literals(value))


def _named(node: ast.AST) -> str:
    """Every name in an expression."""
    return " ".join(
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute)
    )


def _literals(node: ast.AST) -> Iterator[int]:
    """The whole numbers of a literal, alone or in a tuple, list or set."""
    for each in node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else (node,):
        if isinstance(each, ast.Constant) and type(each.value) is int:
            yield each.value


FILES = sorted(path for room in READERS for path in (PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_name_is_compared(path):
    if path.relative_to(PACKAGE).as_posix() in FORM_DATA:
        pytest.skip("the form's own data")
    assert violations(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "x = cell.format == 'keras'",
        "x = device == 'cpu'",
        "CONTROL = 'finetuned'",
        "x = {'tflite_int8': 3}",
        "match form:\n    case 'onnx': x = 1",
        "x = form.startswith('tflite')",
        "x = form.startswith(('saved', 'nothing'))",
        "x = form.removeprefix('tflite_')",
        "x = 'tflite' in form",
        "x = f'tflite_{precision}'",
        "def f(model='cnn'): ...",
        "x = cell.batch_size == 32",
        "x = cell.batch_size in (1, 8)",
        "x = 1 == batch",
        "BATCHES = (1, 32)",
        "_BATCH: int = 1",
        "x = cells(batch_size=32)",
        "x = {'batch_size': 1}",
        "def f(batch=1): ...",
        "def f(*, batch=32): ...",
        "x = '-b1-' in key",
        "x = measured.metrics['accuracy']",
        "x = catalogue.metric('accuracy')",
        "x = measured.metrics.get('accuracy')",
        "x = name == 'accuracy'",
        "x = name in ('accuracy', 'other')",
        "match name:\n    case 'accuracy': x = 1",
    ],
)
def test_what_is_planted_is_found(planted):
    assert violations(planted) != []


@pytest.mark.parametrize(
    "clean",
    [
        '"""keras is a word of this text."""\nx = 1',
        "x = catalogue.is_original(cell)",
        "x = form.precision == 'float32'",
        "x = cell.threads == 1",
        "x = cell.batch_size == batch_size",
        "x = technique.kind == 'pruning'",
        "x = text.startswith('the')",
        "x = len(batches) > minimum",
        "width = 32",
        "x = column('accuracy')",
        "COLUMNS = {'accuracy': 1}",
        "x = f'{label} in a sentence'",
    ],
)
def test_what_compares_traits_is_let_through(clean):
    assert violations(clean) == []


def test_every_registry_has_names():
    assert {"cnn", "pruned80", "onnx", "litert", "cpu", "mnist_10k"} <= NAMES
