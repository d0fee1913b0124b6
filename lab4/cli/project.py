"""The project's policy and approvals file, from whichever of its folders a command is called."""

from argparse import Namespace
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from pathlib import Path

from lab4.analysis.policy import Policy
from lab4.cli.shared import note
from lab4.domain.errors import Lab4Error
from lab4.history.approvals import APPROVALS_FILE, EARLIER_FILE, approvals_at
from lab4.reading.runs import policy_at
from lab4.storage.settings import has_table, tool_table

_PROJECT_FILE = "pyproject.toml"
#: Files that are pytest's alone, and sections of files that are not.
_OF_PYTEST = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest"}


def policy_of(arguments: Namespace, show: Callable[[str], None] = lambda _: None) -> Policy:
    """The policy that was named, or the project's; raises `Lab4Error`.

    ``show`` receives the policy's remark, for commands that print no gate, whose notes have it.
    """
    policy = policy_at(arguments.policy, project_folder() / _PROJECT_FILE)
    if policy.remark:
        show(policy.remark)
    return policy


def approvals_path(arguments: Namespace, *, is_new: bool = False) -> Path:
    """The approvals file that was named, or the project's, which need not exist.

    Raises:
        Lab4Error: where a file that was named is not there, unless it is to be written.
    """
    if not arguments.approvals:
        return approvals_at(project_folder(), note)
    named = Path(arguments.approvals)
    if not is_new and not named.exists():
        raise Lab4Error(f"--approvals: there is no file {named}")
    return named


def project_folder() -> Path:
    """The nearest folder from here upwards whose pyproject.toml has a ``[tool.lab4]`` table.

    Where none has, the nearest with an approvals file, or this one. Folders above the repository are not considered.
    """
    here = Path.cwd()
    folders = list(_up_to_the_repository(here))
    approving = [each for each in folders if any((each / name).exists() for name in (APPROVALS_FILE, EARLIER_FILE))]
    folder = next((each for each in folders if _has_table(each / _PROJECT_FILE)), (*approving, here)[0])
    return Path() if folder == here else folder  # messages name files relative to the working folder


def folder_of_settings() -> Path:
    """The folder whose pyproject.toml pytest reads here.

    It is the nearest upwards with settings of pytest, or else with a pyproject.toml; this one where there is none.
    https://docs.pytest.org/en/stable/reference/customize.html#finding-the-rootdir
    """
    here = Path.cwd()
    folders = (here, *here.parents)
    with_settings = (each for each in folders if _has_pytest_settings(each))
    with_project = (each for each in folders if (each / _PROJECT_FILE).is_file())
    folder = next(with_settings, None) or next(with_project, here)
    return Path() if folder == here else folder


def _has_pytest_settings(folder: Path) -> bool:
    if any((folder / name).is_file() for name in _OF_PYTEST):
        return True
    if has_table(folder / _PROJECT_FILE, "tool", "pytest"):
        return True
    return any(_has_section(folder / name, section) for name, section in _SECTIONS.items())


def _has_section(path: Path, section: str) -> bool:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError, ConfigParserError):  # as pytest says, which reads it
        return False
    return parser.has_section(section)


def _has_table(path: Path) -> bool:
    try:
        return bool(tool_table(path))
    except Lab4Error:
        return True  # it may have one; its reader reports the error


def _up_to_the_repository(here: Path) -> Iterator[Path]:
    for folder in (here, *here.parents):
        yield folder
        if (folder / ".git").exists():
            return
