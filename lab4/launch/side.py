"""One side of a comparison: an interpreter and the folder whose code it runs."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import SubprocessError

from lab4.dependencies import MEASURING
from lab4.domain.errors import UnavailableError
from lab4.environment import child_environment, printed_by

#: Finding packages takes a second; a process that needs longer than this hangs.
_LIMIT_S = 60
#: Prints which required packages are missing, without importing them.
_MISSING = (
    f"import importlib.util as u; print(' '.join(name for name in {('lab4', *MEASURING)} if u.find_spec(name) is None))"
)
#: The gate judges no other resource, and measuring them takes longer than the cells; nor does it read reports, of which
#: this is the quickest.
_JUDGED_ONLY = (("--lab4-resources", "memory"), ("--lab4-report", "csv"))
#: Prints whether a side's lab4 has `lab4.interleaving`.
_KNOWS_INTERLEAVING = "import importlib.util as u; print(u.find_spec('lab4.interleaving') is not None)"
#: Prints the options that a side's lab4 has.
_OPTIONS = "from lab4.plugin.options import OPTIONS; print(*(option.flag for option in OPTIONS))"


@dataclass(frozen=True, slots=True)
class LaunchSide:
    """``python`` runs pytest in ``folder``, whose packages take precedence over installed ones.

    ``inherited`` is the environment that its processes begin with, where that is not the one of this process.
    """

    name: str
    python: Path
    folder: Path
    inherited: Mapping[str, str] | None = None

    def environment(self, *folders: Path) -> dict[str, str]:
        """The environment of the side's processes; without the caller's variables of git and pytest.

        Packages in ``folders`` come after the side's own and the user's.
        """
        inherited = child_environment(self.inherited)
        paths = [str(self.folder), *filter(None, [inherited.get("PYTHONPATH")]), *map(str, folders)]
        return {**inherited, "PYTHONPATH": os.pathsep.join(paths)}

    def output_of(self, code: str) -> list[str]:
        """The words that this Python code prints in the side's folder.

        Raises:
            UnavailableError: where the interpreter does not run it.
        """
        try:
            command = [str(self.python), "-c", code]
            printed = printed_by(command, self.environment(), folder=self.folder, limit_s=_LIMIT_S)
        except FileNotFoundError:
            raise UnavailableError(
                f"there is no Python at {self.python}; name the interpreter, such as ENV/bin/python"
            ) from None
        except (OSError, ValueError, SubprocessError) as error:
            raise UnavailableError(f"{self.python} does not work as a Python ({type(error).__name__})") from None
        return printed.decode("utf-8", "replace").split()


def require_suite(side: LaunchSide) -> None:
    """Raise `UnavailableError` unless the side's interpreter exists and has the packages that a run needs."""
    missing = side.output_of(_MISSING)
    if missing:
        raise UnavailableError(
            f"{side.python} cannot measure: {' and '.join(missing)} missing; "
            f"run: {side.python} -m pip install 'lab4[suite]'"
        )


def can_interleave(sides: Iterable[LaunchSide]) -> bool:
    """Whether the runs of these sides can be interleaved, which an earlier lab4 does not know."""
    try:
        return all(side.output_of(_KNOWS_INTERLEAVING)[-1:] == ["True"] for side in sides)
    except UnavailableError:  # the run itself then reports the error
        return False


def judged_only(sides: Iterable[LaunchSide]) -> tuple[str, ...]:
    """Arguments of pytest that leave out what the gate does not judge.

    Those that a side's lab4 does not know are left out, so that all sides do the same.
    """

    def flags(side: LaunchSide) -> list[str]:
        try:
            return side.output_of(_OPTIONS)
        except UnavailableError:  # the run itself then reports the error
            return []

    known = set.intersection(*(set(flags(side)) for side in sides))
    return tuple(word for words in _JUDGED_ONLY if words[0] in known for word in words)
