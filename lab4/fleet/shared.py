"""A cache that all nodes reach, by the URL of a folder: a file system, or whatever fsspec knows."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from lab4.cache import digest_of
from lab4.domain.errors import CacheError
from lab4.domain.passwords import masked

_SUFFIX = ".zip"


class SharedCache:
    """Packed entries, by content key and the SHA-256 of their bytes; one that is there is not packed again."""

    def __init__(self, url: str) -> None:
        """Raise `CacheError` where the URL is none, or its kind needs a package that is not installed."""
        self.url = url
        if "://" not in url:  # each node would have a folder of its own
            raise CacheError(
                f"{masked(url)} is not the URL of a shared cache; write file:///FOLDER or s3://BUCKET/FOLDER"
            )
        try:
            from fsspec.core import url_to_fs

            files, self._root = url_to_fs(url)
        except ImportError as error:
            raise CacheError(
                f"the shared cache {masked(url)}: {error}; install it on this machine and each node"
            ) from None
        except (ValueError, OSError) as error:
            raise CacheError(
                f"{masked(url)} is not the URL of a shared cache ({error}); write file:///FOLDER or s3://BUCKET/FOLDER"
            ) from None
        self._files: Any = files

    def keep(self, key: str, packed: bytes) -> str:
        """Keep a packed entry unless there is one that is whole; returns the SHA-256 of the one that is there then."""
        with _errors(self.url):
            self._files.invalidate_cache()
            for digest in (name.removesuffix(_SUFFIX).rpartition("-")[2] for name in self._copies(key)):
                with suppress(CacheError):
                    self.get(key, digest)
                    return digest
            return self.put(key, packed)

    def put(self, key: str, packed: bytes) -> str:
        """Keep a packed entry, whatever else there is of its key; returns the SHA-256 of its bytes."""
        digest = digest_of(packed)
        with _errors(self.url):
            self._write(self._path(key, digest), packed)
        return digest

    def replace(self, key: str, packed: bytes) -> str:
        """Keep a packed entry in the place of all others of its key; returns the SHA-256 of its bytes."""
        digest = self.put(key, packed)
        with _errors(self.url):
            self._files.invalidate_cache()
            for name in self._copies(key):
                if not name.endswith(f"{digest}{_SUFFIX}"):
                    with suppress(FileNotFoundError):
                        self._files.rm_file(name)
        return digest

    def _copies(self, key: str) -> list[str]:
        return sorted(map(str, self._files.glob(f"{self._root}/{key}-*{_SUFFIX}")))

    def get(self, key: str, digest: str) -> bytes:
        """A packed entry; raises `CacheError` where it is not there, or has changed."""
        with _errors(self.url):
            packed: bytes = self._files.cat_file(self._path(key, digest))
        if digest_of(packed) != digest:
            raise CacheError(
                f"{self._path(key, digest)} of the shared cache {masked(self.url)} has changed; remove that file, and "
                "run the same command again"
            )
        return packed

    def _path(self, key: str, digest: str) -> str:
        return f"{self._root}/{key}-{digest}{_SUFFIX}"

    def _write(self, path: str, packed: bytes) -> None:
        """Write it under its name only when it is whole."""
        self._files.makedirs(self._root, exist_ok=True)
        temporary = f"{path}.{uuid4().hex[:8]}"
        self._files.pipe_file(temporary, packed)
        self._files.mv(temporary, path)


@contextmanager
def _errors(url: str) -> Iterator[None]:
    """Turn what a file system says into a `CacheError`; the libraries of remote ones have errors of their own."""
    try:
        yield
    except CacheError:
        raise
    except FileNotFoundError as error:
        raise CacheError(
            f"the shared cache {masked(url)} does not have {error}; see that the folder exists, and run the same "
            "command again"
        ) from None
    except Exception as error:  # noqa: BLE001  # whatever a library raises
        said = " ".join(str(error).split()) or type(error).__name__
        raise CacheError(
            f"the shared cache {masked(url)} does not answer ({said}); see that this machine and every node reach it"
        ) from None
