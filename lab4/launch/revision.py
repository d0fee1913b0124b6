"""A revision of the project in a folder of its own, by git."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lab4.domain.errors import UnavailableError

__all__ = ["checked_out", "file_at"]


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """Check the revision out beside the project; yield what ``folder`` is there. It is gone afterwards.

    Raises:
        UnavailableError: if ``folder`` is in no repository, or the revision is none of its commits.
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    commit = _commit(revision, folder)
    inside = folder.resolve().relative_to(top.resolve())
    with TemporaryDirectory(prefix="lab4-revision-") as place:
        tree = Path(place, "tree")
        # A work tree and not an archive: the run is to know its revision.
        _git(top, "worktree", "add", "--detach", "--quiet", str(tree), commit)
        try:
            if not (tree / inside).is_dir():
                raise UnavailableError(f"{revision} has no folder {inside}; start from one that both revisions have")
            yield tree / inside
        finally:
            _git(top, "worktree", "remove", "--force", str(tree))


def file_at(revision: str, path: Path) -> bytes | None:
    """What a file held in that revision; ``None`` where it had none, or is in no repository."""
    folder = path.resolve().parent
    try:
        top = Path(_git(folder, "rev-parse", "--show-toplevel").strip()).resolve()
        name = (folder.relative_to(top) / path.name).as_posix()
        return _git(top, "show", f"{_commit(revision, top)}:{name}").encode()
    except UnavailableError:
        return None


def _commit(revision: str, folder: Path) -> str:
    try:
        return _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except UnavailableError:
        shallow = ""
        if _git(folder, "rev-parse", "--is-shallow-repository").strip() == "true":
            shallow = "; this clone is shallow, so fetch it first: git fetch --unshallow"
        raise UnavailableError(f"git knows no revision {revision!r}{shallow}") from None


def _git(folder: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # our own command lines
            ["git", *arguments],  # noqa: S607  # git is where the user has it
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise UnavailableError(f"git does not start ({error.strerror}); it is needed to compare revisions") from None
    if answer.returncode:
        said = answer.stderr.strip().splitlines()
        raise UnavailableError(f"git {arguments[0]}: {said[-1] if said else 'failed'}")
    return answer.stdout
