"""``lab4 init``: a table for a model in pyproject.toml, and a test file for it."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab4.cli.commands import Command
from lab4.cli.native_log import without_native_log
from lab4.cli.shared import answer
from lab4.domain.cell import check_name
from lab4.domain.contract import Contract, dimension_sizes
from lab4.domain.errors import Lab4Error
from lab4.functions import is_function
from lab4.storage.atomic import create_first_free, write_atomically
from lab4.storage.settings import table_of, tool_table, user_path

if TYPE_CHECKING:
    from lab4.inputs import KnownCalls

_TEST = '''\
"""The model {name}: limits on what is measured of it are assertions."""

import lab4

suite = lab4.from_table("{name}")


@suite.where(batch_size=1).parametrize()
def test_{identifier}(cell: lab4.MeasuredCell) -> None:
    cell.measure()
    assert cell.latency_s < 10  # seconds per call: write the limit that you need
    assert cell.cosine > 0.9  # the outputs of each format, compared with those of the model
'''


@dataclass(frozen=True, slots=True)
class _Table:
    """Lines of a table for pyproject.toml, and the names whose values the user must fill in."""

    text: str
    missing: tuple[str, ...]


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "model", metavar="FILE|FUNCTION", help="a model's file or folder, or package.module:build or file.py:build"
    )
    parser.add_argument("--name", help="what the model is called in ids (default: as its file or function)")


def _run(arguments: Namespace) -> int:
    from lab4.bench.given import names_of
    from lab4.cli.project import folder_of_settings
    from lab4.inputs import fitting_calls
    from lab4.inspection import inspect_model

    name = arguments.name or names_of([arguments.model])[0]
    check_name("model", name)
    project = folder_of_settings() / "pyproject.toml"
    test = Path(f"test_{_identifier(name)}.py")
    _require_free(name, project, test)
    with without_native_log():
        contract = inspect_model(arguments.model).contract
    known = fitting_calls(arguments.model, contract, {})
    table = _table(name, _written(arguments.model, project.parent), contract, known)
    content = _with_table(project, table.text)
    written = create_first_free(Path(), [test.name], _TEST.format(name=name, identifier=_identifier(name)).encode())
    try:
        write_atomically(project, content)
    except BaseException:  # all of it or nothing: else the next attempt is refused for the test
        written.unlink()
        raise
    command = f"pytest {test}"
    fill_in = f"fill in {' and '.join(table.missing)} in {project}, then " if table.missing else ""
    text = f"wrote [tool.lab4.models.{_key(name)}] to {project}\nwrote {test}\nnext: {fill_in}{command}"
    plain = {"wrote": [str(project), str(test)], "fill_in": list(table.missing), "next": command}
    answer(arguments, text, plain)
    return 0


def _require_free(name: str, project: Path, test: Path) -> None:
    models = tool_table(project).get("models", {})
    if not isinstance(models, dict):
        raise Lab4Error(f"{project}: models in [tool.lab4] is a list; give it as --lab4-models, and leave the key out")
    if name in models:
        raise Lab4Error(f"{project} has [tool.lab4.models.{_key(name)}] already; choose another name with --name")
    if test.exists():
        raise Lab4Error(f"{test} is there already; choose another name with --name")


def _identifier(name: str) -> str:
    return "".join(each if each.isalnum() else "_" for each in name)


def _key(name: str) -> str:
    """A name as a key of TOML: dots would begin another table."""
    return f'"{name}"' if "." in name else name


def _written(model: str, folder: Path) -> str:
    """The model relative to ``folder``, with slashes; a function of a package as it is."""
    module, colon, function = model.rpartition(":") if is_function(model) else (model, "", "")
    if colon and not module.endswith(".py"):
        return model
    path = user_path(module, "the model").absolute()
    try:
        return Path(relpath(path, folder.absolute())).as_posix() + colon + function
    except ValueError:  # another drive of Windows
        return path.as_posix() + colon + function


def _table(name: str, written: str, contract: Contract, known: "KnownCalls | None") -> _Table:
    """``known`` are calls next to the model: what they have is not asked for."""
    from lab4.inputs import stated_values

    head = f"[tool.lab4.models.{_key(name)}"
    lines = [f"{head}]", f"path = {_quoted(written)}"]
    values = stated_values(contract)
    given = known.inputs if known else {}
    asked = [each.name for each in contract.inputs if values[each.name].text == "must be given"]
    inputs = [each for each in asked if each not in given]
    dims = [each for each, size in dimension_sizes(contract, known.sizes if known else {}).items() if size is None]
    if inputs:
        lines += ["", f"{head}.inputs]", "# Not guessed: fill in a rule, such as const:16000 or below:30522."]
        lines += [f'{_quoted(each)} = ""' for each in inputs]
    if dims:
        lines += ["", f"{head}.dims]", "# Not guessed: fill in the sizes that your model is called with."]
        lines += [f"{_quoted(each)} = 0" for each in dims]
    return _Table("\n".join(lines) + "\n", (*inputs, *dims))


def _quoted(text: str) -> str:
    """A text as TOML has it: literal where that is shorter to read, as for paths of Windows."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in escaped) + '"'


def _with_table(project: Path, text: str) -> bytes:
    """The file's content with the table after it; what is there stays as it is, byte for byte.

    Raises:
        Lab4Error: where TOML does not allow a table after it.
    """
    before = project.read_bytes() if project.exists() else b""
    if b"\r\n" in before:
        text = text.replace("\n", "\r\n")
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    between = b"" if not before else newline if before.endswith(b"\n") else newline * 2
    content = before + between + text.encode()
    try:
        found: dict[str, Any] = table_of(content.decode(), project)
    except Lab4Error:
        found = {}
    if not found.get("models"):
        raise Lab4Error(
            f"{project}: its table tool.lab4 is written in a way that no table can follow; write it as [tool.lab4]"
        )
    return content


INIT = Command(
    "add a model to pyproject.toml, and write a test file for it", _declare, _run, ("lab4 init model.onnx --name net",)
)
