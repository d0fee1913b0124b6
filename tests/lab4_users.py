"""Commands run by a user that the system does not know: no name, no home, and no right to others' files but to read."""

import os
import shutil
import sys

import pytest

__all__ = ["NOBODY", "OTHER", "as_nobody"]

#: Numbers that no entry of passwd has.
NOBODY, OTHER = 54_321, 54_322


def as_nobody(command, user=NOBODY, **variables):
    """Keyword arguments of a process that runs ``command`` so; skips the test where only root could start it.

    Reading is allowed everywhere, as Python may be installed in a folder of root's.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can run a command as another user")
    ids = ("--reuid", str(user), "--regid", str(user), "--clear-groups")
    reading = ("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search")
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {"args": ["setpriv", *ids, *reading, *map(str, command)], "env": {**kept, **variables}}
