"""Paths as users write them."""

from pathlib import Path

from lab4.domain.errors import Lab4Error


def user_path(text: str, where: str) -> Path:
    """The path, with a leading ``~`` or ``~user`` replaced by the home folder; ``where`` names its option or variable.

    Raises `Lab4Error` where the system knows no such home folder.
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise Lab4Error(f"{where} is {text!r}, whose home folder is not known here; write the path in full") from None
