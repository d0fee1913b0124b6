"""What nodes have built, as the driver keeps it: whole, or built again."""

from collections.abc import Mapping
from pathlib import Path

from lab4.cache import digest_of
from lab4.domain.errors import CacheError
from lab4.fleet.shared import SharedCache
from lab4.storage.atomic import write_atomically


class KeptArtifacts:
    """Packed entries of the cache, in the driver's folder or in a cache that all nodes reach."""

    def __init__(self, folder: Path, shared: SharedCache | None) -> None:
        """Read nothing yet."""
        self._folder, self._shared = folder, shared

    def keep(self, packed: Mapping[str, bytes]) -> None:
        """Keep entries in the folder, by content key; raises `OutputError`."""
        for key, data in packed.items():
            write_atomically(self._path(key), data)

    def whole(self, digests: Mapping[str, str]) -> dict[str, bytes] | None:
        """The packed entries of these digests; none with a shared cache, which then has all of them.

        ``None`` where one is missing or damaged. A shared cache gets what only the folder has.
        """
        try:
            if self._shared is None:
                return {key: self._read(key, digest) for key, digest in digests.items()}
            for key, digest in digests.items():
                self._share(self._shared, key, digest)
        except (CacheError, OSError):
            return None
        return {}

    def _share(self, shared: SharedCache, key: str, digest: str) -> None:
        try:
            shared.get(key, digest)
        except CacheError:
            shared.put(key, self._read(key, digest))

    def _read(self, key: str, digest: str) -> bytes:
        data = self._path(key).read_bytes()
        if digest_of(data) != digest:
            raise CacheError(f"{self._path(key)} has changed")
        return data

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.zip"
