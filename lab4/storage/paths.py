"""Paths as users write them."""

from pathlib import Path

from lab4.domain.errors import Lab4Error

__all__ = ["user_path"]


def user_path(text: str) -> Path:
    """The path, with a leading ``~`` or ``~user`` replaced by the home folder.

    Raises:
        Lab4Error: where the system knows no such home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise Lab4Error(f"{text!r} names a home folder that the system does not know; write the path in full") from None
