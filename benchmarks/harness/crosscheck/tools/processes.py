"""Start an external tool and wait for it, within a time limit."""

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from lab4.domain.errors import UnavailableError
from lab4.environment import child_environment
from lab4.frameworks import WARNINGS_IGNORED

__all__ = ["LIMIT_S", "ran", "ran_json", "script_command"]

#: How long one process may take, in seconds.
LIMIT_S = 60.0
#: What the script that pip writes for a command does; run by this interpreter, so that it is this environment's.
_AS_SCRIPT = "import sys; from {module} import {attribute} as main; sys.argv[0] = {name!r}; sys.exit(main())"
_LONGEST_REASON = 200


def script_command(name: str, package: str) -> list[str]:
    """Return the command line of an installed console script, without its arguments.

    Raises:
        UnavailableError: where no package has brought it.
    """
    found = [*entry_points(group="console_scripts", name=name)]
    if not found:
        raise UnavailableError(f"there is no {name} here; pip install -U {package}")
    code = _AS_SCRIPT.format(module=found[0].module, attribute=found[0].attr, name=name)
    return [sys.executable, "-c", code]


def ran(command: list[str], folder: Path, limit_s: float | None = None) -> str:
    """Run a command in ``folder`` and return what it printed.

    Raises:
        UnavailableError: where it does not start, ends badly, or takes longer than ``limit_s`` and is killed.
    """
    limit_s = LIMIT_S if limit_s is None else limit_s
    try:
        # Not shown to a terminal: some draw progress. Decoded leniently: what natives print is not always text.
        answer = subprocess.run(  # our own command lines
            command,
            cwd=folder,
            env={**child_environment(), **WARNINGS_IGNORED},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:  # run has killed it, by its id
        raise UnavailableError(f"it did not end within {limit_s:g} s and was killed") from None
    except OSError as error:
        raise UnavailableError(f"it does not start: {error.strerror or error}") from None
    if answer.returncode:
        raise UnavailableError(f"it {_ending(answer.returncode)}{_last_words(answer.stderr)}")
    return answer.stdout


def ran_json(command: list[str], folder: Path) -> Any:
    """Run a command and parse the last line that it printed as JSON; raises `UnavailableError` as `ran` does."""
    lines = ran(command, folder).strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError):
        raise UnavailableError("it ended well, but printed no figures") from None


def _ending(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _last_words(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return f": {lines[-1][:_LONGEST_REASON]}" if lines else ""
