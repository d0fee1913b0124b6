"""JSON as it is kept: strict when written, and a clear sentence when it cannot be read."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from lab4.domain.errors import RecordError
from lab4.domain.untyped import Untyped


def _finite(value: Untyped) -> Untyped:  # any JSON value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_key(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def _key(key: object) -> str | int | float | bool | None:
    """A key that JSON can have: others become the text of what they are, as values do."""
    return key if key is None or isinstance(key, str | int | float) else _as_text(key)


def _as_text(value: object) -> str:
    """What pytest-benchmark makes of an object."""
    return f"UNSERIALIZABLE[{value!r}]"


def written(value: Untyped, *, indent: int | None = None) -> bytes:  # any JSON value
    """Return UTF-8 JSON with a line end.

    Our own records hold neither NaN nor objects; a user's ``extra_info`` may, and must not cost the run:
    NaN and infinity become null, objects the text that pytest-benchmark makes of them.
    """
    text = json.dumps(_finite(value), indent=indent, allow_nan=False, default=_as_text)
    return text.encode("ascii") + b"\n"


def read_bytes(path: Path) -> bytes:
    """Return the file's content; raises `RecordError` if there is no file, or none that may be read."""
    if path.is_dir():  # asked first: opening a folder is another error on every system
        raise RecordError(f"cannot read {path}: it is a folder; name the file in it, such as {path / 'run.json'}")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RecordError(f"cannot read {path}: there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system has, with a NUL in it
        reason = getattr(error, "strerror", None) or error
        raise RecordError(f"cannot read {path}: {reason}") from None


def parse(data: bytes) -> Untyped:  # any JSON value
    """Return the JSON value in ``data``; raises `RecordError` saying in what way it is not one."""
    try:
        text = data.decode("utf-8-sig")  # an editor may have put a byte order mark before it
    except UnicodeDecodeError as error:
        raise RecordError(f"it is not UTF-8 text (byte {error.start})") from None
    if not text.strip():
        raise RecordError("it is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        text = text.rstrip()
        ends_early = error.pos >= len(text) or error.msg.startswith("Unterminated") or not text.endswith("}")
        if text.lstrip().startswith("{") and ends_early:
            raise RecordError(f"it is cut off after {len(data)} bytes; copy or measure it again") from None
        raise RecordError(f"it is not JSON ({error.msg}, line {error.lineno})") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets a thousand deep
        raise RecordError("it is not JSON that any lab4 wrote") from None


def parse_file(data: bytes, source: str) -> Untyped:  # any JSON value
    """Return the JSON value of the file that ``source`` names.

    Raises `RecordError`: one sentence naming the file and in what way it is not one.
    """
    with RecordError.prefixed(f"cannot read {source}: "):
        return parse(data)


def found_in(value: object, *names: str) -> object:
    """Follow names into objects of a JSON value that is yet to be checked; ``None`` where one of them is not there."""
    for name in names:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
