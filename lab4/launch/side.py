"""One side of a comparison: an interpreter, and the folder whose code it runs."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab4.domain.errors import UnavailableError

__all__ = ["LIMIT_S", "Side", "require_suite"]

#: Importing pytest and finding packages takes a second; whoever needs this long hangs.
LIMIT_S = 60
#: What an environment must have, found without importing it.
_PROBE = (
    "import importlib.util as u; "
    "print(' '.join(n for n in ('lab4', 'pytest', 'pytest_benchmark', 'tensorflow') if u.find_spec(n) is None))"
)


@dataclass(frozen=True, slots=True)
class Side:
    """``python`` runs pytest in ``folder``, whose own packages come before installed ones."""

    name: str
    python: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The process's environment; no setting of the caller's pytest reaches the runs."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
        paths = [str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {**inherited, "PYTHONPATH": os.pathsep.join(paths)}


def require_suite(side: Side) -> None:
    """Raise `UnavailableError` unless the side's interpreter is there and has what a run needs."""
    if shutil.which(side.python) is None:
        raise UnavailableError(f"there is no Python at {side.python}; name the interpreter, such as ENV/bin/python")
    try:
        answer = subprocess.run(  # noqa: S603  # an interpreter that the user has named
            [side.python, "-c", _PROBE],
            cwd=side.folder,
            env=side.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UnavailableError(f"{side.python} does not work as a Python ({type(error).__name__})") from None
    missing = answer.stdout.split()
    if missing:
        raise UnavailableError(
            f"{side.python} cannot measure: {' and '.join(missing)} missing; "
            f"run: {side.python} -m pip install 'lab4[suite]'"
        )
