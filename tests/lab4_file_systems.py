"""Processes that meet a poor file system: without locks, or without hard links."""

import errno
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

__all__ = ["NO_LINKS", "NO_LOCKS", "poor_environment"]

#: What systems say: a file system without locks answers in two ways.
NO_LOCKS = [{"NOLOCK": str(errno.ENOSYS)}, {"NOLOCK": str(errno.ENOLCK)}]
NO_LINKS = {"NOLINK": str(errno.EPERM)}


@cache
def _library():
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = Path(mkdtemp(prefix="file-systems-"), "shim.so")
    source = Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    return library


def poor_environment(lacking):
    """The environment of a process whose file system lacks this; skips the test where nothing compiles the shim."""
    library = _library()
    if library is None:
        pytest.skip("no C compiler is here to make a file system poor")
    return {**os.environ, "LD_PRELOAD": str(library), **lacking}
