"""One side of a comparison: an interpreter and the folder whose code it runs."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab4.domain.errors import UnavailableError
from lab4.environment import child_environment

#: Finding packages takes a second; a process that needs longer than this hangs.
_LIMIT_S = 60
#: Prints which required packages are missing, without importing them.
_PROBE = (
    "import importlib.util as u; "
    "print(' '.join(n for n in ('lab4', 'pytest', 'pytest_benchmark', 'tensorflow') if u.find_spec(n) is None))"
)


@dataclass(frozen=True, slots=True)
class LaunchSide:
    """``python`` runs pytest in ``folder``, whose packages take precedence over installed ones."""

    name: str
    python: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the side's processes; without the caller's variables of git and pytest."""
        return self.environment_with()

    def environment_with(self, *folders: Path) -> dict[str, str]:
        """The same, with packages in these folders after the side's own and the user's."""
        inherited = child_environment()
        paths = [str(self.folder), *filter(None, [inherited.get("PYTHONPATH")]), *map(str, folders)]
        return {**inherited, "PYTHONPATH": os.pathsep.join(paths)}

    def output_of(self, code: str) -> list[str]:
        """The words that this Python code prints in the side's folder.

        Raises:
            UnavailableError: where the interpreter does not run it.
        """
        try:
            answer = subprocess.run(  # noqa: S603  # an interpreter that the user has named
                [self.python, "-c", code],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_LIMIT_S,
                check=True,
            )
        except FileNotFoundError:
            raise UnavailableError(
                f"there is no Python at {self.python}; name the interpreter, such as ENV/bin/python"
            ) from None
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise UnavailableError(f"{self.python} does not work as a Python ({type(error).__name__})") from None
        return answer.stdout.split()


def require_suite(side: LaunchSide) -> None:
    """Raise `UnavailableError` unless the side's interpreter exists and has the packages that a run needs."""
    missing = side.output_of(_PROBE)
    if missing:
        raise UnavailableError(
            f"{side.python} cannot measure: {' and '.join(missing)} missing; "
            f"run: {side.python} -m pip install 'lab4[suite]'"
        )
