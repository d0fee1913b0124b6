"""Where the project's own rules and accepted changes lie, from whichever of its folders a command is called."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab4.analysis.gate.policy import Policy
from lab4.domain.errors import Lab4Error
from lab4.history.blessings import BLESSINGS_FILE
from lab4.history.project_file import tool_table
from lab4.reading.rules import policy_at

__all__ = ["ProjectTable", "ledger_of", "policy_of", "project_folder", "project_table"]

_PROJECT_FILE = "pyproject.toml"


def policy_of(arguments: Namespace) -> Policy:
    """The policy that was named, or else the project's; raises `Lab4Error`."""
    return policy_at(arguments.policy, project_folder() / _PROJECT_FILE)


def ledger_of(arguments: Namespace) -> Path:
    """The file of blessings that was named, or else the project's, which may not be there."""
    return Path(arguments.blessings or project_folder() / BLESSINGS_FILE)


@dataclass(frozen=True, slots=True)
class ProjectTable:
    """The keys of ``[tool.lab4]``, and the absolute folder that paths in it start from."""

    folder: Path
    values: dict[str, Any]


def project_table() -> ProjectTable:
    """The project's table; raises `Lab4Error` where it cannot be read."""
    folder = project_folder()
    return ProjectTable(folder.absolute(), tool_table(folder / _PROJECT_FILE))


def project_folder() -> Path:
    """The nearest folder from here upwards whose pyproject.toml has a ``[tool.lab4]`` table.

    Where none has, the nearest with a file of blessings, or else this one. Nothing above the repository is looked at.
    """
    here = Path.cwd()
    folders = list(_up_to_the_repository(here))
    found = next((each for each in folders if _has_table(each / _PROJECT_FILE)), None) or next(
        (each for each in folders if (each / BLESSINGS_FILE).exists()), here
    )
    return Path() if found == here else found  # messages name files as people see them


def _has_table(path: Path) -> bool:
    try:
        return bool(tool_table(path))
    except Lab4Error:
        return True  # it may have; who reads it says what is wrong


def _up_to_the_repository(here: Path) -> Iterator[Path]:
    for folder in (here, *here.parents):
        yield folder
        if (folder / ".git").exists():
            return
