"""Checks out a revision of the project into a temporary folder, with git."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import CalledProcessError

from lab4.domain.errors import UnavailableError
from lab4.environment import child_environment, printed_by
from lab4.interrupts import block_interrupts
from lab4.storage.folders import TemporaryFolder

_PURPOSE, _TREE = "revision", "tree"


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """Check the revision out into a temporary folder; yield the path of ``folder`` in it. It is removed afterwards.

    Leftovers of killed processes are removed first.

    Raises:
        UnavailableError: if ``folder`` is not in a repository, or the revision is not one of its commits.
    """
    top = _top(folder)
    commit = _commit(revision, folder)
    inside = folder.resolve().relative_to(top)
    place = TemporaryFolder(_PURPOSE)
    try:
        _forget_removed(top)
        tree = place.path / _TREE
        # A work tree and not an archive: the run records its revision.
        _git(top, "worktree", "add", "--detach", "--quiet", str(tree), commit)
        if not (tree / inside).is_dir():
            raise UnavailableError(f"{revision} has no folder {inside}; start from one that both revisions have")
        yield tree / inside
    finally:
        # Not git first: it refuses while a process that was ended still writes there.
        with block_interrupts(), suppress(UnavailableError):  # the next start unregisters it
            place.close()
            _forget_removed(top)


def file_at(revision: str, path: Path) -> bytes | None:
    """A file's content in that revision; ``None`` where it did not exist or is not in a repository."""
    folder = path.resolve().parent
    try:
        top = _top(folder)
        name = (folder.relative_to(top) / path.name).as_posix()
        return _git(top, "show", f"{_commit(revision, top)}:{name}")
    except UnavailableError:
        return None


def _top(folder: Path) -> Path:
    return Path(_line(folder, "rev-parse", "--show-toplevel")).resolve()


def _commit(revision: str, folder: Path) -> str:
    try:
        return _line(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except UnavailableError:
        shallow = ""
        if _line(folder, "rev-parse", "--is-shallow-repository") == "true":
            shallow = "; this clone is shallow, so fetch it first: git fetch --unshallow"
        raise UnavailableError(f"git knows no revision {revision!r}{shallow}") from None


def _forget_removed(top: Path) -> None:
    """Unregister our work trees whose folders no longer exist.

    ``git worktree prune`` would also unregister the user's own work trees on disks that are not mounted.
    """
    for line in os.fsdecode(_git(top, "worktree", "list", "--porcelain")).splitlines():
        tree = Path(line.removeprefix("worktree "))
        is_ours = tree.name == _TREE and tree.parent.name.startswith(f"lab4-{_PURPOSE}-")
        if line.startswith("worktree ") and is_ours and not tree.exists():
            with suppress(UnavailableError):  # another gate has done it
                _remove(top, str(tree))


def _remove(top: Path, tree: str) -> None:
    # Forced twice: git locks a work tree while creating it, and may have been killed then.
    _git(top, "worktree", "remove", "--force", "--force", tree)


def _line(folder: Path, *arguments: str) -> str:
    """The only line that git prints; a file name in it may be of any bytes."""
    return os.fsdecode(_git(folder, *arguments).removesuffix(b"\n"))


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        # The user's hooks are not for these commands.
        command = ["git", "-c", f"core.hooksPath={os.devnull}", *arguments]
        return printed_by(command, {**child_environment(), "LC_ALL": "C"}, folder=folder)  # errors are read below
    except OSError as error:
        raise UnavailableError(f"git does not start ({error.strerror}); it is needed to compare revisions") from None
    except CalledProcessError as error:
        raise UnavailableError(f"git {arguments[0]}: {_fault(error.stderr.decode('utf-8', 'replace'))}") from None


def _fault(errors: str) -> str:
    """The error line, and the remedy that git names."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    wrong = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "failed")
    remedy = next((line for line in lines if line.startswith("git config ")), None)
    return wrong if remedy is None else f"{wrong}; run: {remedy}"
