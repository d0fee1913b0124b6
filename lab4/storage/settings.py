"""What users write: paths, and the ``[tool.lab4]`` table of a project's pyproject.toml."""

import sys
from pathlib import Path
from typing import Any

from lab4.domain.errors import Lab4Error

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def user_path(text: str, where: str) -> Path:
    """The path, with a leading ``~`` or ``~user`` replaced by the home folder; ``where`` names its option or variable.

    Raises `Lab4Error` where the system knows no such home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise Lab4Error(f"{where} is {text!r}, whose home folder is not known here; write the path in full") from None


def tool_table(path: Path) -> dict[str, Any]:
    """Read the table; empty where the file or the table is not there.

    Raises `Lab4Error` if the file cannot be read, is not TOML, or has something else in the table's place.
    """
    try:
        return table_of(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Lab4Error(f"{path.name} cannot be read: {error}") from None


def has_table(path: Path, *names: str) -> bool:
    """Whether a TOML file has a table of these names, each in the one before; not where it cannot be read."""
    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    for name in names:
        table = table.get(name)
        if not isinstance(table, dict):
            return False
    return True


def table_of(text: str, path: Path) -> dict[str, Any]:
    """The table in the text of ``path``; raises `Lab4Error` as `tool_table` does."""
    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Lab4Error(f"{path.name} cannot be read: {error}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets a thousand deep
        raise Lab4Error(f"{path.name} cannot be read: it is not TOML that a person wrote") from None
    for name in ("tool", "lab4"):
        table = table.get(name, {})
        if not isinstance(table, dict):
            raise Lab4Error(f"{path.name}: {'tool' if name == 'tool' else 'tool.lab4'} must be a table")
    return dict(table)
