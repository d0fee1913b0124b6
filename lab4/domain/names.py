"""What things may be called, and how their names are written in an id."""

import re

from lab4.domain.errors import CellIdError

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,98}[A-Za-z0-9_])?", re.ASCII)
#: A name that needs no brackets: none of its characters separates the parts of an id.
_PLAIN = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
#: A name in an id, or the separator between two.
_TOKEN = re.compile(r"\[([A-Za-z0-9_.-]+)\]|([A-Za-z0-9_]+)|([-.:])", re.ASCII)

#: What a name may contain, for messages.
RULE = "use letters, digits, underscores, and dots or dashes between them; at most 100 characters"


def check_name(kind: str, name: str) -> None:
    """Refuse a name that cannot be part of an id; raises `CellIdError` with the rule, for a name that breaks it."""
    if not _NAME.fullmatch(name):
        raise CellIdError(f"{name!r} cannot name a {kind}: {RULE}")


def quoted(name: str) -> str:
    """Return the name as it is written in an id: in brackets where it has a dot or a dash.

    pytest's ``-k`` accepts brackets, and matches the name without them too.

    >>> quoted("MobileNetV2"), quoted("my-model.v3")
    ('MobileNetV2', '[my-model.v3]')
    """
    return name if _PLAIN.fullmatch(name) else f"[{name}]"


def split_id(text: str) -> list[tuple[str, str]] | None:
    """Return the names of an id, each with the separator before it (the first has none); ``None`` if it is no id.

    >>> split_id("[my-model.v3].pruned80-cpu")
    [('', 'my-model.v3'), ('.', 'pruned80'), ('-', 'cpu')]
    """
    parts: list[tuple[str, str]] = []
    separator = ""
    position = 0
    expects_name = True
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or (match[3] is None) is not expects_name:
            return None
        if match[3] is None:
            parts.append((separator, match[1] or match[2]))
        else:
            separator = match[3]
        expects_name = not expects_name
        position = match.end()
    return None if expects_name else parts
