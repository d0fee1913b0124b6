"""What can be done with a model: the formats, runtimes and techniques that it reaches, and what bars the others."""

from collections.abc import Iterable, Iterator
from importlib import metadata

from lab4.domain.inspected import Inspected, Reach
from lab4.domain.registry import Registry
from lab4.domain.source import KERAS_CONTAINERS
from lab4.domain.untyped import Untyped
from lab4.formats import FORMATS
from lab4.formats.routes import KERAS_MODEL, material_of, of_container, original_of, route
from lab4.runtimes import RUNTIMES, PythonRuntime, Runtime
from lab4.techniques import TECHNIQUES


def reach_of(model: Inspected) -> list[Reach]:
    """Every registered format, runtime and technique, in the order of the registries."""
    formats = list(_formats(model))
    return [*formats, *_runtimes(model, formats), *_techniques(model)]


def _formats(model: Inspected) -> Iterator[Reach]:
    material, original = material_of(model), original_of(model)
    if model.container in KERAS_CONTAINERS and material != KERAS_MODEL:
        original = of_container(material)  # what a model of Keras 3 is opened as
    for name in _usable(FORMATS):
        steps = route(name, material, original)
        form = FORMATS[name]
        way = _way(steps) if steps else "exported from it"
        if not steps and form.traits.container == model.container:
            way = "the format of this file"
        yield _unless(_bar(model, steps), Reach("format", name, form.label, True, way))


def _bar(model: Inspected, steps: tuple[str, ...] | None) -> str:
    if steps is None:
        return f"is not made from {model.container} files"
    return _code(model) if steps else ""


def _way(steps: tuple[str, ...]) -> str:
    by_way = " and ".join(FORMATS[step].label for step in steps[:-1])
    return f"made of it, by way of {by_way}" if by_way else "made of it"


def _runtimes(model: Inspected, formats: Iterable[Reach]) -> Iterator[Reach]:
    had = {FORMATS[each.name].traits.container for each in formats if each.is_reachable}
    for name in _usable(RUNTIMES):
        runtime = RUNTIMES[name]
        read = runtime.traits.containers or ()
        made = [each for each in read if each in had]
        how = "runs this file" if model.container in read else f"runs what is made of it as {', '.join(made)}"
        against = _not_installed(runtime) or _code(model) or _custom(model, read)
        if model.container not in read and not made:
            against = f"reads {', '.join(read)} files; this is {model.container}"
        yield _unless(against, Reach("runtime", name, runtime.traits.label, True, how))


def _techniques(model: Inspected) -> Iterator[Reach]:
    for name in _usable(TECHNIQUES):
        traits = TECHNIQUES[name].traits
        how = "trains it on, with labelled data, where its function is registered as a model (lab4.models)"
        needs = "trains on, for which it needs a Keras model and labelled data"
        against = "" if model.container in KERAS_CONTAINERS else needs
        yield _unless(against or _code(model), Reach("technique", name, traits.label, True, how))


def _usable(registry: Registry[Untyped]) -> Iterable[str]:
    faults = registry.faults()
    return [name for name in registry if name not in faults]


def _unless(against: str, reached: Reach) -> Reach:
    if not against:
        return reached
    return Reach(reached.kind, reached.name, reached.label, False, against)


def _code(model: Inspected) -> str:
    return f"the file would run code of its own ({', '.join(model.code)})" if model.code else ""


def _custom(model: Inspected, containers: Iterable[str]) -> str:
    if not model.custom or model.container not in containers:
        return ""
    return f"the file has operators that the runtime has only by an extension: {', '.join(model.custom)}"


def _not_installed(runtime: Runtime) -> str:
    """Why the runtime cannot be used here, by the distributions that are installed; nothing is imported."""
    if not isinstance(runtime, PythonRuntime) or not runtime.distributions:
        return ""
    for name in runtime.distributions:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        return ""
    return f"{runtime.distributions[0]} is not installed; pip install 'lab4[suite]'"
