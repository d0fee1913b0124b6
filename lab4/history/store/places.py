"""Where the files of a history's folder are, from wherever the folder is looked at."""

from pathlib import Path

__all__ = ["place_of", "source_in"]


def source_in(folder: Path, path: str) -> str:
    """What the index says of a file: its path below the folder; a file elsewhere stays as it was named.

    >>> source_in(Path("runs"), "runs/box/0001.json")
    'box/0001.json'
    """
    try:
        return Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path


def place_of(folder: Path, source: str) -> Path | None:
    """The file that an entry of the index is of; ``None`` where it is gone.

    Entries of earlier lab4s have the path as the folder was named then: what of it lies below the folder counts.
    """
    parts = Path(source).parts
    tails = (folder.joinpath(*parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if tail.is_file()), None)
