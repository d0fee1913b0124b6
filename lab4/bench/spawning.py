"""Starting a child process without running the user's script again in it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["main_script_hidden"]


@contextmanager
def main_script_hidden() -> Iterator[None]:
    """Hide ``__main__`` from multiprocessing, which imports it in every child that it spawns.

    A script that calls ``pytest.main`` without an ``if __name__ == "__main__"`` would run again in each child. Our
    children need nothing of it: they run functions of modules.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
