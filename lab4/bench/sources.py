"""The source code that a module runs, as far as it is of the module's own package or of ours."""

import ast
import hashlib
from collections.abc import Collection, Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from itertools import accumulate
from pathlib import Path

from lab4.domain.registry import OWN_PACKAGE

__all__ = ["sources_digest"]


@cache  # keys are asked for between timing windows, where no file should be read
def sources_digest(module: str) -> str:
    """Digest of the sources of ``module`` and of all that it imports of its own top-level package and of ours, as hex.

    A module of another package runs that package's ``__init__`` too.
    """
    digest = hashlib.sha256()
    for name, source in sorted(_sources(module).items()):
        digest.update(name.encode() + b"\0" + source + b"\0")
    return digest.hexdigest()


def _sources(module: str) -> dict[str, bytes]:
    """Sources by module; what has none, such as a compiled module, counts by its name."""
    package = module.partition(".")[0]
    found: dict[str, bytes] = {}
    left = [module] if package == OWN_PACKAGE else list(accumulate(module.split("."), "{}.{}".format))
    while left:
        name = left.pop()
        if name in found:
            continue
        path = _file_of(name)
        found[name] = b"" if path is None else path.read_bytes()
        if path is not None and path.suffix == ".py":
            left += _imports(name, path, {package, OWN_PACKAGE})
    return found


def _file_of(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # the name of an attribute
        return None
    return None if spec is None or not spec.has_location or spec.origin is None else Path(spec.origin)


def _imports(name: str, path: Path, packages: Collection[str]) -> Iterator[str]:
    """The modules of these packages that a source names in its imports, wherever they are.

    Others are not looked for: finding a module imports the package that it is in.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in packages)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
            if base.partition(".")[0] in packages:
                names = (f"{base}.{alias.name}" for alias in node.names)
                yield from (base, *(each for each in names if _file_of(each) is not None))
