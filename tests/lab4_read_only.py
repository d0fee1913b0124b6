"""Processes that may not write where they may read."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

__all__ = ["bounded", "without_writing"]

#: What lets the superuser write everywhere.
_CAPABILITIES = "-dac_override,-dac_read_search"


def bounded(command):
    """The command of a process that is bound by permissions; skips the test where none can be made."""
    if os.geteuid() != 0:
        return list(command)
    if shutil.which("setpriv") is None:
        pytest.skip("the superuser writes everywhere, and setpriv is not here")
    prefix = ["setpriv", f"--bounding-set={_CAPABILITIES}", f"--inh-caps={_CAPABILITIES}", "--"]
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip("the superuser writes everywhere, and setpriv is not allowed here")
    return [*prefix, *command]


@contextmanager
def without_writing(folder):
    """Take away the permission to write the folder and all in it."""
    places = [folder, *folder.rglob("*")]
    modes = {place: place.stat().st_mode for place in places}
    try:
        for place in places:
            place.chmod(modes[place] & ~0o222)
        yield
    finally:
        for place in places:
            place.chmod(modes[place])
