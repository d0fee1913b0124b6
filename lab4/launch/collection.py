"""The cells of a side, collected before any is measured."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab4.domain.errors import Lab4Error
from lab4.launch.side import LaunchSide
from lab4.launch.suite import last_error
from lab4.storage.folders import TemporaryFolder

_MODULE, _ANSWER = "lab4_collected_cells", "cells.json"
#: A plugin, because the side's lab4 may be older. All versions parametrize cells by their keys.
_PLUGIN = f"""
import json, pathlib

def pytest_collection_finish(session):
    parameters = [getattr(item, "callspec", None) and item.callspec.params.get("lab4_cell") for item in session.items]
    keys = [key for key in parameters if isinstance(key, str)]
    pathlib.Path(__file__).with_name("{_ANSWER}").write_text(json.dumps(keys), encoding="utf-8")
"""


def collected(side: LaunchSide, arguments: Sequence[str]) -> list[str]:
    """The keys of the cells that pytest would measure on this side with these arguments, in its order.

    Raises:
        Lab4Error: if pytest cannot collect them: one sentence with its last error.
    """
    with TemporaryFolder("cells") as place:
        (place / f"{_MODULE}.py").write_text(_PLUGIN, encoding="utf-8")
        log, answer = place / "log", place / _ANSWER
        with log.open("wb") as output:
            done = subprocess.run(  # noqa: S603  # the user's own interpreter and arguments
                [str(side.python), "-m", "pytest", *arguments, "--collect-only", "-q", "-p", _MODULE],
                cwd=side.folder,
                env=side.environment_with(place),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        keys = _keys(answer)
        if not keys:
            raise Lab4Error(
                f"{side.name} has no cell to measure (pytest ended with {done.returncode}): {last_error(log)}; "
                "--pytest names the folder of the cells too, such as --pytest 'benchmarks -m inference'"
            )
        return keys


def _keys(answer: Path) -> list[str]:
    if not answer.is_file():
        return []
    keys: list[str] = json.loads(answer.read_text(encoding="utf-8"))
    return list(dict.fromkeys(keys))
