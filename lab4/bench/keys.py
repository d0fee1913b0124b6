"""Content keys: everything that decides what a build makes, and nothing else."""

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from importlib.util import find_spec, resolve_name
from itertools import accumulate
from pathlib import Path
from typing import Any

from lab4.bench.cells import TRAINING_BATCH_SIZE
from lab4.cache import content_key
from lab4.devices import DEVICES
from lab4.domain.cell import Cell
from lab4.domain.registry import OWN_PACKAGE, Registry
from lab4.domain.run import DatasetInfo
from lab4.domain.source import Source
from lab4.formats import FORMATS, sha256_of
from lab4.measure.training import TrainingPlan
from lab4.models import MODELS
from lab4.runtimes import RUNTIMES, PythonRuntime
from lab4.techniques import TECHNIQUES

_TRAINERS = ("tensorflow", "tf-keras", "numpy")


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


def _code(registry: Registry[Any], name: str) -> list[str]:
    """What the entry's own package has to do with it: the package's version, and its sources that are imported."""
    package = registry.package_of(name)
    own = [] if package == OWN_PACKAGE else [_version(package)]
    return [*own, sources_digest(registry.module_of(name))]


@cache  # as above
def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def package_versions(cells: Iterable[Cell]) -> dict[str, str]:
    """Versions of the other packages whose entries the cells name, by the package's name."""
    packages = {package for cell in cells for package in _packages(cell)}
    return {name: _version(name) for name in sorted(packages - {OWN_PACKAGE})}


def _packages(cell: Cell) -> Iterator[str]:
    if cell.model in MODELS:  # else the user's own
        yield MODELS.package_of(cell.model)
    yield FORMATS.package_of(cell.format)
    yield DEVICES.package_of(cell.device)
    yield from map(TECHNIQUES.package_of, cell.techniques)


def _key(kind: str, code: Sequence[str], distributions: Iterable[str], **facts: object) -> str:
    libraries = {name: _version(name) for name in distributions}
    return content_key({"kind": kind, "code": [*code], "libraries": libraries, **facts})


def trained_key(model: str, plan: TrainingPlan, dataset: DatasetInfo) -> str:
    """Key of a model trained from its seed."""
    code = [*_code(MODELS, model), sources_digest("lab4.measure.training")]
    return _key("trained", code, _TRAINERS, model=model, plan=asdict(plan), dataset=dataset.sha256)


def technique_key(parent: str, technique: str, plan: TrainingPlan) -> str:
    """Key of the model with key ``parent`` after a technique."""
    code = [*_code(TECHNIQUES, technique), sources_digest("lab4.measure.training")]
    libraries = (*_TRAINERS, *TECHNIQUES[technique].distributions)
    return _key("technique", code, libraries, parent=parent, technique=technique, plan=asdict(plan))


def artifact_key(parent: str, form: str, quantization_images: int, seed: int) -> str:
    """Key of the model with key ``parent`` in the format ``form``."""
    libraries, quantization = FORMATS[form].distributions, [quantization_images, seed]
    return _key("artifact", _code(FORMATS, form), libraries, parent=parent, format=form, quantization=quantization)


def source_key(source: Source, examples: str, made: str = "") -> str:
    """Key of a user's model with examples of a digest; ``made`` is the digest of what a function has built."""
    code = [sources_digest("lab4.formats.keras_h5"), sources_digest("lab4.runtimes.keras_files")]
    content = made or _content(source)
    return _key("source", code, (*_TRAINERS, "keras", "tensorflowjs"), content=content, examples=examples)


def _content(source: Source) -> str:
    path = Path(source.written)
    return FORMATS[source.original_format].sha256(path) if source.original_format else sha256_of(path)


def reference_key(parent: str, name: str) -> str:
    """Key of the outputs of the model with key ``parent`` in the runtime ``name``."""
    runtime = RUNTIMES[name]
    distributions = runtime.distributions if isinstance(runtime, PythonRuntime) else ()
    return _key("reference", _code(RUNTIMES, name), distributions, parent=parent, runtime=name)


def training_plan(epochs: int, seed: int, batch_size: int = TRAINING_BATCH_SIZE) -> TrainingPlan:
    """The lab's hyperparameters."""
    return TrainingPlan(epochs=epochs, batch_size=batch_size, learning_rate=1e-3, seed=seed)
