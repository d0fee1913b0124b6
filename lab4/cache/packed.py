"""An entry of a cache as one file of bytes, to travel to another machine's cache; verified at both ends."""

import hashlib
import io
import zipfile
from pathlib import Path

from lab4.cache.manifest import damage
from lab4.domain.errors import CacheError

#: More than any model has; a damaged file must not fill a disk: bytes.
_MOST_BYTES = 16 * 2**30


def digest_of(packed: bytes) -> str:
    """The SHA-256 of a packed entry, in hexadecimal."""
    return hashlib.sha256(packed).hexdigest()


def pack(entry: Path) -> bytes:
    """The files of an entry, with its manifest; raises `CacheError` where they are not as they were built."""
    reason = damage(entry)
    if reason is not None:
        raise CacheError(f"the entry {entry.name} of the cache is damaged ({reason}); lab4 cache clear removes it")
    buffer = io.BytesIO()
    # Stored, since weights hardly compress.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for path in sorted(entry.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(entry).as_posix())
    return buffer.getvalue()


def unpack(packed: bytes, into: Path) -> None:
    """Write the files of a packed entry into a folder, and compare them with their manifest; raises `CacheError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            if sum(each.file_size for each in file.infolist()) > _MOST_BYTES:
                raise CacheError(f"an artifact that was sent here is larger than {_MOST_BYTES / 1e9:.0f} GB")
            file.extractall(into)  # writes nothing outside of the folder, and makes no links
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError) as error:
        raise CacheError(f"an artifact that was sent here is damaged ({error}); run the same command again") from None
    reason = damage(into)
    if reason is not None:
        raise CacheError(f"an artifact that was sent here is damaged ({reason}); run the same command again")
