"""An entry's manifest: what is in it, and whether it still is."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from lab4.domain.errors import CacheError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an entry says of itself; ``files`` are names relative to it, with SHA-256 as hex and bytes."""

    kind: str
    description: str
    created_at: str
    files: dict[str, tuple[str, int]]


def _contents(entry: Path) -> dict[str, tuple[str, int]]:
    found = {}
    for path in sorted(entry.rglob("*")):
        if path.is_file() and path != entry / MANIFEST:
            data = path.read_bytes()
            found[path.relative_to(entry).as_posix()] = (hashlib.sha256(data).hexdigest(), len(data))
    return found


def write_manifest(entry: Path, kind: str, description: str) -> None:
    """Describe the files that are in ``entry`` now; the manifest is on the disk when it returns.

    Raises `CacheError` if the build made what cannot be kept: a file of the manifest's name, or a link.
    """
    if (entry / MANIFEST).exists():
        raise CacheError(f"a build wrote {MANIFEST}, which is the cache's own; give the file another name")
    for path in entry.rglob("*"):
        if path.is_symlink():  # what it points to would be neither kept nor checked
            raise CacheError(f"a build made the link {path.relative_to(entry).as_posix()}; write a file instead")
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    manifest = Manifest(kind, description, now, _contents(entry))
    with (entry / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(entry: Path) -> Manifest | None:
    """Read it; ``None`` where there is none or it is damaged."""
    try:
        plain = json.loads((entry / MANIFEST).read_text(encoding="utf-8"))
        files = {str(name): (str(digest), int(size)) for name, (digest, size) in plain["files"].items()}
        return Manifest(str(plain["kind"]), str(plain["description"]), str(plain["created_at"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def damage(entry: Path) -> str | None:
    """What is wrong with the entry's files, in words; ``None`` where they are as they were built."""
    manifest = read_manifest(entry)
    if manifest is None:
        return "its manifest is missing or damaged"
    found = _contents(entry)
    for name in sorted(manifest.files.keys() | found.keys()):
        if name not in found:
            return f"{name} is missing"
        if name not in manifest.files:
            return f"{name} does not belong to it"
        if found[name] != manifest.files[name]:
            return f"{name} has changed"
    return None
