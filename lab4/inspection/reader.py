"""What a container's file provides, so that models in it can be inspected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab4.domain.inspected import Inspected


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads models of one container, without running anything of them.

    ``written`` says in words what such a model looks like on a disk. ``recognises(path)`` looks at names and the first
    bytes only. ``read(path, dimensions)`` counts operations with dynamic dimensions bound by name, 1 where none is
    given; it raises `ConversionError` with one sentence where the file is damaged, and `UnavailableError` where a
    package is missing. ``opens_framework`` where that takes seconds, and the contract of the opened model is another;
    ``is_folder`` where a model is a folder, whichever of its files was named.
    """

    name: str
    label: str
    written: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path, Mapping[str, int]], Inspected]
    opens_framework: bool = False
    is_folder: bool = False
